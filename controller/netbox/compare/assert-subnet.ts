import type { DesiredObject } from '../../api/index.ts';
import { addressText, parseRange } from '../../lib/index.ts';
import { type Assertion, only, plain, sourceAt } from './asserted.ts';

/** A subnet of DHCP servers: a prefix, and an IP range for each pool. Its labels name what else an inventory knows of the prefix. */
export function assertSubnet(object: DesiredObject<'DHCPSubnet'>): Assertion[] {
  const { metadata, spec } = object;
  const { labels } = metadata;
  const owner = `DHCPSubnet/${metadata.name}`;
  const length = spec.prefix.split('/')[1] ?? '';
  const vrf = labels['vrf'];
  const network: Assertion = {
    kind: 'prefix',
    owner,
    id: owner,
    name: spec.prefix,
    source: sourceAt(object, ['spec', 'prefix']),
    find: { by: 'network', prefix: spec.prefix, vrf },
    fields: {
      ...only('vrf', vrf),
      ...only('site', labels['site']),
      ...only('role', labels['role']),
      ...only('vlan', labels['vlan']),
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
      name: `${first}-${last}`,
      source: sourceAt(object, ['spec', 'pools', index]),
      find: { by: 'first', first, vrf },
      fields: { end: { ...plain(`${last}/${length}`), isHost: true }, ...only('vrf', vrf) },
      make: { start: `${first}/${length}`, status: 'active' },
    };
  });
  return [network, ...pools];
}
