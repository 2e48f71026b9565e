import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { dhcpErrors, errors as checkErrors } from './checks/index.ts';
import { errors } from './errors.ts';
import { loadDesired } from './load.ts';

const folder = import.meta.dirname;
const read = (name: string): string => readFileSync(path.join(folder, name), 'utf8');

test('the example network has no error and no warning', async () => {
  const { problems, objects } = await loadDesired({ folder: path.join(folder, '../../desired-state') });
  expect(problems).toEqual([]);
  expect([...objects.Device.keys()]).toEqual(['core1-fra', 'core1-lon', 'edge1-fra', 'edge1-lon']);
});

test('every code is shown to occur', () => {
  const shown = [
    'cases/messages.txt',
    'hostile.test.ts',
    'sources.test.ts',
    'entry-files.test.ts',
    'moved-ids.test.ts',
    'shrinking-sets.test.ts',
  ]
    .map(read)
    .join('\n');
  const codes = [...Object.keys(errors.rows), ...Object.keys(checkErrors.rows), ...Object.keys(dhcpErrors.rows)];
  // A tree of half a million files or 512 MB is not built here.
  const notBuilt = ['SourceTooLarge'];
  expect(codes.filter((code) => !new RegExp(`\\b${code}\\b`).test(shown)).sort()).toEqual(notBuilt);
});

test('no two tables share a code', () => {
  const codes = [errors, checkErrors, dhcpErrors].flatMap(({ rows }) => Object.keys(rows));
  expect(codes.filter((code, i) => codes.indexOf(code) < i)).toEqual([]);
});
