import type { PlannedCommand } from '../api/index.ts';
import type { CompiledDialect } from './rules.ts';
import type { Node } from './types.ts';

/** How a set-line platform takes a change. */
export interface Flat {
  /** What is gone altogether is deleted at its outermost word (or block), not leaf by leaf. */
  readonly collapse: boolean;
  /** Words before the name of a thing whose order counts: `term`. With a `+`, the name is the rest of the line. */
  readonly ordered: readonly string[];
  /** How things get into their order: moved, or deleted and set again. */
  readonly reorder: 'insert' | 'rebuild';
  /** Remarks about statements are configuration too. */
  readonly notes?: true;
  /** Block by block, instead of deletes first. */
  readonly byBlock?: true;
  /** Beginnings (`*` one word, `a|b` either) of what cannot be changed inside: it is deleted and set again. */
  readonly rebuilt?: readonly string[];
  /** Beginnings of statements that are taken back without what follows. */
  readonly single?: readonly string[];
}

interface Line {
  readonly node: Node;
  readonly words: readonly string[];
  readonly key: string;
  /** Keys of its beginnings, by number of words. */
  readonly heads: readonly string[];
}

interface Said {
  readonly words: readonly string[];
  readonly cuts: readonly number[];
  readonly text: string;
  readonly verb: 'delete' | 'set' | 'mark';
}

/** Without the statements of which others say more: the device prints `lo0` by itself only as long as nothing is in it. */
export function withoutHeads(nodes: readonly Node[]): readonly Node[] {
  const heads = new Set(nodes.flatMap((node) => toLine(node).heads.slice(0, -1)));
  return nodes.filter((node) => !heads.has(toLine(node).key));
}

/** Commands for a configuration that is one set of lines: deletes, sets, marks, then order. */
export function planFlat(live: readonly Node[], want: readonly Node[], compiled: CompiledDialect): PlannedCommand[] {
  const form: Flat = compiled.dialect.flat ?? { collapse: true, ordered: [], reorder: 'insert' };
  const read = (nodes: readonly Node[]): Line[] => nodes.map(toLine).filter((line) => !isNote(line));
  const [had, has] = [read(live), read(want)];
  const wanted = new Set(has.map((line) => line.key));
  const rebuilt = rebuildHeads(had, has, form);
  const isRebuilt = (line: Line): boolean => rebuilt.length > 0 && line.heads.some((head) => rebuiltKeys.has(head));
  const rebuiltKeys = new Set(rebuilt);
  const gone = inOrder(
    had.filter((line) => isRebuilt(line) || !wanted.has(line.key)),
    rebuilt,
  );
  const goneKeys = new Set(gone.map((line) => line.key));
  const stays = had.filter((line) => !goneKeys.has(line.key));
  const stayKeys = new Set(stays.map((line) => line.key));
  const held = new Set(had.flatMap((line) => line.heads.slice(0, -1)));
  const comes = has.filter((line) => !stayKeys.has(line.key) && !(held.has(line.key) && !isMark(line)));

  const deletes = deletions(gone, has, form, rebuiltKeys);
  const isGone = (line: Line): boolean =>
    toLine({ ...line.node, text: line.words.slice(1).join(' ') }).heads.some((head) => deletes.has(head));
  const { assertion = 'set' } = compiled.dialect;
  const said: Said[] = [...deletes.values()].map((each) => ({
    ...each,
    text: `${compiled.negation} ${each.words.join(' ')}`,
    verb: 'delete',
  }));
  for (const line of comes) if (!isMark(line)) said.push({ ...say(line), text: `${assertion} ${line.node.text}`, verb: 'set' });
  for (const line of gone)
    if (isMark(line) && !isGone(line))
      said.push({ ...unmarked(line), text: [marks.get(line.words[0] ?? ''), ...line.words.slice(1)].join(' '), verb: 'mark' });
  for (const line of comes) if (isMark(line)) said.push({ ...unmarked(line), text: line.node.text, verb: 'mark' });
  // What is protected takes no change: it is freed ahead of all.
  const freed = said.filter(({ text }) => text.startsWith('unprotect '));
  const rest = freed.length === 0 ? said : said.filter((each) => !freed.includes(each));
  const commands = [...freed, ...(form.byBlock ? byBlock(rest) : rest)].map(({ text }) => text);
  if (form.notes) commands.push(...notes(live, want, deletes));
  if (form.reorder === 'insert') commands.push(...moves(stays, has, form.ordered));
  return commands.map((text) => ({ path: [], text }));
}

/** A line of more words has no beginnings after so many. */
const maxHeads = 400;
const token = /"(?:[^"\\]|\\.)*"|\S+/g;

function toLine(node: Node): Line {
  const words = node.text.match(token) ?? [];
  const heads: string[] = [];
  for (const word of words.slice(0, maxHeads)) heads.push(heads.length === 0 ? plain(word) : `${heads.at(-1)} ${plain(word)}`);
  if (words.length > maxHeads) heads.push(words.map(plain).join(' '));
  return { node, words, key: heads.at(-1) ?? '', heads };
}

