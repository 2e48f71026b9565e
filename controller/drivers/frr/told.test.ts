import { expect, it } from 'vitest';
import { dialectFor, listItems, parse } from '../../config/index.ts';
import { tellFrr } from './told.ts';

it('says what FRR holds in the terms of an inventory', () => {
  const config = `frr version 8.4.4
hostname edge1
interface eth0
 description to core, first floor
 ip address 192.0.2.1/31
 ipv6 address 2001:db8::1/64
 ip ospf cost 10
exit
interface eth1 vrf CUST
 shutdown
exit
router bgp 64500
 neighbor 192.0.2.0 remote-as 64501
 neighbor 192.0.2.0 description not an interface
exit
router bgp 65000 vrf CUST
exit
`;
  const dialect = dialectFor('frr');
  const items = listItems(parse(config, dialect, { version: '8.4.4' }), dialect);
  expect(tellFrr(items)).toEqual({
    asn: 64500,
    sessions: ['192.0.2.0 AS64501'],
    interfaces: {
      eth0: { description: 'to core, first floor', enabled: true, addresses: ['192.0.2.1/31', '2001:db8::1/64'] },
      eth1: { description: null, enabled: false, addresses: [] },
    },
  });
});

it('reads a baseline, which has keys in place of section lines, in the same way', () => {
  const lines = [
    { path: ['interface eth0'], text: 'description to core' },
    { path: ['interface eth0'], text: 'ip address 192.0.2.1/31' },
    { path: [], text: 'router bgp 64500' },
  ];
  expect(tellFrr(lines)).toEqual({
    asn: 64500,
    sessions: [],
    interfaces: { eth0: { description: 'to core', enabled: true, addresses: ['192.0.2.1/31'] } },
  });
});

it('says the BGP sessions of a router, of groups and VRFs too, in a configuration and in a baseline', () => {
  const config = `router bgp 64500
 neighbor RR peer-group
 neighbor RR remote-as internal
 neighbor 10.0.0.2 peer-group RR
 neighbor 192.0.2.0 remote-as 64501
 neighbor 2001:db8::2 remote-as 64502
 neighbor eth7 interface remote-as external
 address-family ipv4 unicast
  neighbor 192.0.2.0 route-map in in
 exit-address-family
exit
router bgp 65000 vrf CUST
 neighbor 192.0.2.0 remote-as 65001
exit
`;
  const sessions = ['10.0.0.2 AS64500', '192.0.2.0 AS64501', '192.0.2.0 AS65001 vrf CUST', '2001:db8::2 AS64502'];
  const dialect = dialectFor('frr');
  const items = listItems(parse(config, dialect, { version: '8.4.4' }), dialect);
  expect(tellFrr(items).sessions).toEqual(sessions);
  const baseline = items.map(({ key, text }) => ({ path: key.split(' > ').slice(0, -1), text }));
  expect(tellFrr(baseline).sessions).toEqual(sessions);
  // A group of which each member may have another AS number: nobody can say which.
  const open = config.replace('remote-as internal', 'remote-as external');
  expect(tellFrr(listItems(parse(open, dialect, { version: '8.4.4' }), dialect)).sessions).toBeUndefined();
});
