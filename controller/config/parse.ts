import type { PlumblineError } from '../lib/index.ts';
import { aroundText, dropImplied } from './around.ts';
import { createBuilder, type Builder } from './builder.ts';
import type { Dialect, Document, Draft, Put } from './dialect.ts';
import { findLike, likeBlock, type Likeness } from './likeness.ts';
import { type Line, type RawText, readLines, takeOpaque } from './lines.ts';
import { readFlat } from './parse-flat.ts';
import { type CompiledDialect, compileDialect, type Match, matchLine } from './rules.ts';
import { keySeparator, type Node, type Tree } from './types.ts';

export interface ParseOptions {
  /** Software version of the device the text is of, or for. Default: the newest the dialect was tried on. */
  readonly version?: string;
  /** Configuration of the device that the text is for: what goes without saying there does here, unless the text says otherwise. */
  readonly device?: string;
  /** A tree that the text is mostly like, of the same dialect and version: what stands in both is read once. Changes nothing but the time. */
  readonly like?: Tree;
  /** Called with every comment line, before the lines that follow it. */
  readonly onComment?: (text: string, line: number) => void;
  /** Called with every node that a line made or changed, and the line. */
  readonly onNode?: (node: Draft, line: number) => void;
  /** Called with every node that a negated line takes away, the lines inside still in it. */
  readonly onRemoved?: (node: Draft, line: number) => void;
  /** Called with the item key of every line that says what goes without saying, when nothing of the text says otherwise. */
  readonly onImplied?: (key: string) => void;
  /** Name of the text in problems. */
  readonly file?: string;
  /** Called with every mistake in a structured text, which is then read as far as it goes. Absent: the first one is thrown. */
  readonly onProblem?: (problem: PlumblineError) => void;
  /** Called with every value that a structured text says in two places, and their lines. */
  readonly onTwice?: (item: string, first: number, second: number) => void;
  /** Called with every secret value, the line it stands in, and how many words follow it there. */
  readonly onSecret?: (value: string, line: number, after: number) => void;
}

/**
 * Text as a tree in canonical form: normalised as the device would print it; secret tokens and values stay as they are.
 * Lines never throw: one that no row knows is kept as it stands. Text of a structured platform that cannot be read, or holds no configuration, does.
 */
export function parse(text: string, dialect: Dialect, options: ParseOptions = {}): Tree {
  const document = openDocument(text, dialect, options);
  return document ? readDocument(document, dialect, options) : readText(text, dialect, options);
}

/** A document that was read already, as a server's reply is, as a tree. */
export function parseDocument(value: unknown, dialect: Dialect, options: ParseOptions = {}): Tree {
  if (!dialect.structured) throw new Error(`${dialect.platform} has no documents`);
  return readDocument(dialect.structured.wrap(value), dialect, options);
}

function openDocument(text: string, { structured }: Dialect, options: ParseOptions): Document | undefined {
  if (!structured?.isDocument(text)) return undefined;
  const { file, onComment, onNode, onProblem } = options;
  return structured.open(text, {
    ...(file !== undefined && { file }),
    ...(onComment && { onComment }),
    placed: onNode !== undefined,
    strict: onProblem !== undefined,
  });
}

function readDocument(document: Document, dialect: Dialect, options: ParseOptions): Tree {
  const version = options.version ?? document.version ?? dialect.versions.at(-1) ?? '';
  const builder = builderFor(dialect, version, options);
  const tell = (problems: readonly PlumblineError[]): void => {
    if (options.onProblem) problems.forEach(options.onProblem);
    else if (problems[0]) throw problems[0];
  };
  tell(document.problems);
  const found = document.write(builder, { version, like: options.like?.roots, onTwice: options.onTwice });
  // What a mistake hides is not missing.
  if (document.problems.length === 0) tell(found);
  dropEmpty(builder.root);
  return { platform: dialect.platform, version, dialect, roots: builder.root.children };
}

function builderFor(dialect: Dialect, version: string, options: ParseOptions): Builder {
  const builder = createBuilder(compileDialect(dialect), version);
  builder.onPut = options.onNode;
  builder.onRemoved = options.onRemoved;
  builder.onSecret = options.onSecret;
  return builder;
}

