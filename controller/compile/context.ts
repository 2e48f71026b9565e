import type { DesiredObject, DeviceProfileSpec, IpFamily } from '../api/index.ts';
import type { PlumblineError } from '../lib/index.ts';
import type { DrainUse } from './drain.ts';
import type { InputReader } from './inputs.ts';
import { compareText } from './order.ts';

/** What the parts of one compilation share: the inputs, the problems found, and what the parts found to be in use. */
export interface Compilation {
  readonly desired: InputReader;
  readonly device: DesiredObject<'Device'>;
  readonly profile: DeviceProfileSpec | undefined;
  readonly problems: PlumblineError[];
  /** Families in which each RoutePolicy is used on the device, by name. */
  readonly policyUses: Map<string, Set<IpFamily>>;
  /** Policies of drained sessions, by name on the device. */
  readonly drains: Map<string, DrainUse>;
  readonly bfdProfiles: Map<string, DesiredObject<'BFDProfile'>>;
}

export function familyOf(text: string): IpFamily {
  return text.includes(':') || text.startsWith('ipv6') ? 'ipv6' : 'ipv4';
}

/** Notes that a policy is used in a family, and hands on its name on the device; null when there is none. */
export function usePolicy(compilation: Compilation, policy: string | undefined, family: IpFamily): string | null {
  if (policy === undefined) return null;
  const families = compilation.policyUses.get(policy) ?? new Set();
  compilation.policyUses.set(policy, families.add(family));
  return compilation.desired.get('RoutePolicy', policy)?.spec.nameOnDevice ?? policy;
}

/** Entries of a map in the order of their keys, so that nothing depends on the order of files. */
export function sortedEntries<V>(map: ReadonlyMap<string, V>): [string, V][] {
  return [...map].sort(([a], [b]) => compareText(a, b));
}
