import type { ClearedPlan, SetResult } from '../../change/index.ts';
import { carryOut } from '../../pipeline/index.ts';
import type { DesiredFleet } from '../fleet/desired-fleet.ts';
import type { World } from '../world.ts';

export interface SetWork {
  /** Name of the ChangePlan. */
  plan: string;
  cleared: ClearedPlan;
  fleet: DesiredFleet;
  /** Why this is allowed: who approved, or which policy. */
  because: string;
}

/** Carries one set out, to an end that was seen or could not be. Each step is a line of the log. */
export async function carrySet(world: World, { plan, cleared, fleet, because }: SetWork, signal: AbortSignal): Promise<SetResult> {
  const { runtime } = world;
  const devices = cleared.sets.flat();
  const effects = cleared.devices.map(({ effect, effectDigest }) => ({ device: effect.device, effectDigest }));
  runtime.log.info({ plan, devices, effects, because, revision: fleet.revision }, 'Change begins');
  const { results } = await carryOut(
    cleared,
    fleet.state,
    devices.flatMap((name) => fleet.devices.get(name) ?? []),
    runtime.corridor,
    signal,
    ({ state, message }) => runtime.log.info({ plan, devices, state }, message),
    { actor: `plumbline ${plan}, ${because}` },
    world.leadership,
  );
  const [result] = results;
  if (!result) throw new Error(`no result for ${devices.join(', ')}`);
  runtime.log.info({ plan, devices, end: result.end, reason: result.reason?.code, token: result.token }, 'Change ended');
  return result;
}