function readText(text: string, dialect: Dialect, options: ParseOptions): Tree {
  const version = options.version ?? dialect.versions.at(-1) ?? '';
  const compiled = compileDialect(dialect, version);
  const builder = builderFor(dialect, version, options);
  const { like, onComment, onNode, onRemoved, onSecret, onImplied } = options;
  const isLike = like?.dialect === dialect && like.version === version && !onNode && !onRemoved && !onSecret;
  const implied = onImplied && new Map<Draft, Set<string>>();
  const note = implied && ((block: Draft, key: string) => void implied.set(block, (implied.get(block) ?? new Set()).add(key)));
  builder.onImplied = note;
  readers[dialect.syntax](dialect.prepare ? dialect.prepare(text) : text, compiled, builder, onComment, isLike ? like.roots : undefined);
  const place: Put = (block, line, number, path) => builder.put(block, line.split(' '), number, path);
  for (const pass of dialect.finish ?? []) pass(builder.root, { version, place });
  const profile = options.device === undefined ? undefined : dialect.profile?.exec(options.device)?.[0];
  dropImplied(builder.root, compiled, profile === undefined ? undefined : aroundText(profile), note);
  if (implied) tellImplied(builder.root, '', implied, onImplied);
  dropEmpty(builder.root);
  return { platform: dialect.platform, version, dialect, roots: builder.root.children };
}

/** What a later line said otherwise stands in its block. */
function tellImplied(block: Draft, at: string, implied: ReadonlyMap<Draft, ReadonlySet<string>>, tell: (key: string) => void): void {
  const keyOf = (key: string): string => (at === '' ? key : `${at}${keySeparator}${key}`);
  const said = implied.get(block);
  if (said) {
    const there = new Set(block.children.map(({ key }) => key));
    for (const key of said) if (!there.has(key)) tell(keyOf(key));
  }
  for (const child of block.children) if (child.rule.inner) tellImplied(child, keyOf(child.key), implied, tell);
}

/** Blocks that are nothing without lines are not there. */
function dropEmpty(block: Draft): void {
  let hasNothing = false;
  for (const child of block.children) {
    if (!child.rule.inner) continue;
    if (child.children.length > 0) dropEmpty(child);
    hasNothing ||= isNothing(child);
  }
  if (hasNothing) block.children = block.children.filter((child) => !isNothing(child));
}

function isNothing(node: Draft): boolean {
  return node.children.length === 0 && node.rule.row.emptyIsAbsent === true;
}

type Reader = (
  text: string,
  compiled: CompiledDialect,
  builder: Builder,
  onComment: ParseOptions['onComment'],
  like?: readonly Node[],
) => void;

const readers: Record<Dialect['syntax'], Reader> = { rows: readByRows, indent: readByIndent, braces: readFlat, set: readFlat };

interface Open {
  readonly block: Draft;
  /** Of the line that opened the block. */
  readonly indent: number;
  readonly path: readonly string[];
  /** Lines inside are indented: one that is not, and that nobody knows, stands outside. */
  deep?: boolean;
  /** The same block of the tree that the text is like. */
  readonly like: Likeness | undefined;
}

function readByRows(
  text: string,
  compiled: CompiledDialect,
  builder: Builder,
  onComment: ParseOptions['onComment'],
  like?: readonly Node[],
): void {
  const stack: Open[] = [{ block: builder.root, indent: -1, path: [], like: like && likeBlock(like) }];
  const marks = new Set(compiled.dialect.comments.map((comment) => comment.charCodeAt(0)));
  // The line before, when no row knows it.
  let strange: { node: Draft; indent: number } | undefined;
  const skim = (written: string, start: number, end: number, number: number): boolean => {
    const top = stack.at(-1) as Open;
    if (!top.like) return false;
    let from = start;
    while (written.charCodeAt(from) === 32) from++;
    if (from === end || marks.has(written.charCodeAt(from))) return false;
    const node = findLike(top.like, written.slice(from, end));
    if (!node) return false;
    if (node.rule.inner) {
      // The block is entered where its line is read, and found again.
      top.like.at--;
      return false;
    }
    if (node.rule === compiled.unknownLeaf || node.rule.row.numbers || top.block.rule.row.verbatim) return false;
    builder.copy(top.block, node, number);
    if (from - start > top.indent) top.deep = true;
    strange = undefined;
    return true;
  };
  readLines(text, compiled.dialect, {
    ...(onComment && { comment: onComment }),
    ...(like && { skim }),
    line(line) {
      const [first = ''] = line.words;
      if (compiled.exits.has(first) && line.words.length === 1) {
        if (first === 'end') stack.length = 1;
        else if (stack.length > 1) stack.pop();
        strange = undefined;
        return;
      }
      // Of a newer version: a block that no row knows, with lines that no row knows.
      if (strange && line.indent > strange.indent && stack.length < maxDepth && !isKnown(stack, line, builder, compiled)) {
        const above = stack.at(-1) as Open;
        strange.node.rule = compiled.unknownBlock;
        const same = above.like && findLike(above.like, strange.node.text);
        stack.push({
          block: strange.node,
          indent: strange.indent,
          path: [...above.path, strange.node.text],
          like: same && likeBlock(same.children),
        });
      }
      const { words, known, level } = findLevel(stack, line, builder, compiled);
      stack.length = level + 1;
      const top = stack.at(-1);
      if (!top) return;
      if (line.indent > top.indent) top.deep = true;
      const node = builder.put(top.block, words, line.number, top.path, known, words === line.words ? line.text : undefined);
      if (node?.rule.inner) {
        const same = top.like && findLike(top.like, node.text);
        stack.push({ block: node, indent: line.indent, path: [...top.path, node.text], like: same && likeBlock(same.children) });
      } else if (!node && known?.rule.inner && !known.negated)
        stack.push({ block: scrap(known), indent: line.indent, path: top.path, like: undefined });
      strange = node && !known ? { node, indent: line.indent } : undefined;
    },
  });
}

