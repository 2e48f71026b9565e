import {
  carefulDrain,
  carefulProbes,
  carefulRollout,
  type CheckedState,
  type DesiredObject,
  type DrainPolicy,
  type FleetChanges,
  type NamedWindow,
  type ProbePolicy,
  type RolloutPolicy,
  selects,
} from '../api/index.ts';

/** How a device is changed, once it may be. */
export interface ChangePolicy {
  rollout: RolloutPolicy;
  /** Absent: sessions go down without warning to their neighbors, as the change resets them. */
  drain?: DrainPolicy;
  probes: ProbePolicy;
  /** Also where nothing on the device takes an unconfirmed change back by itself. */
  withoutDeadMan: boolean;
}

/** What all policies that select the device ask for: of each field the most careful value, and all probes. */
export function changePolicyOf(device: DesiredObject<'Device'>, policies: Iterable<DesiredObject<'ReconcilePolicy'>>): ChangePolicy {
  const asked = [...policies].map(({ spec }) => spec).filter(({ selector }) => selects(selector, device.metadata.labels));
  const drain = carefulDrain(asked.flatMap((spec) => spec.drain ?? []));
  return {
    rollout: carefulRollout(asked.flatMap((spec) => spec.rollout ?? [])),
    ...(drain ? { drain } : {}),
    probes: carefulProbes(asked.flatMap((spec) => spec.probes ?? [])),
    withoutDeadMan: asked.some((spec) => spec.withoutDeadMan === 'Accept') && asked.every((spec) => spec.withoutDeadMan !== 'Refuse'),
  };
}

/** Every window of a revision, and the freezes of its Fleet. */
export function windowsOf({ objects }: CheckedState, freezes: FleetChanges['freezes'] = []): NamedWindow[] {
  const ofGit = [...objects.ChangeWindow.values()].map(({ spec, metadata, position: { file, line } }): NamedWindow => {
    return { ...whenOf(spec), name: `ChangeWindow/${metadata.name}`, effect: spec.effect, source: { file, line } };
  });
  const ofFleet = freezes.map((freeze, i): NamedWindow => {
    return { ...whenOf(freeze), name: `freeze ${i + 1} of the Fleet`, effect: 'Freeze' };
  });
  return [...ofGit, ...ofFleet];
}

function whenOf({
  selector,
  intervals,
  schedule,
}: FleetChanges['freezes'][number]): Pick<NamedWindow, 'selector' | 'intervals' | 'schedule'> {
  return { selector, intervals, schedule };
}
