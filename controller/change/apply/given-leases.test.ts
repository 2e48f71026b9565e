import { expect, it } from 'vitest';
import type { DevicePlan, Read, Rendered } from '../../api/index.ts';
import { dialectFor, parse, print } from '../../config/index.ts';
import type { Driver, LeaseAnswer, LeaseQuestion, Target } from '../../drivers/index.ts';
import { sha256 } from '../../lib/index.ts';
import { describeLeases } from '../plan/leases.ts';
import { planDevice } from '../plan/plan-device.ts';
import { findLate, refuseGiven } from './given-leases.ts';
import type { Member, Run } from './run.ts';

const version = '2.2.0';
const signal = new AbortController().signal;
const none: LeaseAnswer = { known: true, live: 0, leases: [] };
const one: LeaseAnswer = {
  known: true,
  live: 1,
  leases: [{ address: '192.0.2.150', subnet: 10, hwAddress: '02:00:00:00:00:01', until: '2026-11-22T13:00:00.000Z' }],
};
const silent: LeaseAnswer = { known: false, why: 'the hook lease_cmds is not loaded' };
const config = (range: string) => JSON.stringify({ Dhcp4: { subnet4: [{ id: 10, subnet: '192.0.2.0/24', pools: [{ pool: range }] }] } });

/** A plan that takes .150 to .199 away, made when the server answered `then`; it answers `now` when the change is on its way. */
function shrink(then: LeaseAnswer, now: LeaseAnswer): { run: Run; member: Member; asked: LeaseQuestion[] } {
  const held = print(parse(config('192.0.2.100-192.0.2.199'), dialectFor('kea'), { version }));
  const before: Read = {
    state: 'Read',
    device: 'dhcp1',
    at: '2026-11-22T12:00:00.000Z',
    config: held,
    fingerprint: sha256(held),
    version,
    identity: { hostname: 'dhcp1', bootId: '' },
    daemons: [],
    neighbors: [],
    startupDiffers: false,
  };
  const text = config('192.0.2.100-192.0.2.149');
  const rendered: Rendered = { device: 'dhcp1', platform: 'kea', text, digest: sha256(text), secrets: [] };
  const { plan, doubts } = planDevice({
    rendered,
    read: before,
    baseline: undefined,
    revision: 'main',
    templatesDigest: '',
    management: { addresses: [], sources: [] } as unknown as Parameters<typeof planDevice>[0]['management'],
    exactContainers: new Set(),
  });
  if (!plan || !doubts) throw new Error('nothing to plan');
  const told: DevicePlan = {
    ...plan,
    leases: describeLeases(
      doubts.doubts,
      doubts.doubts.map(() => then),
    ),
  };
  const asked: LeaseQuestion[] = [];
  const leases: Driver['leases'] = async (_target, questions) => {
    asked.push(...questions);
    return questions.map(() => now);
  };
  const member: Member = {
    device: 'dhcp1',
    driver: { leases } as Driver,
    target: { device: 'dhcp1' } as Target,
    expected: [],
    plan: told,
    before,
    armed: 'no',
  };
  return { run: { members: [member], notes: new Set() } as unknown as Run, member, asked };
}

it('nothing is sent when somebody was given a lease where the plan saw none', async () => {
  const { run, member, asked } = shrink(none, one);
  expect(await refuseGiven(run, member, signal)).toBe('moved');
  expect(asked).toEqual([{ service: 'dhcp4', of: 'address', first: '192.0.2.150', last: '192.0.2.199' }]);
  expect(run.reason).toMatchObject({ code: 'LeaseGiven', message: expect.stringContaining('192.0.2.150 by 02:00:00:00:00:01') as string });
});

it('nothing is sent when the server does not say any more', async () => {
  const { run, member } = shrink(none, silent);
  expect(await refuseGiven(run, member, signal)).toBe('unknown');
  expect(run.reason).toMatchObject({ code: 'LeaseGiven', message: expect.stringContaining('lease_cmds') as string });
});

it('a change that is in effect goes back when a lease was given between the last look and it', async () => {
  const { run, member } = shrink(none, one);
  expect(await findLate(run, member, signal)).toBe('differs');
  expect(run.reason).toMatchObject({ code: 'LeaseGiven' });
});

it('a change that is in effect stays where the server does not say, and that is noted', async () => {
  const { run, member } = shrink(none, silent);
  expect(await findLate(run, member, signal)).toBeUndefined();
  expect([...run.notes]).toEqual([expect.stringContaining('not known')]);
});

it.each<{ name: string; planned: LeaseAnswer; now: LeaseAnswer; asks: number }>([
  { name: 'where nobody holds one still, both go on', planned: none, now: none, asks: 2 },
  { name: 'what the plan told of is not asked again: somebody saw it and said yes', planned: one, now: one, asks: 0 },
  { name: 'nor what it said is not known', planned: silent, now: one, asks: 0 },
])('$name', async ({ planned, now, asks }) => {
  const { run, member, asked } = shrink(planned, now);
  expect(await refuseGiven(run, member, signal)).toBeUndefined();
  expect(await findLate(run, member, signal)).toBeUndefined();
  expect(asked).toHaveLength(asks);
  expect(run.reason).toBeUndefined();
});
