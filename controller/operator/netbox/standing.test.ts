import { expect, it } from 'vitest';
import { stateOf } from '../../../test/builders/state.ts';
import { FleetSpec, type NetBoxFacts, type NetBoxObject } from '../../api/index.ts';
import { newStanding, recordOf } from './standing.ts';

/** Two servers with a subnet each on one prefix, which no label of theirs tells apart. */
const git = ['low', 'high']
  .map(
    (name, at) => `
kind: Device
name: kea${at + 1}
spec:
  platform: frr
  management: {address: 10.255.0.${at + 1}, hostKeys: ["SHA256:0NCNJe2odk+Qg25vtrml/Em2rYRXPch9cqgiE0hg8Zk"]}
  credentials: {observe: {name: servers}}
---
kind: DHCPSubnet
name: ${name}
spec: {family: IPv4, id: ${at + 1}, prefix: 10.9.0.0/24, servedBy: [kea${at + 1}], reservations: [{hwAddress: '02:00:5e:00:53:0${at}', addresses: [10.9.0.${at + 1}]}]}
`,
  )
  .join('---');

const object = (id: number, key: string, values: NetBoxObject['values']): NetBoxObject => ({ id, key, values, updated: null });
const facts: NetBoxFacts = {
  url: 'https://netbox.example.net',
  version: '4.7.3',
  at: '2026-11-22T12:00:00.000Z',
  objects: {
    customField: [object(1, 'dhcp_reservations', { type: 'longtext', objectTypes: ['ipam.prefix'] })],
    prefix: [object(2, '10.9.0.0/24', { prefix: '10.9.0.0/24', vrf: null, reservations: ['02:00:5e:00:53:09 10.9.0.9'] })],
    dhcpServer: [object(3, 'dhcp > fra > kea1', { name: 'dhcp', device: 'fra > kea1' })],
    dhcpSubnet: [object(4, 'low', { name: 'low', prefix: '10.9.0.0/24', subnetId: 1, server: 'dhcp > fra > kea1' })],
  },
};

it.each([
  { name: 'kea1', says: [] },
  { name: 'kea2', says: ['Missing DHCP subnet high'] },
])('what other servers have on the prefixes of $name is not held against it', ({ name, says }) => {
  const state = stateOf(git);
  const subnets = [...state.objects.DHCPSubnet.values()].filter(({ spec }) => spec.servedBy.includes(name));
  const device = { name, object: state.objects.Device.get(name), inputs: { objects: [], sessions: [], subnets } } as never;
  const standing = { ...newStanding(), facts };
  standing.told.set(name, { live: {} });
  const wanted = FleetSpec.shape.netbox.parse({ url: facts.url, secretRef: { name: 'netbox' } });
  const found = recordOf(standing, wanted, { state }, device)?.differences ?? [];
  const ofSubnets = found.filter(({ kind }) => kind !== 'device');
  expect(ofSubnets.map(({ record, kind, object: what }) => `${record} ${kind} ${what}`)).toEqual(says);
});
