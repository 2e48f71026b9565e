import type { Rule } from './rules.ts';

/** A secret in a line, and how many words follow it. */
export interface SecretWords {
  readonly value: string;
  readonly after: number;
}

/** The words of a line that its row marks as a secret. */
export function markedSecret({ row, pattern }: Rule, words: readonly string[]): SecretWords[] {
  const at = row.secret === undefined ? -1 : pattern.findIndex((word) => word.kind !== 'literal' && word.name === row.secret);
  const word = pattern[at];
  if (!word) return [];
  const isRest = word.kind === 'values' || word.kind === 'names';
  const value = isRest ? words.slice(at).join(' ') : (words[at] ?? '');
  return value === '' ? [] : [{ value, after: isRest ? 0 : words.length - at - 1 }];
}

const beforeSecret = /^(?:password|passphrase|secret|md5|key-string|authentication-key|auth-key|tcp-md5-auth|authentication)$/i;
/** What stands behind such a word and is no secret: how it is written, what is meant, for whom. */
const noSecret =
  /^(?:\d|clear|plain|encrypted|cipher|simple|md5|null|key|key-id|keychain|key-chain|mode|message-digest.*|no|string|text)$/i;
const isAddress = /^(?:\d+(?:\.\d+){3}|[\da-f]*:[\da-f:.]*)(?:\/\d+)?$/i;

/** Words that look like secrets in a line that no row knows: rather one too many hidden than one shown. */
export function guessSecrets(words: readonly string[]): SecretWords[] {
  const from = words.findIndex((word) => beforeSecret.test(word)) + 1;
  if (from === 0) return [];
  return words.flatMap((value, at) => {
    // The last word is the secret if nothing else is, whatever it looks like.
    const isOnly = at === from && at === words.length - 1 && !/[a-z]/i.test(value);
    if (at < from || beforeSecret.test(value) || (!isOnly && (noSecret.test(value) || isAddress.test(value)))) return [];
    return [{ value, after: words.length - at - 1 }];
  });
}
