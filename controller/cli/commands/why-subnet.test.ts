import { expect, it } from 'vitest';
import type { DeviceVerdict, DHCPSubnetSpec } from '../../api/index.ts';
import { isInTrouble, ofSubnet, type SubnetObject } from './why-subnet.ts';

const difference = (verdict: string, ...path: string[]) => ({ path, verdict, severity: 'warning', since: '' });
const judged = {
  device: 'dhcp1',
  verdict: 'Drifted',
  at: '',
  revision: 'r',
  counts: { owned: 3, inSync: 1, unmanaged: 0 },
  differences: [
    difference('Drifted', 'Dhcp4', 'subnet 11', 'prefix 198.51.100.0/24'),
    difference('Pending', 'Dhcp4', 'subnet 10', 'pool 192.0.2.10'),
    difference('Drifted', 'Dhcp6', 'subnet 10', 'pool 2001:db8::10'),
  ],
  closing: ['192.0.2.20 - 192.0.2.29 of subnet 10 is closed', '2001:db8::20 - 2001:db8::29 of subnet 10 is closed'],
} as unknown as DeviceVerdict;
const subnet = (family: 'IPv4' | 'IPv6', id: number) => ({ spec: { family, id } as DHCPSubnetSpec });

it('what is about one subnet of a server is told of it, by family and id', () => {
  expect(ofSubnet(judged, subnet('IPv4', 10))).toMatchObject({
    verdict: 'Pending',
    differences: [{ path: ['Dhcp4', 'subnet 10', 'pool 192.0.2.10'] }],
    closing: ['192.0.2.20 - 192.0.2.29 of subnet 10 is closed'],
  });
  expect(ofSubnet(judged, subnet('IPv6', 10))).toMatchObject({ verdict: 'Drifted', closing: [expect.stringContaining('2001:db8::20')] });
  expect(ofSubnet(judged, subnet('IPv4', 12))).toMatchObject({ verdict: 'InSync', differences: [] });
});

it.each([
  { name: 'as Git says, and half full', ready: 'True', used: 50, is: false },
  { name: 'nearly full', ready: 'True', used: 90, is: true },
  { name: 'not as Git says', ready: 'False', used: 0, is: true },
])('on-call has to know of a subnet that is $name: $is', ({ ready, used, is }) => {
  const status = { conditions: [{ type: 'Ready', status: ready, reason: 'x', message: '', lastTransitionTime: '' }], addressesUsed: used };
  expect(isInTrouble({ status } as unknown as SubnetObject)).toBe(is);
});
