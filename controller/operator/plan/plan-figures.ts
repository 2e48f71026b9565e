import { type ChangeRecord, type EndState, findCondition, type Pin, type Plan, type SetLetter } from '../../api/index.ts';
import type { OperatorMetrics } from '../metrics.ts';
import type { World } from '../world.ts';
import type { ChangePlanObject } from './full-plan.ts';
import { plansOf } from './keep-plans.ts';
import { isEnded } from './plan-status.ts';
import { isLeft, isSettled } from './settle-failed.ts';

/** What the metrics of changes are made of. */
export interface ChangeFacts {
  /** Plans of this operator. */
  plans: readonly ChangePlanObject[];
  fullOf: (plan: string) => Plan | undefined;
  /** Devices that a way back left drained; false when the drain was seen to be gone since. */
  drained: ReadonlyMap<string, boolean>;
  /** True for a device that is right again, or that somebody looks after. */
  isSettled: (device: string) => boolean;
  /** Changes whose end nobody has seen. */
  open: readonly Pick<ChangeRecord, 'devices' | 'state' | 'startedAt'>[];
  pins: readonly Pin[];
  /** True for devices that this operator tells of. */
  isTold: (device: string) => boolean;
}

const ends = [
  'Confirmed',
  'RolledBack',
  'NothingWritten',
  'PartiallyApplied',
  'RollbackIncomplete',
  'OutcomeUnknown',
] as const satisfies EndState[];

/** Before anything ended: the first of its kind is an increase too. */
export function beginCounting({ plumbline_changes_total: counts, plumbline_change_duration_seconds: durations }: OperatorMetrics): void {
  for (const end of ends) {
    counts.inc({ end }, 0);
    durations.zero({ end });
  }
}

const states = {
  '.': 'Waiting',
  a: 'AtWork',
  b: 'AtWork',
  c: 'Confirmed',
  s: 'Unhealthy',
  t: 'TakenBack',
  r: 'RolledBack',
  n: 'NothingWritten',
  p: 'PartiallyApplied',
  i: 'RollbackIncomplete',
  k: 'RollbackIncomplete',
  u: 'OutcomeUnknown',
} as const satisfies Record<SetLetter, string>;

/** Where a set of a plan stands, or one of its devices. */
type State = (typeof states)[SetLetter] | 'NotBegun' | 'DrainStuck';

/** Told of every plan, also when there are none: a line of a diagram begins at nought. */
const always: readonly State[] = ['Waiting', 'AtWork', 'Confirmed'];

/** What this operator knows of plans and changes. */
export function changeFacts(world: World, isTold: (device: string) => boolean): ChangeFacts {
  const { openChanges, pins, fullPlans } = world;
  return {
    plans: plansOf(world),
    fullOf: (plan) => fullPlans.get(plan),
    drained: world.drained,
    isSettled: (device) => isSettled(world, device),
    open: openChanges,
    pins: [...pins.values()],
    isTold,
  };
}

/** Fills every metric of plans and changes, when somebody scrapes: a plan that is over and done with leaves nothing behind. */
export function fillChangeMetrics(metrics: OperatorMetrics, facts: ChangeFacts): void {
  const gauges = [
    metrics.plumbline_plan_info,
    metrics.plumbline_plan_since_timestamp_seconds,
    metrics.plumbline_plan_sets,
    metrics.plumbline_device_plan_info,
    metrics.plumbline_change_open_since_timestamp_seconds,
    metrics.plumbline_pinned_since_timestamp_seconds,
  ];
  for (const gauge of gauges) gauge.reset();
  const newest = new Set<string>();
  for (const plan of facts.plans.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1))) {
    if (!isEnded(plan.status) || isLeft(plan)) fillPlan(metrics, plan);
    const failed = new Set(isLeft(plan) ? plan.status?.failed.filter((device) => !facts.isSettled(device)) : []);
    for (const [device, state] of devicesOf(plan, facts)) {
      if (!facts.isTold(device) || (newest.has(device) && !failed.has(device))) continue;
      newest.add(device);
      metrics.plumbline_device_plan_info.set({ device, plan: plan.name, state }, 1);
    }
  }
  for (const { devices, state, startedAt } of facts.open) {
    for (const device of devices.filter(facts.isTold)) {
      const labels = { device, state: state === 'OutcomeUnknown' ? state : 'AtWork' };
      metrics.plumbline_change_open_since_timestamp_seconds.set(labels, seconds(startedAt));
    }
  }
  for (const { device, plan, at } of facts.pins)
    if (facts.isTold(device)) metrics.plumbline_pinned_since_timestamp_seconds.set({ device, plan }, seconds(at));
}

/** The devices of a plan that may still matter, with where each stands. Those of plans whose text was not needed yet are not known. */
function devicesOf(plan: ChangePlanObject, { fullOf, drained }: ChangeFacts): readonly (readonly [string, State])[] {
  const { name, status } = plan;
  if (status?.phase === 'Superseded' || status?.phase === 'Rejected') return [];
  return (fullOf(name)?.sets ?? []).flatMap((set, k) => {
    const state = stateAt(status, k);
    const isRest = state === 'RollbackIncomplete' && isLeft(plan);
    return set.map((device): [string, State] => {
      const drain = isRest ? drained.get(device) : undefined;
      return [device, drain === undefined ? state : drain ? 'DrainStuck' : 'RolledBack'];
    });
  });
}

function stateAt(status: ChangePlanObject['status'], set: number): State {
  const state = states[(status?.progress?.[set] ?? '.') as SetLetter];
  return state === 'Waiting' && isEnded(status) ? 'NotBegun' : state;
}

function fillPlan(metrics: OperatorMetrics, { name: plan, createdAt, spec, status }: ChangePlanObject): void {
  const { mode, cause, risk } = spec;
  const { phase = 'Proposed', since = createdAt, bakedUntil = since } = status ?? {};
  const reason = findCondition(status?.conditions, 'Ready')?.reason ?? 'Pending';
  metrics.plumbline_plan_info.set({ plan, mode, cause, phase, reason, risk }, 1);
  // A wave that is watched is not meant to move.
  const until = phase === 'Running' ? Math.max(seconds(since), seconds(bakedUntil)) : seconds(since);
  metrics.plumbline_plan_since_timestamp_seconds.set({ plan }, until);
  const sets = Array.from({ length: spec.sets }, (_, k) => stateAt(status, k));
  for (const state of new Set([...always, ...sets]))
    metrics.plumbline_plan_sets.set({ plan, state }, sets.filter((each) => each === state).length);
}

function seconds(iso: string): number {
  return Date.parse(iso) / 1000;
}
