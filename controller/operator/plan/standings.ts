import { type ConditionState, type DeviceSpec, type DeviceStatus, findCondition, setConditions } from '../../api/index.ts';
import { readyOf } from '../device/device-status.ts';
import { tellTransition } from '../device/publish.ts';
import type { World } from '../world.ts';
import { amendObject } from '../write-object.ts';
import type { Standing } from './proposal.ts';

/**
 * Says of every device that differs what its change waits for. Only devices whose standing moved are written, and without a look: what
 * differs is what the last one found.
 */
export async function publishStandings(
  world: World,
  standings: ReadonlyMap<string, Standing>,
  look: (devices: readonly string[]) => void,
): Promise<void> {
  const before = world.standings;
  world.standings = standings;
  const hasMoved = (device: string) => {
    const [was, now] = [before.get(device), standings.get(device)];
    return was?.reason !== now?.reason || was?.message !== now?.message;
  };
  // What is being changed is judged again afterwards: that is told then.
  for (const [device, standing] of standings) {
    const isKnown = findCondition(world.devices.get(device)?.status?.conditions, 'Ready')?.status === 'False';
    if (isKnown && !world.judgements.has(device) && hasMoved(device)) await writeReady(world, device, () => ({ ...notReady, ...standing }));
  }
  for (const [device, { proposal, verdict: judged }] of world.judgements) {
    if (!hasMoved(device)) continue;
    // Policy allows no change any more, and nothing is kept of what differs.
    if (!proposal && judged !== 'InSync' && !standings.has(device)) look([device]);
    if (!proposal) continue;
    const { verdict } = proposal.facts;
    const last = world.devices.get(device)?.status;
    const standing = standings.get(device);
    const written = await writeReady(world, device, (status) =>
      readyOf({ device, outcome: verdict, held: status?.held, standing }, status?.revision ?? ''),
    );
    if (written) await tellTransition(world, written, last);
  }
}

const notReady = { type: 'Ready', status: 'False' } as const;

function writeReady({ runtime, devices }: World, name: string, readyNow: (status: DeviceStatus | undefined) => ConditionState) {
  return amendObject<DeviceSpec, DeviceStatus>(runtime.objects, devices, {
    kind: 'Device',
    name,
    status: ({ status, generation }) => {
      const at = runtime.corridor.clock.now();
      return { ...status, conditions: setConditions(status?.conditions ?? [], [readyNow(status)], { at, generation }) };
    },
  });
}
