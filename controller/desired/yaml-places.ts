import { hash } from 'node:crypto';
import { isAlias, isMap, isScalar, isSeq, type ParsedNode } from 'yaml';
import type { ValuePath } from '../api/index.ts';
import type { Position } from '../lib/index.ts';
import type { PlaceOf } from './yaml-syntax.ts';

/**
 * The places of all values of one file, as numbers: compiling asks for one of nearly every object, long after the syntax trees are gone.
 * A tree takes about a hundred times its text, this less than the text.
 *
 * A map is its number of keys, then for each, sorted by hash: hash, place, index of the value. A list is its length, then for each item:
 * place, index. The index of what has no parts is 0. A place is line and column in one number.
 */
export class PlaceTable {
  readonly #file: string;
  #places: SealedPlaces | OpenPlaces;

  /** An empty table, or one that was sealed before. */
  constructor(file: string, sealed?: SealedPlaces) {
    this.#file = file;
    this.#places = sealed ? share(sealed) : { numbers: [0], roots: [] };
  }

  /**
   * Takes a document in and gives its finder, which answers as `offsetOf` does. Undefined for a document with aliases, or with a line or
   * column beyond what fits: few have them.
   */
  add(root: ParsedNode | null, placeOf: PlaceOf): ((path: ValuePath) => Position) | undefined {
    const places = this.#places;
    if (isSealed(places) || root === null) return undefined;
    const { numbers, roots } = places;
    const before = numbers.length;
    const writing: Writing = { numbers, placeOf, fits: true };
    const start = packPlace(placeOf(root.range[0]), writing);
    const index = writeNode(root, writing);
    if (writing.fits) {
      roots.push(start, index);
      return (path) => this.#find(start, index, path);
    }
    numbers.length = before;
    return undefined;
  }

  /** Nothing comes any more: the table takes its final, small form. */
  seal(): SealedPlaces {
    const places = this.#places;
    const sealed = isSealed(places) ? places : share({ ...places, numbers: Uint32Array.from(places.numbers) });
    this.#places = sealed;
    return sealed;
  }

  /** The finder of each document that was taken in, in their order. */
  finders(): ((path: ValuePath) => Position)[] {
    const { roots } = this.#places;
    return roots.flatMap((start, i) => (i % 2 === 0 ? [(path: ValuePath) => this.#find(start, roots[i + 1] ?? 0, path)] : []));
  }

  #find(start: number, root: number, path: ValuePath): Position {
    const { numbers } = this.#places;
    let place = start;
    let index = root;
    for (const step of path) {
      if (index === 0) break;
      const entry = (numbers[index] ?? 0) >= listMark ? itemAt(numbers, index, step) : keyAt(numbers, index, step);
      if (entry === undefined) break;
      place = numbers[entry] ?? 0;
      index = numbers[entry + 1] ?? 0;
    }
    return { file: this.#file, line: place >>> columnBits, col: place & maxColumn };
  }
}

/** A table that takes nothing in any more, as plain data. */
export interface SealedPlaces {
  readonly numbers: Uint32Array;
  /** Place and index of each document that was taken in. */
  readonly roots: readonly number[];
}

interface OpenPlaces {
  numbers: number[];
  roots: number[];
}

const columnBits = 12;
const maxColumn = 2 ** columnBits - 1;
const maxLine = 2 ** (32 - columnBits) - 1;
/** Added to the length of a list, to tell it from a map. */
const listMark = 2 ** 31;

/** Tables that are known at one time; then it begins anew, and a few exist twice. They stay when the files are gone: small ones alone, 32 MiB in all. */
const mostKnown = 2000;
const mostShared = 4096;
const known = new Map<string, SealedPlaces>();

/** Files that people write alike have their values at the same places: of ten thousand devices the tables are tens of megabytes. */
function share(places: SealedPlaces): SealedPlaces {
  if (places.numbers.length > mostShared) return places;
  const name = `${hash('sha256', places.numbers, 'base64')} ${places.roots.join(' ')}`;
  const found = known.get(name);
  if (found) return found;
  if (known.size >= mostKnown) known.clear();
  known.set(name, places);
  return places;
}

function isSealed(places: SealedPlaces | OpenPlaces): places is SealedPlaces {
  return ArrayBuffer.isView(places.numbers);
}

interface Writing {
  numbers: number[];
  placeOf: PlaceOf;
  fits: boolean;
}

/** Writes what a node consists of, and gives its index; 0 for what has no parts. */
function writeNode(node: ParsedNode | null, writing: Writing): number {
  if (!writing.fits || node === null || isScalar(node)) return 0;
  if (isAlias(node)) {
    writing.fits = false;
    return 0;
  }
  const { numbers, placeOf } = writing;
  const index = numbers.length;
  if (isSeq(node)) {
    numbers.push(listMark + node.items.length);
    for (let i = 0; i < node.items.length * 2; i++) numbers.push(0);
    for (const [i, item] of node.items.entries()) {
      numbers[index + 1 + i * 2] = packPlace(placeOf(item.range[0]), writing);
      numbers[index + 2 + i * 2] = writeNode(item, writing);
    }
    return index;
  }
  const entries = keysOf(node);
  if (!entries) {
    writing.fits = false;
    return 0;
  }
  numbers.push(entries.length);
  for (let i = 0; i < entries.length * 3; i++) numbers.push(0);
  for (const [i, { hash, key, value }] of entries.entries()) {
    // Of a value that begins on a line of its own, the key says more.
    const shown = value === null || isMap(value) || isSeq(value) || value.range[0] === value.range[1] ? key : value;
    numbers[index + 1 + i * 3] = hash;
    numbers[index + 2 + i * 3] = packPlace(placeOf(shown.range[0]), writing);
    numbers[index + 3 + i * 3] = writeNode(value, writing);
  }
  return index;
}

interface Entry {
  hash: number;
  key: ParsedNode;
  value: ParsedNode | null;
}

/** The pairs of a map with text as key, sorted by hash; undefined when two keys have the same one. */
function keysOf(node: ParsedNode & { items: unknown[] }): Entry[] | undefined {
  const first = new Map<string, Entry>();
  for (const { key, value } of node.items as { key: ParsedNode | null; value: ParsedNode | null }[]) {
    if (isScalar(key) && typeof key.value === 'string' && !first.has(key.value))
      first.set(key.value, { hash: hashOf(key.value), key, value });
  }
  const entries = [...first.values()].sort((a, b) => a.hash - b.hash);
  return entries.some(({ hash }, i) => hash === entries[i + 1]?.hash) ? undefined : entries;
}

/** FNV-1a. A key that a map lacks is taken for one that it has once in four thousand million times, and then a problem has a wrong place. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

function packPlace({ line, col }: Position, writing: Writing): number {
  if (line > maxLine || col > maxColumn) writing.fits = false;
  return line * 2 ** columnBits + col;
}

/** Where the place of a key's value stands. */
function keyAt(numbers: ArrayLike<number>, index: number, step: string | number): number | undefined {
  if (typeof step !== 'string') return undefined;
  const hash = hashOf(step);
  let [low, high] = [0, (numbers[index] ?? 0) - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = numbers[index + 1 + middle * 3] ?? 0;
    if (found === hash) return index + 2 + middle * 3;
    if (found < hash) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}

function itemAt(numbers: ArrayLike<number>, index: number, step: string | number): number | undefined {
  const i = Number(step);
  return Number.isInteger(i) && i >= 0 && i < (numbers[index] ?? 0) - listMark ? index + 1 + i * 2 : undefined;
}
