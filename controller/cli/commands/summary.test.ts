import { expect, test } from 'vitest';
import type { DeviceStatus } from '../../api/index.ts';
import { systemClock } from '../../lib/index.ts';
import type { Operator } from '../../operator/index.ts';
import type { ObjectStore, StoredObject } from '../../store/index.ts';
import { summarize } from './summary.ts';

type DeviceObject = StoredObject<unknown, DeviceStatus>;

const device = (reason: string) => {
  const ready = { type: 'Ready', status: reason === 'InSync' ? 'True' : 'Unknown', reason, message: '' };
  return { name: 'edge1', annotations: {}, status: { verdict: reason === 'InSync' ? 'InSync' : 'Unknown', conditions: [ready] } };
};

test.each([
  { name: 'nothing', later: device('InSync'), says: '1 not looked at yet' },
  { name: 'a person holds it', later: { ...device('InSync'), annotations: { 'plumbline.dev/hold': 'x' } }, says: '1 not looked at yet' },
  { name: 'this process let it decay', later: device('Stale'), says: '1 Unknown' },
])('of a device that an earlier process found in sync, when $name: $says', async ({ later, says }) => {
  let known = [device('InSync')];
  const stopped = Promise.withResolvers<void>();
  const operator = {
    done: stopped.promise,
    world: { devices: { list: () => known, get: () => known[0] }, plans: { list: () => [] }, lastJudged: new Map(), inForce: undefined },
    triedFleets: () => true,
    triedAll: () => {
      known = [later];
      return true;
    },
    fleets: () => [],
  } as unknown as Operator;
  let written = '';
  const code = await summarize(operator, {
    terminal: {
      progress: () => undefined,
      write: (text: string) => void (written += text),
      style: { strong: String, good: String, bad: String },
    } as never,
    clock: systemClock,
    objects: { list: async (): Promise<DeviceObject[]> => [] } as unknown as ObjectStore,
    once: true,
    stop: stopped.resolve,
  });
  expect([code, written.split('\n').at(-2)]).toEqual([2, `1 device: ${says}`]);
});
