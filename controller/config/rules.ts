import type { Dialect, Row } from './dialect.ts';
import { parsePattern, type PatternWord, Trie } from './pattern.ts';
import { compileTemplate, keyTemplate, type Template } from './template.ts';

/** A row compiled for one of its patterns. */
export interface Rule {
  readonly row: Row;
  readonly pattern: readonly PatternWord[];
  /** Section for the lines inside; undefined for a leaf. */
  readonly inner: Section | undefined;
  readonly key: Template;
  /** The key is as many words of the line, from the first on; undefined where it is made of others. */
  readonly keyWords: number | undefined;
  /** The command that removes the line; undefined when nothing does. Takes the positive words. */
  readonly remove: ((words: readonly string[]) => string) | undefined;
  readonly undoes: Template | undefined;
  readonly object: Template | undefined;
  readonly joins: Template | undefined;
  readonly slot: Template | undefined;
  readonly defines: readonly Template[];
  readonly uses: readonly Template[];
  readonly into: readonly Template[] | undefined;
}

export interface Section {
  readonly name: string;
  readonly lines: Trie<Rule>;
  /** What takes a line away, where that is not the line behind a negating word. */
  readonly removals: Trie<{ readonly rule: Rule; readonly key: Template }>;
  /** No rows at all: every line is a member of a set, and may open a block. */
  readonly open: boolean;
}

export interface CompiledDialect {
  readonly dialect: Dialect;
  readonly root: Section;
  readonly unknownLeaf: Rule;
  readonly unknownBlock: Rule & { readonly inner: Section };
  /** A line of a block whose lines are taken as they stand. */
  readonly verbatim: Rule & { readonly inner: Section };
  readonly negations: ReadonlySet<string>;
  readonly negation: string;
  readonly exits: ReadonlySet<string>;
  /** Version of the software: its defaults differ. */
  readonly version: string;
}

const compiled = new WeakMap<Dialect, CompiledDialect>();

/** The rows as tries, once per dialect. Default: the newest version that it was tried on. */
export function compileDialect(dialect: Dialect, version?: string): CompiledDialect {
  const known = compiled.get(dialect) ?? compileRows(dialect);
  return !version || version === known.version ? known : { ...known, version };
}

function compileRows(dialect: Dialect): CompiledDialect {
  const negation = dialect.negation[0] ?? 'no';
  const sections = new Map<string, Section>();
  const sectionOf = (name: string): Section => {
    const made = sections.get(name);
    if (made) return made;
    const rows = [...(dialect.sections[name] ?? []), ...(dialect.everywhere ?? [])];
    const fresh: Section = { name, lines: new Trie(), removals: new Trie(), open: rows.length === 0 };
    sections.set(name, fresh);
    for (const row of rows) addRow(fresh, row, compile);
    return fresh;
  };
  const compile = (row: Row, match: string): Rule => compileRow(row, match, dialect.removal, negation, sectionOf);
  const result: CompiledDialect = {
    dialect,
    root: sectionOf('root'),
    unknownLeaf: compile({ match: '{all*}' }, '{all*}'),
    unknownBlock: { ...compile({ match: '{all*}', opens: '' }, '{all*}'), inner: sectionOf('') },
    verbatim: { ...compile({ match: '{all*}', opens: '', verbatim: true }, '{all*}'), inner: sectionOf('') },
    negations: new Set(dialect.negation),
    negation,
    exits: new Set(dialect.exits),
    version: dialect.versions.at(-1) ?? '',
  };
  compiled.set(dialect, result);
  return result;
}

