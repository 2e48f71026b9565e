import { type PlumblineError, sha256 } from '../lib/index.ts';
import { errors } from './errors.ts';
import { parseTemplate } from './nunjucks-internals.ts';
import { StrictCompiler } from './strict-compiler.ts';
import { digestTemplates, type TemplateFile } from './template-files.ts';
import { checkTemplate } from './template-rules.ts';

/** Templates as JavaScript source, not yet run anywhere. */
export interface CompiledTemplates {
  readonly byName: ReadonlyMap<string, CompiledTemplate>;
  /** Files of those with a mistake, by name. */
  readonly broken: ReadonlyMap<string, string>;
  /** Digest of the template texts. */
  readonly digest: string;
}

export interface CompiledTemplate {
  readonly name: string;
  readonly file: string;
  readonly source: string;
  /** SHA-256 of the source: the key under which a child keeps it. */
  readonly digest: string;
  /** Templates that it names in include, import and extends. */
  readonly uses: readonly string[];
}

/** Templates and what compiling them came to. */
export interface TemplateSet {
  readonly files: readonly TemplateFile[];
  readonly compiled: CompiledTemplates;
  readonly problems: readonly PlumblineError[];
}

/** A template longer than this is an error, and all that are together: parsing happens in our own process. */
const maxTemplateLength = 256 * 1024;
const maxTotalLength = 4 * 1024 * 1024;
/** Circles that are told; a hostile set may have any number. */
const maxCircles = 20;

/**
 * Parses every template and generates its code. Nothing of a template runs here. A template with a mistake is left out and its mistakes
 * listed, so that devices which do not need it can still be rendered. The same files as `last` are that one: few commits touch a template.
 */
export function compileTemplates(templates: readonly TemplateFile[], last?: TemplateSet): TemplateSet {
  if (last && areSameFiles(last.files, templates)) return last;
  const known = new Set(templates.map(({ name }) => name));
  const problems: PlumblineError[] = [];
  const byName = new Map<string, CompiledTemplate>();
  const broken = new Map<string, string>();
  const taken = new Map<string, TemplateFile>();
  let length = 0;
  for (const template of templates) {
    const before = length;
    length += template.text.length;
    if (length > maxTotalLength) {
      if (before <= maxTotalLength) problems.push(tooManyTogether(template));
      broken.set(template.name, template.file);
      continue;
    }
    const first = taken.get(template.name);
    if (first !== undefined) {
      problems.push(nameTaken(template, first));
      continue;
    }
    taken.set(template.name, template);
    const result = compileTemplate(template, known);
    if (Array.isArray(result)) {
      broken.set(template.name, template.file);
      for (const problem of result) problems.push(problem);
    } else byName.set(template.name, result);
  }
  const compiled = { byName, broken, digest: digestTemplates([...taken.values()]) };
  for (const { template, circle } of findCircles(compiled)) {
    const says = `includes itself: ${circle.join(', ')}`;
    problems.push(
      errors.TemplateSyntax(
        { template: template.name, says, instead: 'Use a macro that ends for what repeats.' },
        { at: { file: template.file, line: 1, col: 1 } },
      ),
    );
  }
  return { files: templates, compiled, problems };
}

/** Where a template lies counts too: its problems say so. */
function areSameFiles(some: readonly TemplateFile[], others: readonly TemplateFile[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ name, file, text }, i) => {
      const other = others[i];
      return other?.name === name && other.file === file && other.text === text;
    })
  );
}

function nameTaken({ name, file }: TemplateFile, first: TemplateFile): PlumblineError {
  const facts = {
    template: name,
    says: `${file} has the name of ${first.file}`,
    instead: 'Rename one of the two. What replaces a built-in template lies below templates/.',
  };
  return errors.TemplateSyntax(facts, { at: { file, line: 1, col: 1 } });
}

function tooManyTogether({ name, file }: TemplateFile): PlumblineError {
  const facts = {
    template: name,
    says: `all templates together are longer than ${maxTotalLength} characters`,
    instead: 'It is left out, with all that come after it. Keep data in objects, not in templates.',
  };
  return errors.TemplateSyntax(facts, { at: { file, line: 1, col: 1 } });
}

