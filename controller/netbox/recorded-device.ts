import type { DesiredObject, NetBoxFacts, NetBoxObject, RecordedDevice } from '../api/index.ts';
import { parsePrefix } from '../lib/index.ts';
import { indexFacts } from './compare/find.ts';

/** What NetBox records of a device of Git. None where it has no such device, or more than one. Pure. */
export function recordedDevice(facts: NetBoxFacts, { metadata }: Pick<DesiredObject<'Device'>, 'metadata'>): RecordedDevice | 'none' {
  const finding = indexFacts(facts);
  const [device, ...more] = finding.named(metadata.name.toLowerCase(), metadata.labels['site']);
  if (!device || more.length > 0) return 'none';
  const { serial } = device.values;
  const interfaces = finding.holding('interface', 'device', device.key).flatMap((port) => {
    const addresses = finding.holding('ipAddress', 'interface', port.key);
    return interfaceOf(port, addresses);
  });
  return {
    ...(typeof serial === 'string' && { serial }),
    interfaces: interfaces.toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })),
  };
}

/** Of an interface of which NetBox says nothing, nobody has anything to say. Addresses in a VRF are none that Git could say. */
function interfaceOf({ values }: NetBoxObject, held: readonly NetBoxObject[]): RecordedDevice['interfaces'] {
  const { name, description, mtu, enabled } = values;
  const addresses = held
    .filter((each) => each.values['vrf'] === null && !/^fe[89ab]/i.test(String(each.values['address'])))
    .flatMap((each) => (parsePrefix(String(each.values['address'])) ? [String(each.values['address'])] : []))
    .toSorted();
  const isWorthIt = addresses.length > 0 || description !== null || mtu !== null || enabled === false;
  if (!isWorthIt || typeof name !== 'string') return [];
  return [
    {
      name,
      addresses,
      enabled: enabled !== false,
      ...(typeof description === 'string' && { description }),
      ...(typeof mtu === 'number' && { mtu }),
    },
  ];
}