/** Quotes around a single word say nothing. */
function plain(word: string): string {
  return /^"([^\s"{};[\]]+)"$/.exec(word)?.[1] ?? word;
}

/** Marks on statements, and what takes them off. */
const marks = new Map([
  ['deactivate', 'activate'],
  ['protect', 'unprotect'],
]);

function isMark(line: Line): boolean {
  return marks.has(line.words[0] ?? '');
}

function say(line: Line): { words: readonly string[]; cuts: readonly number[] } {
  return { words: line.words, cuts: line.node.cuts ?? [] };
}

function isNote(line: Line): boolean {
  return line.words[0] === 'annotate';
}

/** Remarks, written where their statement stands. */
function notes(live: readonly Node[], want: readonly Node[], deletes: ReadonlyMap<string, unknown>): string[] {
  const placed = (nodes: readonly Node[]): Map<string, Line> =>
    new Map(nodes.map(toLine).flatMap((line): [string, Line][] => (isNote(line) ? [[line.words.slice(1, -1).join(' '), line]] : [])));
  const [had, has] = [placed(live), placed(want)];
  const say = (line: Line, text: string): string[] => {
    const depth = 1 + (line.node.cuts?.at(-1) ?? 0);
    const command = `annotate ${line.words.slice(depth, -1).join(' ')} ${text}`;
    return depth === 1 ? [command] : [`edit ${line.words.slice(1, depth).join(' ')}`, command, 'top'];
  };
  const commands: string[] = [];
  for (const [place, line] of had) {
    const isDeleted = line.heads.some((head) => deletes.has(head.slice('annotate '.length)));
    if (!has.has(place) && !isDeleted) commands.push(...say(line, '""'));
  }
  for (const [place, line] of has)
    if (had.get(place)?.words.at(-1) !== line.words.at(-1)) commands.push(...say(line, line.words.at(-1) ?? '""'));
  return commands;
}

/** A mark stands in the block of what it marks. */
function unmarked(line: Line): { words: readonly string[]; cuts: readonly number[] } {
  return { words: line.words.slice(1), cuts: [] };
}

/** Things that are set again go in the order in which they come. */
function inOrder(gone: Line[], rebuilt: readonly string[]): Line[] {
  if (rebuilt.length === 0) return gone;
  const place = new Map(rebuilt.map((head, i) => [head, i]));
  const placeOf = (line: Line): number => Math.max(-1, ...line.heads.map((head) => place.get(head) ?? -1));
  const [others, again] = [gone.filter((line) => placeOf(line) < 0), gone.filter((line) => placeOf(line) >= 0)];
  return [...others, ...again.sort((a, b) => placeOf(a) - placeOf(b))];
}

/** What to delete, by key: each line, or the outermost part of it of which nothing is left. */
function deletions(
  gone: readonly Line[],
  has: readonly Line[],
  form: Flat,
  rebuilt: ReadonlySet<string>,
): Map<string, { words: readonly string[]; cuts: readonly number[] }> {
  const alive = new Set<string>();
  for (const { heads } of has) for (const head of heads) alive.add(head);
  const deletes = new Map<string, { words: readonly string[]; cuts: readonly number[] }>();
  for (const line of gone) {
    if (isMark(line)) continue;
    // A block that only loses its emptiness is not deleted.
    if (alive.has(line.key) && !line.heads.some((head) => rebuilt.has(head))) continue;
    const { cuts } = line.node;
    const size = line.heads.findIndex((head, i) => {
      if (rebuilt.has(head) || form.single?.some((pattern) => endsLike(line.words.slice(0, i + 1), pattern))) return true;
      return form.collapse && !alive.has(head) && (cuts === undefined || cuts.includes(i + 1));
    });
    const words = size < 0 ? line.words : line.words.slice(0, size + 1);
    deletes.set(size < 0 ? line.key : (line.heads[size] ?? ''), { words, cuts: cuts ?? [] });
  }
  return deletes;
}

/** The last words are like the pattern. */
function endsLike(words: readonly string[], pattern: string): boolean {
  const parts = pattern.split(' ');
  const from = words.length - parts.length;
  return from >= 0 && parts.every((part, i) => part === '*' || part.split('|').includes(words[from + i] ?? ''));
}

