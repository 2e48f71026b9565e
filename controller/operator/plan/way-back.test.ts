import { expect, test } from 'vitest';
import type { DesiredFleet } from '../fleet/desired-fleet.ts';
import { clearWayBack } from './way-back.ts';

const fleet = { revision: 'main@sha1:1', devices: new Map() } as unknown as DesiredFleet;
const nothing = { plans: [], problems: [], overlaps: new Map<string, readonly string[]>(), unknown: new Map<string, string>() };
const clear = (back: Partial<typeof nothing>) => clearWayBack({ ...nothing, ...back }, ['edge1'], fleet, new Date(0));

test('what a person changed since is not taken back by itself: nothing is written, and it is said', () => {
  const overlaps = new Map([['edge1', ['`description new` became `description newer` after the plan']]]);
  expect(clear({ overlaps })).toMatchObject({
    result: {
      end: 'NothingWritten',
      reason: { code: 'ConcurrentChange', message: expect.stringContaining('edge1: `description new` became') as string },
    },
  });
});

test('a device that cannot be read is not taken back', () => {
  expect(clear({ unknown: new Map([['edge1', 'no answer']]) })).toMatchObject({
    result: { end: 'NothingWritten', reason: { code: 'DeviceUnknown' } },
  });
});

test('where nothing of the plan is left there is nothing to take back', () => {
  expect(clear({})).toMatchObject({ result: { end: 'Confirmed' } });
});
