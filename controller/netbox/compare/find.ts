import { type NetBoxFacts, type NetBoxObject } from '../../api/index.ts';
import { parsePrefix } from '../../lib/index.ts';
import type { Kind } from '../resources.ts';
import type { Assertion, Finder } from './assertions.ts';

/** Objects of NetBox by what Git calls them. */
export interface Finding {
  /** None: it is missing. More than one: NetBox holds duplicates, and nobody can say which is meant. */
  find(assertion: Assertion): readonly NetBoxObject[];
  /** Devices of a name, of the site where several have it. */
  named(name: string, site: string | undefined): readonly NetBoxObject[];
  /** Objects of a kind by the value of a field. */
  holding(kind: Kind, field: string, value: string): readonly NetBoxObject[];
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
  asns: ReadonlyMap<string, NetBoxObject[]>;
  holding: (kind: Kind, field: string, value: string) => readonly NetBoxObject[];
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
    ranges: by('ipRange', ({ values }) => `${hostOf(values['start'])}-${hostOf(values['end'])}`),
    asns: by('asn', ({ values }) => String(values['asn'])),
    holding: (kind, field, value) => {
      const name = `${kind}.${field}`;
      let values = fields.get(name);
      if (!values) fields.set(name, (values = by(kind, (object) => String(object.values[field]))));
      return values.get(value) ?? [];
    },
  };
  known.set(facts, index);
  return index;
}

/** Finds what Git means among the facts, which are indexed once. */
export function indexFacts(facts: NetBoxFacts): Finding {
  const { devices, interfaces, hosts, networks, ranges, asns, holding } = indexOf(facts);
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

  const find = (finder: Finder): readonly NetBoxObject[] => {
    switch (finder.by) {
      case 'name':
        return findDevice(finder.name, finder.site);
      case 'parent':
        return findInterface(finder.parent, finder.name);
      case 'host':
        return preferred(hosts.get(finder.host) ?? [], finder.interface === undefined ? undefined : keyOfInterface(finder.interface));
      case 'network':
        return preferred(networks.get(finder.prefix) ?? [], undefined);
      case 'range':
        return preferred(ranges.get(`${finder.first}-${finder.last}`) ?? [], undefined);
      case 'asn':
        return asns.get(String(finder.asn)) ?? [];
    }
  };

  return {
    find: (assertion) => find(assertion.find),
    named: findDevice,
    holding,
    keyOfInterface,
  };
}

/**
 * An address or network may stand in several VRFs, and an address with a role (anycast, VRRP) on several devices. The one on our interface
 * is meant; else those of the global table; else whichever there are.
 */
function preferred(found: readonly NetBoxObject[], interfaceKey: string | undefined): readonly NetBoxObject[] {
  const ours = interfaceKey === undefined ? [] : found.filter(({ values }) => values['interface'] === interfaceKey);
  if (ours.length > 0) return ours;
  const shared = new Set<unknown>(['anycast', 'vip', 'vrrp', 'hsrp', 'glbp', 'carp']);
  const isElsewhere = ({ values }: NetBoxObject) =>
    values['interface'] !== null && values['interface'] !== undefined && shared.has(values['role']);
  const rest = found.filter((each) => !isElsewhere(each));
  const global = rest.filter(({ values }) => values['vrf'] === null || values['vrf'] === undefined);
  return global.length > 0 ? global : rest;
}

export function hostOf(value: unknown): string {
  const text = String(value);
  return parsePrefix(text)?.address.text ?? text;
}
