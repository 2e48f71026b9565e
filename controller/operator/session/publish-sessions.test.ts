import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../store/index.ts';
import type { DesiredFleet } from '../fleet/desired-fleet.ts';
import { followObjects } from '../object-cache.ts';
import { fleetLabel, type World } from '../world.ts';
import { removeGoneSessions } from './publish-sessions.ts';

it("takes away sessions that Git no longer has, but none that another region's operator reports", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-sessions-'));
  const stop = new AbortController();
  const store = await openStore(folder);
  const { objects } = store;
  onTestFinished(() => {
    stop.abort();
    store.close();
    rmSync(folder, { recursive: true });
  });
  for (const [name, site] of [
    ['a', 'fra'],
    ['b', 'nyc'],
  ] as const)
    await objects.create({ kind: 'Device', name, labels: { site, [fleetLabel]: 'lab' }, spec: {} });
  const session = (name: string, devices: readonly string[], fleet = 'lab') =>
    objects.create({
      kind: 'BGPSession',
      name,
      labels: { [fleetLabel]: fleet },
      spec: { ends: [{ address: '192.0.2.1' }, ...devices.map((device) => ({ device }))] },
    });
  await session('stays', ['a']);
  await session('ours', ['a', 'b']);
  await session('theirs', ['b', 'a']);
  await session('of-nobody', ['gone']);
  await session('of-another-fleet', ['a'], 'other');
  const follow = async (kind: string) => (await followObjects(objects, kind, stop.signal, () => undefined)).cache;
  const [devices, sessions] = [await follow('Device'), await follow('BGPSession')];
  const world = { fleet: 'lab', selector: { site: 'fra' }, runtime: { objects }, devices, sessions } as unknown as World;
  const fleet = { state: { objects: { BGPSession: new Map([['stays', {}]]) } } } as unknown as DesiredFleet;

  await removeGoneSessions(world, fleet);
  const left = (await objects.list('BGPSession')).map(({ name }) => name);
  expect(left).toEqual(['of-another-fleet', 'stays', 'theirs']);
});
