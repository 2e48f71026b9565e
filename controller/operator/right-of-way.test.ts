import { beforeEach, expect, it } from 'vitest';
import { createFakeClock, type FakeClock, settle } from '../../test/kube/fake-clock.ts';
import { createController, createQueue, type Queue } from '../kube/index.ts';
import { capQueue } from './capped-queue.ts';
import { createRightOfWay, type RightOfWay } from './right-of-way.ts';

let clock: FakeClock;
let queue: Queue;
let way: RightOfWay;
let looks: string[];

/** Devices are looked at, each in no time; the ones that come round by themselves have waited for it. */
beforeEach(() => {
  clock = createFakeClock();
  const capped = capQueue(createQueue({ name: 'device', clock }));
  capped.setCap(3);
  queue = capped;
  way = createRightOfWay(clock, queue);
  looks = [];
  const reconcile = (key: string) => {
    looks.push(key);
    return { do: 'done' as const };
  };
  void createController({ name: 'device', queue, workers: 5, deadlineMs: 1000, reconcile, clock }).run(new AbortController().signal);
});

const comesRound = (name: string) => queue.add(name, { priority: 'low' });

it('keeps looks that come round where they are until whoever took it is through', async () => {
  const taken = way.take();
  comesRound('a');
  comesRound('b');
  await settle();
  expect([looks, queue.depth]).toEqual([[], 2]);
  taken.leave();
  await settle();
  expect(looks).toEqual(['a', 'b']);
});

it('keeps nobody waiting for longer than two seconds', async () => {
  way.take();
  comesRound('a');
  await clock.advance(1999);
  expect(looks).toEqual([]);
  await clock.advance(1);
  expect(looks).toEqual(['a']);
});

it('does not keep a look waiting that somebody asked for', async () => {
  way.take();
  comesRound('a');
  comesRound('b');
  queue.add('asked for');
  queue.add('b');
  await settle();
  expect(looks).toEqual(['asked for', 'b']);
});

it('gives the first places to what is asked for before it is free', async () => {
  const taken = way.take();
  for (const name of ['a', 'b', 'c', 'd']) comesRound(name);
  await settle();
  queue.add('changed');
  taken.leave();
  await settle();
  expect(looks).toEqual(['changed', 'a', 'b', 'c', 'd']);
});

it('is taken as long as one of several is not through', async () => {
  const first = way.take();
  const second = way.take();
  comesRound('a');
  first.leave();
  first.leave();
  await settle();
  expect(looks).toEqual([]);
  second.leave();
  await settle();
  expect(looks).toEqual(['a']);
  expect(clock.sleepers()).toEqual([]);
});
