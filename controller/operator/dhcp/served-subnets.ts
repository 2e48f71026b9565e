import type { DesiredObject, Difference, IpVersion } from '../../api/index.ts';
import type { SubnetUse } from '../../drivers/index.ts';
import type { Look } from '../device/publish.ts';
import type { DesiredDevice } from '../fleet/desired-fleet.ts';
import type { World } from '../world.ts';

/** What a look at a DHCP server found of its subnets. */
export interface ServedSubnets {
  /** The most telling verdict for each subnet that differs, by `subnetKey`. */
  verdicts: ReadonlyMap<string, Difference['verdict']>;
  /** How full they are, by `subnetKey`; undefined when the server does not count. */
  uses: ReadonlyMap<string, readonly SubnetUse[]> | undefined;
}

/** Subnet ids are a server's own, and a device has a server for each family. */
export function subnetKey({ family, id }: { family: IpVersion; id: number }): string {
  return `${family} ${id}`;
}

/** Keeps what a look found, for mirrors and metrics; a device that is not known serves nothing that is. */
export function noteServedSubnets({ dhcp }: Pick<World, 'dhcp'>, { name, object }: DesiredDevice, { outcome, use }: Look): void {
  if (!object.spec.dhcp) return;
  if (!('differences' in outcome)) {
    dhcp.delete(name);
    return;
  }
  const verdicts = new Map<string, Difference['verdict']>();
  for (const { path, verdict } of outcome.differences) {
    const key = keyIn(path);
    if (key !== undefined) verdicts.set(key, worse(verdicts.get(key), verdict));
  }
  const uses = use?.outcome === 'Counted' ? Map.groupBy(use.subnets, (each) => `${families[each.service]} ${each.subnet}`) : undefined;
  dhcp.set(name, { verdicts, uses });
}

const families = { dhcp4: 'IPv4', dhcp6: 'IPv6' } as const;
const roots: Readonly<Record<string, IpVersion>> = { Dhcp4: 'IPv4', Dhcp6: 'IPv6' };

/** The subnet that a difference lies in; undefined for what belongs to the server itself. */
function keyIn([root = '', ...path]: readonly string[]): string | undefined {
  const id = path.map((line) => /^subnet (\d+)$/.exec(line)?.[1]).find((found) => found !== undefined);
  const family = roots[root];
  return family === undefined || id === undefined ? undefined : subnetKey({ family, id: Number(id) });
}

/** From the most telling on. */
const order: readonly Difference['verdict'][] = ['Diverged', 'Drifted', 'Unadopted', 'Pending'];

function worse(a: Difference['verdict'] | undefined, b: Difference['verdict']): Difference['verdict'] {
  return order.find((verdict) => verdict === a || verdict === b) ?? b;
}

/** The same over several servers. */
export function worstOf(verdicts: readonly (Difference['verdict'] | undefined)[]): Difference['verdict'] | undefined {
  return order.find((verdict) => verdicts.includes(verdict));
}

/** Names of the subnets of a device in Git, by `subnetKey`. */
export function namesOf(subnets: readonly DesiredObject<'DHCPSubnet'>[]): ReadonlyMap<string, string> {
  return new Map(subnets.map(({ metadata, spec }) => [subnetKey(spec), metadata.name]));
}
