import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { errors as checkErrors } from '../checks/index.ts';
import { errors } from '../errors.ts';
import { mirrorErrors } from './errors.ts';

const folder = import.meta.dirname;
const tests = ['mirror', 'hostile', 'verify', 'artifact', 'source-url', '../../../test/git/transports'];

test('every code is shown to occur', () => {
  const shown = tests.map((name) => readFileSync(path.join(folder, `${name}.test.ts`), 'utf8')).join('\n');
  expect(Object.keys(mirrorErrors.rows).filter((code) => !new RegExp(`\\b${code}\\b`).test(shown))).toEqual([]);
});

test('no code stands in another table of this folder', () => {
  expect(Object.keys(mirrorErrors.rows).filter((code) => code in errors.rows || code in checkErrors.rows)).toEqual([]);
});

test('every row says what to do', () => {
  for (const { next } of Object.values(mirrorErrors.rows))
    expect(typeof next === 'string' ? next : next({ hint: 'Do this.' })).toMatch(/^[A-Z].*\.$/s);
});
