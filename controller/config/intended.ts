import type { PlumblineError, Position } from '../lib/index.ts';
import type { Dialect, Draft } from './dialect.ts';
import { errors } from './errors.ts';
import { walk } from './names.ts';
import { parse, type ParseOptions } from './parse.ts';
import { compileDialect, positiveWords } from './rules.ts';
import { checkSecretPlaces } from './secrets.ts';
import type { Tree } from './types.ts';

/** The object in Git that wrote a line, and where. */
export interface Owner {
  readonly owner: string;
  readonly file: string;
  readonly line: number;
}

export interface Intended {
  readonly tree: Tree;
  /** By item key. */
  readonly owners: ReadonlyMap<string, Owner>;
  /** Keys of sections that are `Exact` on purpose: everything foreign in them is removed. */
  readonly exact: ReadonlySet<string>;
  readonly problems: PlumblineError[];
}

// Exactly what the renderer prints, to the space: what it lets pass as a comment of somebody else must be no marker here.
const fromMarker = /^[!#] plumbline:from (\S+) (\S+):(\d+)$/;
// Numbers that the lines below have in their file: `1-4,6`.
const linesMarker = /^[!#] plumbline:lines ([\d,-]+)$/;
const ownershipMarker = /^[!#] plumbline:ownership (Exact|Declared)$/;

/** Who wrote a line last, and how it read then. */
interface Written {
  readonly owner: Owner;
  readonly text: string;
}

/** From this line of the text on. */
interface Mark {
  readonly from: number;
  readonly owner: Owner;
  readonly exact: boolean;
  /** Numbers that the lines after `from` have in the file of the owner. Absent: the owner has one place. */
  readonly lines?: readonly number[];
}

function ownerAt({ from, owner, lines }: Mark, line: number): Owner {
  return lines === undefined ? owner : { ...owner, line: lines[line - from - 1] ?? owner.line };
}

function ownerOf(mark: Mark | undefined, line: number): Owner | undefined {
  return mark && ownerAt(mark, line);
}

function expandRanges(text: string): number[] {
  return text.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/** What holds for a line. Also asked when all are read: a list's entry gets its number only then. */
function markAt(marks: readonly Mark[], line: number): Mark | undefined {
  let [low, high] = [0, marks.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((marks[middle]?.from ?? 0) <= line) low = middle + 1;
    else high = middle;
  }
  return marks[low - 1];
}

/**
 * Rendered text as a tree, with the owner of every line: a marker `! plumbline:from KIND/NAME FILE:LINE` owns the lines up to the next one;
 * `! plumbline:lines 1-4,6` after it tells the number of each of them in FILE.
 * Sections that several owners open belong to the first. It is a problem when a line changes or takes away what another owner wrote, or
 * adds to a named object that is another's alone.
 */
export function parseIntended(text: string, dialect: Dialect, options: Pick<ParseOptions, 'version' | 'device'> = {}): Intended {
  const marks: Mark[] = [];
  const byNode = new Map<Draft, Written>();
  const exactNodes = new Set<Draft>();
  const problems: PlumblineError[] = [];
  const implied = new Set<string>();
  const parsed = parse(text, dialect, {
    ...options,
    onProblem: (problem) => problems.push(problem),
    onImplied: (key) => implied.add(key),
    onComment(comment, from) {
      const [, title = '', file = '', line] = fromMarker.exec(comment) ?? [];
      if (line !== undefined)
        marks.push({ from, owner: { owner: title, file: file.replaceAll('%20', ' '), line: Number(line) }, exact: false });
      const mode = ownershipMarker.exec(comment);
      const last = marks.at(-1);
      if (mode && last) marks.push({ from, owner: last.owner, exact: mode[1] === 'Exact' });
      const [, ranges] = linesMarker.exec(comment) ?? [];
      if (ranges !== undefined && last) marks.push({ ...last, from, lines: expandRanges(ranges) });
    },
    onTwice(item, first, second) {
      const [one, two] = [first, second].map((line) => ownerOf(markAt(marks, line), line));
      if (one && two) problems.push(errors.ItemOwnedTwice({ item, first: titleOf(one), second: titleOf(two) }, placeOf(two)));
    },
    onNode(node, line) {
      const mark = markAt(marks, line);
      if (!mark) return;
      const owner = ownerAt(mark, line);
      const before = byNode.get(node);
      if (!before) byNode.set(node, { owner, text: node.text });
      else if (isAnother(before.owner, owner) && (!node.rule.inner || before.text !== node.text)) {
        problems.push(errors.ItemOwnedTwice({ item: node.text, first: titleOf(before.owner), second: titleOf(owner) }, placeOf(owner)));
      }
      if (mark.exact && node.rule.inner) exactNodes.add(node);
    },
    onRemoved(node, line) {
      const mark = markAt(marks, line);
      const owner = mark && ownerAt(mark, line);
      const before = owner && findAnother(node, owner, byNode);
      if (owner && before) {
        problems.push(errors.ItemTakenAway({ item: before.text, first: titleOf(before.owner), second: titleOf(owner) }, placeOf(owner)));
      }
    },
  });
  const tree: Tree = implied.size > 0 ? { ...parsed, implied } : parsed;
  const owners = new Map<string, Owner>();
  const exact = new Set<string>();
  const objects = new Map<string, Owner>();
  const { negations } = compileDialect(dialect);
  walk(tree.roots, dialect, (node, key, _place, object) => {
    const known = byNode.get(node as Draft);
    if (known) owners.set(key, known.owner);
    if (exactNodes.has(node as Draft)) exact.add(key);
    // Documents are put together: one may say of a subnet what another leaves open. Two values of one thing were told above.
    if (!known || object === undefined || node.rule.row.shared || dialect.structured) return;
    const first = objects.get(object);
    if (!first) objects.set(object, known.owner);
    else if (isAnother(first, known.owner)) {
      const item = positiveWords(node.text, negations).join(' ');
      const facts = { item, object, first: titleOf(first), second: titleOf(known.owner) };
      problems.push(errors.ObjectOfAnother(facts, placeOf(known.owner)));
    }
  });
  for (const problem of checkSecretPlaces(tree, dialect, owners)) problems.push(problem);
  return { tree, owners, exact, problems };
}

function isAnother(a: Owner, b: Owner): boolean {
  return a.owner !== b.owner;
}

/** The line itself or the first one inside it that somebody else wrote. */
function findAnother(node: Draft, owner: Owner, byNode: ReadonlyMap<Draft, Written>): Written | undefined {
  const known = byNode.get(node);
  if (known && isAnother(known.owner, owner)) return known;
  for (const child of node.children) {
    const found = findAnother(child, owner, byNode);
    if (found) return found;
  }
  return undefined;
}

function titleOf({ owner, file, line }: Owner): string {
  return `${owner} (${file}:${line})`;
}

function placeOf({ file, line }: Owner): { at: Position } {
  return { at: { file, line, col: 1 } };
}
