import type { FactValue } from '../api/index.ts';
import { parsePrefix } from '../lib/index.ts';
import {
  choice,
  cidr,
  decimal,
  type Field,
  flag,
  generic,
  integer,
  later,
  mac,
  ref,
  refs,
  since,
  text,
  uniqueText,
  word,
  words,
} from './codecs.ts';

/** A part of a natural key: a field, or what counts of it. */
export type KeyPart = string | { field: string; as: 'lower' | 'host' };

/** What we know of one list of NetBox. Only what is compared or written stands here; everything else of a row is ignored. */
export interface Resource<Fields extends Readonly<Record<string, Field>> = Readonly<Record<string, Field>>> {
  /** For people, with its article left out: `an interface`. */
  readonly word: string;
  readonly path: string;
  /** Name of the type in NetBox. */
  readonly model: string;
  readonly fields: Fields;
  /** What makes an object the one we mean. NetBox does not always keep it unique. */
  readonly key: readonly KeyPart[];
  /** Filters that may be sent, and the part that every row of the answer is checked by. NetBox ignores one that it does not know. */
  readonly filters: Readonly<Record<string, KeyPart>>;
  /** First version that has the list. */
  readonly since?: readonly [major: number, minor: number];
  /** Objects are made in this order: what is named stands before what names it. */
  readonly writeOrder: number;
  /** Objects are deleted in this order. Absent: never by us. */
  readonly deleteRank?: number;
}

/** Values of an object, by the names of its descriptor. */
export type ValuesOf<R> = R extends Resource<infer Fields> ? { [Name in keyof Fields]: ValueOf<Fields[Name]> } : never;
type ValueOf<F> = F extends Field<infer Value> ? Value | null : FactValue;

const byId = { id: 'id' };

