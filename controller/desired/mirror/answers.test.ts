import { expect, test } from 'vitest';
import { GitFailure } from '../git-process.ts';
import { explainGit } from './answers.ts';
import { defaultLimits } from './limits.ts';

const said = (words: string): string => {
  const context = {
    url: 'https://git.example.net/net',
    folder: '/cache/a',
    limits: defaultLimits,
    secrets: [],
    deadline: AbortSignal.any([]),
  };
  return (explainGit(new GitFailure(words, 128), context) as Error).message;
};

const url = "fatal: unable to access 'https://git.example.net/net/'";

test.each<{ name: string; one: string; other: string; keeps: RegExp }>([
  {
    name: 'how long a refusal took',
    one: `${url}: Failed to connect to git.example.net port 443 after 3 ms: Couldn't connect to server`,
    other: `${url}: Failed to connect to git.example.net port 443 after 131 ms: Couldn't connect to server`,
    keeps: /port 443: Couldn't connect to server/,
  },
  {
    name: 'how much came in which time',
    one: `${url}: Operation timed out after 30001 milliseconds with 0 out of 0 bytes received`,
    other: `${url}: Operation timed out after 30017 milliseconds with 31 out of 922 bytes received`,
    keeps: /Operation timed out/,
  },
  {
    name: 'how much was still to come',
    one: 'error: 2937 bytes of body are still expected\nfatal: early EOF',
    other: 'error: 31 bytes of body are still expected\nfatal: early EOF',
    keeps: /body are still expected/,
  },
  {
    name: 'the folder of the key',
    one: 'Load key "/cache/a/private-Xy12Zw/identity": error in libcrypto\ngit@git.example.net: Permission denied (publickey).',
    other: 'Load key "/cache/a/private-k0LmN9/identity": error in libcrypto\ngit@git.example.net: Permission denied (publickey).',
    keeps: /Load key "identity": error in libcrypto/,
  },
  {
    name: 'the folder of the authority',
    one: `${url}: error setting certificate verify locations: CAfile: /cache/a/private-Xy12Zw/ca.pem CApath: none`,
    other: `${url}: error setting certificate verify locations: CAfile: /cache/a/private-k0LmN9/ca.pem CApath: none`,
    keeps: /CAfile: ca\.pem/,
  },
])('the same trouble is told in the same words each time, without $name', ({ one, other, keeps }) => {
  expect(said(one)).toBe(said(other));
  expect(said(one)).toMatch(keeps);
});
