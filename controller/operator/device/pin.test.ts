import { it, expect } from 'vitest';
import { silentLog } from '../../lib/index.ts';
import type { ChangePlanObject } from '../plan/full-plan.ts';
import { printOrder, rolloutAnnotation } from '../plan/order.ts';
import type { World } from '../world.ts';
import type { Look } from './publish.ts';
import { isTakenBack, unpinAgreed } from './pin.ts';

const order = { ask: 'Rollback', by: 'mona', at: '2026-11-21T10:00:00.900Z' } as const;
const taken = (answered: boolean) => ({
  name: 'plan-1',
  annotations: { [rolloutAnnotation]: printOrder(order) },
  status: {
    conditions: answered ? [{ type: 'Rollback', status: 'True' }] : [],
    ...(answered && { asked: { what: 'Rollback', by: 'mona', at: order.at } }),
  },
});
// By the clock of an API server that is late.
const back = (phase: string, endedAt?: string) => ({
  name: 'plan-2',
  createdAt: '2026-11-21T09:59:58Z',
  annotations: {},
  spec: { asked: { of: 'plan-1' } },
  status: { phase, endedAt },
});

it.each<{ name: string; plans: readonly object[]; lifted: boolean }>([
  { name: 'stays until the order to take back was answered', plans: [taken(false)], lifted: false },
  { name: 'stays while the way back waits', plans: [taken(true), back('Proposed')], lifted: false },
  {
    name: 'stays when the look is older than the end of the way back',
    plans: [taken(true), back('Succeeded', '2026-11-21T11:00:01.000Z')],
    lifted: false,
  },
  {
    name: 'goes after the way back, whatever the clock of the API server said',
    plans: [taken(true), back('Succeeded', '2026-11-21T10:30:00.000Z')],
    lifted: true,
  },
  { name: 'goes when plan and way back are so old that they are not kept', plans: [], lifted: true },
])('a pin of a device that is what Git says $name', ({ plans, lifted }) => {
  const all = plans as ChangePlanObject[];
  const world = {
    plans: {
      get: (name: string) => all.find((each) => each.name === name),
      list: () => all.filter(({ spec }) => (spec as object | undefined) !== undefined),
    },
  };
  expect(isTakenBack({ plans: world.plans }, { plan: 'plan-1' }, '2026-11-21T11:00:00.000Z')).toBe(lifted);
});

it.each([
  { name: 'is let go', again: false, stored: true, held: [] },
  { name: 'stays held when somebody takes it back again in that moment', again: true, stored: true, held: ['plan-2'] },
  { name: 'stays held when the store has another pin by now', again: false, stored: false, held: ['plan-1'] },
])('a device that is what Git says $name', async ({ again, stored, held }) => {
  const pin = (plan: string) => ({ device: 'edge1', plan, by: 'mona', reason: 'it flaps', at: order.at });
  const pins = new Map([['edge1', pin('plan-1')]]);
  const remove = async () => {
    if (again) pins.set('edge1', pin('plan-2'));
    return stored;
  };
  const runtime = { corridor: { store: { pins: { remove } } }, log: silentLog };
  const world = { pins, runtime, plans: { get: () => undefined, list: () => [] } } as unknown as World;
  await unpinAgreed(world, 'edge1', { outcome: { verdict: 'InSync', at: order.at } } as unknown as Look);
  expect([...pins.values()].map(({ plan }) => plan)).toEqual(held);
});
