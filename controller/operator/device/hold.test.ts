import { describe, expect, it, test } from 'vitest';
import type { DeviceVerdict } from '../../api/index.ts';
import {
  driftHold,
  holdAnnotation,
  printHold,
  printResumed,
  readDeviceHold,
  readHold,
  readRequest,
  readResumed,
  resumedAnnotation,
} from './hold.ts';

const now = new Date('2026-11-21T10:00:00.000Z');
const read = (text: string) => readHold({ [holdAnnotation]: text }, now);

it.each<{ name: string; text: string; held: ReturnType<typeof read> }>([
  {
    name: 'that a person wrote holds until somebody resumes',
    text: printHold({ by: 'mona', reason: 'case 4711' }),
    held: { by: 'mona', reason: 'case 4711', where: 'Object' },
  },
  {
    name: 'with an end holds until then',
    text: printHold({ by: 'mona', reason: 'case 4711', until: '2026-11-21T10:00:01Z' }),
    held: { by: 'mona', reason: 'case 4711', until: '2026-11-21T10:00:01Z', where: 'Object' },
  },
  { name: 'is over at its end', text: printHold({ by: 'mona', reason: 'case 4711', until: '2026-11-21T10:00:00Z' }), held: undefined },
  { name: 'that says nothing is none', text: '', held: undefined },
  { name: 'in plain words holds', text: 'hands off', held: { by: 'unknown', reason: 'hands off', where: 'Object' } },
  {
    name: 'with an end that is no time holds',
    text: '{"until":"soon"}',
    held: { by: 'unknown', reason: '{"until":"soon"}', where: 'Object' },
  },
  {
    name: 'with an end that no status takes holds',
    text: `{"by":"mona","reason":"x","until":"2026-11-20T10:00:00.${'0'.repeat(40)}Z"}`,
    held: { by: 'unknown', reason: `{"by":"mona","reason":"x","until":"2026-11-20T10:00:00.${'0'.repeat(40)}Z"}`, where: 'Object' },
  },
  {
    name: 'with a name that is no text holds',
    text: '{"by":7,"reason":"x"}',
    held: { by: 'unknown', reason: '{"by":7,"reason":"x"}', where: 'Object' },
  },
  { name: 'of any length holds, and is cut', text: 'x'.repeat(5000), held: { by: 'unknown', reason: 'x'.repeat(1000), where: 'Object' } },
])('a hold $name', ({ text, held }) => {
  expect(read(text)).toEqual(held);
});

test('a device without a hold is not held', () => {
  expect(readHold({}, now)).toBeUndefined();
  expect(readDeviceHold(undefined)).toBeUndefined();
});

test('a hold file on the device is told as one, with as much of its words as a status takes', () => {
  const at = now.toISOString();
  expect(readDeviceHold({ by: 'luis', reason: 'fibre work', at })).toEqual({ by: 'luis', reason: 'fibre work', where: 'Device' });
  const long = readDeviceHold({ by: 'l'.repeat(300), reason: 'x'.repeat(3000), at });
  expect([long?.by.length, long?.reason.length]).toEqual([200, 1000]);
});

it.each<[string, Record<string, string>, string | undefined]>([
  ['nobody asks', { other: 'x' }, undefined],
  ['plumb asks', { 'plumbline.dev/requestedAt': 'a' }, 'a'],
  ['Flux’s key asks', { 'reconcile.fluxcd.io/requestedAt': 'b' }, 'b'],
  ['somebody asks at length', { 'plumbline.dev/requestedAt': 'a'.repeat(9000) }, 'a'.repeat(200)],
  ['both ask', { 'reconcile.fluxcd.io/requestedAt': 'b', 'plumbline.dev/requestedAt': 'a' }, 'a b'],
])('what is echoed when %s', (_, annotations, echoed) => {
  expect(readRequest(annotations)).toBe(echoed);
});

it.each<{ name: string; text: string; at: string | undefined }>([
  { name: 'as plumb writes it', text: printResumed({ by: 'mona', at: '2026-11-21T09:59:00.000Z' }), at: '2026-11-21T09:59:00.000Z' },
  { name: 'of a time to come', text: printResumed({ by: 'mona', at: '2026-11-21T10:00:01.000Z' }), at: undefined },
  { name: 'without a name', text: '{"at":"2026-11-21T09:59:00Z"}', at: undefined },
  { name: 'that is a bare time', text: '2026-11-21T09:59:00Z', at: undefined },
  { name: 'that says nothing', text: '', at: undefined },
])('a word that the device may go, $name', ({ text, at }) => {
  expect(readResumed({ [resumedAnnotation]: text }, now)?.toISOString()).toBe(at);
});

describe('an enforced device that somebody changed', () => {
  const changedAt = (...times: readonly string[]) =>
    ({
      verdict: 'Drifted',
      differences: times.map((since) => ({ verdict: 'Drifted', since: `2026-11-21T${since}:00.000Z` })),
    }) as unknown as DeviceVerdict;
  const facts = { mode: 'Enforce', holdMs: 7_200_000, resumed: undefined } as const;
  it.each<{ name: string; given: Partial<Parameters<typeof driftHold>[1]>; times: readonly string[]; until: string | undefined }>([
    { name: 'is held from when it was last changed', given: {}, times: ['08:30', '09:00'], until: '11:00' },
    { name: 'is put right after that', given: {}, times: ['08:00'], until: undefined },
    { name: 'is never put right by itself where people approve', given: { mode: 'Approve' }, times: ['09:00'], until: undefined },
    { name: 'is let go by a person', given: { resumed: new Date('2026-11-21T09:30:00Z') }, times: ['08:30', '09:00'], until: undefined },
    {
      name: 'is held again for what was changed later',
      given: { resumed: new Date('2026-11-21T08:45:00Z') },
      times: ['08:30', '09:00'],
      until: '11:00',
    },
  ])('$name', ({ given, times, until }) => {
    const held = driftHold(changedAt(...times), { ...facts, ...given }, now);
    expect(held?.until).toBe(until && `2026-11-21T${until}:00.000Z`);
  });

  it('is not held, which pages, for lines that came with an upgrade to a release on which nothing is written', () => {
    const upgraded = { ...changedAt('09:00'), upgraded: { from: '8.4', to: '10.2', firstLooks: [] } } as DeviceVerdict;
    expect(driftHold(upgraded, facts, now)).toBeUndefined();
  });
});
