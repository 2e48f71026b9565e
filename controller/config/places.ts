import type { Place } from './dialect.ts';

/** Where a line stands among its siblings, and the places of the lines inside it. */
export interface Rank {
  /** Small first; 0 for a line that has no place. */
  readonly at: number;
  /** A removal that has a place of its own among what comes. */
  readonly placed: boolean;
  readonly inside: PlaceTable;
}

/** The places of one level, by the first word of their pattern. */
export interface PlaceTable {
  /** `said`: the line with the word that negates it, which a place may name. */
  readonly rank: (words: readonly string[], goes: boolean, said?: readonly string[]) => Rank;
}

interface Entry {
  readonly words: readonly string[];
  readonly at: number;
  readonly way: '-' | '+' | '';
  readonly inside: PlaceTable;
}

/** The list with one place per entry. */
export function onePerEntry(places: readonly Place[]): Place[] {
  return places.flatMap((place): readonly Place[] => (typeof place === 'string' ? place.split('; ') : [place]));
}

const nowhere: PlaceTable = { rank: () => ({ at: 0, placed: false, inside: nowhere }) };
const tables = new WeakMap<readonly Place[], PlaceTable>();

/** Compiled once per list. */
export function placesOf(places: readonly Place[] | undefined): PlaceTable {
  if (!places) return nowhere;
  const known = tables.get(places);
  if (known) return known;
  const all = onePerEntry(places);
  const rest = all.indexOf('...');
  const byFirst = new Map<string, Entry[]>();
  for (const [i, place] of all.entries()) {
    const [text, inner] = typeof place === 'string' ? [place, undefined] : place;
    if (text === '...') continue;
    const mark = /^[-+=]/.exec(text)?.[0] ?? '';
    const way = mark === '-' || mark === '+' ? mark : '';
    const words = text.slice(mark.length).split(' ');
    const at = mark === '=' ? 0 : rest < 0 ? i : i - rest;
    const entry: Entry = { words, at, way, inside: placesOf(inner) };
    for (const first of (words[0] ?? '').split('|')) byFirst.set(first, [...(byFirst.get(first) ?? []), entry]);
  }
  const table: PlaceTable = {
    rank(words, goes, said = []) {
      const named = byFirst.get(said[0] ?? '') ?? [];
      const candidates = [...named, ...(byFirst.get(words[0] ?? '') ?? []), ...(byFirst.get('*') ?? [])];
      let best: Entry | undefined;
      let score = -1;
      let inside = nowhere;
      for (const entry of candidates) {
        const fit = entry.way === (goes ? '+' : '-') ? -1 : scoreOf(entry, named.includes(entry) ? said : words);
        if (fit < 0) continue;
        // Places inside come from the best entry that has some.
        if (entry.inside !== nowhere && (fit >= score || inside === nowhere)) inside = entry.inside;
        if (fit > score || (fit === score && entry.way === '-')) [best, score] = [entry, fit];
      }
      // Removals come ahead, in the opposite order, unless they have a place of their own.
      return best
        ? { at: goes && best.way !== '-' ? -best.at : best.at, placed: best.way === '-', inside }
        : { at: 0, placed: false, inside };
    },
  };
  tables.set(places, table);
  return table;
}

/** How much of the line the entry names; -1 when it does not match. A word may be `*`, alternatives, or `~` and a regular expression. */
function scoreOf(entry: Entry, words: readonly string[]): number {
  if (entry.words.length > words.length) return -1;
  let score = 0;
  for (const [i, pattern] of entry.words.entries()) {
    const word = words[i] ?? '';
    if (pattern === '*') score += 1;
    else if (pattern.startsWith('~')) {
      if (!new RegExp(pattern.slice(1)).test(word)) return -1;
      score += 2;
    } else if (pattern === word) score += 4 + word.length;
    else if (pattern.includes('|') && pattern.split('|').includes(word)) score += 3 + word.length;
    else return -1;
  }
  return score;
}
