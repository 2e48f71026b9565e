import type { DevicePlan } from '../api/index.ts';
import { decideClosing, type PlannedRollback, planRollback, type RollbackFacts } from '../change/index.ts';
import type { PlumblineError } from '../lib/index.ts';
import { askLeases } from './ask-leases.ts';
import type { Corridor } from './corridor.ts';
import { askClosing } from './keep-leased.ts';
import { managementPath } from './plan-devices.ts';
import type { Prepared } from './prepare.ts';
import { type Surveyed, surveyDevices } from './survey.ts';

/** What takes confirmed plans back, from what their devices hold now. */
export interface WayBack {
  /** One for each device on which there is something to take back. */
  plans: readonly DevicePlan[];
  /** Why a device cannot be taken back: then nothing of its set should be. */
  problems: readonly PlumblineError[];
  /** What others changed since in the places that the plans touched, by device. */
  overlaps: ReadonlyMap<string, readonly string[]>;
  /** Devices that could not be read, with why. */
  unknown: ReadonlyMap<string, string>;
}

/** Reads the devices of confirmed plans and plans their way back. Writes nothing to a device. */
export async function planWayBack(
  prepared: Prepared,
  shown: readonly DevicePlan[],
  corridor: Corridor,
  signal: AbortSignal,
): Promise<WayBack> {
  const surveyed = await surveyDevices(prepared, corridor, signal);
  const found = await Promise.all(
    surveyed.flatMap((each) => {
      const plan = shown.find(({ effect }) => effect.device === each.device.name);
      return plan ? [backOf(plan, each, prepared, corridor, signal).then((back) => ({ ...each, back }))] : [];
    }),
  );
  const missing = shown.filter(({ effect }) => !surveyed.some(({ device }) => device.name === effect.device));
  return {
    plans: found.flatMap(({ back }) => back?.plan ?? []),
    problems: found.flatMap(({ back }) => back?.problems ?? []),
    overlaps: new Map(found.flatMap(({ device, back }) => (back && back.overlaps.length > 0 ? [[device.name, back.overlaps]] : []))),
    unknown: new Map([
      ...found.flatMap(({ device, observed }): [string, string][] =>
        observed.state === 'Unknown' ? [[device.name, observed.message]] : [],
      ),
      ...missing.map(({ effect }): [string, string] => [effect.device, 'Git does not have it any more']),
    ]),
  };
}

/** Pools of a DHCP server that the plan brought stay, closed, as long as somebody holds a lease there. */
async function backOf(
  shown: DevicePlan,
  { device, observed, baseline }: Surveyed,
  { state }: Prepared,
  corridor: Corridor,
  signal: AbortSignal,
): Promise<Pick<PlannedRollback, 'plan' | 'problems' | 'overlaps'> | undefined> {
  if (observed.state === 'Unknown') return undefined;
  const facts: RollbackFacts = {
    shown,
    read: observed,
    baseline,
    revision: state.revision,
    management: managementPath(device),
    reveals: (token) => corridor.secrets.reveal(token) !== undefined,
  };
  const back = planRollback(facts);
  const answers = await askClosing(state, device.object, back.open, corridor, signal);
  const { kept } = decideClosing(back.open, answers, corridor.clock.now());
  const decided = kept.length === 0 ? back : planRollback({ ...facts, closing: kept });
  const asked = await askLeases(state, device.object, decided, corridor, signal);
  return { ...decided, ...asked };
}
