import type { PlumblineError } from '../lib/index.ts';
import { secretToken } from '../lib/index.ts';
import type { Dialect } from './dialect.ts';
import { errors } from './errors.ts';
import type { Owner } from './intended.ts';
import { walk } from './names.ts';
import { parse } from './parse.ts';
import { compileDialect, type Rule } from './rules.ts';
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
  parse(
    text,
    { ...dialect, finish: [] },
    {
      onNode(node) {
        const place = secretIn(node.rule, node.text, dialect);
        const raw = lines[node.line - 1];
        if (!place || raw === undefined || isToken(place.value)) return;
        const at = raw.lastIndexOf(place.value);
        if (at < 0) return;
        const token = tokenOf(place.value);
        values.push({ value: place.value, token, line: node.line });
        lines[node.line - 1] = raw.slice(0, at) + token + raw.slice(at + place.value.length);
      },
    },
  );
  return { text: lines.join('\n'), values };
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

function secretIn(rule: Rule, text: string, dialect: Dialect): { value: string } | undefined {
  const { secret } = rule.row;
  if (secret === undefined) return undefined;
  const { negations } = compileDialect(dialect);
  const words = text.split(' ');
  if (negations.has(words[0] ?? '')) return undefined;
  const at = rule.pattern.findIndex((word) => word.kind !== 'literal' && word.name === secret);
  const word = rule.pattern[at];
  if (!word) return undefined;
  const value = word.kind === 'values' || word.kind === 'names' ? words.slice(at).join(' ') : (words[at] ?? '');
  return value === '' ? undefined : { value };
}

function isToken(value: string): boolean {
  return value.replace(secretToken, '') === '';
}
