import { expect, test } from 'vitest';
import { network } from '../../test/builders/edge-network.ts';
import { preparedDevice } from '../../test/builders/prepared.ts';
import { stateOf } from '../../test/builders/state.ts';
import type { Baseline, CheckedState, DeviceVerdict, Plan } from '../api/index.ts';
import { compareRoutingLive } from './routing.ts';

const before = stateOf(network);
const after = stateOf(network.replace('add: ["64500:1"]', 'add: ["64500:2"]'));

/** A look at the core, which was last right at a revision and has commands waiting. */
function look(revision: string, verdict: DeviceVerdict['verdict'] = 'Pending') {
  const object = after.objects.Device.get('core');
  if (!object) throw new Error('no core');
  const device = preparedDevice({ name: 'core', object });
  const baseline: Baseline = { device: 'core', platform: 'frr', revision, items: {}, unmanaged: [], adopted: true };
  const plan = { devices: [{ effect: { device: 'core' } }] } as unknown as Plan;
  return { plan, prepared: { state: after, devices: [device] }, surveyed: [{ device, baseline, verdict: { verdict } as DeviceVerdict }] };
}

const load = (revision: string): Promise<CheckedState | undefined> => Promise.resolve(revision === 'main@sha1:1' ? before : undefined);

test('a plan from devices says what it withdraws since they were last right', async () => {
  const { plan, prepared, surveyed } = look('main@sha1:1', 'Drifted');
  const effects = await compareRoutingLive(plan, prepared, surveyed, load);
  expect(effects?.neighbors.map(({ peer, withdrawn }) => [peer, withdrawn.prefixes])).toEqual(
    expect.arrayContaining([['transit-a', ['192.0.2.0/24']]]),
  );
  expect(effects?.notEvaluated).toEqual(
    expect.arrayContaining(['the devices are taken to be what Git said at main@sha1:1', 'core: what somebody changed on the device']),
  );
});

test('where that revision is out of reach it says so, and nothing of routes', async () => {
  const { plan, prepared, surveyed } = look('worktree@sha256:2');
  const effects = await compareRoutingLive(plan, prepared, surveyed, load);
  expect(effects).toMatchObject({ neighbors: [], notEvaluated: [expect.stringContaining('is not to be had')] });
});

test('a plan without commands has no effects', async () => {
  const { prepared, surveyed } = look('main@sha1:1');
  expect(await compareRoutingLive({ devices: [] } as unknown as Plan, prepared, surveyed, load)).toBeUndefined();
});
