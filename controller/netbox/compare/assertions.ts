import type { CheckedState, DesiredObject, FactValue, Source, ToldFacts, ToldSides } from '../../api/index.ts';
import { addressText, parseAddress, parsePrefix, parseRange } from '../../lib/index.ts';
import type { Kind } from '../resources.ts';
import type { Side } from './judge.ts';

/** What Git says of one object of NetBox. */
export interface Assertion {
  kind: Kind;
  /** What of Git says it, for example `Device/edge1-fra`. */
  owner: string;
  /** Name of the object under its owner: unique, and written into what we make. */
  id: string;
  /** For people: `edge1-fra > eth0`. */
  name: string;
  source: Source;
  /** How it is found, besides by its kind. */
  find: Finder;
  fields: Readonly<Record<string, AssertedField>>;
  /** What it is made with, besides its fields. Absent: we cannot make it, because Git does not say enough. */
  make?: Readonly<Record<string, FactValue>>;
  /** What Git would have to say for it to be made. */
  makeNeeds?: string;
}

export type Finder =
  | { by: 'name'; name: string; site: string | undefined }
  | { by: 'parent'; parent: string; name: string }
  | { by: 'host'; host: string; interface: string | undefined }
  | { by: 'network'; prefix: string }
  | { by: 'range'; first: string; last: string }
  | { by: 'asn'; asn: number };

export interface AssertedField {
  desired: FactValue;
  /** Other values that say the same, for example `staged` for a planned device. */
  accepts?: readonly FactValue[];
  /** Another field that may hold it just as well. */
  or?: string;
  live: Side;
  baseline: { value: FactValue } | undefined;
}

/** In the place of a name: whichever there is, when there is but one. */
export const theOnlyOne = '*';

const silent: Side = { is: 'silent' };

/** Everything that Git asserts of an inventory. What Git does not say is asserted by nobody. `told` says what devices say of themselves. */
export function assertionsOf(
  state: CheckedState,
  told: ReadonlyMap<string, ToldSides>,
  devices?: ReadonlySet<string>,
): readonly Assertion[] {
  const isAsked = (name: string) => devices === undefined || devices.has(name);
  const ofDevices = [...state.objects.Device.values()].filter(({ metadata }) => isAsked(metadata.name));
  const ofSubnets = [...state.objects.DHCPSubnet.values()].filter(({ spec }) => spec.servedBy.some(isAsked));
  const asns = new Set<number>();
  return [
    ...ofDevices.flatMap((object) => deviceAssertions(object, told.get(object.metadata.name), asns)),
    ...ofSubnets.flatMap(subnetAssertions),
  ];
}

function deviceAssertions(object: DesiredObject<'Device'>, sides: ToldSides | undefined, asns: Set<number>): Assertion[] {
  const { metadata, spec } = object;
  const { name, labels } = metadata;
  const owner = `Device/${name}`;
  // A planned device is never contacted: there is nothing that it could say.
  const tell = teller(spec.lifecycle === 'Planned' ? undefined : sides);
  const source = sourceAt(object, ['metadata', 'name']);
  const device: Assertion = {
    kind: 'device',
    owner,
    id: owner,
    name,
    source,
    find: { by: 'name', name: name.toLowerCase(), site: labels['site'] },
    fields: {
      ...only('site', labels['site']),
      ...only('role', labels['role']),
      ...only('location', labels['location']),
      ...only('rack', labels['rack']),
      ...only('tenant', labels['tenant']),
      ...only('type', labels['device-type']),
      // Without management it is Planned because nobody can contact it yet, which says nothing about the device.
      ...(spec.management ? statusOf(spec.lifecycle) : {}),
      platform: plain(spec.platform),
      ...(spec.serial !== undefined && { serial: tell(spec.serial, (facts) => facts.serial) }),
      ...(spec.management && primaryOf(spec.management.address)),
    },
    ...(labels['site'] !== undefined && labels['role'] !== undefined && labels['device-type'] !== undefined
      ? { make: { name } }
      : { makeNeeds: 'labels site, role and device-type with slugs of NetBox' }),
  };
  const interfaces = spec.interfaces.flatMap((each, index): Assertion[] => {
    const inside = sourceAt(object, ['spec', 'interfaces', index]);
    const on = `${name} > ${each.name}`;
    const isVirtual = each.role === 'Loopback' || each.role === 'Anycast' || each.role === 'Virtual';
    const port: Assertion = {
      kind: 'interface',
      owner,
      id: `${owner}/interfaces/${each.name}`,
      name: on,
      source: inside,
      find: { by: 'parent', parent: name, name: each.name },
      fields: {
        enabled: tell(each.enabled, (facts) => facts.interfaces && (facts.interfaces[each.name]?.enabled ?? true)),
        ...(each.description !== undefined && {
          description: tell(each.description, (facts) => facts.interfaces && (facts.interfaces[each.name]?.description ?? null)),
        }),
        ...(each.mtu !== undefined && { mtu: plain(each.mtu) }),
      },
      make: { device: name, name: each.name, type: isVirtual ? 'virtual' : 'other' },
    };
    const addresses = each.addresses.map((address): Assertion => {
      const host = parsePrefix(address)?.address.text ?? address;
      return {
        kind: 'ipAddress',
        owner,
        id: `${owner}/interfaces/${each.name}/${host}`,
        name: `${on} > ${address}`,
        source: inside,
        find: { by: 'host', host, interface: on },
        fields: {
          address: tell(address, (facts) => heldAs(facts, host, ({ address: held }) => held)),
          interface: tell(on, (facts) => heldAs(facts, host, ({ interface: port }) => `${name} > ${port}`)),
        },
        make: { status: 'active' },
      };
    });
    return [port, ...addresses];
  });
  const asn = spec.bgp?.asn;
  const isNew = asn !== undefined && !asns.has(asn);
  if (isNew) asns.add(asn);
  const asnAssertion: Assertion[] = isNew
    ? [
        {
          kind: 'asn',
          owner,
          id: `ASN/${asn}`,
          name: String(asn),
          source: sourceAt(object, ['spec', 'bgp', 'asn']),
          find: { by: 'asn', asn },
          fields: {},
          make: { asn, rir: theOnlyOne },
        },
      ]
    : [];
  return [device, ...interfaces, ...asnAssertion];
}

