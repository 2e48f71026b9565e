import { isAlias, isMap, isScalar, isSeq, type ParsedNode } from 'yaml';
import type { ValuePath } from '../api/index.ts';
import type { Position } from '../lib/index.ts';
import { readDocuments } from './yaml-documents.ts';
import type { PlaceOf } from './yaml-syntax.ts';

/** Line and column of offsets in a text, by binary search over its line starts. */
export function placesIn(file: string, text: string): PlaceOf {
  const starts = [0];
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
  return (offset) => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { file, line: low + 1, col: offset - (starts[low] ?? 0) + 1 };
  };
}

/** Offset of the value at the end of the path; with `key`, of the key that holds it. Where the path ends early, what encloses it. */
export function offsetOf(root: ParsedNode | null, path: ValuePath, key = false): number | undefined {
  let node: ParsedNode | null = resolve(root, root);
  let offset = node?.range[0];
  for (const [i, step] of path.entries()) {
    const last = i === path.length - 1;
    if (isMap(node)) {
      const pair = pairOf(node, step);
      if (!pair) return offset;
      node = resolve(root, pair.value);
      offset = (last && key) || !node || isCollection(node) || node.range[0] === node.range[1] ? pair.key.range[0] : node.range[0];
    } else if (isSeq(node)) {
      const item = node.items[Number(step)];
      if (!item) return offset;
      node = resolve(root, item);
      offset = item.range[0];
    } else return offset;
  }
  return offset;
}

/** Text of a plain scalar that is no text: a number, true, false or null as it was written. */
export function sourceOf(root: ParsedNode | null, path: ValuePath): string | undefined {
  let node: ParsedNode | null = resolve(root, root);
  for (const step of path) {
    const next: ParsedNode | null | undefined = isMap(node)
      ? pairOf(node, step)?.value
      : isSeq(node)
        ? node.items[Number(step)]
        : undefined;
    if (!next) return undefined;
    node = resolve(root, next);
  }
  return isScalar(node) && typeof node.value !== 'string' ? node.source : undefined;
}

interface Pair {
  key: ParsedNode;
  value: ParsedNode | null;
}

/** Maps of more keys than this are indexed when one of them is asked for: every key of 100,000 may have a problem. */
const smallMap = 16;
const indexes = new WeakMap<ParsedNode, ReadonlyMap<unknown, Pair>>();

/** The first pair of a map with this key. */
function pairOf(node: ParsedNode & { items: unknown[] }, step: string | number): Pair | undefined {
  const pairs = node.items as Pair[];
  if (pairs.length <= smallMap) return pairs.find(({ key }) => isScalar(key) && key.value === step);
  let index = indexes.get(node);
  if (!index) {
    // From the last to the first, so that of two the first stays.
    index = new Map(pairs.toReversed().flatMap((pair) => (isScalar(pair.key) ? [[pair.key.value, pair] as const] : [])));
    indexes.set(node, index);
  }
  return index.get(step);
}

function isCollection(node: ParsedNode): boolean {
  return isMap(node) || isSeq(node);
}

/** Follows an alias to its anchor, one step: positions inside an aliased value are those of the value. */
function resolve(root: ParsedNode | null, node: ParsedNode | null): ParsedNode | null {
  if (!isAlias(node)) return node;
  return findAnchor(root, node.source) ?? node;
}

function findAnchor(root: ParsedNode | null, name: string): ParsedNode | undefined {
  const waiting: (ParsedNode | null)[] = [root];
  while (waiting.length > 0) {
    const node = waiting.pop();
    if (!node || isAlias(node)) continue;
    if (node.anchor === name) return node;
    if (isSeq(node)) for (const item of node.items) waiting.push(item);
    else if (isMap(node)) for (const pair of node.items) waiting.push(pair.value);
  }
  return undefined;
}

/** Characters of YAML whose syntax trees are kept; a tree takes about a hundred times its text. */
const keptCharacters = 500_000;

/**
 * Finds positions in documents long after they were read. Keeps their text, not their syntax trees: those of a whole
 * repository would cost gigabytes, and few positions are ever asked for. The trees that were asked for last are kept.
 */
export class Locator {
  #kept: { size: number; forget: () => void }[] = [];
  #size = 0;

  /** The finder for one document, from `start` to `end` of the text of its file. */
  of(text: string, start: number, end: number, placeOf: PlaceOf): (path: ValuePath) => Position {
    let tree: { root: ParsedNode | null } | undefined;
    return (path) => {
      if (!tree) {
        const first = readDocuments(text.slice(start, end), () => ({ file: '', line: 0, col: 0 }), []).next();
        tree = { root: first.done ? null : first.value.root };
        this.#keep(end - start, () => {
          tree = undefined;
        });
      }
      return placeOf(start + (offsetOf(tree.root, path) ?? 0));
    };
  }

  #keep(size: number, forget: () => void): void {
    this.#kept.push({ size, forget });
    this.#size += size;
    while (this.#size > keptCharacters && this.#kept.length > 1) {
      const oldest = this.#kept.shift();
      oldest?.forget();
      this.#size -= oldest?.size ?? 0;
    }
  }
}
