import type { FactValue, NetBoxFacts, NetBoxObject } from '../../api/index.ts';
import { parsePrefix } from '../../lib/index.ts';
import { lineOf, type Reserved } from '../reservation-line.ts';
import type { Kind } from '../resources.ts';
import type { Assertion, Finder } from './asserted.ts';

/** Objects of NetBox by what Git calls them. */
export interface Finding {
  /** None: it is missing. More than one: NetBox holds duplicates, and nobody can say which is meant. */
  find(assertion: Assertion): readonly NetBoxObject[];
  /** Devices of a name, of the site where several have it. */
  named(name: string, site: string | undefined): readonly NetBoxObject[];
  /** Objects of a kind by the value of a field. */
  holding(kind: Kind, field: string, value: string): readonly NetBoxObject[];
  /** The object of a key, when there is exactly one. */
  withKey(kind: Kind, key: string): NetBoxObject | undefined;
  /** Addresses of a host, whatever their VRF and length. */
  atHost(host: string): readonly NetBoxObject[];
  /** What clients of a subnet of netbox-plugin-dhcp have reserved, as lines; null where it holds nothing of any. */
  reservationsIn(subnet: NetBoxObject): readonly string[] | null;
  /** The key in NetBox of an interface of Git, when there is exactly one. */
  keyOfInterface(name: string): string | undefined;
}

/** Of one snapshot: each device is compared by itself, and its facts are the same for all. */
const known = new WeakMap<NetBoxFacts, Index>();

interface Index {
  devices: ReadonlyMap<string, NetBoxObject[]>;
  interfaces: ReadonlyMap<string, NetBoxObject[]>;
  hosts: ReadonlyMap<string, NetBoxObject[]>;
  networks: ReadonlyMap<string, NetBoxObject[]>;
  ranges: ReadonlyMap<string, NetBoxObject[]>;
  vrfs: ReadonlyMap<string, NetBoxObject[]>;
  asns: ReadonlyMap<string, NetBoxObject[]>;
  holding: (kind: Kind, field: string, value: string) => readonly NetBoxObject[];
  /** By the key of a subnet. */
  reservations: Map<string, readonly string[] | null>;
}

/** Devices by name, interfaces by device, addresses by host. */
function indexOf(facts: NetBoxFacts): Index {
  const found = known.get(facts);
  if (found) return found;
  const listOf = (kind: Kind): readonly NetBoxObject[] => facts.objects[kind] ?? [];
  const by = (kind: Kind, keyOf: (object: NetBoxObject) => string) => Map.groupBy(listOf(kind), keyOf);
  const fields = new Map<string, Map<string, NetBoxObject[]>>();
  const index: Index = {
    devices: by('device', ({ values }) => String(values['name'] ?? '').toLowerCase()),
    interfaces: by('interface', ({ key }) => key),
    hosts: by('ipAddress', ({ values }) => hostOf(values['address'])),
    networks: by('prefix', ({ values }) => String(values['prefix'])),
    ranges: by('ipRange', ({ values }) => hostOf(values['start'])),
    vrfs: by('vrf', ({ values }) => String(values['name'])),
    asns: by('asn', ({ values }) => String(values['asn'])),
    holding: (kind, field, value) => {
      const name = `${kind}.${field}`;
      let values = fields.get(name);
      if (!values) fields.set(name, (values = by(kind, (object) => String(object.values[field]))));
      return values.get(value) ?? [];
    },
    reservations: new Map(),
  };
  known.set(facts, index);
  return index;
}

