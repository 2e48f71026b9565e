import type { PlumblineError } from '../lib/index.ts';
import { secretToken } from '../lib/index.ts';
import type { Dialect } from './dialect.ts';
import { errors } from './errors.ts';
import type { Owner } from './intended.ts';
import { walk } from './names.ts';
import { parse } from './parse.ts';
import { compileDialect, type Rule, secretOf } from './rules.ts';
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
  const lines = text.split('\n');
  const values: FoundSecret[] = [];
  parse(text, lineByLine(dialect), {
    onSecret(value, line) {
      const raw = lines[line - 1];
      if (raw === undefined || isToken(value)) return;
      const found = [...raw.matchAll(spaced(value))].at(-1);
      if (!found) return;
      const token = tokenOf(value);
      values.push({ value, token, line });
      lines[line - 1] = raw.slice(0, found.index) + token + raw.slice(found.index + found[0].length);
    },
  });
  return { text: lines.join('\n'), values };
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
    const place = secretIn(node.rule, node.text, dialect);
    const tokens = node.text.match(secretToken) ?? [];
    const owner = owners.get(key);
    const at = owner && { at: { file: owner.file, line: owner.line, col: 1 } };
    if (place && !isToken(place.value)) {
      problems.push(errors.SecretInClear({ line: node.text.replace(place.value, '…') }, at));
    } else if (tokens.length > (place ? 1 : 0)) problems.push(errors.SecretOutOfPlace({ line: node.text }, at));
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

function secretIn(rule: Rule, text: string, dialect: Dialect): { value: string } | undefined {
  const { negations } = compileDialect(dialect);
  const words = text.split(' ');
  if (rule.row.secret === undefined || negations.has(words[0] ?? '')) return undefined;
  const value = secretOf(rule, words);
  return value === '' ? undefined : { value };
}

function isToken(value: string): boolean {
  return value.replace(secretToken, '') === '';
}
