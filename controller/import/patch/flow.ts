import { isMap, isScalar, isSeq, type ParsedNode } from 'yaml';
import { align } from './align.ts';
import { isObject, isSame, type Patch } from './page.ts';
import { writeFlow, writeScalar } from './style.ts';
import { commentsIn } from './words.ts';

/** An entry of a map or list in brackets as it stands. */
interface Entry {
  from: number;
  to: number;
}

interface Wanted {
  from: number | undefined;
  text: string;
}

/** A map or list in brackets with another value. What is inside stays as it was written; undefined where it is something else now. */
export function patchFlow(patch: Patch, node: ParsedNode, value: unknown): string | undefined {
  if (isSame(node.toJS(patch.document), value)) return patch.text.slice(node.range[0], node.range[1]);
  if (isSeq(node) && Array.isArray(value)) {
    const items = node.items;
    const aligned = align(
      items.map((item) => item.toJS(patch.document) as unknown),
      value,
    );
    const entries = items.map(({ range: [from, to] }) => ({ from, to }));
    const wanted = aligned.map(({ from, value: each }) => {
      const item = from === undefined ? undefined : items[from];
      return { from, text: item ? patchInside(patch, item, each) : writeFlow(each, patch.style) };
    });
    return join(patch, node, entries, wanted);
  }
  if (isMap(node) && isObject(value)) {
    const pairs = node.items;
    const keys = pairs.map(({ key }) => String(isScalar(key) ? key.value : key.toJS(patch.document)));
    const entries = pairs.map(({ key, value: each }) => ({ from: key.range[0], to: each?.range[1] ?? key.range[1] }));
    const kept = pairs.flatMap(({ key, value: each }, from): Wanted[] => {
      const name = keys[from] ?? '';
      if (!(name in value)) return [];
      const isEmpty = !each || each.range[0] === each.range[1];
      if (isEmpty && value[name] === null) return [{ from, text: patch.text.slice(key.range[0], entries[from]?.to) }];
      if (isEmpty) return [{ from, text: `${patch.text.slice(key.range[0], key.range[1])}: ${writeFlow(value[name], patch.style)}` }];
      return [{ from, text: patch.text.slice(key.range[0], each.range[0]) + patchInside(patch, each, value[name]) }];
    });
    const fresh = Object.entries(value).filter(([name, each]) => !keys.includes(name) && each !== undefined);
    return join(patch, node, entries, [
      ...kept,
      ...fresh.map(([name, each]) => ({
        from: undefined,
        text: writeFlow({ [name]: each }, { ...patch.style, padBraces: false }).slice(1, -1),
      })),
    ]);
  }
  return undefined;
}

function patchInside(patch: Patch, node: ParsedNode, value: unknown): string {
  if (isSame(node.toJS(patch.document), value)) return patch.text.slice(node.range[0], node.range[1]);
  if (isScalar(node) && (typeof value !== 'object' || value === null)) return writeScalar(value, patch.style, node.type, true);
  const patched = patchFlow(patch, node, value);
  if (patched !== undefined) return patched;
  // Comments inside of what is written anew come to stand above it.
  const { text, words, style } = patch;
  const nextLine = style.newline + ' '.repeat(node.range[0] - text.lastIndexOf('\n', node.range[0] - 1) - 1);
  const comments = commentsIn(words, node.range[0], node.range[1]).map((each) => nextLine + each.text);
  return comments.join('') + (comments.length > 0 ? nextLine : '') + writeFlow(value, style);
}

/** Puts the entries together with what stood between them: line breaks and comments stay with the entry before them. */
function join(patch: Patch, node: ParsedNode, entries: readonly Entry[], wanted: readonly Wanted[]): string {
  const { text, words, style } = patch;
  const [start, end] = node.range;
  const [open, close] = [text[start] ?? '', text[end - 1] ?? ''];
  const [first] = entries;
  if (!first) {
    const pad = open === '{' && style.padBraces ? ' ' : '';
    const inside = text.slice(start + 1, end - 1);
    return `${open}${pad}${wanted.map((each) => each.text).join(', ')}${pad}${inside.trim() === '' ? '' : inside}${close}`;
  }
  const lead = text.slice(start + 1, first.from);
  const behind = entries.map(({ to }, i) => text.slice(to, entries[i + 1]?.from ?? end - 1));
  const nextLine = style.newline + ' '.repeat(first.from - text.lastIndexOf('\n', first.from - 1) - 1);
  const isOnLines = [lead, ...behind.slice(0, -1)].some((each) => each.includes('\n'));
  const gap = isOnLines ? nextLine : ' ';
  const commentsBehind = (from: number, to: number): string =>
    commentsIn(words, from, to)
      .map((each) => ` ${each.text}${nextLine}`)
      .join('');
  const used = new Set(wanted.flatMap(({ from }) => from ?? []));
  const oldLast = entries.length - 1;
  const parts = wanted.map(({ from, text: own }, i) => {
    const entry = from === undefined ? undefined : entries[from];
    const isLast = i === wanted.length - 1;
    const comments = entry ? commentsBehind(entry.to, entries[(from ?? 0) + 1]?.from ?? end - 1) : '';
    if (!isLast) return own + (entry && from !== oldLast ? (behind[from ?? 0] ?? '') : `,${comments === '' ? gap : comments}`);
    if (from === oldLast) return own + (behind[oldLast] ?? '');
    if (!used.has(oldLast)) return own + comments + (behind[oldLast] ?? '');
    return own + comments + (/\s*$/.exec(behind[oldLast] ?? '')?.[0] ?? '');
  });
  const lost = entries.flatMap(({ from, to }, i) =>
    used.has(i) ? [] : commentsBehind(from, entries[i + 1]?.from ?? (wanted.length === 0 ? end - 1 : to)),
  );
  return open + (wanted.length === 0 ? '' : lead) + parts.join('') + lost.join('') + close;
}
