import { describe, expect, it } from 'vitest';
import { authorsOf } from './authors.ts';

const authors = [
  { signer: 'alice@example.net', user: 'alice' },
  { signer: 'Bob <bob@example.net>', user: 'bob' },
  { signer: 'team@example.net', user: 'carol' },
  { signer: 'team@example.net', user: 'dave' },
];

describe('the authors of a change', () => {
  it.each<{ name: string; signers: readonly string[] | undefined; is: readonly string[] | undefined }>([
    { name: 'are the users behind its signers', signers: ['Bob <bob@example.net>', 'alice@example.net'], is: ['alice', 'bob'] },
    { name: 'are all of them where several share a signature', signers: ['team@example.net'], is: ['carol', 'dave'] },
    { name: 'are not known without a signature', signers: undefined, is: undefined },
    { name: 'are nobody when nobody changed what should be', signers: [], is: [] },
    { name: 'are not known when one of the signers is not', signers: ['alice@example.net', 'eve@example.net'], is: undefined },
    { name: 'are not guessed from other letters', signers: ['Alice@example.net'], is: undefined },
  ])('$name', ({ signers, is }) => expect(authorsOf(signers, authors)).toEqual(is));
});
