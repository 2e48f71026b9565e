import { expect, it, test } from 'vitest';
import { holdAnnotation, printHold, readDeviceHold, readHold, readRequest } from './hold.ts';

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
