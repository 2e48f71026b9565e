import { type DesiredObject, identifierTypes, reservationIdentifiers } from '../../api/index.ts';
import { addressText, parseRange } from '../../lib/index.ts';
import { lineOf } from '../reservation-line.ts';
import type { Kind } from '../resources.ts';
import { type AssertedField, type Assertion, only, plain, sourceAt } from './asserted.ts';

/**
 * A subnet of DHCP servers: a prefix, and an IP range for each pool. Its labels name what else an inventory knows of the prefix. `isShared`: other
 * servers have a subnet of their own with the same prefix.
 */
export function assertSubnet(object: DesiredObject<'DHCPSubnet'>, isShared: boolean): Assertion[] {
  const { metadata, spec } = object;
  const { labels } = metadata;
  const owner = `DHCPSubnet/${metadata.name}`;
  const length = spec.prefix.split('/')[1] ?? '';
  const vrf = labels['vrf'];
  const behind = vrf === undefined ? '' : ` vrf ${vrf}`;
  const network: Assertion = {
    kind: 'prefix',
    owner,
    id: owner,
    name: `${spec.prefix}${behind}`,
    source: sourceAt(object, ['spec', 'prefix']),
    find: { by: 'network', prefix: spec.prefix, vrf },
    fields: {
      ...only('vrf', vrf),
      ...only('site', labels['site']),
      ...only('role', labels['role']),
      ...only('vlan', labels['vlan']),
      // Of several servers' subnets on one prefix nobody could say whose they are.
      ...(!isShared && { reservations: reservationsOf(spec) }),
    },
    make: { prefix: spec.prefix, status: 'active' },
  };
  const pools = spec.pools.map(({ range }, index): Assertion => {
    const parsed = parseRange(range);
    const [first = '', last = ''] = parsed ? [addressText(parsed.version, parsed.first), addressText(parsed.version, parsed.last)] : [];
    return {
      kind: 'ipRange',
      owner,
      id: `${owner}/pools/${first}`,
      name: `${first}-${last}${behind}`,
      source: sourceAt(object, ['spec', 'pools', index]),
      find: { by: 'first', first, vrf },
      fields: { end: { ...plain(`${last}/${length}`), isHost: true }, ...only('vrf', vrf) },
      make: { start: `${first}/${length}`, status: 'active' },
    };
  });
  return [network, ...pools, ...assertServed(object, network, pools, isShared)];
}

/** The same as objects of the plugin netbox-plugin-dhcp. */
function assertServed(
  { metadata, spec }: DesiredObject<'DHCPSubnet'>,
  network: Assertion,
  ranges: readonly Assertion[],
  isShared: boolean,
): Assertion[] {
  const { owner, source } = network;
  const { name } = metadata;
  const [server, ...standby] = spec.servedBy;
  const seconds = Object.entries(lifetimes).flatMap(([field, key]) => Object.entries(only(field, spec.lifetimes?.[key])));
  const vrf = metadata.labels['vrf'];
  const served = { owner, onlyBeside: ['dhcpSubnet'] as const };
  const subnet: Assertion = {
    ...served,
    kind: 'dhcpSubnet',
    id: `${owner}/served`,
    name,
    source,
    find: { by: 'subnet', prefix: spec.prefix, vrf, servers: spec.servedBy, isShared },
    fields: {
      subnetId: plain(spec.id),
      // Either of a pair will do.
      ...(server !== undefined && { server: { ...plain(server), accepts: standby } }),
      ...Object.fromEntries(seconds),
      reservations: reservationsOf(spec, ['dhcpReservation', 'macAddress', 'ipAddress', 'prefix']),
    },
    make: { name, prefix: network.name },
  };
  const pools = ranges.map(
    (range): Assertion => ({
      ...served,
      kind: 'dhcpPool',
      id: `${range.id}/served`,
      name: `${name} ${range.name}`,
      source: range.source,
      find: { by: 'pool', first: range.name.split('-')[0] ?? '', vrf },
      fields: {},
      make: { name: `${name} ${range.name}`, subnet: name, range: range.name },
    }),
  );
  return [subnet, ...pools];
}

/** Who has what reserved. Put into words only when NetBox is asked for it: there may be 200,000 of them, and most NetBoxes have none. */
function reservationsOf(spec: DesiredObject<'DHCPSubnet'>['spec'], takes?: readonly Kind[]): AssertedField {
  return {
    ...(takes && { takes }),
    live: { is: 'silent' },
    baseline: undefined,
    get desired() {
      return linesOf(spec);
    },
  };
}

const known = new WeakMap<object, readonly string[]>();

/** As a person would note them. Of a subnet that did not change the same list again: it is compared at every look. */
function linesOf(spec: DesiredObject<'DHCPSubnet'>['spec']): readonly string[] {
  const before = known.get(spec);
  if (before) return before;
  const lines = spec.reservations.flatMap(({ addresses, prefixes, hostname, ...client }) => {
    const key = reservationIdentifiers.find((each) => client[each] !== undefined);
    return key === undefined
      ? []
      : [lineOf({ by: identifierTypes[key], value: client[key] ?? '', gets: [...addresses, ...prefixes], hostname })];
  });
  const all = [...new Set(lines)].sort();
  known.set(spec, all);
  return all;
}

/** How long leases last: fields of the plugin, and what Git calls them. */
const lifetimes = {
  valid: 'validSeconds',
  minValid: 'minValidSeconds',
  maxValid: 'maxValidSeconds',
  preferred: 'preferredSeconds',
  minPreferred: 'minPreferredSeconds',
  maxPreferred: 'maxPreferredSeconds',
  renew: 'renewSeconds',
  rebind: 'rebindSeconds',
} as const;
