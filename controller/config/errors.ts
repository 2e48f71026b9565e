import { defineErrors } from '../lib/index.ts';

export const errors = defineErrors({
  /** A secret token stands where the platform's configuration has no secret. */
  SecretOutOfPlace: {
    message: (f: { line: string }) => `a secret stands where the platform keeps none: "${f.line}"`,
    next: 'Use the reference only where a password or key belongs; anything else would show the value on the device.',
  },
  /** A secret place holds a value in clear text. */
  SecretInClear: {
    message: (f: { line: string }) => `a secret is written in clear text: "${f.line}"`,
    next: 'Put the value into a secret source and write a reference to it.',
  },
  /** Two owners wrote the same item. */
  ItemOwnedTwice: {
    message: (f: { item: string; first: string; second: string }) => `"${f.item}" is written by ${f.first} and again by ${f.second}`,
    next: 'Keep the line in one of the two places.',
  },
});
