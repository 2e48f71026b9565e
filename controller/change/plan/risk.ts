import {
  type Effect,
  type EffectRoutes,
  type NamedPrefixes,
  nameSession,
  type PlannedCommand,
  type Risk,
  type WholeRisk,
} from '../../api/index.ts';
import type { Removals } from './removals.ts';

/** What the rules look at. */
export interface RiskFacts {
  effect: Pick<Effect, 'commands' | 'resets' | 'gaps'>;
  /** Commands that may cut us off. */
  management: readonly PlannedCommand[];
  removals: Removals;
  /** Addresses that a DHCP server gives out no more, in words. */
  shrinks: readonly string[];
  /** Commands that hold for a whole section, with what others have in it. */
  bystanders: readonly { command: PlannedCommand; others: readonly string[] }[];
  /** Every session that the device is configured for, up or not: the risk is approved with the effect, and a flap must not void that. */
  sessions: readonly { address: string; vrf: string }[];
}

interface Rule<Facts> {
  risk: Exclude<Risk, 'low'>;
  /** The sentence that is shown, or nothing when the rule does not apply. */
  says: (facts: Facts) => string | undefined;
}

/** Words of the field, the same on most command lines. A platform that says it otherwise gets no less a plan, only this hint less. */
const unbindsPolicy = /^(no|undo|delete)\b.*\b(neighbor|peer)\b.*\b(route-map|route-policy|prefix-list|filter-list|policy)\b/;
const permitsMore = [
  /^(?!(no|undo|delete)\b).*\b(prefix-list|community-list|access-list)\b.*\bpermit\b/,
  /^(no|undo|delete)\b.*\b(prefix-list|community-list)\b.*\bdeny\b/,
  /^(no|undo|delete) match\b/,
];

/** The stated rules. The highest risk that applies is the risk of the plan; every sentence is shown. */
const rules: readonly Rule<RiskFacts>[] = [
  {
    risk: 'high',
    says: ({ management: [first] }) => first && `it touches the way by which the device is reached: ${first.text}`,
  },
  {
    risk: 'high',
    says: ({ effect: { resets }, sessions }) => {
      const all = new Set(sessions.map(nameOf));
      const down = new Set(resets.map((reset) => nameOf({ ...reset, address: reset.neighbor })));
      const lost = [...all].filter((name) => down.has(name)).length;
      return all.size > 1 && lost * 2 > all.size ? `it resets ${lost} of the ${all.size} sessions that the device has` : undefined;
    },
  },
  {
    risk: 'high',
    says: ({ effect: { gaps } }) =>
      gaps.length > 0 ? `for a moment the device holds neither old nor new: ${list(gaps.map(({ what }) => what))}` : undefined,
  },
  {
    risk: 'high',
    says: ({ effect }) => {
      const found = effect.commands.find(({ text }) => unbindsPolicy.test(text));
      return found && `it takes a policy from a neighbor: ${found.text}`;
    },
  },
  {
    risk: 'medium',
    says: ({ bystanders }) => {
      const others = [...new Set(bystanders.flatMap((each) => each.others))];
      return others.length > 0
        ? `it also holds for ${list(others)}, which Git does not own: ${list(bystanders.map(({ command }) => command.text))}`
        : undefined;
    },
  },
  {
    risk: 'medium',
    says: ({ effect: { resets } }) => (resets.length > 0 ? `it resets ${list(resets.map(nameSession))}` : undefined),
  },
  { risk: 'medium', says: ({ removals: { removed } }) => (removed.length > 0 ? `it removes ${list(removed)}` : undefined) },
  { risk: 'medium', says: ({ shrinks }) => (shrinks.length > 0 ? `clients lose their addresses: ${list(shrinks)}` : undefined) },
  {
    risk: 'medium',
    says: ({ effect }) => {
      const found = effect.commands.find(({ text }) => permitsMore.some((pattern) => pattern.test(text)));
      return found && `it lets more through: ${found.text}`;
    },
  },
];

