import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { defaultLimits } from './limits.ts';
import { createSandboxPool } from './sandbox-pool.ts';

/** A pool of two, and what it is given: `quick` ends by itself, `endless` at its limit. */
function poolOfTwo(patienceMs: number) {
  const pool = createSandboxPool({ ...defaultLimits, children: 2, patienceMs });
  onTestFinished(() => pool.close());
  const run = (key: string, body: string, limitMs: number) =>
    pool.run({
      templates: [{ key, name: 'x', source: `return { root: function (env, context, frame, runtime, cb) { ${body} } };` }],
      input: JSON.stringify({ entry: 'x', root: {}, comment: '!', maxOutput: 100 }),
      limitMs,
    });
  return {
    prepare: () => pool.prepare(),
    quick: () => run('quick', 'cb(null, "done");', 20_000),
    endless: (limitMs: number) => run('endless', 'for (;;);', limitMs),
  };
}

/** The processes that this one starts from now on and that run: children of another test may be about to end. */
function followNewChildren(): () => string[] {
  const children = (): string[] => readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean);
  const before = new Set(children());
  return () => children().filter((pid) => !before.has(pid));
}

test('jobs that are soon done share one child', async () => {
  const started = followNewChildren();
  const { quick } = poolOfTwo(60_000);
  for (const end of await Promise.all([quick(), quick(), quick()])) expect(end).toMatchObject({ ended: 'text', text: 'done' });
  expect(started()).toHaveLength(1);
});

test('a child that was prepared takes the first job, and is ready for it', async () => {
  const started = followNewChildren();
  const { prepare, quick } = poolOfTwo(60_000);
  prepare();
  prepare();
  const first = started();
  expect(first).toHaveLength(1);
  expect(await quick()).toMatchObject({ ended: 'text', text: 'done' });
  prepare();
  expect(started()).toEqual(first);
});

test('jobs that wait behind a long one get a child of their own', async () => {
  const { quick, endless } = poolOfTwo(1);
  let isOver = false;
  const long = endless(20_000).then(() => (isOver = true));
  expect(await quick()).toMatchObject({ ended: 'text', text: 'done' });
  expect(await quick()).toMatchObject({ ended: 'text', text: 'done' });
  expect(isOver).toBe(false);
  void long;
});

test('a child that is gone leaves its place to another', async () => {
  const { quick, endless } = poolOfTwo(60_000);
  const long = endless(300);
  const waiting = [quick(), quick()];
  expect(await long).toMatchObject({ ended: 'timeout' });
  for (const end of await Promise.all(waiting)) expect(end).toMatchObject({ ended: 'text', text: 'done' });
});

test('a child that cannot be started ends the jobs, each with the reason, and nothing else', async () => {
  // No argument of a process may hold a zero byte: refused at once, as the system does when it has no memory left.
  const pool = createSandboxPool({ ...defaultLimits, heapMiB: '\0' as unknown as number });
  onTestFinished(() => pool.close());
  pool.prepare();
  const job = { templates: [], input: '{}' };
  for (const end of await Promise.all([pool.run(job), pool.run(job)]))
    expect(end).toMatchObject({ ended: 'crash', says: expect.stringMatching(/null bytes/) as string });
});