/** Things that differ and can only be deleted and set again, by their beginning, in the wanted order. */
function rebuildHeads(had: readonly Line[], has: readonly Line[], form: Flat): string[] {
  const heads: string[] = [];
  const patterns = form.rebuilt ?? [];
  if (patterns.length > 0) {
    const [before, after] = [groups(had, patterns), groups(has, patterns)];
    for (const [head, keys] of after) {
      const old = before.get(head);
      if (old && old.join('\n') !== keys.join('\n')) heads.push(head);
    }
  }
  if (form.byBlock) heads.push(...turned(had, has));
  if (form.reorder !== 'rebuild') return heads;
  const before = orders(had, form.ordered);
  for (const [head, names] of orders(has, form.ordered)) {
    const wanted = new Set(names);
    const kept = (before.get(head) ?? []).filter((name) => wanted.has(name));
    const stay = new Set(kept);
    // From the first one that is out of place on, all are set again.
    const mine = names.filter((name) => stay.has(name));
    const from = mine.findIndex((name, i) => kept[i] !== name);
    if (from >= 0) heads.push(...mine.slice(from).map((name) => `${head} ${name}`));
  }
  return heads;
}

/** Blocks that become one statement, and statements that become a block: what was there is deleted as it is written. */
function turned(had: readonly Line[], has: readonly Line[]): string[] {
  const blocksOf = (lines: readonly Line[]): Set<string> =>
    new Set(lines.flatMap(({ node, heads }) => (node.cuts ?? []).map((cut) => heads[cut - 1] ?? '')));
  const [before, after] = [blocksOf(had), blocksOf(has)];
  const said = new Set(has.flatMap((line) => line.heads));
  const found = [...before].filter((head) => !after.has(head) && said.has(head));
  for (const { heads, key, node } of had) {
    const own = heads.slice(node.cuts?.at(-1) ?? 0, -1);
    if (node.cuts && own.some((head) => after.has(head) && !before.has(head))) found.push(key);
  }
  return found;
}

/** Keys of the lines inside each thing that a pattern names. */
function groups(lines: readonly Line[], patterns: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { words, heads, key } of lines) {
    for (const [i, head] of heads.entries()) {
      if (!patterns.some((pattern) => endsLike(words.slice(0, i + 1), pattern))) continue;
      const keys = found.get(head);
      if (keys) keys.push(key);
      else found.set(head, [key]);
    }
  }
  return found;
}

/** Names in their order, by what stands before them up to the ordered word. */
function orders(lines: readonly Line[], ordered: readonly string[]): Map<string, string[]> {
  const found = new Map<string, Set<string>>();
  for (const line of lines) {
    if (isMark(line)) continue;
    for (const spec of ordered) {
      const open = spec.endsWith('+');
      const pattern = open ? spec.slice(0, -1) : spec;
      for (let i = 1; i < line.words.length; i++) {
        if (!endsLike(line.words.slice(0, i), pattern)) continue;
        const head = line.heads[i - 1] ?? '';
        const names = found.get(head) ?? new Set();
        names.add(open ? line.key.slice(head.length + 1) : plain(line.words[i] ?? ''));
        found.set(head, names);
      }
    }
  }
  return new Map([...found].map(([head, names]) => [head, [...names]]));
}

/** Moves that bring what is there after deletes and sets into the wanted order. */
function moves(stay: readonly Line[], has: readonly Line[], ordered: readonly string[]): string[] {
  if (ordered.length === 0) return [];
  const before = orders(stay, ordered);
  const commands: string[] = [];
  for (const [head, names] of orders(has, ordered)) {
    const kept = new Set(before.get(head));
    if (kept.size === 0) continue;
    const now = [...kept, ...names.filter((name) => !kept.has(name))];
    const word = head.slice(head.lastIndexOf(' ') + 1);
    for (const [i, name] of names.entries()) {
      const at = now[i];
      if (at === undefined || at === name) continue;
      commands.push(`insert ${head} ${name} before ${word} ${at}`);
      now.splice(now.indexOf(name), 1);
      now.splice(i, 0, name);
    }
  }
  return commands;
}

interface Tree {
  readonly gone: Said[];
  readonly rest: (Said | Tree)[];
  readonly blocks: Map<string, Tree>;
  readonly marks: Said[];
}

/** In each block first what goes, then what comes and the blocks inside, in their order. */
function byBlock(said: readonly Said[]): Said[] {
  const empty = (): Tree => ({ gone: [], rest: [], blocks: new Map(), marks: [] });
  const root = empty();
  for (const each of said) {
    let at = root;
    let from = 0;
    for (const cut of each.verb === 'mark' ? [] : each.cuts) {
      if (cut >= each.words.length) break;
      const name = each.words.slice(from, cut).join(' ');
      let inner = at.blocks.get(name);
      if (!inner) {
        at.blocks.set(name, (inner = empty()));
        at.rest.push(inner);
      }
      at = inner;
      from = cut;
    }
    if (each.verb === 'delete') at.gone.push(each);
    else if (each.verb === 'mark') at.marks.push(each);
    else at.rest.push(each);
  }
  const list = (tree: Tree): Said[] => [
    ...tree.gone,
    ...tree.rest.flatMap((each) => ('rest' in each ? list(each) : [each])),
    ...tree.marks,
  ];
  return list(root);
}
