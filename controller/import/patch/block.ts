import { isAlias, isCollection, isMap, isScalar, isSeq, type Pair, type ParsedNode, Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import { align } from './align.ts';
import { patchFlow } from './flow.ts';
import { isObject, isSame, type Patch } from './page.ts';
import { isBlock, writeFlow, writeItem, writePair, writeScalar } from './style.ts';
import { commentsIn } from './words.ts';

/** Makes the node into the value, inside where it can be. False: it has to be written anew, which is up to whoever holds it. */
export function changeNode(patch: Patch, node: ParsedNode, value: unknown): boolean {
  if (isSame(node.toJS(patch.document), value)) return true;
  if (isAlias(node))
    return replace(
      patch,
      node.range[0],
      node.range[1],
      isCollectionValue(value) ? writeFlow(value, patch.style) : writeScalar(value, patch.style, undefined, false),
    );
  if (isScalar(node)) return !isCollectionValue(value) && changeScalar(patch, node, value);
  if ((node as { flow?: boolean }).flow) {
    const written = patchFlow(patch, node, value);
    return written !== undefined && replace(patch, node.range[0], node.range[1], written);
  }
  if (isMap(node) && isObject(value) && Object.keys(value).length > 0) return changeMap(patch, node, value);
  if (isSeq(node) && Array.isArray(value) && value.length > 0) return changeList(patch, node, value);
  return false;
}

function isCollectionValue(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function replace({ splices }: Patch, from: number, to: number, text: string): true {
  splices.push({ from, to, text });
  return true;
}

function changeScalar(patch: Patch, node: Scalar.Parsed, value: unknown): boolean {
  const { text } = patch;
  const [from, to] = node.range;
  if (from === to) return false;
  if (node.type !== Scalar.BLOCK_LITERAL && node.type !== Scalar.BLOCK_FOLDED)
    return replace(patch, from, to, writeScalar(value, patch.style, node.type, false));
  // The sign that opens such a text may have a comment behind it.
  const [comment] = commentsIn(patch.words, from, text.indexOf('\n', from));
  return replace(patch, from, endOf(patch, node), writeScalar(value, patch.style, undefined, false) + (comment ? ` ${comment.text}` : ''));
}

type ParsedPair = Pair<ParsedNode, ParsedNode | null>;

function changeMap(patch: Patch, map: YAMLMap.Parsed, value: Readonly<Record<string, unknown>>): boolean {
  const pairs = map.items as ParsedPair[];
  const keyOf = ({ key }: ParsedPair): string => String(isScalar(key) ? key.value : key.toJS(patch.document));
  const column = columnOf(patch.text, map.range[0]);
  const gone = pairs.filter((pair) => !(keyOf(pair) in value));
  if (gone.length === pairs.length) return false;
  for (const [i, pair] of pairs.entries()) {
    const key = keyOf(pair);
    if (gone.includes(pair)) removeEntry(patch, pair.key.range[0], endOfPair(patch, pair), column, pairs[i + 1]?.key.range[0]);
    else if (!pair.value || !changeNode(patch, pair.value, value[key])) {
      if (pair.value === null && value[key] === null) continue;
      rewritePair(patch, pair, value[key], column);
    }
  }
  const known = new Set(pairs.map(keyOf));
  const fresh = Object.entries(value).filter(([key, each]) => !known.has(key) && each !== undefined);
  const last = pairs.at(-1);
  if (fresh.length > 0 && last) {
    const lines = fresh.map(([key, each]) => ' '.repeat(column) + writePair(key, each, patch.style, column));
    insertAfter(patch, endOfPair(patch, last), lines);
  }
  return true;
}

/** The same key with what cannot be made of its value; comments inside of it come to stand below. */
function rewritePair(patch: Patch, pair: ParsedPair, value: unknown, column: number): void {
  const { text, words, style } = patch;
  const key = String(isScalar(pair.key) ? pair.key.value : '');
  const from = words.afterColon(pair.key.range[1]);
  const to = endOfPair(patch, pair);
  const written = writePair(key, value, style, column);
  const rest = isBlock(value, key)
    ? written.slice(written.indexOf('\n') - (style.newline.length - 1))
    : ` ${written.slice(written.indexOf(': ') + 2)}`;
  const comments = commentsIn(words, from, to);
  // A comment behind the key stays there.
  const lineEnd = endOfLine(text, from);
  const own = comments.filter(({ at }) => at < lineEnd);
  const beside = own.length > 0 ? ` ${own[0]?.text}` : '';
  const head = isBlock(value, key) ? beside + rest : rest + beside;
  const below = comments.slice(own.length).map((each) => style.newline + ' '.repeat(column) + each.text);
  const trailing = trailingComment(patch, to);
  // What stands behind the last line of the old value is beside the new one only when nothing else is.
  if (trailing && (beside !== '' || below.length > 0 || isBlock(value, key))) {
    replace(
      patch,
      from,
      trailing.at + trailing.text.length,
      head + [...below, style.newline + ' '.repeat(column) + trailing.text].join(''),
    );
  } else replace(patch, from, to, head + below.join(''));
}

function changeList(patch: Patch, list: YAMLSeq.Parsed, value: readonly unknown[]): boolean {
  const items = list.items;
  const { words, style, text } = patch;
  const dashes = items.map((item) => words.dashBefore(item.range[0] + (item.range[0] === item.range[1] ? 1 : 0)));
  const column = columnOf(text, dashes[0] ?? 0);
  const aligned = align(
    items.map((item) => item.toJS(patch.document) as unknown),
    value,
  );
  const kept = new Set(aligned.map(({ from }) => from));
  if (aligned.every(({ from }) => from === undefined)) return false;
  for (const [i, item] of items.entries()) if (!kept.has(i)) removeEntry(patch, dashes[i] ?? 0, endOf(patch, item), column, dashes[i + 1]);
  let before: number | undefined;
  let waiting: string[] = [];
  const listName = nameOfList(patch, list);
  for (const each of aligned) {
    if (each.from === undefined) {
      waiting.push(' '.repeat(column) + writeItem(each.value, style, column, listName));
      continue;
    }
    insertItems(patch, waiting, before === undefined ? undefined : items[before], dashes[each.from] ?? 0, column);
    waiting = [];
    before = each.from;
    const item = items[before];
    if (item && !changeNode(patch, item, each.value)) rewriteItem(patch, item, dashes[before] ?? 0, each.value, column, listName);
  }
  insertItems(patch, waiting, items[before ?? 0], 0, column);
  return true;
}

/** Puts entries behind one that stays, or before the first that does. */
function insertItems(patch: Patch, lines: readonly string[], behind: ParsedNode | undefined, before: number, column: number): void {
  if (lines.length === 0) return;
  if (behind) insertAfter(patch, endOf(patch, behind), lines);
  else replace(patch, before, before, lines.map((line) => line.slice(column) + patch.style.newline + ' '.repeat(column)).join(''));
}

function rewriteItem(patch: Patch, item: ParsedNode, dash: number, value: unknown, column: number, list: string): void {
  const to = endOf(patch, item);
  const below = commentsIn(patch.words, dash, to).map((each) => patch.style.newline + ' '.repeat(column) + each.text);
  const written = writeItem(value, patch.style, column, list);
  const trailing = trailingComment(patch, to);
  if (!trailing || (!written.includes('\n') && below.length === 0)) replace(patch, dash, to, written + below.join(''));
  else
    replace(
      patch,
      dash,
      trailing.at + trailing.text.length,
      written + [...below, patch.style.newline + ' '.repeat(column) + trailing.text].join(''),
    );
}

/** The key that a list stands under, which says how its entries are written. */
function nameOfList({ document }: Patch, list: YAMLSeq.Parsed): string {
  let found = '';
  const look = (node: unknown, key: string): void => {
    if (node === list) found = key;
    else if (isMap(node)) for (const pair of node.items) look(pair.value, String(isScalar(pair.key) ? pair.key.value : ''));
    else if (isSeq(node)) for (const item of node.items) look(item, key);
  };
  look(document.contents, '');
  return found;
}

/** Takes out an entry; its comments stay, each on a line of its own. `next`: where the entry after it begins. */
function removeEntry(patch: Patch, from: number, to: number, column: number, next: number | undefined): void {
  const { text, words, style } = patch;
  const start = text.lastIndexOf('\n', from - 1) + 1;
  const trailing = trailingComment(patch, to);
  const inside = commentsIn(words, from, to).map((each) => each.text);
  const comments = [...inside, ...(trailing ? [trailing.text] : [])];
  const end = trailing ? trailing.at + trailing.text.length : to;
  const isAlone = text.slice(start, from).trim() === '';
  if (isAlone && comments.length > 0) replace(patch, from, end, comments.join(style.newline + ' '.repeat(column)));
  else if (isAlone) removeLines(patch, start, end);
  // The first of a map in a list stands behind a dash: the next one takes its place.
  else if (next !== undefined && comments.length === 0 && text.slice(end, next).trim() === '') replace(patch, from, next, '');
  else replace(patch, from, end, comments.join(style.newline + ' '.repeat(column)));
}

/** Lines with their break; the last of a text that ends without one takes the break before it along. */
function removeLines(patch: Patch, start: number, end: number): void {
  const { text } = patch;
  const lineEnd = endOfLine(text, end);
  const isLast = lineEnd >= text.length;
  const before = isLast && start > 0 ? start - (text.startsWith('\r\n', start - 2) ? 2 : 1) : start;
  const after = text.startsWith('\r\n', lineEnd) ? lineEnd + 2 : lineEnd + 1;
  replace(patch, before, isLast ? text.length : after, '');
}

function insertAfter(patch: Patch, end: number, lines: readonly string[]): void {
  const { text, style } = patch;
  const at = endOfLine(text, end);
  replace(patch, at, at, lines.map((line) => style.newline + line).join(''));
}

/** A comment on the line behind what ends there. */
function trailingComment({ text, words }: Patch, end: number): { at: number; text: string } | undefined {
  return commentsIn(words, end, endOfLine(text, end))[0];
}

/** Where the line ends, before its break. */
function endOfLine(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  if (at < 0) return text.length;
  return text[at - 1] === '\r' && at - 1 >= from ? at - 1 : at;
}

function endOfPair(patch: Patch, { key, value }: ParsedPair): number {
  if (!value) return patch.words.afterColon(key.range[1]);
  const colon = patch.words.afterColon(key.range[1]);
  return Math.max(colon, endOf(patch, value));
}

/** Where the text of a node ends, without the comments and empty lines behind it. */
function endOf(patch: Patch, node: ParsedNode): number {
  const [from, to] = node.range;
  if (isCollection(node) && !(node as { flow?: boolean }).flow) {
    const last = node.items.at(-1);
    if (last === undefined) return to;
    return isMap(node) ? endOfPair(patch, last as ParsedPair) : endOf(patch, last as ParsedNode);
  }
  if (isScalar(node) && from === to) return patch.text.slice(0, from).trimEnd().length;
  const isText = isScalar(node) && (node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED);
  return isText ? Math.max(from, patch.text.slice(0, to).trimEnd().length) : to;
}

function columnOf(text: string, offset: number): number {
  return offset - text.lastIndexOf('\n', offset - 1) - 1;
}
