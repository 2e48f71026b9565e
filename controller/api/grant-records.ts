/** What a set takes of one budget: the members of a group that are unavailable while it changes. */
export interface BudgetWish {
  /** `redundancyGroup NAME` or `LABEL=VALUE`. */
  group: string;
  /** Most members that may be unavailable at the same time. */
  max: number;
  /** Members of the group that the set changes. */
  devices: readonly string[];
  /** Members that are unavailable now, for whatever reason, or of which nobody knows that they are not. */
  unavailable: readonly string[];
}

/** Who holds what of one budget. Kept while somebody does. */
export interface Grant {
  group: string;
  max: number;
  holders: readonly GrantHolder[];
}

/** One set of one plan, in the hands of one leader. */
export interface GrantClaimant {
  /** Names the set: the same for every leader that works on it. */
  holder: string;
  /** Operators of other regions know nothing of it: see `regionOf`. Empty when there is one operator. */
  region: string;
  /** Of the leadership: one that was replaced must not give back what its successor has taken for the same set. */
  epoch: number;
}

export interface GrantHolder extends GrantClaimant {
  devices: readonly string[];
  /** When it was taken, ISO 8601. */
  at: string;
}

export type BudgetJudgement =
  | { ok: true }
  /** `never`: not even with all others available. */
  | { ok: false; because: string; never: boolean; holders: readonly string[] };

/**
 * May these devices change now? Whoever is unavailable, whoever changes for another holder and the set itself are counted together, each
 * device once; what the claimant has already, or a leader before it had for it, is its own. Pure; the one rule of plans and of the store.
 */
export function judgeBudget(
  { group, max, devices, unavailable }: BudgetWish,
  held: readonly GrantHolder[],
  claimant?: GrantClaimant,
): BudgetJudgement {
  const own = new Set(devices);
  const others = held.filter((each) => !claimant || !isSuperseded(each, claimant));
  const changing = others.filter((each) => each.devices.some((device) => !own.has(device)));
  const down = [...new Set(unavailable)].filter((device) => !own.has(device));
  const all = new Set([...own, ...down, ...others.flatMap((each) => each.devices)]);
  if (all.size <= max) return { ok: true };
  const members = max === 1 ? '1 member' : `${max} members`;
  const reasons = [
    ...(own.size > max ? [`${list([...own])} would change together`] : []),
    ...(down.length > 0 ? [`${list(down)} ${down.length === 1 ? 'is' : 'are'} not available`] : []),
    ...changing.map((each) => `${list(each.devices)} ${each.devices.length === 1 ? 'changes' : 'change'} now for ${each.holder}`),
  ];
  return {
    ok: false,
    because: `of ${group} at most ${members} may be unavailable, and ${reasons.join('; ')}`,
    never: own.size > max,
    holders: changing.map((each) => each.holder),
  };
}

/** True for what the claimant may replace or give back: its own, or that of a leader before it for the same set. */
export function isSuperseded({ holder, epoch }: GrantHolder, claimant: GrantClaimant): boolean {
  return holder === claimant.holder && epoch <= claimant.epoch;
}

function list(devices: readonly string[]): string {
  const sorted = devices.toSorted();
  return sorted.length > 5 ? `${sorted.slice(0, 5).join(', ')} and ${sorted.length - 5} more` : sorted.join(', ');
}
