import { type ConditionState, type DHCPSubnetStatus, type Difference, setConditions, utilisationSteps } from '../../api/index.ts';
import type { SubnetUse } from '../../drivers/index.ts';
import { worstOf } from './served-subnets.ts';

/** A server of the subnet, and what was last seen there. */
export interface ServerFacts {
  device: string;
  /** Undefined while nobody knows what the device holds. */
  seen?: { verdict: Difference['verdict'] | undefined; uses: readonly SubnetUse[] | undefined } | undefined;
}

interface Moment {
  generation: number;
  at: Date;
}

type Step = number;

/** So many points below a step a pool is before it counts as below: one lease that comes and goes writes nothing. */
const slackPoints = 3;

/** State of a subnet over its servers. Ready means that every one of them holds it as Git says. */
export function describeSubnet(
  servers: readonly ServerFacts[],
  reservations: number,
  last: DHCPSubnetStatus | undefined,
  { generation, at }: Moment,
): DHCPSubnetStatus {
  const uses = servers.flatMap(({ seen }) => seen?.uses ?? []);
  const addressesUsed = stepOf(uses, 'address', last?.addressesUsed);
  const prefixesUsed = stepOf(uses, 'prefix', last?.prefixesUsed);
  const exhausted = exhaustedBy(addressesUsed, prefixesUsed);
  return {
    observedGeneration: generation,
    conditions: setConditions(last?.conditions ?? [], [readyOf(servers), ...(exhausted ? [exhausted] : [])], { generation, at }),
    servers: servers.map(({ device, seen }) => ({ device, verdict: seen ? (seen.verdict ?? 'InSync') : 'Unknown' })),
    ...(addressesUsed !== undefined && { addressesUsed }),
    ...(prefixesUsed !== undefined && { prefixesUsed }),
    reservations,
  };
}

/** A subnet of which nobody has looked at some servers for long: nothing is claimed by what was seen of it. */
export function describeStaleSubnet(last: DHCPSubnetStatus, unseen: readonly string[], { generation, at }: Moment): DHCPSubnetStatus {
  const were = unseen.length === 1 ? 'was' : 'were';
  const message = `${unseen.join(' and ')} ${were} not looked at for three intervals`;
  const others = last.conditions.filter(({ type }) => type !== 'Ready');
  const states: ConditionState[] = [{ type: 'Ready', status: 'Unknown', reason: 'Stale', message }, ...others];
  const servers = last.servers.map((server) => (unseen.includes(server.device) ? { ...server, verdict: 'Unknown' as const } : server));
  return { ...last, servers, conditions: setConditions(last.conditions, states, { generation, at }) };
}

function readyOf(servers: readonly ServerFacts[]): ConditionState {
  const worst = worstOf(servers.map(({ seen }) => seen?.verdict));
  const differing = servers.flatMap(({ device, seen }) => (seen?.verdict ? [`${device}: ${seen.verdict}`] : []));
  const [first] = servers;
  if (worst && first) {
    const message = `${differing.join('; ')}. Next: plumb why ${servers.find(({ seen }) => seen?.verdict === worst)?.device ?? first.device}`;
    return { type: 'Ready', status: 'False', reason: worst, message };
  }
  const unseen = servers.flatMap(({ device, seen }) => (seen ? [] : [device]));
  if (unseen.length > 0)
    return { type: 'Ready', status: 'Unknown', reason: 'Unverified', message: `${unseen.join(' and ')} cannot be read` };
  return {
    type: 'Ready',
    status: 'True',
    reason: 'InSync',
    message: `${servers.map(({ device }) => device).join(' and ')} serve it as Git says`,
  };
}

/** The fuller of two servers that count the same leases. Undefined when none counts, or there is nothing to give out. */
function stepOf(uses: readonly SubnetUse[], of: SubnetUse['of'], last: Step | undefined): Step | undefined {
  const counted = uses.filter((use) => use.of === of && use.total > 0);
  if (counted.length === 0) return undefined;
  const percent = Math.max(...counted.map(({ assigned, total }) => (100 * assigned) / total));
  const reached = (limit: number) => utilisationSteps.findLast((step) => limit >= step) ?? 0;
  return last !== undefined && percent < last ? reached(Math.min(percent + slackPoints, last)) : reached(percent);
}

function exhaustedBy(addresses: Step | undefined, prefixes: Step | undefined): ConditionState | undefined {
  const what = [...(addresses === 100 ? ['addresses'] : []), ...(prefixes === 100 ? ['prefixes'] : [])];
  if (what.length === 0) return undefined;
  const message = `Every one of its ${what.join(' and ')} is leased: new clients get none. Next: add a pool to the DHCPSubnet in Git`;
  return { type: 'Exhausted', status: 'True', reason: 'PoolExhausted', message };
}
