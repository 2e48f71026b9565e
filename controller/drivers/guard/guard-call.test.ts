import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseReply } from './guard-call.ts';

describe('answers of the guard', () => {
  test('are words and blocks; everything else is noise of a login shell', () => {
    const reply = parseReply('Welcome\n@ready 1234\n@begin backup\nrouter bgp 64501\n@refused not a word\n@end backup\n@saved\n');
    expect(reply.get('ready')).toBe('1234');
    expect(reply.has('saved')).toBe(true);
    expect(reply.has('refused')).toBe(false);
    expect(reply.block('backup')).toEqual(['router bgp 64501', '@refused not a word']);
  });

  test('that were cut off have no block', () => {
    expect(parseReply('@ready 1\n@begin backup\nrouter bgp').block('backup')).toBeUndefined();
  });
});

const scripts = [
  'guard/guard.sh',
  ...['frr', 'kea'].flatMap((platform) =>
    readdirSync(join(import.meta.dirname, `../${platform}/target`)).map((name) => `${platform}/target/${name}`),
  ),
];
test.each(scripts)('%s is a script that a plain shell can read', (name) => {
  expect(() => execFileSync('sh', ['-n', join(import.meta.dirname, '..', name)])).not.toThrow();
});