/** Templates that include themselves over others. Only what is left when every template that leads to no circle is taken away is walked. */
function findCircles(compiled: CompiledTemplates): { template: CompiledTemplate; circle: string[] }[] {
  const { byName } = compiled;
  const usedBy = new Map<string, string[]>();
  const open = new Map<string, number>();
  for (const { name, uses } of byName.values()) {
    open.set(name, uses.length);
    for (const used of uses) {
      const users = usedBy.get(used);
      if (users) users.push(name);
      else usedBy.set(used, [name]);
    }
  }
  const isDone = new Set([...byName.keys(), ...usedBy.keys()].filter((name) => (open.get(name) ?? 0) === 0));
  const done = [...isDone];
  for (let name = done.pop(); name !== undefined; name = done.pop()) {
    for (const user of usedBy.get(name) ?? []) {
      const left = (open.get(user) ?? 0) - 1;
      open.set(user, left);
      if (left > 0 || isDone.has(user)) continue;
      isDone.add(user);
      done.push(user);
    }
  }
  const circles: { template: CompiledTemplate; circle: string[] }[] = [];
  for (const template of byName.values()) {
    if (circles.length === maxCircles) break;
    const circle = isDone.has(template.name) ? undefined : findCircle(template, compiled);
    if (circle) circles.push({ template, circle });
  }
  return circles;
}

/** The shortest way from a template back to itself over include, import and extends. */
function findCircle(template: CompiledTemplate, { byName }: CompiledTemplates): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const pending = [template.name];
  for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
    for (const next of byName.get(name)?.uses ?? []) {
      if (next === template.name) return [...wayTo(name, cameFrom), next];
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, name);
      pending.push(next);
    }
  }
  return undefined;
}

function wayTo(end: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const way = [end];
  for (let before = cameFrom.get(end); before !== undefined; before = cameFrom.get(before)) way.unshift(before);
  return way;
}

/** One template as a child keeps it: the name it answers to there, and code. */
export interface NeededTemplate {
  key: string;
  name: string;
  source: string;
}

/**
 * The template and all that it includes, directly or not. `overrides` says which template stands in for which. Where one is missing or
 * broken, its name.
 */
export function closureOf(
  entry: string,
  templates: CompiledTemplates,
  overrides: ReadonlyMap<string, string> = new Map(),
): NeededTemplate[] | { missing: string } {
  const seen = new Map<string, NeededTemplate>();
  const pending = [entry];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (seen.has(name)) continue;
    const actual = overrides.get(name) ?? name;
    const template = templates.byName.get(actual);
    if (template === undefined) return { missing: actual };
    seen.set(name, { key: `${name} ${template.digest}`, name, source: template.source });
    for (const used of template.uses) pending.push(used);
  }
  return [...seen.values()];
}

function compileTemplate(template: TemplateFile, known: ReadonlySet<string>): CompiledTemplate | PlumblineError[] {
  const problem = (line: number, col: number, says: string, instead?: string): PlumblineError =>
    errors.TemplateSyntax(
      { template: template.name, says, ...(instead === undefined ? {} : { instead }) },
      { at: { file: template.file, line, col } },
    );

  if (!isPlainName(template.name))
    return [problem(1, 1, 'its path is not a plain relative path', 'Use letters, digits, _, - and . between slashes.')];
  if (template.text.length > maxTemplateLength)
    return [problem(1, 1, `longer than ${maxTemplateLength} characters`, 'Split it with include.')];
  try {
    const root = parseTemplate(template.text.replaceAll('\r\n', '\n'), template.name);
    const { problems, uses } = checkTemplate(root, known);
    if (problems.length > 0) return problems.map(({ line, col, says, instead }) => problem(line, col, says, instead));
    const compiler = new StrictCompiler(template.name);
    compiler.compile(root);
    const source = compiler.getCode();
    return { name: template.name, file: template.file, source, digest: sha256(source), uses };
  } catch (error) {
    return [problem(...placeOf(error, template.text), messageOf(error))];
  }
}

function isPlainName(name: string): boolean {
  return name.split('/').every((part) => /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(part));
}

/** nunjucks counts from 1 in the errors it throws, and says nothing where it ran out of text: that is the last line. */
function placeOf(error: unknown, text: string): [line: number, col: number] {
  const { lineno, colno } = (typeof error === 'object' && error !== null ? error : {}) as { lineno?: unknown; colno?: unknown };
  const lastLine = text.trimEnd().split('\n').length;
  return [Number(lineno) || lastLine, Number(colno) || 1];
}

function messageOf(error: unknown): string {
  if (error instanceof RangeError) return 'nested too deeply';
  const text = error instanceof Error ? error.message : 'cannot be parsed';
  // `(unknown path) [Line 1, Column 8]\n  parseAggregate: expected comma…`: the place stands in front already.
  const plain = text.replace(/^[^\n]*\[Line[^\]]*\]\s*/, '').replace(/^[a-zA-Z]+: /, '');
  return plain.trim().split('\n')[0] ?? 'cannot be parsed';
}
