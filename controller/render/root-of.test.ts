import fc from 'fast-check';
import { expect, test } from 'vitest';
import { testIntent } from '../../test/builders/intent.ts';
import type { SecretRef } from '../api/index.ts';
import { rootOf } from './renderer.ts';

/** What templates see, as it is defined: each place of a secret is the text of its reference. */
function asDefined(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(asDefined);
  const [only, ...others] = Object.keys(value);
  if (only === 'secret' && others.length === 0) {
    const { name, key } = (value as { secret: SecretRef }).secret;
    return `<secret:${name}/${key}>`;
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, asDefined(each)]));
}

const place = fc.record(
  {
    secret: fc.record({ name: fc.stringMatching(/^[a-z0-9.-]{1,9}$/), key: fc.stringMatching(/^[\w.-]{1,9}$/) }, { noNullPrototype: true }),
  },
  { noNullPrototype: true },
);
/** Texts that look like what is looked for. */
const text = fc.oneof(
  fc.string(),
  fc.constantFrom('{"secret":{"name":"a","key":"b"}}', '{', '{\\', '"secret":', 'secret', '}', '{"secret', '\\"'),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.integer(),
    fc.constant(null),
    place,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(text, fc.constantFrom('secret', 'name', 'password')), tie('tree'), { maxKeys: 3, noNullPrototype: true }).filter(
      // A place is a name and a key, and nothing else is written like one.
      (made) => !(Object.keys(made).length === 1 && 'secret' in made),
    ),
  ),
}));

test('templates see the reference of a secret in each of its places, and every other value as it is', () => {
  fc.assert(
    fc.property(tree, (value) => {
      const labels = { a: value } as never;
      const { sections: _sections, ...intent } = { ...testIntent(), labels };
      expect(JSON.parse(rootOf({ ...testIntent(), labels }))).toEqual(asDefined(JSON.parse(JSON.stringify(intent))));
    }),
  );
});
