import { defineErrors } from '../lib/index.ts';

export const errors = defineErrors({
  /** Structured configuration that cannot be read. */
  ConfigSyntax: {
    message: (f: { what: string; instead: string }) => f.what,
    next: (f: { what: string; instead: string }) => f.instead,
  },
  /** Text or a reply that holds no configuration of the platform: never the same as an empty one. */
  NoConfiguration: {
    message: (f: { what: string }) => f.what,
    next: 'Give the file that the server starts from, or what its config-get answers.',
  },
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
  /** A secret that a plan names has no value when the plan is carried out. */
  SecretUnknown: {
    message: (f: { token: string }) => `no value is known for ${f.token}`,
    next: 'Give the secret a value in its source, then plan again.',
  },
  /** Two owners wrote the same item. */
  ItemOwnedTwice: {
    message: (f: { item: string; first: string; second: string }) => `"${f.item}" is written by ${f.first} and again by ${f.second}`,
    next: 'Keep the line in one of the two places.',
  },
  /** A line of one owner takes away what another one wrote. */
  ItemTakenAway: {
    message: (f: { item: string; first: string; second: string }) => `"${f.item}" of ${f.first} is taken away by ${f.second}`,
    next: 'Change it where it is written; a section cannot take back what an object of Git says.',
  },
  /** A line of one owner stands inside a list, route-map or profile that another one wrote. */
  ObjectOfAnother: {
    message: (f: { item: string; object: string; first: string; second: string }) =>
      `"${f.item}" of ${f.second} adds to ${f.object}, which ${f.first} writes`,
    next: 'Write it where the rest of the object is written, or under a name of its own.',
  },
});
