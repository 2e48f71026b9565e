import { describe, expect, it } from 'vitest';
import { createQueue } from '../kube/index.ts';
import { capQueue } from './capped-queue.ts';

const turn = () => new Promise((resolve) => void setImmediate(resolve));

function start(workers: number) {
  const queue = capQueue(createQueue({ name: 'test' }));
  const out: string[] = [];
  const ended: number[] = [];
  const stop = new AbortController();
  for (let k = 0; k < workers; k++) {
    const take = async (): Promise<void> => {
      const key = await queue.next(stop.signal);
      if (key === undefined) return void ended.push(k);
      out.push(key);
      return undefined;
    };
    void take();
  }
  const finish = async (key: string) => {
    out.splice(out.indexOf(key), 1);
    queue.done(key);
    void queue.next(stop.signal).then((next) => (next === undefined ? ended.push(-1) : out.push(next)));
    await turn();
  };
  return { queue, out, ended, stop, finish };
}

describe('a capped queue', () => {
  it('gives out one at a time until somebody says how many', async () => {
    const { queue, out } = start(10);
    for (const key of ['a', 'b', 'c', 'd']) queue.add(key);
    await turn();
    expect(out).toEqual(['a']);
    queue.setCap(3);
    await turn();
    expect(out).toEqual(['a', 'b', 'c']);
    expect(queue.depth).toBe(1);
  });

  it('never has more out than the cap, and goes on as each is done', async () => {
    const { queue, out, finish } = start(10);
    queue.setCap(2);
    for (let k = 0; k < 50; k++) queue.add(`key ${k}`);
    await turn();
    for (let done = 0; done < 50; done++) {
      expect(out.length).toBe(Math.min(2, 50 - done));
      await finish(out[0] ?? '');
    }
    expect([out, queue.depth]).toEqual([[], 0]);
  });

  it('lets what matters more go first, though it came last', async () => {
    const { queue, out, finish } = start(10);
    queue.add('first', { priority: 'low' });
    await turn();
    queue.add('second', { priority: 'low' });
    queue.add('urgent', { priority: 'high' });
    await finish('first');
    expect(out).toEqual(['urgent']);
  });

  it('takes nothing back when the cap falls, and waits until enough are done', async () => {
    const { queue, out, finish } = start(10);
    queue.setCap(3);
    for (const key of ['a', 'b', 'c', 'd', 'e']) queue.add(key);
    await turn();
    queue.setCap(1);
    await finish('a');
    await finish('b');
    expect(out).toEqual(['c']);
    await finish('c');
    expect(out).toEqual(['d']);
  });

  it.each([
    { name: 'shut down', end: ({ queue }: ReturnType<typeof start>) => queue.shutDown() },
    { name: 'aborted', end: ({ stop }: ReturnType<typeof start>) => Promise.resolve(stop.abort()) },
  ])('lets every worker go when it is $name', async ({ end }) => {
    const started = start(5);
    started.queue.setCap(2);
    await turn();
    await end(started);
    await turn();
    expect(started.ended.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4]);
  });
});
