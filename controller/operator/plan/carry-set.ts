import type { ClearedPlan, SetResult } from '../../change/index.ts';
import { carryOut } from '../../pipeline/index.ts';
import type { DesiredFleet } from '../fleet/desired-fleet.ts';
import type { World } from '../world.ts';

export interface SetWork {
  /** Of the ChangePlan. */
  name: string;
  uid: string;
  set: number;
  way: 'forward' | 'back';
  plan: ClearedPlan;
  /** Go on though the running config is not what a reboot would load. */
  acceptUnsaved: boolean;
  fleet: DesiredFleet;
  /** Why this is allowed: who approved, or which policy. */
  because: string;
  /** Why it is not any more, once the devices were read. */
  whyNot: () => string | undefined;
}

/** Carries one set out, to an end that was seen or could not be. Each step is a line of the log. */
export async function carrySet(
  world: World,
  { name, uid, set, way, plan, acceptUnsaved, fleet, because, whyNot }: SetWork,
  signal: AbortSignal,
): Promise<SetResult> {
  const { runtime } = world;
  const devices = plan.sets.flat();
  const { clock } = runtime.corridor;
  const startedMs = clock.monotonicMs();
  const effects = plan.devices.map(({ effect, effectDigest }) => ({ device: effect.device, effectDigest }));
  runtime.log.info({ plan: name, devices, effects, because, revision: fleet.revision }, 'Change begins');
  const { results } = await carryOut(
    plan,
    fleet.state,
    devices.flatMap((device) => fleet.devices.get(device) ?? []),
    runtime.corridor,
    signal,
    ({ state, message }) => runtime.log.info({ plan: name, devices, state }, message),
    { actor: `plumbline ${name}, ${because}`, cause: { plan: name, uid, set, way }, whyNot, ...(acceptUnsaved && { acceptUnsaved }) },
    world.leadership,
  );
  const [result] = results;
  if (!result) throw new Error(`no result for ${devices.join(', ')}`);
  if (result.end !== 'Skipped') {
    const { plumbline_changes_total: ends, plumbline_change_duration_seconds: durations } = runtime.metrics;
    ends.inc({ end: result.end });
    durations.observe({ end: result.end }, (clock.monotonicMs() - startedMs) / 1000);
  }
  runtime.log.info({ plan: name, devices, end: result.end, reason: result.reason?.code, token: result.token }, 'Change ended');
  return result;
}