/** The lists that are read, in the order in which their references can be followed. */
export const resources = {
  tag: resource({
    word: 'tag',
    path: 'extras/tags',
    model: 'extras.tag',
    fields: { slug: word('slug'), name: word('name') },
    key: ['slug'],
    filters: { ...byId, slug: 'slug' },
    writeOrder: 0,
  }),
  customField: resource({
    word: 'custom field',
    path: 'extras/custom-fields',
    model: 'extras.customfield',
    fields: { name: word('name'), type: choice('type'), objectTypes: words('object_types') },
    key: ['name'],
    filters: { ...byId, name: 'name' },
    writeOrder: 0,
  }),
  tenant: resource({
    word: 'tenant',
    path: 'tenancy/tenants',
    model: 'tenancy.tenant',
    fields: { slug: word('slug'), name: word('name') },
    key: ['slug'],
    filters: byId,
    writeOrder: 10,
  }),
  site: resource({
    word: 'site',
    path: 'dcim/sites',
    model: 'dcim.site',
    fields: { slug: word('slug'), name: word('name'), status: choice('status'), tenant: ref('tenant', 'tenant') },
    key: ['slug'],
    filters: { ...byId, slug: 'slug' },
    writeOrder: 20,
  }),
  location: resource({
    word: 'location',
    path: 'dcim/locations',
    model: 'dcim.location',
    fields: {
      slug: word('slug'),
      name: word('name'),
      site: ref('site', 'site'),
      parent: ref('parent', 'location'),
      status: choice('status'),
    },
    key: ['site', 'parent', 'slug'],
    filters: byId,
    writeOrder: 21,
  }),
  rack: resource({
    word: 'rack',
    path: 'dcim/racks',
    model: 'dcim.rack',
    fields: {
      name: word('name'),
      site: ref('site', 'site'),
      location: ref('location', 'location'),
      status: choice('status'),
      serial: text('serial'),
      assetTag: uniqueText('asset_tag'),
    },
    key: ['site', 'location', 'name'],
    filters: byId,
    writeOrder: 22,
  }),
  manufacturer: resource({
    word: 'manufacturer',
    path: 'dcim/manufacturers',
    model: 'dcim.manufacturer',
    fields: { slug: word('slug'), name: word('name') },
    key: ['slug'],
    filters: { ...byId, slug: 'slug' },
    writeOrder: 10,
  }),
  deviceType: resource({
    word: 'device type',
    path: 'dcim/device-types',
    model: 'dcim.devicetype',
    fields: { slug: word('slug'), name: word('model'), manufacturer: ref('manufacturer', 'manufacturer') },
    key: ['manufacturer', 'slug'],
    filters: { ...byId, slug: 'slug' },
    writeOrder: 11,
  }),
  // A tree since 4.3: the same slug may stand under two parents.
  deviceRole: resource({
    word: 'device role',
    path: 'dcim/device-roles',
    model: 'dcim.devicerole',
    fields: { slug: word('slug'), name: word('name'), parent: since(4, 3, ref('parent', 'deviceRole')) },
    key: ['parent', 'slug'],
    filters: { ...byId, slug: 'slug' },
    writeOrder: 11,
  }),
  // Unique for a manufacturer only, since 4.4.
  platform: resource({
    word: 'platform',
    path: 'dcim/platforms',
    model: 'dcim.platform',
    fields: { slug: word('slug'), name: word('name'), manufacturer: ref('manufacturer', 'manufacturer') },
    key: ['manufacturer', 'slug'],
    filters: { ...byId, slug: 'slug' },
    writeOrder: 11,
  }),
  device: resource({
    word: 'device',
    path: 'dcim/devices',
    model: 'dcim.device',
    fields: {
      name: uniqueText('name'),
      site: ref('site', 'site'),
      tenant: ref('tenant', 'tenant'),
      location: ref('location', 'location'),
      rack: ref('rack', 'rack'),
      position: decimal('position'),
      type: ref('device_type', 'deviceType'),
      role: ref('role', 'deviceRole'),
      platform: ref('platform', 'platform'),
      status: choice('status'),
      serial: text('serial'),
      assetTag: uniqueText('asset_tag'),
      primaryIp4: later(ref('primary_ip4', 'ipAddress')),
      primaryIp6: later(ref('primary_ip6', 'ipAddress')),
      oobIp: later(ref('oob_ip', 'ipAddress')),
    },
    key: ['site', 'tenant', { field: 'name', as: 'lower' }],
    filters: { ...byId, name: { field: 'name', as: 'lower' } },
    writeOrder: 30,
  }),
  vrf: resource({
    word: 'VRF',
    path: 'ipam/vrfs',
    model: 'ipam.vrf',
    fields: { name: word('name'), rd: uniqueText('rd') },
    key: ['name', 'rd'],
    filters: byId,
    writeOrder: 20,
  }),
  rir: resource({
    word: 'RIR',
    path: 'ipam/rirs',
    model: 'ipam.rir',
    fields: { slug: word('slug'), name: word('name') },
    key: ['slug'],
    filters: { ...byId, slug: 'slug' },
    writeOrder: 10,
  }),
  asn: resource({
    word: 'ASN',
    path: 'ipam/asns',
    model: 'ipam.asn',
    fields: { asn: integer('asn'), rir: ref('rir', 'rir') },
    key: ['asn'],
    filters: { ...byId, asn: 'asn' },
    writeOrder: 20,
    deleteRank: 50,
  }),
  ipamRole: resource({
    word: 'role of networks',
    path: 'ipam/roles',
    model: 'ipam.role',
    fields: { slug: word('slug'), name: word('name') },
    key: ['slug'],
    filters: { ...byId, slug: 'slug' },
    writeOrder: 10,
  }),
  vlanGroup: resource({
    word: 'VLAN group',
    path: 'ipam/vlan-groups',
    model: 'ipam.vlangroup',
    fields: { slug: word('slug'), name: word('name'), site: generic('scope', 'dcim.site', 'site') },
    key: ['site', 'slug'],
    filters: byId,
    writeOrder: 22,
  }),
  vlan: resource({
    word: 'VLAN',
    path: 'ipam/vlans',
    model: 'ipam.vlan',
    fields: {
      vid: integer('vid'),
      name: word('name'),
      site: ref('site', 'site'),
      group: ref('group', 'vlanGroup'),
      status: choice('status'),
      role: ref('role', 'ipamRole'),
      description: text('description'),
    },
    key: ['group', 'site', 'vid'],
    filters: byId,
    writeOrder: 23,
  }),
  interface: resource({
    word: 'interface',
    path: 'dcim/interfaces',
    model: 'dcim.interface',
    fields: {
      device: ref('device', 'device'),
      name: word('name'),
      type: choice('type'),
      enabled: flag('enabled'),
      mtu: integer('mtu'),
      mgmtOnly: flag('mgmt_only'),
      description: text('description'),
      mac: mac('mac_address'),
      lag: later(ref('lag', 'interface')),
      parent: later(ref('parent', 'interface')),
      mode: choice('mode'),
      untaggedVlan: ref('untagged_vlan', 'vlan'),
      taggedVlans: refs('tagged_vlans', 'vlan'),
      vrf: ref('vrf', 'vrf'),
    },
    key: ['device', 'name'],
    filters: { ...byId, device_id: 'device' },
    writeOrder: 40,
    deleteRank: 20,
  }),
  prefix: resource({
    word: 'prefix',
    path: 'ipam/prefixes',
    model: 'ipam.prefix',
    fields: {
      prefix: cidr('prefix'),
      vrf: ref('vrf', 'vrf'),
      status: choice('status'),
      role: ref('role', 'ipamRole'),
      vlan: ref('vlan', 'vlan'),
      site: since(4, 2, generic('scope', 'dcim.site', 'site')),
      description: text('description'),
    },
    key: ['vrf', 'prefix'],
    filters: { ...byId, prefix: 'prefix' },
    writeOrder: 41,
    deleteRank: 30,
  }),
  ipRange: resource({
    word: 'IP range',
    path: 'ipam/ip-ranges',
    model: 'ipam.iprange',
    fields: {
      start: cidr('start_address'),
      end: cidr('end_address'),
      vrf: ref('vrf', 'vrf'),
      status: choice('status'),
      role: ref('role', 'ipamRole'),
      description: text('description'),
    },
    key: ['vrf', { field: 'start', as: 'host' }, { field: 'end', as: 'host' }],
    filters: { ...byId, start_address: { field: 'start', as: 'host' } },
    writeOrder: 42,
    deleteRank: 31,
  }),
  ipAddress: resource({
    word: 'IP address',
    path: 'ipam/ip-addresses',
    model: 'ipam.ipaddress',
    fields: {
      address: cidr('address'),
      vrf: ref('vrf', 'vrf'),
      status: choice('status'),
      role: choice('role'),
      dnsName: text('dns_name'),
      description: text('description'),
      interface: generic('assigned_object', 'dcim.interface', 'interface'),
    },
    key: ['vrf', { field: 'address', as: 'host' }],
    filters: { ...byId, address: { field: 'address', as: 'host' } },
    writeOrder: 50,
    deleteRank: 10,
  }),
} as const;

export type Kind = keyof typeof resources;
export const kinds = Object.keys(resources) as Kind[];

/** What counts of a value in a key or a filter. */
export function partText(part: KeyPart, value: FactValue): string {
  const words = value === null ? '' : String(value);
  if (typeof part === 'string') return words;
  return part.as === 'lower' ? words.toLowerCase() : (parsePrefix(words)?.address.text ?? words);
}

function resource<const Fields extends Readonly<Record<string, Field>>>(row: Resource<Fields>): Resource<Fields> {
  return row;
}
