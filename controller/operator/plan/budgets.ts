import type { FleetChanges } from '../../api/index.ts';
import { type BudgetGroup, budgetsOf } from '../../change/index.ts';
import type { DesiredFleet } from '../fleet/desired-fleet.ts';
import { isOurs, type World } from '../world.ts';
import { holdOf } from './held.ts';
import { isUp } from './is-up.ts';

interface BudgetFacts {
  world: World;
  fleet: DesiredFleet;
  limits: FleetChanges;
}

/** Who is in which budget, and not well. */
export interface Budgets {
  /** Members that are not known to be well at this moment. */
  unavailableIn: (group: string) => readonly string[];
  /** The same when it was first asked in this pass: of thousands of sets each asks. */
  unavailableInPass: (group: string) => readonly string[];
  /** Its members, and who of them is unavailable. */
  standingOf: (group: string) => { members: readonly string[]; unavailable: readonly string[] };
}

/** Costs nothing until somebody asks. */
export function budgetsIn(facts: BudgetFacts): Budgets {
  let members: ReadonlyMap<string, readonly string[]> | undefined;
  const seen = new Map<string, readonly string[]>();
  const membersOf = (group: string) => {
    members ??= membersOfBudgets(facts);
    return members.get(group) ?? [];
  };
  const unavailableIn = (group: string) => membersOf(group).filter((name) => !isAvailable(facts, name));
  return {
    unavailableIn,
    standingOf: (group) => ({ members: membersOf(group), unavailable: unavailableIn(group) }),
    unavailableInPass: (group) => {
      const found = seen.get(group) ?? unavailableIn(group);
      seen.set(group, found);
      return found;
    },
  };
}

function membersOfBudgets(facts: BudgetFacts): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const name of facts.fleet.state.objects.Device.keys()) {
    for (const { group } of groupsOf(facts, name)) {
      const known = found.get(group);
      if (known) known.push(name);
      else found.set(group, [name]);
    }
  }
  return found;
}

/** The budgets that a device is in. */
export function groupsOf({ fleet, limits }: Pick<BudgetFacts, 'fleet' | 'limits'>, device: string): readonly BudgetGroup[] {
  const object = fleet.state.objects.Device.get(device);
  return object ? budgetsOf({ redundancyGroups: object.spec.redundancyGroups, labels: object.metadata.labels }, limits) : [];
}

function isAvailable({ world, fleet }: BudgetFacts, name: string): boolean {
  const object = fleet.state.objects.Device.get(name);
  if (object?.spec.lifecycle !== 'Active') return false;
  // What another region's operator looks at, it publishes.
  const verdict = isOurs(world, object.metadata.labels) ? world.judgements.get(name)?.verdict : world.devices.get(name)?.status?.verdict;
  if (verdict === undefined || verdict === 'Unknown' || verdict === 'Invalid') return false;
  if (isInHands(world, name)) return false;
  const expected = (fleet.devices.get(name)?.ready?.sessions ?? []).filter(({ expect }) => expect === 'Established');
  const neighbors = world.neighbors.get(name) ?? [];
  // Somebody else's router may be down for weeks; one that has no session left carries no traffic.
  return expected.length === 0 || expected.some((session) => isUp(neighbors, session));
}

/** Somebody works on it: it is held, or they led its traffic away by hand. One that is only pinned after a rollback carries traffic. */
function isInHands(world: World, name: string): boolean {
  const held = isOurs(world, world.devices.get(name)?.labels ?? {}) ? holdOf(world, name) : world.devices.get(name)?.status?.held;
  if (held && held.where !== 'Rollback') return true;
  return world.drifts.get(name)?.status?.differences.some(({ live = '' }) => drains.test(live)) ?? false;
}

/** Lines that lead traffic away. Git does not know them: to the verdict they are somebody's addition. */
const drains = /\b(graceful-shutdown|max-med|bgp shutdown|overload)\b/;
