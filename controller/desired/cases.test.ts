import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { memorySource } from '../../test/builders/memory-source.ts';
import { formatPosition, type PlumblineError, systemClock } from '../lib/index.ts';
import { loadSource } from './load.ts';

/**
 * Every file in `cases/` is checked together with `base.yaml`. A comment below a line says what must be found in it, and
 * nothing else may be: `#     ^ CODE` points at the column, `# < CODE` at the first. The words stand in
 * `cases/messages.txt`; `vitest -u` rewrites that file only.
 */
const folder = path.join(import.meta.dirname, 'cases');
const names = readdirSync(folder).filter((name) => name.endsWith('.yaml') && name !== 'base.yaml');

async function check(name: string): Promise<readonly PlumblineError[]> {
  const read = (file: string): string => readFileSync(path.join(folder, file), 'utf8');
  const files = { 'base.yaml': read('base.yaml'), [name]: read(name), 'sections/a.conf': 'log stdout\n' };
  const { problems } = await loadSource(memorySource(files), systemClock);
  return problems;
}

test('the base network has no problem', async () => {
  expect(await check('base.yaml')).toEqual([]);
});

test.each(names)('%s', async (name) => {
  const problems = await check(name);
  const expected = listMarks(readFileSync(path.join(folder, name), 'utf8')).map((mark) => `${name}:${mark}`);
  const found = problems.map((problem) => `${problem.at ? formatPosition(problem.at) : ''} ${problem.code}`);
  expect(found.sort()).toEqual(expected.sort());
});

function listMarks(text: string): string[] {
  let subject = 0;
  return text.split('\n').flatMap((line, i) => {
    const mark = /^# *(\^|<) (\w+)$/.exec(line);
    if (!mark) subject = i + 1;
    return mark ? [`${subject}:${mark[1] === '<' ? 1 : line.indexOf('^') + 1} ${mark[2]}`] : [];
  });
}

test('each problem says the fact and what to write instead', async () => {
  const lines: string[] = [];
  for (const name of names) {
    for (const problem of await check(name)) {
      expect(problem.message).not.toMatch(/\.$|undefined|\[object|hunter2/);
      expect(problem.next).toMatch(/\.$/);
      expect(problem.next).not.toMatch(/undefined|\[object|hunter2/);
      lines.push(
        `${problem.at ? formatPosition(problem.at) : ''} ${problem.severity} ${problem.code}\n  ${problem.message}\n  ${problem.next}\n`,
      );
    }
  }
  await expect(lines.join('\n')).toMatchFileSnapshot(path.join(folder, 'messages.txt'));
});