/** Finds what Git means among the facts, which are indexed once. */
export function indexFacts(facts: NetBoxFacts): Finding {
  const { devices, interfaces, hosts, networks, ranges, vrfs, asns, holding, reservations } = indexOf(facts);
  const sites = new Map<string, string | undefined>();

  const findDevice = (name: string, site: string | undefined): readonly NetBoxObject[] => {
    if (site !== undefined) sites.set(name, site);
    const named = devices.get(name) ?? [];
    const inSite = named.filter(({ values }) => values['site'] === (site ?? sites.get(name)));
    return named.length > 1 && inSite.length > 0 ? inSite : named;
  };

  const findInterface = (device: string, name: string): readonly NetBoxObject[] => {
    const [owner, ...others] = findDevice(device.toLowerCase(), undefined);
    return owner && others.length === 0 ? (interfaces.get(`${owner.key} > ${name}`) ?? []) : [];
  };

  const keyOfInterface = (name: string): string | undefined => {
    const [device = '', ...rest] = name.split(' > ');
    const found = findInterface(device, rest.join(' > '));
    return found.length === 1 ? found[0]?.key : undefined;
  };

  /** Of several to one neighbor the one from our address; where Git has several too, those of the VRF alone: another one is a neighbor of its own. */
  const findSession = ({ device, local, remote, vrf, isShared }: Finder & { by: 'session' }): readonly NetBoxObject[] => {
    const [owner, ...others] = findDevice(device.toLowerCase(), undefined);
    if (!owner || others.length > 0) return [];
    const isMeant = (at: FactValue) =>
      isShared && vrf === undefined ? at === remote : namesSame(at, isShared ? `${vrf} > ${remote}` : remote);
    const all = holding('bgpSession', 'device', owner.key).filter(({ values }) => isMeant(values['remoteAddress'] ?? null));
    const own = all.filter(({ values }) => namesSame(values['localAddress'] ?? null, local));
    return own.length > 0 ? own : all;
  };

  const findRouters = ({ device, asn }: { device: string; asn: number }, isOnlyOwn: boolean): readonly NetBoxObject[] => {
    const [owner, ...others] = findDevice(device.toLowerCase(), undefined);
    const all = owner && others.length === 0 ? holding('bgpRouter', 'device', owner.key) : [];
    const own = all.filter(({ values }) => values['asn'] === String(asn));
    return isOnlyOwn || own.length > 0 ? own : all;
  };

  const scopesOf = (routers: readonly NetBoxObject[], vrf: string | undefined): readonly NetBoxObject[] =>
    on(routers, 'bgpScope', 'router').filter(({ values }) =>
      vrf === undefined ? (values['vrf'] ?? null) === null : namesSame(values['vrf'] ?? null, vrf),
    );

  /** Of the router with our AS number, or of another one of the device that has the neighbor. */
  const findPeer = (finder: Finder & { by: 'peer' }): readonly NetBoxObject[] => {
    const at = (routers: readonly NetBoxObject[]) =>
      on(scopesOf(routers, finder.vrf), 'bgpPeer', 'scope').filter(({ values }) => namesSame(values['peer'] ?? null, finder.remote));
    const own = at(findRouters(finder, true));
    return own.length > 0 ? own : at(findRouters(finder, false));
  };

  /** What names one of several objects, each once: two of them may have the same key. */
  const on = (objects: readonly NetBoxObject[], kind: Kind, field: string): readonly NetBoxObject[] =>
    [...new Set(objects.map(({ key }) => key))].flatMap((key) => holding(kind, field, key));

  const findNetwork = ({ prefix, vrf }: { prefix: string; vrf: string | undefined }) => preferred(networks.get(prefix) ?? [], vrf);
  const findRange = ({ first, vrf }: { first: string; vrf: string | undefined }) => preferred(ranges.get(first) ?? [], vrf);

  /** Of several on one prefix that of our servers; where Git has several too, another server's is another subnet. */
  const findServed = (finder: Finder & { by: 'subnet' }): readonly NetBoxObject[] => {
    const all = on(findNetwork(finder), 'dhcpSubnet', 'prefix');
    const own = all.filter(({ values }) => finder.servers.some((each) => namesSame(values['server'] ?? null, each)));
    if (own.length > 0 || !finder.isShared) return own.length > 0 ? own : all;
    return all.filter(({ values }) => (values['server'] ?? null) === null);
  };

  const find = (finder: Finder): readonly NetBoxObject[] => {
    switch (finder.by) {
      case 'name':
        return findDevice(finder.name, finder.site);
      case 'parent':
        return findInterface(finder.parent, finder.name);
      case 'host':
        return preferred(hosts.get(finder.host) ?? [], finder.vrf, finder.interface && keyOfInterface(finder.interface));
      case 'network':
        return findNetwork(finder);
      case 'first':
        return findRange(finder);
      case 'vrf':
        // One name with two route distinguishers is two VRFs: that there is one is all that is asked.
        return (vrfs.get(finder.name) ?? []).slice(0, 1);
      case 'asn':
        return asns.get(String(finder.asn)) ?? [];
      case 'session':
        return findSession(finder);
      case 'router':
        return findRouters(finder, true);
      case 'scope':
        return scopesOf(findRouters(finder, true), finder.vrf);
      case 'peer':
        return findPeer(finder);
      case 'subnet':
        return findServed(finder);
      case 'pool':
        return on(findRange(finder), 'dhcpPool', 'range');
    }
  };

  return {
    find: (assertion) => find(assertion.find),
    named: findDevice,
    holding,
    withKey: (kind, key) => {
      const found = (facts.objects[kind] ?? []).filter((each) => each.key === key);
      return found.length === 1 ? found[0] : undefined;
    },
    atHost: (host) => hosts.get(host) ?? [],
    reservationsIn: ({ key }) => {
      const before = reservations.get(key);
      if (before !== undefined) return before;
      const lines = holding('dhcpReservation', 'subnet', key).map(({ values }) => lineOf(reservedBy(values)));
      const found = lines.length === 0 ? null : [...new Set(lines)].sort();
      reservations.set(key, found);
      return found;
    },
    keyOfInterface,
  };
}

