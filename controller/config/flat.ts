import type { PlannedCommand } from '../api/plan-records.ts';
import type { CompiledDialect } from './rules.ts';
import type { Node } from './types.ts';

/** How a set-line platform takes a change. */
export interface Flat {
  /** What is gone altogether is deleted at its outermost word, not leaf by leaf. */
  readonly collapse: boolean;
  /** Words before the name of a thing whose order counts: `term`. */
  readonly ordered: readonly string[];
  /** How things get into their order: moved, or deleted and set again. */
  readonly reorder: 'insert' | 'rebuild';
  /** Beginnings (`*` one word, `a|b` either) of what cannot be changed inside: it is deleted and set again. */
  readonly rebuilt?: readonly string[];
  /** Beginnings of statements with one value, taken back without it. */
  readonly single?: readonly string[];
}

interface Line {
  readonly node: Node;
  readonly words: readonly string[];
  readonly key: string;
}

/** Commands for a configuration that is one set of lines: deletes, sets, marks, then order. */
export function planFlat(live: readonly Node[], want: readonly Node[], compiled: CompiledDialect): PlannedCommand[] {
  const form = compiled.dialect.flat ?? { collapse: true, ordered: [], reorder: 'insert' };
  const [had, has] = [live.map(toLine), want.map(toLine)];
  const wanted = new Set(has.map((line) => line.key));
  const rebuilt = rebuildHeads(had, has, form);
  const isRebuilt = (line: Line): boolean => rebuilt.size > 0 && line.words.some((_, i) => rebuilt.has(join(line.words.slice(0, i + 1))));
  const gone = had.filter((line) => isRebuilt(line) || !wanted.has(line.key));
  const goneKeys = new Set(gone.map((line) => line.key));
  const stays = new Set(had.filter((line) => !goneKeys.has(line.key)).map((line) => line.key));
  const comes = has.filter((line) => !stays.has(line.key));

  const { assertion, negation } = { assertion: compiled.dialect.assertion ?? 'set', negation: compiled.negation };
  const deletes = deletions(
    gone,
    has.filter((line) => !isRebuilt(line)),
    form,
    rebuilt,
  );
  const isGone = (words: readonly string[]): boolean => words.some((_, i) => deletes.has(join(words.slice(0, i + 1))));
  const commands = [...deletes.values()].map((text) => `${negation} ${text}`);
  commands.push(...comes.filter((line) => !isMark(line)).map((line) => `${assertion} ${line.node.text}`));
  for (const line of gone) if (isMark(line) && !isGone(line.words.slice(1))) commands.push(`activate ${join(line.words.slice(1))}`);
  commands.push(...comes.filter(isMark).map((line) => line.node.text));
  if (form.reorder === 'insert')
    commands.push(
      ...moves(
        had.filter((line) => stays.has(line.key)),
        has,
        form.ordered,
      ),
    );
  return commands.map((text) => ({ path: [], text }));
}

const token = /"(?:[^"\\]|\\.)*"|\S+/g;

function toLine(node: Node): Line {
  const words = node.text.match(token) ?? [];
  return { node, words, key: join(words) };
}

/** Quotes around a single word say nothing. */
function join(words: readonly string[]): string {
  return words.map((word) => /^"([^\s"{};[\]]+)"$/.exec(word)?.[1] ?? word).join(' ');
}

function isMark(line: Line): boolean {
  return line.words[0] === 'deactivate';
}

/** What to delete, by key: each line, or the outermost part of it of which nothing is left. */
function deletions(gone: readonly Line[], left: readonly Line[], form: Flat, rebuilt: ReadonlySet<string>): Map<string, string> {
  const alive = new Set<string>();
  for (const { words } of left) for (let i = 1; i <= words.length; i++) alive.add(join(words.slice(0, i)));
  const deletes = new Map<string, string>();
  for (const line of gone) {
    if (isMark(line)) continue;
    let size = line.words.length;
    for (let i = 1; i < line.words.length; i++) {
      const head = join(line.words.slice(0, i));
      const single = form.single?.some((pattern) => endsLike(line.words.slice(0, i), pattern));
      if (rebuilt.has(head) || single || (form.collapse && !alive.has(head))) {
        size = i;
        break;
      }
    }
    // The last word of a leaf is its value: what is deleted is the statement, unless the statement has others.
    const head = line.words.slice(0, size);
    deletes.set(join(head), head.join(' '));
  }
  return deletes;
}

/** The last words are like the pattern. */
function endsLike(words: readonly string[], pattern: string): boolean {
  const parts = pattern.split(' ');
  const from = words.length - parts.length;
  return from >= 0 && parts.every((part, i) => part === '*' || part.split('|').includes(words[from + i] ?? ''));
}

/** Things that differ and can only be deleted and set again, by their beginning. */
function rebuildHeads(had: readonly Line[], has: readonly Line[], form: Flat): Set<string> {
  const heads = new Set<string>();
  const patterns = form.rebuilt ?? [];
  if (patterns.length > 0) {
    const group = (lines: readonly Line[]): Map<string, string[]> => {
      const groups = new Map<string, string[]>();
      for (const { words, key } of lines) {
        for (let i = 1; i <= words.length; i++) {
          if (!patterns.some((pattern) => endsLike(words.slice(0, i), pattern))) continue;
          const head = join(words.slice(0, i));
          groups.set(head, [...(groups.get(head) ?? []), key]);
        }
      }
      return groups;
    };
    const [before, after] = [group(had), group(has)];
    for (const [head, keys] of before) {
      const now = after.get(head);
      if (now && keys.join('\n') !== now.join('\n')) heads.add(head);
    }
  }
  if (form.reorder === 'rebuild') {
    const [before, after] = [orders(had, form.ordered), orders(has, form.ordered)];
    for (const [head, names] of after) {
      const old = before.get(head);
      if (!old) continue;
      // From the first one that is out of place on, all are set again.
      const kept = old.filter((name) => names.includes(name));
      const from = names.findIndex((name, i) => kept[i] !== name);
      if (from >= 0 && from < kept.length) for (const name of names.slice(from)) if (kept.includes(name)) heads.add(`${head} ${name}`);
    }
  }
  return heads;
}

/** Names in their order, by what stands before them up to the ordered word. */
function orders(lines: readonly Line[], words: readonly string[]): Map<string, string[]> {
  const found = new Map<string, Set<string>>();
  for (const line of lines) {
    for (let i = 0; i + 1 < line.words.length; i++) {
      if (!words.includes(line.words[i] ?? '') || isMark(line)) continue;
      const head = join(line.words.slice(0, i + 1));
      const names = found.get(head) ?? new Set();
      names.add(line.words[i + 1] ?? '');
      found.set(head, names);
    }
  }
  return new Map([...found].map(([head, names]) => [head, [...names]]));
}

/** Moves that bring what is there after deletes and sets into the wanted order. */
function moves(stay: readonly Line[], has: readonly Line[], words: readonly string[]): string[] {
  if (words.length === 0) return [];
  const before = orders(stay, words);
  const commands: string[] = [];
  for (const [head, names] of orders(has, words)) {
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
