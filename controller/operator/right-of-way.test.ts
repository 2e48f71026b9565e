import { expect, it } from 'vitest';
import { createRightOfWay } from './right-of-way.ts';

function start() {
  let now = 5000;
  return { way: createRightOfWay({ monotonicMs: () => now }), pass: (ms: number) => void (now += ms) };
}

it('is taken until whoever took it is through', () => {
  const { way } = start();
  expect(way.isTaken()).toBe(false);
  const taken = way.take();
  expect(way.isTaken()).toBe(true);
  taken.leave();
  expect(way.isTaken()).toBe(false);
});

it('keeps nobody waiting for longer than two seconds', () => {
  const { way, pass } = start();
  way.take();
  pass(1999);
  expect(way.isTaken()).toBe(true);
  pass(1);
  expect(way.isTaken()).toBe(false);
});

it('is taken as long as one of several is not through', () => {
  const { way, pass } = start();
  const first = way.take();
  pass(10);
  const second = way.take();
  first.leave();
  first.leave();
  expect(way.isTaken()).toBe(true);
  second.leave();
  expect(way.isTaken()).toBe(false);
});
