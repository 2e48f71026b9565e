import { hostname } from 'node:os';
import type { CheckedState, DeviceVerdict } from '../api/index.ts';
import { type ApplyOptions, applyPlan, type ClearedPlan, type OnProgress, recover, type SetResult } from '../change/index.ts';
import { judge, observe } from '../verdict/index.ts';
import { applyDepsOf, type Leadership } from './apply-deps.ts';
import { compareDevice } from './compare-device.ts';
import type { Corridor } from './corridor.ts';
import type { PreparedDevice } from './prepare.ts';

/**
 * Finishes what killed processes left on devices: confirms what was decided, rolls back the rest, never sends again. With a leadership: of
 * its devices, and also what a process of another machine left a moment ago.
 */
export function recoverChanges(
  state: CheckedState,
  corridor: Corridor,
  onProgress: OnProgress,
  leadership?: Leadership,
): Promise<readonly SetResult[]> {
  return recover(applyDepsOf(state, corridor, leadership), onProgress);
}

/** Carries a cleared plan out, and judges each device that was confirmed by what was read back. */
export async function carryOut(
  cleared: ClearedPlan,
  state: CheckedState,
  devices: readonly PreparedDevice[],
  corridor: Corridor,
  signal: AbortSignal,
  onProgress: OnProgress,
  options: ApplyOptions,
  leadership?: Leadership,
): Promise<{ results: readonly SetResult[]; verdicts: readonly DeviceVerdict[] }> {
  const results = await applyPlan(applyDepsOf(state, corridor, leadership), cleared, signal, onProgress, {
    actor: actorHere(),
    ...options,
  });
  const verdicts: DeviceVerdict[] = [];
  for (const { reads } of results) {
    for (const [name, read] of reads) {
      const device = devices.find((each) => each.name === name);
      if (!device?.ready) continue;
      const [baseline, last] = await Promise.all([corridor.store.baselines.get(name), corridor.store.observations.get(name)]);
      const { facts } = compareDevice({ ...device.ready, revision: state.revision, read, baseline, last });
      const verdict = judge(facts);
      const observation = observe(last, verdict);
      if (observation) await corridor.store.observations.put(observation);
      verdicts.push(verdict);
    }
  }
  return { results, verdicts };
}

/** Who asks, for the history. */
export function actorHere(): string {
  return `${process.env['USER'] ?? 'unknown'}@${hostname()}`;
}
