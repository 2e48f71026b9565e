import { expect, it } from 'vitest';
import { placesOf } from './places.ts';

const table = placesOf(['feature; vlan', ['interface *', ['ip; *; channel-group']], 'vlan group', '-vlan', '=line']);
const at = (line: string, goes = false): number => table.rank(line.split(' '), goes).at;

it('puts lines in the order of the list, the best match first', () => {
  expect([at('feature bgp'), at('vlan 10'), at('interface Ethernet1'), at('vlan group A')]).toEqual([0, 1, 2, 3]);
});

it('puts removals in the opposite order ahead, but for those that have a place', () => {
  expect([at('interface Ethernet1', true), at('vlan 10', true)]).toEqual([-2, 4]);
});

it('leaves what it does not name where it stands', () => {
  expect([at('hostname x'), at('line vty 0')]).toEqual([0, 0]);
});

it('has places for the lines inside', () => {
  const { inside } = table.rank(['interface', 'Ethernet1'], false);
  expect(['ip address', 'mtu 1500', 'channel-group 1'].map((line) => inside.rank(line.split(' '), false).at)).toEqual([0, 1, 2]);
});
