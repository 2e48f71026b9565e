import { closedPoolClass } from '../../api/index.ts';
import type { KeaService } from '../contract.ts';
import { isMap, type Json, type JsonMap, sayWord } from './answers.ts';

/**
 * A pool that a plan closed bears the moment from which no lease can be left in it, in its `user-context.plumbline`: for whoever takes it away later,
 * and cannot see the leases.
 */
const key = 'closedUntil';

/** Kea's own, where nobody says one. */
const usualLifetimeSeconds = 7_200;

/** The same configuration with the moment in pools that are closed and have none, and in no others. `before`: what leases were given by until now. */
export function stampClosed(config: JsonMap, before: JsonMap, now: Date): JsonMap {
  const until = new Date(now.getTime() + Math.max(longestLifetime(before), longestLifetime(config)) * 1000).toISOString();
  return mapPools(config, (pool) => {
    const stamped = stampOf(pool);
    if (isClosed(pool) === (stamped !== undefined)) return pool;
    const { 'user-context': context, ...rest } = pool;
    const { plumbline, ...others } = isMap(context) ? context : {};
    const { [key]: _old, ...ours } = isMap(plumbline) ? plumbline : {};
    const mine = isClosed(pool) ? { ...ours, [key]: until } : ours;
    const written = { ...others, ...(Object.keys(mine).length > 0 && { plumbline: mine }) };
    return Object.keys(written).length > 0 ? { ...rest, 'user-context': written } : rest;
  });
}

/** The moment of each closed pool: `dhcp4 10 192.0.2.150`, the service, the subnet and its first address. */
export function readClosed(service: KeaService, config: JsonMap): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  mapPools(config, (pool, subnet) => {
    const until = isClosed(pool) ? stampOf(pool) : undefined;
    const first =
      sayWord(pool['pool'] ?? pool['prefix'])
        .split(/[-/]/)[0]
        ?.trim() ?? '';
    if (until !== undefined) found[`${service} ${sayWord(subnet['id'])} ${first}`] = until;
    return pool;
  });
  return found;
}

function isClosed(pool: JsonMap): boolean {
  const classes = pool['client-classes'];
  return pool['client-class'] === closedPoolClass || (Array.isArray(classes) && classes[0] === closedPoolClass);
}

function stampOf(pool: JsonMap): string | undefined {
  const context = pool['user-context'];
  const ours = isMap(context) ? context['plumbline'] : undefined;
  const until = isMap(ours) ? ours[key] : undefined;
  return typeof until === 'string' && !Number.isNaN(Date.parse(until)) ? until : undefined;
}

/** Wherever a server may have subnets, with what is made of each pool. What is the same stays the same object. */
function mapPools(config: JsonMap, make: (pool: JsonMap, subnet: JsonMap) => JsonMap): JsonMap {
  const inSubnet = (subnet: JsonMap) => mapLists(subnet, ['pools', 'pd-pools'], (pool) => make(pool, subnet));
  const subnets = (map: JsonMap) => mapLists(map, ['subnet4', 'subnet6'], inSubnet);
  return mapLists(subnets(config), ['shared-networks'], subnets);
}

function mapLists(map: JsonMap, keys: readonly string[], make: (member: JsonMap) => JsonMap): JsonMap {
  const changed: Record<string, Json> = {};
  for (const each of keys) {
    const list = map[each];
    if (!Array.isArray(list)) continue;
    const members = list as readonly Json[];
    const made = members.map((member) => (isMap(member) ? make(member) : member));
    if (made.some((member, i) => member !== members[i])) changed[each] = made;
  }
  return Object.keys(changed).length > 0 ? { ...map, ...changed } : map;
}

/** Seconds. Wherever a lifetime stands: of the server, a network, a subnet or a class. */
function longestLifetime(value: Json): number {
  let longest = 0;
  const look = (each: Json): void => {
    if (Array.isArray(each)) return (each as readonly Json[]).forEach(look);
    if (!isMap(each)) return;
    for (const [name, said] of Object.entries(each)) {
      if (typeof said === 'number') {
        if (name === 'valid-lifetime' || name === 'max-valid-lifetime') longest = Math.max(longest, said);
      } else if (typeof said === 'object' && name !== 'reservations' && name !== 'option-data') look(said);
    }
  };
  look(value);
  return longest === 0 ? usualLifetimeSeconds : longest;
}
