import { hostname } from 'node:os';
import type { CheckedState, DeviceVerdict } from '../api/index.ts';
import {
  type ApplyDeps,
  type ApplyOptions,
  applyPlan,
  type ClearedPlan,
  type ExpectedSession,
  type OnProgress,
  recover,
  type SetResult,
} from '../change/index.ts';
import { compileDevice } from '../compile/index.ts';
import { PlumblineError } from '../lib/index.ts';
import { isProcessAlive, processIdentity } from '../store/index.ts';
import { judge, observe } from '../verdict/index.ts';
import { compareDevice } from './compare-device.ts';
import type { Corridor } from './corridor.ts';
import type { PreparedDevice } from './prepare.ts';
import { buildTarget } from './target.ts';

/** Finishes what killed processes left on devices: confirms what was decided, rolls back the rest, never sends again. */
export function recoverChanges(state: CheckedState, corridor: Corridor, onProgress: OnProgress): Promise<readonly SetResult[]> {
  return recover(depsOf(state, corridor), onProgress);
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
): Promise<{ results: readonly SetResult[]; verdicts: readonly DeviceVerdict[] }> {
  const results = await applyPlan(depsOf(state, corridor), cleared, signal, onProgress, {
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

function depsOf(state: CheckedState, corridor: Corridor): ApplyDeps {
  const { store, secrets, clock } = corridor;
  return {
    clock,
    changes: store.changes,
    epoch: store.epoch,
    quarantines: store.quarantines,
    history: store.history,
    baselines: store.baselines,
    plans: store.plans,
    owner: processIdentity(),
    isAlive: isProcessAlive,
    reveal: (token) => secrets.reveal(token),
    knows: (name) => state.objects.Device.has(name),
    reach: (name) => {
      const device = state.objects.Device.get(name);
      if (!device) return undefined;
      const target = buildTarget(state, device, secrets);
      if (target instanceof PlumblineError) return undefined;
      return { driver: corridor.driver(device.spec.platform), target, expected: expectedSessions(state, name) };
    },
  };
}

function expectedSessions(state: CheckedState, name: string): readonly ExpectedSession[] {
  return (compileDevice(state, name).intent?.sessions ?? []).map(({ neighbor, vrf, addressFamilies, expect }) => ({
    neighbor,
    vrf,
    addressFamilies,
    expect,
  }));
}
