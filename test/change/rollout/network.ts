import type { DevicePlan, Plan } from '../../../controller/api/index.ts';
import {
  type BudgetGroup,
  type ClearedPlan,
  gate,
  groupDigestOf,
  layOut,
  type Layout,
  onlySet,
  planDevice,
} from '../../../controller/change/index.ts';
import { sha256 } from '../../../controller/lib/index.ts';
import { ModelTarget } from '../model-target.ts';

/** A network of seven routers, two plans for it that meet in one of them, and groups of which not all may be away. */
export const devices = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

const groups: Readonly<Record<string, readonly BudgetGroup[]>> = {
  a: [reflectors(), site(1)],
  b: [reflectors(), site(2)],
  c: [site(1)],
  d: [site(1)],
  e: [site(1)],
  f: [site(2)],
  g: [site(2)],
};

function reflectors(): BudgetGroup {
  return { group: 'redundancyGroup reflectors', max: 1 };
}

function site(number: number): BudgetGroup {
  return { group: `site=${number}`, max: 2 };
}

export function groupsOf(device: string): readonly BudgetGroup[] {
  return groups[device] ?? [];
}

/** The groups, with all of their members. */
export const budgets: readonly (BudgetGroup & { members: readonly string[] })[] = [reflectors(), site(1), site(2)].map((each) => ({
  ...each,
  members: devices.filter((device) => groupsOf(device).some(({ group }) => group === each.group)),
}));

/** One plan as its ChangePlan and the artifact store have it. */
export interface ModelPlan {
  name: string;
  mode: 'Approve' | 'Enforce';
  sets: readonly (readonly string[])[];
  devices: ReadonlyMap<string, DevicePlan>;
  layout: Layout;
}

export function modelPlans(onFailure: 'Keep' | 'RollBack'): readonly ModelPlan[] {
  const policy = { canary: 1, waves: [50, 100], bakeSeconds: 30, atOnce: 2, onFailure };
  const make = (name: string, mode: ModelPlan['mode'], sets: readonly (readonly string[])[], wanted: Readonly<Record<string, string>>) => {
    const plans = new Map(sets.flat().map((device) => [device, planOf(device, wanted[device] ?? 'new')]));
    const effectOf = (device: string) => groupDigestOf((plans.get(device) as DevicePlan).effect);
    return { name, mode, sets, devices: plans, layout: layOut(sets, { policyOf: () => policy, effectOf }) };
  };
  return [
    make('one', 'Approve', [['a'], ['b'], ['c', 'd'], ['e']], { c: 'other', d: 'other' }),
    make('two', 'Enforce', [['e'], ['f'], ['g']], { e: 'newer', f: 'newer', g: 'newer' }),
  ];
}

const planned = new Map<string, DevicePlan>();

/** The plan that turns every description to a value, of a router that nobody has changed. */
function planOf(device: string, value: string): DevicePlan {
  const known = planned.get(`${device} ${value}`);
  if (known) return known;
  const target = new ModelTarget(device, () => 0);
  const text = target.config.replace(target.others, '').replaceAll(/description .*/g, `description ${value}`);
  const { plan } = planDevice({
    rendered: { device, platform: 'frr', text, secrets: [], digest: sha256(text) },
    read: target.read(),
    baseline: undefined,
    revision: 'main@sha1:1',
    templatesDigest: '',
    management: { address: '203.0.113.1' },
    exactContainers: new Set(),
  });
  if (!plan) throw new Error('nothing to plan');
  planned.set(`${device} ${value}`, plan);
  return plan;
}

/** One set as a plan of its own, past the gate. */
export function clear(set: readonly string[], plans: ReadonlyMap<string, DevicePlan>, createdAt: Date): ClearedPlan {
  const plan: Plan = onlySet(plans, set, { createdAt: createdAt.toISOString(), revision: 'main@sha1:1' });
  const counts = { owned: 2, inSync: 0, unmanaged: 0 };
  const facts = set.map((device) => {
    const verdict = { device, verdict: 'Pending' as const, at: '', revision: '', differences: [], counts };
    const removals = { owned: 2, removed: [] };
    return [
      device,
      { verdict, mode: 'Approve' as const, because: [], removals, startupDiffers: false, quarantine: undefined, problems: [] },
    ] as const;
  });
  const { cleared, refusals } = gate(plan, new Map(facts), { approved: true });
  if (cleared.sets.length !== 1) throw new Error(refusals.map(({ message }) => message).join());
  return cleared;
}