function reservedBy({ hwAddress, duid, clientId, circuitId, flexId, hostname, ipv4, ipv6, prefixes }: NetBoxObject['values']): Reserved {
  const known = Object.entries({ 'hw-address': hwAddress, duid, 'client-id': clientId, 'circuit-id': circuitId, 'flex-id': flexId });
  const [by, value] = known.find(([, each]) => typeof each === 'string') ?? ['hw-address', ''];
  // The key of an address, and that of a prefix, ends in what it is.
  const gets = [ipv4 ?? [], ipv6 ?? [], prefixes ?? []].flat().map((each) => String(each).split(' > ').at(-1) ?? '');
  return { by: by as Reserved['by'], value: String(value), gets, hostname: typeof hostname === 'string' ? hostname : undefined };
}

/**
 * An address or network may stand in several VRFs, and an address with a role (anycast, VRRP) on several devices. The one on our interface
 * is meant; else those of the VRF that Git says; where it says none those of the global table, else whichever there are.
 */
function preferred(found: readonly NetBoxObject[], vrf: string | undefined, interfaceKey?: string): readonly NetBoxObject[] {
  const ours = interfaceKey === undefined ? [] : found.filter(({ values }) => values['interface'] === interfaceKey);
  if (ours.length > 0) return ours;
  const shared = new Set<unknown>(['anycast', 'vip', 'vrrp', 'hsrp', 'glbp', 'carp']);
  const isElsewhere = ({ values }: NetBoxObject) =>
    values['interface'] !== null && values['interface'] !== undefined && shared.has(values['role']);
  const rest = found.filter((each) => !isElsewhere(each));
  if (vrf !== undefined) return rest.filter(({ values }) => namesSame(values['vrf'] ?? null, vrf));
  const global = rest.filter(({ values }) => values['vrf'] === null || values['vrf'] === undefined);
  return global.length > 0 ? global : rest;
}

/** Git names the last part of a key: the slug of a role, of which NetBox also knows the parent. */
export function namesSame(recorded: FactValue, desired: FactValue): boolean {
  return typeof recorded === 'string' && typeof desired === 'string' && (recorded === desired || recorded.endsWith(` > ${desired}`));
}

export function hostOf(value: unknown): string {
  const text = String(value);
  return parsePrefix(text)?.address.text ?? text;
}