/** The same of what becomes of routes, where somebody looked. */
const routeRules: readonly Rule<EffectRoutes>[] = [
  {
    risk: 'high',
    says: (routes) =>
      routes.lastOfSite.map((lost) => `no router of ${lost.site} would announce ${listPrefixes(lost)} any more`).join('; ') || undefined,
  },
  { risk: 'high', says: (routes) => (routes.leaks.length > 0 ? `it leaks ${list(routes.leaks)}` : undefined) },
  {
    risk: 'medium',
    says: (routes) =>
      routes.withdrawn.map((lost) => `it withdraws ${listPrefixes(lost)} from ${lost.peer} at ${lost.device}`).join('; ') || undefined,
  },
  {
    risk: 'medium',
    says: (routes) =>
      routes.announced.map((given) => `it announces ${listPrefixes(given)} to ${given.peer} at ${given.device}`).join('; ') || undefined,
  },
];

/** A redundancy group of which a plan changes a member. */
export interface TouchedGroup {
  name: string;
  members: readonly string[];
  /** Members that are not known to be well at this moment. */
  unavailable: readonly string[];
}

/** What only the plan as a whole tells. */
export interface WholeFacts {
  devices: ReadonlySet<string>;
  groups: readonly TouchedGroup[];
}

/** One plan that changes more devices than this. */
const manyDevices = { medium: 20, high: 200 } as const;

/** Not part of any effect: what people agreed to stays the same while a plan grows or a partner fails. */
const wholeRules: readonly Rule<WholeFacts>[] = [
  ...(['high', 'medium'] as const).map(
    (risk): Rule<WholeFacts> => ({
      risk,
      says: ({ devices: { size } }) =>
        size > manyDevices[risk] && (risk === 'high' || size <= manyDevices.high)
          ? `it changes ${size} devices, more than ${manyDevices[risk]}`
          : undefined,
    }),
  ),
  {
    risk: 'high',
    says: ({ devices, groups }) => {
      const found = groups
        .map((group) => redundancyOf(group, devices))
        .filter(({ left, unavailable }) => left.length === 0 && unavailable.length > 0);
      return found.length > 0 ? `no member is left that is well and not changed: ${list(found.map(({ says }) => says))}` : undefined;
    },
  },
  {
    risk: 'medium',
    says: ({ devices, groups }) => {
      const found = groups
        .map((group) => redundancyOf(group, devices))
        // One of a pair, while the other one is well, is what pairs are for.
        .filter(({ left, unavailable, spent }) => spent > 1 && (left.length === 1 || (left.length === 0 && unavailable.length === 0)));
      return found.length > 0 ? `at most one member is left as it is: ${list(found.map(({ says }) => says))}` : undefined;
    },
  },
];

function redundancyOf({ name, members, unavailable }: TouchedGroup, devices: ReadonlySet<string>) {
  const changed = members.filter((member) => devices.has(member));
  const left = members.filter((member) => !devices.has(member) && !unavailable.includes(member));
  const ill = unavailable.length > 0 ? `, ${list(unavailable)} not known to be well` : '';
  return { left, unavailable, spent: members.length - left.length, says: `${name} (${list(changed)} changed${ill})` };
}

/** The risk of a plan beyond that of its effects; undefined when no rule raises it. */
export function judgeWhole(facts: WholeFacts): WholeRisk | undefined {
  const groups = facts.groups.filter(({ members }) => members.length > 1);
  const judged = judgeBy(wholeRules, { ...facts, groups });
  return judged.risk === 'low' ? undefined : judged;
}

/** The risk of a change and one sentence per rule that raised it. */
export function judgeRisk(facts: RiskFacts): Judged {
  return judgeBy(rules, facts);
}

/** What the routes that a change moves add to its risk. */
export function judgeRoutes(routes: EffectRoutes): Judged {
  return judgeBy(routeRules, routes);
}

type Judged = Pick<Effect, 'risk' | 'riskReasons'>;

function judgeBy<Facts>(rules: readonly Rule<Facts>[], facts: Facts): Judged {
  const found = rules.flatMap((rule) => {
    const sentence = rule.says(facts);
    return sentence === undefined ? [] : [{ risk: rule.risk, sentence }];
  });
  const risk = found.some((each) => each.risk === 'high') ? 'high' : found.length > 0 ? 'medium' : 'low';
  return { risk, riskReasons: found.map(({ sentence }) => sentence) };
}

function nameOf({ address, vrf }: { address: string; vrf: string }): string {
  return `${vrf} ${address}`;
}

function listPrefixes({ count, prefixes }: NamedPrefixes): string {
  return `${prefixes.join(', ')}${count > prefixes.length ? ` and ${count - prefixes.length} more` : ''}`;
}

/** A handful by name, the rest by number. */
function list(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
