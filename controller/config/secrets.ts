import type { PlumblineError } from '../lib/index.ts';
import { secretToken } from '../lib/index.ts';
import type { Dialect, Structured } from './dialect.ts';
import { errors } from './errors.ts';
import type { Owner } from './intended.ts';
import { walk } from './names.ts';
import { parse } from './parse.ts';
import { compileDialect, type Rule } from './rules.ts';
import { guessSecrets, markedSecret } from './secret-words.ts';
import type { Tree } from './types.ts';

/** A secret found in configuration text. The value never leaves the caller's hands but through this. */
export interface FoundSecret {
  readonly value: string;
  readonly token: string;
  /** 1-based line in the text. */
  readonly line: number;
}

/**
 * Replaces every value where the dialect marks a secret by the token the caller makes for it. Lines keep their place and everything else
 * in them; tokens that stand there already are left.
 */
export function redact(text: string, dialect: Dialect, tokenOf: (value: string) => string): { text: string; values: FoundSecret[] } {
  if (dialect.structured?.isDocument(text)) return redactDocument(text, dialect.structured, tokenOf);
  const lines = text.split('\n');
  const values: FoundSecret[] = [];
  parse(text, lineByLine(dialect), {
    onSecret(value, line, after) {
      const raw = lines[line - 1];
      if (raw === undefined || isToken(value)) return;
      // The value may stand in the line more than once: as part of an address behind it, for example.
      const all = [...raw.matchAll(spaced(value))];
      const found = all.find((each) => countWords(raw.slice(each.index + each[0].length)) === after) ?? all.at(-1);
      if (!found) return;
      const token = tokenOf(value);
      values.push({ value, token, line });
      lines[line - 1] = raw.slice(0, found.index) + token + raw.slice(found.index + found[0].length);
    },
  });
  return { text: lines.join('\n'), values };
}

function redactDocument(
  text: string,
  { secrets }: Structured,
  tokenOf: (value: string) => string,
): { text: string; values: FoundSecret[] } {
  const values: FoundSecret[] = [];
  let masked = '';
  let done = 0;
  for (const { start, end, value, line } of secrets(text)) {
    if (isToken(value)) continue;
    const token = tokenOf(value);
    values.push({ value, token, line });
    masked += `${text.slice(done, start)}"${token}"`;
    done = end;
  }
  return { text: masked + text.slice(done), values };
}

const plain = new WeakMap<Dialect, Dialect>();

/** The dialect without its whole-tree work, which moves lines. One per dialect, so that it is compiled once. */
function lineByLine(dialect: Dialect): Dialect {
  let bare = plain.get(dialect);
  if (!bare) plain.set(dialect, (bare = { ...dialect, finish: [] }));
  return bare;
}

/** A token outside a marked place, a clear-text value in one. */
export function checkSecretPlaces(tree: Tree, dialect: Dialect, owners: ReadonlyMap<string, Owner> = new Map()): PlumblineError[] {
  const problems: PlumblineError[] = [];
  walk(tree.roots, dialect, (node, key) => {
    const places = secretsIn(node.rule, node.text, dialect);
    const tokens = (node.text.includes('<secret:') && node.text.match(secretToken)) || [];
    const owner = owners.get(key);
    const at = owner && { at: { file: owner.file, line: owner.line, col: 1 } };
    const clear = places.filter((value) => !isToken(value));
    if (clear.length > 0) {
      problems.push(errors.SecretInClear({ line: clear.reduce((line, value) => line.replace(value, '…'), node.text) }, at));
    } else if (tokens.length > places.length) problems.push(errors.SecretOutOfPlace({ line: node.text }, at));
  });
  return problems;
}

/** The value with whatever white space stands between its words. */
function spaced(value: string): RegExp {
  return new RegExp(
    value
      .split(' ')
      .map((word) => RegExp.escape(word))
      .join('\\s+'),
    'g',
  );
}

function countWords(text: string): number {
  return text.split(/\s+/).filter((word) => word !== '').length;
}

function secretsIn(rule: Rule, text: string, dialect: Dialect): string[] {
  const { negations, unknownLeaf, unknownBlock, verbatim } = compileDialect(dialect);
  const isUnknown = rule === unknownLeaf || rule === unknownBlock || rule === verbatim;
  // Asked of every line: nearly all are of a row that holds no secret.
  if (!isUnknown && rule.row.secret === undefined) return [];
  const words = text.split(' ');
  if (negations.has(words[0] ?? '')) return [];
  return (isUnknown ? guessSecrets(words) : markedSecret(rule, words)).map(({ value }) => value);
}

function isToken(value: string): boolean {
  return value.replace(secretToken, '') === '';
}
