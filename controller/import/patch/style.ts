import { type Document, isMap, isScalar, isSeq, Scalar, visit } from 'yaml';
import { createValue } from '../yaml-text.ts';

/** How the author of a file writes. */
export interface Style {
  /** Spaces by which what is inside another thing is moved in. */
  readonly step: number;
  /** Dashes of a list stand further in than its key. */
  readonly indentLists: boolean;
  readonly singleQuote: boolean;
  /** Spaces inside the braces of a map on one line. */
  readonly padBraces: boolean;
  readonly newline: string;
}

/** Found in the file; where it does not tell, as an import writes. */
export function styleOf(text: string, documents: readonly Document.Parsed[]): Style {
  let step: number | undefined;
  let indentLists: boolean | undefined;
  let padBraces: boolean | undefined;
  let [single, double] = [0, 0];
  const columnOf = (offset: number): number => offset - text.lastIndexOf('\n', offset - 1) - 1;
  for (const document of documents) {
    visit(document, {
      Pair(_at, { key, value }) {
        if (!isScalar(key) || !key.range) return;
        const column = columnOf(key.range[0]);
        if (isMap(value) && !value.flow && value.range) step ??= columnOf(value.range[0]) - column;
        if (isSeq(value) && !value.flow && value.range) indentLists ??= columnOf(value.range[0]) > column;
      },
      Map(_at, map) {
        if (map.flow && map.range && map.items.length > 0) padBraces ??= text[map.range[0] + 1] === ' ';
      },
      Scalar(_at, { type }) {
        if (type === Scalar.QUOTE_SINGLE) single++;
        if (type === Scalar.QUOTE_DOUBLE) double++;
      },
    });
  }
  return {
    step: step !== undefined && step >= 1 && step <= 8 ? step : 2,
    indentLists: indentLists ?? true,
    singleQuote: single >= double,
    padBraces: padBraces ?? false,
    newline: text.includes('\r\n') ? '\r\n' : '\n',
  };
}

/** The value in block style, its first line where it stands and the others moved in by `column`. */
function writeBlock(value: unknown, style: Style, column: number): string {
  const lines = stringify(createValue(value), style).split('\n');
  return lines.map((line, i) => (i === 0 || line === '' ? line : ' '.repeat(column) + line)).join(style.newline);
}

/** A map or list as the value of a key on a line of its own: the lines below the key, without the first line break. */
export function isBlock(value: unknown, key: string): boolean {
  const document = createValue({ [key]: value });
  const node = isMap(document.contents) ? document.contents.items[0]?.value : undefined;
  return (isMap(node) || isSeq(node)) && node.items.length > 0 && !node.flow;
}

/** `key: value` as lines, moved in by `column` from the second on. */
export function writePair(key: string, value: unknown, style: Style, column: number): string {
  return writeBlock({ [key]: value }, style, column);
}

/** `- value` as lines, moved in by `column` from the second on. */
export function writeItem(value: unknown, style: Style, column: number, list: string): string {
  // Under the key that it has, so that short entries come out on one line; what is above the list is cut off.
  const document = createValue({ [list]: [value] });
  const node = document.get(list);
  if (isSeq(node)) node.flow = false;
  const lines = stringify(document, { ...style, indentLists: false })
    .split('\n')
    .slice(1);
  return lines.map((line, i) => (i === 0 || line === '' ? line : ' '.repeat(column) + line)).join(style.newline);
}

/** The value on one line, as inside of brackets. */
export function writeFlow(value: unknown, style: Style): string {
  if (Array.isArray(value)) return `[${value.map((each) => writeFlow(each, style)).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).map(([key, each]) => `${writeFlow(key, style)}: ${writeFlow(each, style)}`);
    const pad = style.padBraces && pairs.length > 0 ? ' ' : '';
    return `{${pad}${pairs.join(', ')}${pad}}`;
  }
  return writeScalar(value, style, undefined, true);
}

/** A bare value, in the quotes that it had when it still is text. */
export function writeScalar(value: unknown, style: Style, type: Scalar.Type | null | undefined, inFlow: boolean): string {
  const scalar = new Scalar(value);
  if (typeof value === 'string' && (type === Scalar.QUOTE_SINGLE || type === Scalar.QUOTE_DOUBLE)) scalar.type = type;
  else if (typeof value === 'string' && value.includes('\n')) scalar.type = Scalar.QUOTE_DOUBLE;
  const document = createValue(inFlow ? [0] : { a: 0 });
  if (isSeq(document.contents)) {
    document.contents.flow = true;
    document.contents.items = [scalar];
    return stringify(document, style).slice(1, -1).trim();
  }
  if (isMap(document.contents)) document.set('a', scalar);
  return stringify(document, style).slice('a: '.length);
}

function stringify(document: Document, { step, indentLists, singleQuote, padBraces }: Style): string {
  const text = document.toString({
    // yaml takes two spaces off for a list that is not moved in, however many a step has.
    indent: indentLists ? step : 2,
    indentSeq: indentLists,
    singleQuote,
    flowCollectionPadding: padBraces,
    lineWidth: 0,
  });
  return text.replace(/\n$/, '');
}