function compileRow(row: Row, match: string, removal: Dialect['removal'], negation: string, sectionOf: (name: string) => Section): Rule {
  const pattern = parsePattern(match);
  const template = (text: string): Template => compileTemplate(text, pattern);
  const key = row.key ?? keyTemplate(pattern);
  const remove = row.remove === undefined ? `${negation} ${removal === 'line' ? '{line}' : key}` : row.remove;
  return {
    row,
    pattern,
    inner: row.opens === undefined ? undefined : sectionOf(row.opens),
    key: template(key),
    keyWords: row.key === undefined && row.same === undefined ? countKeyWords(pattern) : undefined,
    remove: remove === null ? undefined : typeof remove === 'function' ? (words) => remove(words) ?? '' : template(remove),
    undoes: row.undoes === undefined ? undefined : template(row.undoes),
    object: row.object === undefined ? undefined : template(row.object),
    joins: row.joins === undefined ? undefined : template(row.joins),
    slot: row.slot === undefined ? undefined : template(row.slot),
    defines: listOf(row.defines).map(template),
    uses: listOf(row.uses).map(template),
    into: row.into?.map(template),
  };
}

/** How many words stand ahead of the values, when nothing stands behind them. */
function countKeyWords(pattern: readonly PatternWord[]): number | undefined {
  const isValue = ({ kind }: PatternWord): boolean => kind === 'value' || kind === 'values';
  if (pattern.at(-1)?.kind === 'names') return pattern.some(isValue) ? undefined : Number.POSITIVE_INFINITY;
  const first = pattern.findIndex(isValue);
  if (first < 0) return pattern.length;
  return pattern.slice(first).every(isValue) ? first : undefined;
}

function addRow(section: Section, row: Row, compile: (row: Row, match: string) => Rule): void {
  for (const match of listOf(row.match)) {
    const rule = compile(row, match);
    section.lines.add(rule.pattern, rule);
    if (typeof row.remove !== 'string' || row.remove.includes('{line}')) continue;
    const pattern = parsePattern(row.remove);
    section.removals.add(pattern, { rule, key: compileTemplate(row.key ?? keyTemplate(rule.pattern), pattern) });
  }
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}

/** A line, known: its rule, its key without the negating word. */
export interface Match {
  readonly rule: Rule;
  readonly key: string;
  readonly negated: boolean;
}

/** Knows the line, or undefined when no row of the section does. With the text at hand, most keys are a piece of it. */
export function matchLine(section: Section, words: readonly string[], negations: ReadonlySet<string>, text?: string): Match | undefined {
  const negated = words.length > 1 && negations.has(words[0] ?? '');
  const positive = negated ? words.slice(1) : words;
  const rule = section.lines.match(positive);
  if (rule) {
    const { keyWords } = rule;
    if (text !== undefined && keyWords !== undefined) return { rule, key: headOf(text, words, negated ? 1 : 0, keyWords), negated };
    return { rule, key: rule.key(rule.row.same ? rule.row.same(positive) : positive), negated };
  }
  const removal = negated ? section.removals.match(words) : undefined;
  return removal && { rule: removal.rule, key: removal.key(words), negated };
}

/** So many words of the text. */
function headOf(text: string, words: readonly string[], from: number, count: number): string {
  const start = from === 0 ? 0 : (words[0] ?? '').length + 1;
  if (from + count >= words.length) return start === 0 ? text : text.slice(start);
  let end = start - 1;
  for (let i = from; i < from + count; i++) end += (words[i] ?? '').length + 1;
  return text.slice(start, end);
}

/** The words of a line, of the first one where it runs over several. */
export function wordsOf(text: string): readonly string[] {
  const end = text.indexOf('\n');
  return (end < 0 ? text : text.slice(0, end)).split(' ');
}

/** The words of a line behind a negating word, if it has one. */
export function positiveWords(text: string, negations: ReadonlySet<string>): readonly string[] {
  const words = wordsOf(text);
  return words.length > 1 && negations.has(words[0] ?? '') ? words.slice(1) : words;
}

/** True when the line begins with a negating word. */
export function isNegated(text: string, negations: ReadonlySet<string>): boolean {
  const space = text.indexOf(' ');
  return space > 0 && negations.has(text.slice(0, space));
}