function subnetAssertions(object: DesiredObject<'DHCPSubnet'>): Assertion[] {
  const { metadata, spec } = object;
  const owner = `DHCPSubnet/${metadata.name}`;
  const length = spec.prefix.split('/')[1] ?? '';
  const network: Assertion = {
    kind: 'prefix',
    owner,
    id: owner,
    name: spec.prefix,
    source: sourceAt(object, ['spec', 'prefix']),
    find: { by: 'network', prefix: spec.prefix },
    fields: {},
    make: { prefix: spec.prefix, status: 'active' },
  };
  const pools = spec.pools.map(({ range }, index): Assertion => {
    const parsed = parseRange(range);
    const [first = '', last = ''] = parsed ? [addressText(parsed.version, parsed.first), addressText(parsed.version, parsed.last)] : [];
    return {
      kind: 'ipRange',
      owner,
      id: `${owner}/pools/${first}`,
      name: `${first}-${last}`,
      source: sourceAt(object, ['spec', 'pools', index]),
      find: { by: 'range', first, last },
      fields: {},
      make: { start: `${first}/${length}`, end: `${last}/${length}`, status: 'active' },
    };
  });
  return [network, ...pools];
}

/** Git's word alone: the device does not know it, or its platform does not tell. */
function plain(desired: FactValue): AssertedField {
  return { desired, live: silent, baseline: undefined };
}

/** A value that somebody left out is not asserted. */
function only(field: string, desired: string | undefined): Record<string, AssertedField> {
  return desired === undefined || desired === '' ? {} : { [field]: plain(desired) };
}

type Tell = (desired: FactValue, of: (facts: ToldFacts) => FactValue | undefined) => AssertedField;

function teller(sides: ToldSides | undefined): Tell {
  return (desired, of) => {
    if (!sides) return plain(desired);
    const base = sides.baseline && of(sides.baseline);
    const baseline = base === undefined ? undefined : { value: base };
    const value = of(sides.live);
    if (value === undefined) return { desired, live: silent, baseline };
    return { desired, live: sides.unread ? { is: 'unread' } : { is: 'told', value }, baseline };
  };
}

/** How a device holds an address: null when it does not, undefined when it does not tell. */
function heldAs(facts: ToldFacts, host: string, pick: (held: { address: string; interface: string }) => string): FactValue | undefined {
  if (!facts.interfaces) return undefined;
  for (const [port, { addresses }] of Object.entries(facts.interfaces)) {
    const address = addresses.find((each) => each.startsWith(`${host}/`));
    if (address !== undefined) return pick({ address, interface: port });
  }
  return null;
}

/** A device that is drained or maintained may be recorded as active, offline or failed: each is right somewhere. */
function statusOf(lifecycle: DesiredObject<'Device'>['spec']['lifecycle']): Record<string, AssertedField> {
  if (lifecycle === 'Planned') return { status: { ...plain('planned'), accepts: ['staged', 'inventory'] } };
  if (lifecycle === 'Decommissioning') return { status: { ...plain('decommissioning'), accepts: ['offline'] } };
  return lifecycle === 'Active' ? { status: plain('active') } : {};
}

/** The address that we reach it by is its primary one, or the one out of band. */
function primaryOf(address: string | undefined): Record<string, AssertedField> {
  const parsed = address === undefined ? undefined : parseAddress(address);
  return parsed ? { [parsed.version === 4 ? 'primaryIp4' : 'primaryIp6']: { ...plain(parsed.text), or: 'oobIp' } } : {};
}

function sourceAt(object: DesiredObject, path: readonly (string | number)[]): Source {
  const { file, line } = object.locate(path);
  return { file, line };
}
