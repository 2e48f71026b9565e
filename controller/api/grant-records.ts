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

export interface GrantHolder {
  /** One set of one plan of one operator. */
  holder: string;
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
 * device once; what `holder` holds already is its own. Pure; the one rule of plans and of the store that hands grants out.
 */
export function judgeBudget(
  { group, max, devices, unavailable }: BudgetWish,
  held: readonly GrantHolder[],
  holder?: string,
): BudgetJudgement {
  const own = new Set(devices);
  const others = held.filter((each) => each.holder !== holder);
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

function list(devices: readonly string[]): string {
  const sorted = devices.toSorted();
  return sorted.length > 5 ? `${sorted.slice(0, 5).join(', ')} and ${sorted.length - 5} more` : sorted.join(', ');
}
