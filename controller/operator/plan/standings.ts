import { type DeviceSpec, type DeviceStatus, setConditions } from '../../api/index.ts';
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
  const moved = [...world.judgements].filter(([device]) => {
    const [was, now] = [before.get(device), standings.get(device)];
    return was?.reason !== now?.reason || was?.message !== now?.message;
  });
  for (const [device, { proposal, verdict: judged }] of moved) {
    // Policy allows no change any more, and nothing is kept of what differs.
    if (!proposal && judged !== 'InSync' && !standings.has(device)) look([device]);
    if (!proposal) continue;
    const { verdict } = proposal.facts;
    const last = world.devices.get(device)?.status;
    const written = await amendObject<DeviceSpec, DeviceStatus>(world.runtime.objects, world.devices, {
      kind: 'Device',
      name: device,
      status: ({ status, generation }) => {
        const facts = { device, outcome: verdict, held: status?.held, standing: standings.get(device) };
        const ready = readyOf(facts, status?.revision ?? '');
        const at = world.runtime.corridor.clock.now();
        return { ...status, conditions: setConditions(status?.conditions ?? [], [ready], { at, generation }) };
      },
    });
    if (written) await tellTransition(world, written, last);
  }
}
