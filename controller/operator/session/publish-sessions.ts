import type { BGPSessionSpec, BGPSessionStatus, DesiredObject } from '../../api/index.ts';
import type { DesiredFleet } from '../fleet/desired-fleet.ts';
import { fleetLabel, isOurs, type World } from '../world.ts';
import { removeObject, writeObject } from '../write-object.ts';
import { describeSession, type SessionEndFacts } from './session-status.ts';

/** Publishes the sessions of a device after a look at it. A session of two managed ends waits until both were looked at once. */
export async function publishSessions(world: World, fleet: DesiredFleet, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const object = fleet.state.objects.BGPSession.get(name);
    if (object) await publishSession(world, fleet, object);
  }
}

async function publishSession(world: World, fleet: DesiredFleet, { metadata, spec }: DesiredObject<'BGPSession'>): Promise<void> {
  const { runtime, sessions, lastJudged, neighbors } = world;
  const managed = spec.ends.flatMap(({ device }) => device ?? []);
  // Of a session between two regions the operator of the first end reports, so that two never write one object.
  if (managed[0] === undefined || !fleet.devices.has(managed[0])) return;
  if (managed.some((device) => fleet.devices.has(device) && !lastJudged.has(device))) return;
  const ends = managed.flatMap((device): SessionEndFacts[] => {
    const found = fleet.devices.get(device);
    if (!found) return [];
    // Nobody compares a device that Git cannot be rendered for: what is known of its sessions is not known any more.
    if (!found.ready) return [{ device, expected: undefined, neighbors: undefined }];
    const own = found.ready.sessions.filter(({ session }) => session === metadata.name);
    return own.map((expected) => ({ device, expected, neighbors: neighbors.get(device) }));
  });
  if (ends.length === 0) return;
  await writeObject<BGPSessionSpec, BGPSessionStatus>(runtime.objects, sessions, {
    kind: 'BGPSession',
    name: metadata.name,
    labels: { ...metadata.labels, [fleetLabel]: world.fleet },
    spec,
    fresh: spec,
    status: ({ status, generation }) => describeSession(ends, status, { generation, at: runtime.corridor.clock.now() }),
  });
}

/**
 * Takes the mirrors of sessions away that Git no longer has. Nothing on a device is touched by it. Those of other regions are not ours to
 * take: their operators may be a revision ahead of us.
 */
export async function removeGoneSessions(world: World, fleet: DesiredFleet): Promise<void> {
  const { sessions, devices, runtime } = world;
  const isAnothers = (spec: BGPSessionSpec) => {
    const [first] = spec.ends.flatMap(({ device }) => device ?? []);
    const mirror = first === undefined ? undefined : devices.get(first);
    return mirror !== undefined && !isOurs(world, mirror.labels);
  };
  for (const { name, labels, spec } of sessions.list()) {
    if (labels[fleetLabel] !== world.fleet || fleet.state.objects.BGPSession.has(name) || isAnothers(spec)) continue;
    await removeObject(runtime.objects, sessions, 'BGPSession', name);
  }
}
