import type { BGPSessionSpec, BGPSessionStatus, DesiredObject } from '../../api/index.ts';
import type { StoredObject } from '../../store/index.ts';
import type { DesiredFleet } from '../fleet/desired-fleet.ts';
import { fleetLabel, isOurs, type World } from '../world.ts';
import { removeObject, writeObject } from '../write-object.ts';
import { describeSession, type SessionEndFacts } from './session-status.ts';

/**
 * Publishes a session after a look at an end of it, or takes the mirror of one away that nobody has any more. One of two managed ends waits
 * until both were looked at once. Nothing on a device is touched by it.
 */
export async function reconcileSession(world: World, name: string): Promise<void> {
  const fleet = world.inForce;
  const object = fleet?.state.objects.BGPSession.get(name);
  if (fleet && object) {
    await publishSession(world, fleet, object);
    // While it was written another revision may have come into force, or the Fleet may have gone, and nobody knew of this mirror then.
    if (world.inForce !== fleet) world.askSessions([name]);
    return;
  }
  // Whoever asked may have been a revision behind: the question is put again to what is in force now.
  const mirror = world.sessions.get(name);
  if (mirror && isGone(world, mirror)) await removeObject(world.runtime.objects, world.sessions, 'BGPSession', name);
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

/** Names of mirrors of sessions that are to be taken away. */
export function goneSessions(world: World): string[] {
  return world.sessions
    .list()
    .filter((mirror) => isGone(world, mirror))
    .map(({ name }) => name);
}

/**
 * Says whether Git no longer has the session of a mirror, or its Fleet is gone. Those of other regions are not ours to take: their operators
 * may be a revision ahead of us, or behind.
 */
function isGone(world: World, { name, labels, spec }: StoredObject<BGPSessionSpec>): boolean {
  const { inForce, fleets, devices } = world;
  const [first] = spec.ends.flatMap(({ device }) => device ?? []);
  const reporter = first === undefined ? undefined : devices.get(first);
  if (reporter && !isOurs(world, reporter.labels)) return false;
  const owner = labels[fleetLabel];
  if (owner !== world.fleet) return owner !== undefined && !fleets.get(owner);
  return inForce !== undefined && !inForce.state.objects.BGPSession.has(name);
}
