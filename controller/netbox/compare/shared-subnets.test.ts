import { expect, it } from 'vitest';
import { stateOf } from '../../../test/builders/state.ts';
import type { FactValue, NetBoxFacts, NetBoxObject } from '../../api/index.ts';
import { planRecord } from '../record/plan.ts';
import { assertionsOf } from './assertions.ts';
import { compareRecord } from './compare.ts';

type Served = { name: string; server: string; vrf?: string; pool: string };

const stateWith = (...subnets: Served[]) =>
  stateOf(
    subnets
      .map(({ name, server, vrf, pool }, at) => {
        const labels = vrf === undefined ? '' : `labels: {vrf: ${vrf}}\n`;
        return `kind: DHCPSubnet\nname: ${name}\n${labels}spec: {family: IPv4, id: ${at + 1}, prefix: 10.9.0.0/24, servedBy: [${server}], pools: [{range: ${pool}}]}\n`;
      })
      .join('---\n'),
  );

/** What NetBox has of subnets on the prefix 10.9.0.0/24: their servers, ids and VRFs. */
function netbox(...subnets: { server: string | null; subnetId: number; vrf?: string }[]): NetBoxFacts {
  let id = 0;
  const object = (key: string, values: Record<string, FactValue>): NetBoxObject => ({ id: ++id, key, values, updated: null });
  const inVrf = (vrf: string | undefined) => (vrf === undefined ? '10.9.0.0/24' : `${vrf} > 10.9.0.0/24`);
  const objects = {
    vrf: ['A', 'B'].map((name) => object(name, { name, rd: null })),
    prefix: [undefined, 'A', 'B'].map((vrf) => object(inVrf(vrf), { prefix: '10.9.0.0/24', vrf: vrf ?? null })),
    ipRange: [],
    dhcpServer: ['kea1', 'kea2'].map((name) => object(`dhcp > fra > ${name}`, { name: 'dhcp', device: `fra > ${name}` })),
    dhcpSubnet: subnets.map(({ server, subnetId, vrf }) =>
      object(`net ${subnetId}`, { name: `net ${subnetId}`, prefix: inVrf(vrf), subnetId, server: server && `dhcp > fra > ${server}` }),
    ),
    dhcpPool: [],
  };
  return { url: 'https://netbox.example.net', version: '4.7.3', at: '2026-11-22T06:00:00Z', objects };
}

const compare = (state: ReturnType<typeof stateOf>, facts: NetBoxFacts) => compareRecord(assertionsOf(state, new Map()), facts, new Map());
const split = stateWith(
  { name: 'low', server: 'kea1', pool: '10.9.0.10-10.9.0.99' },
  { name: 'high', server: 'kea2', pool: '10.9.0.100-10.9.0.199' },
);

it.each<{ name: string; facts: NetBoxFacts; says: string[] }>([
  { name: 'with both nothing', facts: netbox({ server: 'kea1', subnetId: 1 }, { server: 'kea2', subnetId: 2 }), says: [] },
  { name: 'with one of them that the other is missing', facts: netbox({ server: 'kea1', subnetId: 1 }), says: ['Missing high'] },
  {
    name: 'with another id which',
    facts: netbox({ server: 'kea1', subnetId: 1 }, { server: 'kea2', subnetId: 9 }),
    says: ['Behind high subnetId'],
  },
])('two servers with a subnet each on one prefix: says of a NetBox $name', ({ facts, says }) => {
  const { differences } = compare(split, facts);
  const ofSubnets = differences.filter(({ kind }) => kind === 'DHCP subnet');
  expect(ofSubnets.map(({ record, object, field }) => [record, object, field].join(' ').trim())).toEqual(says);
});

it('subnets of one prefix in two VRFs are made on the prefix and range of theirs', () => {
  const state = stateWith(
    { name: 'a', server: 'kea1', vrf: 'A', pool: '10.9.0.10-10.9.0.99' },
    { name: 'b', server: 'kea2', vrf: 'B', pool: '10.9.0.10-10.9.0.99' },
  );
  const facts = netbox();
  const { changes, left } = planRecord(compare(state, facts), facts, { remove: false, allowRemovals: false });
  const words = changes.map(({ do: what, kind, name, fields }) => {
    const named = fields.filter(({ field }) => ['prefix', 'range', 'vrf'].includes(field));
    return [what, kind, name, ...named.map(({ field, to }) => `${field}=${String(to)}`)].join(' ');
  });
  expect(left).toEqual([]);
  expect(words.filter((each) => !each.includes('plumbline'))).toEqual([
    'make ipRange 10.9.0.10-10.9.0.99 vrf A vrf=A',
    'make ipRange 10.9.0.10-10.9.0.99 vrf B vrf=B',
    'make dhcpSubnet a prefix=10.9.0.0/24 vrf A',
    'make dhcpSubnet b prefix=10.9.0.0/24 vrf B',
    'make dhcpPool a 10.9.0.10-10.9.0.99 vrf A range=10.9.0.10-10.9.0.99 vrf A',
    'make dhcpPool b 10.9.0.10-10.9.0.99 vrf B range=10.9.0.10-10.9.0.99 vrf B',
  ]);
});
