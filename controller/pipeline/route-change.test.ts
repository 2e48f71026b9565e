import { expect, test } from 'vitest';
import { network } from '../../test/builders/edge-network.ts';
import { stateOf } from '../../test/builders/state.ts';
import type { CheckedState } from '../api/index.ts';
import { dialectFor, listItems, parseIntended } from '../config/index.ts';
import { prepareDevices } from './prepare.ts';
import { type Changing, routeChange } from './route-change.ts';

const before = stateOf(network);
const after = stateOf(network.replace('add: ["64500:1"]', 'add: ["64500:2"]'));
const earlier = (revision: string): Promise<CheckedState | undefined> => Promise.resolve(revision === 'main@sha1:1' ? before : undefined);

/** The core, which waits for another mark on its routes. */
async function core(given: Partial<Changing> = {}, holds = before): Promise<Changing> {
  const [device] = (await prepareDevices(holds, ['core'], undefined)).devices;
  const { rendered } = device?.ready ?? {};
  if (!rendered) throw new Error('no core');
  const dialect = dialectFor(rendered.platform);
  const items = listItems(parseIntended(rendered.text, dialect).tree, dialect).map(({ key, text }) => [key, text] as const);
  return { name: 'core', baseline: { revision: 'main@sha1:1', items: Object.fromEntries(items) }, verdict: 'Pending', ...given };
}

const route = (changing: readonly Changing[], mostDevices?: number) =>
  routeChange(changing, { state: after, devices: [] }, earlier, mostDevices);

test('what a change withdraws is found where others look for its mark, and its plan answers for it', async () => {
  const { routing, shares } = await route([await core({ verdict: 'Drifted' })]);
  expect(routing?.neighbors.map(({ peer, withdrawn }) => [peer, withdrawn.prefixes])).toContainEqual(['transit-a', ['192.0.2.0/24']]);
  expect(shares.get('core')?.withdrawn).toContainEqual(expect.objectContaining({ peer: 'transit-a', count: 1 }));
  expect(routing?.notEvaluated).toEqual(
    expect.arrayContaining([
      'devices that change are taken to be what Git said at main@sha1:1, the others what it says now',
      'core: what somebody changed there by hand',
    ]),
  );
});

test('a device whose revision is out of reach, or that has none, is named, and nothing is said of its routes', async () => {
  const [gone, never] = [await core({ baseline: { revision: 'worktree@sha256:2', items: {} } }), await core({ baseline: undefined })];
  for (const device of [gone, never]) {
    const { routing, shares } = await route([device]);
    expect(routing).toMatchObject({ neighbors: [], evaluated: { devices: 0 } });
    expect(routing?.notEvaluated).toEqual(['core: the revision at which it was last right is not to be had']);
    expect(shares.size).toBe(0);
  }
});

test('a device that was adopted with other policies than Git had is not taken to be what Git said', async () => {
  const { routing } = await route([await core({}, after)]);
  expect(routing).toMatchObject({ neighbors: [], notEvaluated: ['core: what it holds of policies is not what Git said at main@sha1:1'] });
});

test('a device that was adopted without the peer group that gives a neighbor its policies is not taken to be what Git said', async () => {
  const withGroup = stateOf(`${network}---
{ kind: PeerGroup, name: customers, spec: { families: { ipv4-unicast: { import: customer-in, export: everything } } } }
---
kind: BGPSession
name: customer-d
spec:
  type: External
  relationship: Customer
  families: [ipv4-unicast]
  ends:
    - { device: core, peerGroup: customers }
    - external: { name: customer-d, asn: 64513, address: 10.0.4.9 }
`);
  const whole = await core({}, withGroup);
  const items = Object.entries(whole.baseline?.items ?? {}).filter(([, text]) => text !== 'neighbor 10.0.4.9 peer-group customers');
  expect(items).toHaveLength(Object.keys(whole.baseline?.items ?? {}).length - 1);
  const routesOf = (changing: Changing) => routeChange([changing], { state: after, devices: [] }, () => Promise.resolve(withGroup));
  const unknown = 'core: what it holds of policies is not what Git said at main@sha1:1';
  expect((await routesOf(whole)).routing?.notEvaluated).not.toContain(unknown);
  expect((await routesOf({ ...whole, baseline: { revision: 'main@sha1:1', items: Object.fromEntries(items) } })).routing).toMatchObject({
    neighbors: [],
    notEvaluated: [unknown],
  });
});

test('a change that decides nothing about routes has no effects', async () => {
  const same = await routeChange([await core()], { state: before, devices: [] }, earlier);
  expect(same).toEqual({ routing: undefined, shares: new Map() });
  expect(await route([])).toEqual({ routing: undefined, shares: new Map() });
});

test('a network too large to be looked at beside other work is said to be left out', async () => {
  const { routing } = await route([await core()], 1);
  expect(routing?.notEvaluated[1]).toMatch(/^\d+ devices hang together by sessions, more than can be looked at here/);
});
