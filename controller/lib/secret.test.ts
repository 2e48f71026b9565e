import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret, secretToken, tokenOfVersion, unsetToken } from './secret.ts';

const key = new Secret('key of the versions');

describe('a secret', () => {
  it.each<[string, (secret: Secret) => string]>([
    ['a template string', (secret) => `${secret}`],
    ['JSON', (secret) => JSON.stringify({ password: secret })],
    ['console and test output', (secret) => inspect({ password: secret }, { depth: 5, showHidden: true })],
    ['an object that copies its members', (secret) => JSON.stringify({ ...secret })],
    ['an error message', (secret) => String(new Error(`refused ${secret}`))],
  ])('does not show in %s', (_where, print) => expect(print(new Secret('hunter2-hunter2'))).not.toContain('hunter2'));

  it('is given out by reveal alone', () => expect(new Secret('value').reveal()).toBe('value'));
});

describe('the version of a secret', () => {
  it('is equal for equal values under one key, and for nothing else', () =>
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(new Secret(a).version(key) === new Secret(b).version(key)).toBe(a === b);
      }),
    ));

  it('is that of the key that is asked with, whichever was asked with before', () => {
    const [secret, other] = [new Secret('a'), new Secret('other')];
    const asked = [key, other, key, new Secret('other')].map((each) => secret.version(each));
    expect(asked).toEqual([key, other, key, other].map((each) => new Secret('a').version(each)));
  });

  it('says nothing under another key', () => expect(new Secret('a').version(key)).not.toBe(new Secret('a').version(new Secret('other'))));
});

describe('a token', () => {
  it('is one word that is found again', () => {
    for (const token of [tokenOfVersion(new Secret('a').version(key)), unsetToken('ibgp-cores', 'password')]) {
      expect(token).not.toMatch(/\s/);
      expect(`neighbor 192.0.2.1 password ${token}`.match(secretToken)).toEqual([token]);
    }
  });
});
