import type { DesiredObject, DeviceInterface, ToldSides } from '../../api/index.ts';
import { parseAddress, parsePrefix } from '../../lib/index.ts';
import { type AssertedField, type Assertion, only, plain, sourceAt } from './asserted.ts';
import { heldAs, type Tell, teller } from './told.ts';

type Device = DesiredObject<'Device'>;

/** A device with its interfaces and addresses. `sessions`: its BGP sessions as lines, where it has BGP. */
export function assertDevice(object: Device, sides: ToldSides | undefined, sessions: readonly string[] | undefined): Assertion[] {
  const { metadata, spec } = object;
  const { name, labels } = metadata;
  // A planned device is never contacted: there is nothing that it could say.
  const tell = teller(spec.lifecycle === 'Planned' ? undefined : sides);
  const owner = `Device/${name}`;
  const device: Assertion = {
    kind: 'device',
    owner,
    id: owner,
    name,
    source: sourceAt(object, ['metadata', 'name']),
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
      ...only('assetTag', spec.assetTag),
      ...(spec.management && primaryOf(spec.management.address)),
      ...(sessions && { bgpSessions: tell(sessions, (facts) => facts.sessions) }),
    },
    ...(labels['site'] !== undefined && labels['role'] !== undefined && labels['device-type'] !== undefined
      ? { make: { name } }
      : { makeNeeds: 'labels site, role and device-type with slugs of NetBox' }),
  };
  return [device, ...spec.interfaces.flatMap((each, index) => assertInterface(object, each, index, tell))];
}

function assertInterface(object: Device, each: DeviceInterface, index: number, tell: Tell): Assertion[] {
  const { name } = object.metadata;
  const owner = `Device/${name}`;
  const source = sourceAt(object, ['spec', 'interfaces', index]);
  const on = `${name} > ${each.name}`;
  const { inventory = {} } = each;
  const isVirtual = each.role === 'Loopback' || each.role === 'Anycast' || each.role === 'Virtual';
  const port: Assertion = {
    kind: 'interface',
    owner,
    id: `${owner}/interfaces/${each.name}`,
    name: on,
    source,
    find: { by: 'parent', parent: name, name: each.name },
    fields: {
      enabled: tell(each.enabled, (facts) => facts.interfaces && (facts.interfaces[each.name]?.enabled ?? true)),
      ...(each.description !== undefined && {
        description: tell(each.description, (facts) => facts.interfaces && (facts.interfaces[each.name]?.description ?? null)),
      }),
      ...only('mtu', each.mtu),
      ...only('vrf', each.vrf),
      ...only('type', inventory.type),
      ...only('mac', inventory.mac),
      ...only('lag', inventory.lag === undefined ? undefined : `${name} > ${inventory.lag}`),
      ...vlansOf(inventory),
    },
    make: { device: name, name: each.name, ...(inventory.type === undefined && { type: isVirtual ? 'virtual' : 'other' }) },
  };
  const addresses = each.addresses.map((address): Assertion => {
    const host = parsePrefix(address)?.address.text ?? address;
    return {
      kind: 'ipAddress',
      owner,
      id: `${owner}/interfaces/${each.name}/${host}`,
      name: `${on} > ${address}`,
      source,
      find: { by: 'host', host, interface: on, vrf: each.vrf },
      fields: {
        address: tell(address, (facts) => heldAs(facts, host, ({ address: held }) => held)),
        interface: tell(on, (facts) => heldAs(facts, host, ({ interface: held }) => `${name} > ${held}`)),
        ...only('vrf', each.vrf),
        ...only('dnsName', inventory.dnsName),
      },
      make: { status: 'active', ...roleOf(each.role) },
    };
  });
  return [port, ...addresses];
}

/**
 * An untagged VLAN alone makes an access port, tagged ones a tagged port. NetBox takes tagged ones on no other, so that those of an access port
 * have to go with the change.
 */
function vlansOf({ vlan, taggedVlans }: NonNullable<DeviceInterface['inventory']>): Record<string, AssertedField> {
  if (vlan === undefined && taggedVlans === undefined) return {};
  const tagged = taggedVlans ?? [];
  return {
    mode: plain(tagged.length > 0 ? 'tagged' : 'access'),
    ...only('untaggedVlan', vlan === undefined ? undefined : String(vlan)),
    taggedVlans: { ...plain(tagged.map(String)), onlyWith: 'mode' },
  };
}

/**
 * Made with the address, and compared by nobody: Git has the role of an interface, NetBox that of an address, and any two of them are right
 * somewhere.
 */
function roleOf(role: DeviceInterface['role']): { role?: string } {
  if (role === 'Loopback') return { role: 'loopback' };
  if (role === 'Anycast') return { role: 'anycast' };
  return role === 'Virtual' ? { role: 'vrrp' } : {};
}

/** A device that is drained or maintained may be recorded as active, offline or failed: each is right somewhere. */
function statusOf(lifecycle: Device['spec']['lifecycle']): Record<string, AssertedField> {
  if (lifecycle === 'Planned') return { status: { ...plain('planned'), accepts: ['staged', 'inventory'] } };
  if (lifecycle === 'Decommissioning') return { status: { ...plain('decommissioning'), accepts: ['offline'] } };
  return lifecycle === 'Active' ? { status: plain('active') } : {};
}

/** The address that we reach it by is its primary one, or the one out of band; the near end of a tunnel on our own machine is neither. */
function primaryOf(address: string | undefined): Record<string, AssertedField> {
  const parsed = address === undefined ? undefined : parseAddress(address);
  return parsed && !/^(127\.|::1$)/.test(parsed.text)
    ? { [parsed.version === 4 ? 'primaryIp4' : 'primaryIp6']: { ...plain(parsed.text), or: 'oobIp' } }
    : {};
}
