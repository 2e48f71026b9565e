import type { CheckedState, Plan, PlanReview } from '../api/index.ts';
import { groupDigestOf, judgeWindows, layOut } from '../change/index.ts';
import { changePolicyOf, modeOf, windowsOf } from '../desired/index.ts';
import { formatPosition } from '../lib/index.ts';
import type { Surveyed } from './survey.ts';
import { testRoutes } from './test-routes.ts';

/** What a reviewer wants to know around a plan. `surveyed` are the devices as they were read; none where nobody asked them. */
export function reviewPlan(
  plan: Plan,
  state: CheckedState,
  at: Date,
  surveyed: readonly Pick<Surveyed, 'observed' | 'verdict'>[] = [],
): PlanReview {
  const policies = [...state.objects.ReconcilePolicy.values()];
  const windows = windowsOf(state);
  const names = plan.devices.map(({ effect }) => effect.device);
  const objects = names.flatMap((name) => state.objects.Device.get(name) ?? []);
  const modes = Map.groupBy(objects, (object) => JSON.stringify(modeOf(object, policies)));
  const closed = Map.groupBy(objects, ({ metadata: { labels } }) => judgeWindows(windows, labels, at).because);
  const { tests, failures } = testRoutes(state);
  const read = surveyed.flatMap(({ observed }) => (observed.state === 'Read' ? [observed.at] : [])).toSorted();
  const [from, to] = [read[0], read.at(-1)];
  return {
    ...(from !== undefined && to !== undefined && { looked: { from, to } }),
    holds: surveyed.flatMap(({ observed }) =>
      observed.state === 'Read' && observed.hold
        ? [{ device: observed.device, says: `${observed.hold.reason} (${observed.hold.by}, ${observed.hold.at})` }]
        : [],
    ),
    modes: [...modes]
      .map(([text, some]) => ({ ...(JSON.parse(text) as ReturnType<typeof modeOf>), devices: some.map(({ metadata }) => metadata.name) }))
      .toSorted((a, b) => order.indexOf(a.mode) - order.indexOf(b.mode)),
    closed: [...closed].flatMap(([because, some]) =>
      because === undefined ? [] : [{ devices: some.map(({ metadata }) => metadata.name), because }],
    ),
    rollout: stepsOf(plan, state),
    tests: {
      tests,
      failures: failures.map(({ message, next, at: place }) => ({ message, next, ...(place && { place: formatPosition(place) }) })),
    },
    notEvaluated: [
      ...(surveyed.length === 0
        ? ['the devices themselves: what they hold, their sessions, drift, holds and leases; nobody asked them']
        : []),
      'what the Fleet of an operator says: who must approve, freezes, budgets, a lower ceiling',
    ],
  };
}

const order = ['Report', 'Approve', 'Enforce'];

/** How an operator would go about it, were all of it let begin at once. */
function stepsOf({ sets, devices }: Plan, { objects }: CheckedState): PlanReview['rollout'] {
  const policies = [...objects.ReconcilePolicy.values()];
  const effects = new Map(devices.map(({ effect }) => [effect.device, groupDigestOf(effect)]));
  const policyOf = (name: string) => {
    const device = objects.Device.get(name);
    if (!device) throw new Error(`${name} is planned and not in Git`);
    return changePolicyOf(device, policies).rollout;
  };
  const { waveOf, policy } = layOut(sets, {
    policyOf,
    effectOf: (name) => effects.get(name) ?? '',
    sharesOf: (name) => objects.Device.get(name)?.spec.redundancyGroups ?? [],
  });
  const canaries = sets.filter((_, set) => waveOf[set] === 0).flat();
  const waves = [
    ...Map.groupBy(
      waveOf.filter((wave) => wave > 0),
      (wave) => wave,
    ),
  ]
    .toSorted(([a], [b]) => a - b)
    .map(([, members]) => members.length);
  return { canaries, waves, onFailure: policy.onFailure };
}