/** Whether any section around knows the line, written out or shortened. */
function isKnown(stack: readonly Open[], line: Line, builder: Builder, compiled: CompiledDialect): boolean {
  return findLevel(stack, line, builder, compiled).known !== undefined;
}

/** Where lines go whose section vanished. */
function scrap(match: Match): Draft {
  return { text: '', key: '', children: [], line: 0, rule: match.rule };
}

interface Found {
  readonly words: readonly string[];
  readonly known: Match | undefined;
  readonly level: number;
}

/**
 * The innermost section that knows the line, as vtysh looks for it; a line that none knows goes where its indentation says. Abbreviated
 * words are written out when that makes a section know the line.
 */
function findLevel(stack: readonly Open[], line: Line, builder: Builder, { negations, dialect }: CompiledDialect): Found {
  const { words, indent } = line;
  for (let level = stack.length - 1; level >= 0; level--) {
    const open = stack[level] as Open;
    const section = builder.sectionOf(open.block);
    const known = matchLine(section, words, negations, line.text);
    if (known || (section.open && indent > open.indent)) return { words, known, level };
  }
  if (dialect.abbreviates) {
    const negated = words.length > 1 && negations.has(words[0] ?? '');
    for (let level = stack.length - 1; level >= 0; level--) {
      const section = builder.sectionOf((stack[level] as Open).block);
      const whole = section.lines.expand(negated ? words.slice(1) : words);
      if (!whole) continue;
      const better = negated ? [words[0] ?? '', ...whole] : whole;
      return { words: better, known: matchLine(section, better, negations), level };
    }
  }
  let level = stack.length - 1;
  while (level > 0 && stack[level]?.deep && indent <= (stack[level] as Open).indent) level--;
  return { words, known: undefined, level };
}

/** No platform nests as deep; what does is hostile, and stands side by side from here on. */
const maxDepth = 200;

function readByIndent(text: string, compiled: CompiledDialect, builder: Builder, onComment: ParseOptions['onComment']): void {
  const stack: Open[] = [{ block: builder.root, indent: -1, path: [], like: undefined }];
  let last: { node: Draft; indent: number } | undefined;
  const readLine = (line: Line, raw: RawText): void => {
    if (compiled.exits.has(line.words[0] ?? '') && line.words.length === 1) return;
    // A line that is indented deeper than the one before is inside it, whether a row says that it opens a block or not.
    const above = stack.at(-1) as Open;
    if (last && line.indent > last.indent && last.node !== above.block && stack.length < maxDepth) {
      if (!last.node.rule.inner) last.node.rule = compiled.unknownBlock;
      stack.push({ block: last.node, indent: last.indent, path: [...above.path, last.node.text], like: undefined });
    }
    while (stack.length > 1 && line.indent <= (stack.at(-1) as Open).indent) stack.pop();
    const top = stack.at(-1) as Open;
    const known = matchLine(builder.sectionOf(top.block), line.words, compiled.negations, line.text);
    const node = builder.put(top.block, line.words, line.number, top.path, known);
    last = node ? { node, indent: line.indent } : undefined;
    if (node?.rule.row.shape === 'opaque') {
      const whole = takeOpaque(line.words, raw);
      if (whole !== null) node.text = whole;
    }
    if (node?.rule.inner && stack.length < maxDepth)
      stack.push({ block: node, indent: line.indent, path: [...top.path, node.text], like: undefined });
  };
  const comment = (said: string, number: number, indent: number): void => {
    onComment?.(said, number);
    if (said !== compiled.dialect.separator) return;
    last = undefined;
    while (stack.length > 1 && indent <= (stack.at(-1) as Open).indent) stack.pop();
  };
  readLines(text, compiled.dialect, { line: readLine, comment });
}
