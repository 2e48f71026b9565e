import type { DevicePlan, Plan } from '../../api/index.ts';
import { type ClearedPlan, effectDigestOf, gate, type GateFacts, makePlan, onlySet, type SetResult } from '../../change/index.ts';
import type { Prepared, WayBack } from '../../pipeline/index.ts';
import type { DesiredFleet } from '../fleet/desired-fleet.ts';
import { sessionsAmong } from './peers.ts';

/** Devices of the revision in force, as the corridor takes them. */
export function preparedOf({ state, templatesDigest, templateProblems, devices }: DesiredFleet, names: readonly string[]): Prepared {
  return { state, templatesDigest, templateProblems, devices: names.flatMap((name) => devices.get(name) ?? []) };
}

/** A plan of what takes others back. What was changed since in the same places is part of what people see, and of the risk. */
export function makeWayBack({ plans, overlaps }: WayBack, fleet: DesiredFleet, at: Date): Plan {
  const warned = plans.map((plan) => warn(plan, overlaps.get(plan.effect.device) ?? []));
  const sessions = sessionsAmong(
    warned.map(({ effect }) => effect.device),
    fleet,
  );
  return makePlan(warned, sessions, { revision: fleet.revision, createdAt: at });
}

function warn(plan: DevicePlan, overlaps: readonly string[]): DevicePlan {
  if (overlaps.length === 0) return plan;
  const { effect } = plan;
  const changed = {
    ...effect,
    risk: effect.risk === 'low' ? ('medium' as const) : effect.risk,
    riskReasons: [...effect.riskReasons, ...overlaps],
  };
  return { ...plan, effect: changed, effectDigest: effectDigestOf(changed) };
}

/** One set of a way back through the gate, or how it ended before it began. */
export function clearWayBack(
  back: WayBack,
  devices: readonly string[],
  fleet: DesiredFleet,
  at: Date,
): { plan: ClearedPlan; acceptUnsaved: boolean } | { result: SetResult } {
  const end = (code: string, message: string) => endBefore(devices, code, message);
  for (const [device, why] of back.unknown) return end('DeviceUnknown', `${device}: ${why}`);
  const [problem] = back.problems;
  if (problem) return end(problem.code, problem.message);
  // Whoever changed these places since has the last word: only a person takes that back, who sees it.
  for (const [device, [overlap = '']] of back.overlaps) return end('ConcurrentChange', `${device}: ${overlap}`);
  if (back.plans.length === 0) return { result: { devices, end: 'Confirmed', notes: [], reads: new Map() } };
  const plan = makeWayBack(back, fleet, at);
  const whole = onlySet(new Map(plan.devices.map((each) => [each.effect.device, each])), devices, plan);
  const { cleared, refusals } = gate(whole, new Map(devices.map((device) => [device, standingFacts(device)])), consent);
  const [first] = refusals;
  if (cleared.sets.length === 0) return end(first?.code ?? 'Unverified', first?.message ?? 'refused');
  return { plan: cleared, acceptUnsaved: true };
}

/** A set of which nothing was written, and why. */
export function endBefore(devices: readonly string[], code: string, message: string): { result: SetResult } {
  return { result: { devices, end: 'NothingWritten', reason: { code, message }, notes: [], reads: new Map() } };
}

/** A person or policy let the plan begin whose way back this is. */
const consent = { approved: true, allowRemovals: true, retry: true, acceptUnsaved: true } as const;

/** What the gate asks of a device that was read a moment ago, and whose verdict does not matter: it is to hold what it held before. */
export function standingFacts(device: string): GateFacts {
  return {
    verdict: { device, verdict: 'InSync', at: '', revision: '', differences: [], counts: { owned: 0, inSync: 0, unmanaged: 0 } },
    mode: 'Approve',
    because: [],
    removals: { owned: 0, removed: [] },
    startupDiffers: false,
    quarantine: undefined,
    problems: [],
  };
}
