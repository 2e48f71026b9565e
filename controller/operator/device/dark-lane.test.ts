import { describe, expect, test } from 'vitest';
import type { DeviceStatus } from '../../api/index.ts';
import type { StoredObject } from '../../store/index.ts';
import { createDarkLane, wasDark } from './dark-lane.ts';

describe('the lane of dark devices', () => {
  test('gives them half of the places, and always one to a device that answers', () => {
    const lane = createDarkLane({ places: () => 5, isDark: (device) => device.startsWith('dark') });
    const [one, two, three] = ['dark1', 'dark2', 'dark3'].map((device) => lane.enter(device));
    expect([one, two, three].map((place) => place !== undefined)).toEqual([true, true, false]);
    expect(['a', 'b', 'c', 'd', 'e', 'f'].every((device) => lane.enter(device))).toBe(true);
    one?.leave();
    expect(lane.enter('dark3')).toBeDefined();
    expect(lane.enter('dark1')).toBeUndefined();
  });

  test('has a place where there is only one, and follows a new number of places', () => {
    let places = 1;
    const lane = createDarkLane({ places: () => places, isDark: () => true });
    expect([lane.enter('a') !== undefined, lane.enter('b') !== undefined]).toEqual([true, false]);
    places = 4;
    expect(lane.enter('b')).toBeDefined();
  });
});

describe('a device is dark', () => {
  const mirror = (reason: string, annotations = {}, lastHandledReconcileAt?: string) =>
    ({
      annotations,
      status: { conditions: [{ type: 'Ready', status: 'Unknown', reason }], ...(lastHandledReconcileAt && { lastHandledReconcileAt }) },
    }) as unknown as StoredObject<unknown, DeviceStatus>;
  const asked = { 'plumbline.dev/requestedAt': '2026-05-01T00:00:00Z' };

  test.for([
    { name: 'that did not answer', mirror: mirror('Unreachable'), dark: true },
    { name: 'that answered and could not be read', mirror: mirror('PartialRead'), dark: false },
    { name: 'that is in sync', mirror: mirror('InSync'), dark: false },
    { name: 'that nobody has looked at', mirror: undefined, dark: false },
    { name: 'that a person has asked for since', mirror: mirror('Unreachable', asked), dark: false },
    { name: 'that did not answer when a person asked', mirror: mirror('Unreachable', asked, '2026-05-01T00:00:00Z'), dark: true },
  ])('$name: $dark', ({ mirror: given, dark }) => expect(wasDark(given)).toBe(dark));
});
