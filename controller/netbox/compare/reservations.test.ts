import { describe, expect, it } from 'vitest';
import { stateOf } from '../../../test/builders/state.ts';
import type { FactValue, NetBoxFacts, NetBoxObject } from '../../api/index.ts';
import { planRecord } from '../record/plan.ts';
import { reservationLine } from '../reservation-line.ts';
import { resources } from '../resources.ts';
import { assertionsOf } from './assertions.ts';
import { compareRecord } from './compare.ts';

const state = (reservations: string) =>
  stateOf(`
kind: DHCPSubnet
name: users
spec: {family: IPv4, id: 7, prefix: 10.9.0.0/24, servedBy: [kea1], reservations: [${reservations}]}
`);
const two = `{hwAddress: '02:00:5e:00:53:01', addresses: [10.9.0.20], hostname: printer}, {circuitId: "'ge-0/0/1'", addresses: [10.9.0.21]}`;

/** A NetBox with the prefix; `field` is what the custom field says, absent where nobody made it; `objects` are those of netbox-plugin-dhcp. */
function netbox({
  field,
  objects,
  unseen,
}: {
  field?: string | null;
  objects?: Record<string, FactValue>[];
  unseen?: string;
}): NetBoxFacts {
  let id = 0;
  const object = (key: string, values: Record<string, FactValue>): NetBoxObject => ({ id: ++id, key, values, updated: null });
  const reservations = resources.prefix.fields.reservations.read({ custom_fields: { dhcp_reservations: field } }) as FactValue;
  const made = field === undefined ? [] : [object('dhcp_reservations', { type: 'longtext', objectTypes: ['ipam.prefix'] })];
  return {
    url: 'https://netbox.example.net',
    version: '4.7.3',
    at: '2026-11-22T06:00:00Z',
    objects: {
      customField: made,
      prefix: [object('10.9.0.0/24', { prefix: '10.9.0.0/24', vrf: null, reservations })],
      ...(objects && {
        dhcpServer: [object('dhcp > fra > kea1', { name: 'dhcp', device: 'fra > kea1' })],
        dhcpSubnet: [object('net', { name: 'net', prefix: '10.9.0.0/24', subnetId: 7, server: 'dhcp > fra > kea1' })],
        dhcpReservation: objects.map((values, i) => object(`r${i}`, { subnet: 'net', ...values })),
      }),
    },
    ...(unseen !== undefined && { unseen: { [unseen]: unseen } }),
  };
}

function look(git: string, facts: NetBoxFacts) {
  const found = compareRecord(assertionsOf(state(git), new Map()), facts, new Map());
  const { changes, left } = planRecord(found, facts, { remove: false, allowRemovals: false });
  return {
    said: found.differences.map(({ record, kind, field, next }) => ({ is: `${record} ${kind} ${field ?? ''}`, next: next.words })),
    writes: changes.flatMap(({ kind, fields }) => fields.map(({ field, to }) => [kind, field, to])),
    left: left.map(({ why }) => why),
  };
}

describe('in a custom field of prefixes', () => {
  it.each<{ name: string; git: string; field?: string | null; is: string[] }>([
    { name: 'that nobody made', git: two, is: [] },
    {
      name: 'that says the same in its own words',
      git: two,
      field: '02-00-5E-00-53-01  10.9.0.20 Printer\r\ncircuit-id ge-0/0/1 10.9.0.21\n',
      is: [],
    },
    { name: 'that is empty', git: two, field: null, is: ['Behind prefix reservations'] },
    { name: 'that says one more', git: '', field: '02:00:5e:00:53:01 10.9.0.20', is: ['Behind prefix reservations'] },
    { name: 'that says another address', git: two, field: '02:00:5e:00:53:01 10.9.0.99 printer', is: ['Behind prefix reservations'] },
    { name: 'that is empty as Git is', git: '', field: '', is: [] },
  ])('$name: $is', ({ git, is, ...more }) => {
    const found = look(git, netbox(more));
    expect(found.said.map((each) => each.is)).toEqual(is);
    expect(found.writes.map(([kind, field]) => `Behind ${String(kind)} ${String(field)}`)).toEqual(is);
  });

  it('are written one a line', () => {
    const { writes } = look(two, netbox({ field: '' }));
    expect(writes).toEqual([['prefix', 'reservations', ['02:00:5e:00:53:01 printer 10.9.0.20', 'circuit-id ge-0/0/1 10.9.0.21']]]);
  });
});

describe('in netbox-plugin-dhcp', () => {
  const printer = { hwAddress: '02:00:5E:00:53:01', ipv4: '10.9.0.20', hostname: 'printer' };
  const line = { circuitId: 'ge-0/0/1', ipv4: 'CUST > 10.9.0.21', hostname: null };
  it.each<{ name: string; git: string; objects: Record<string, FactValue>[]; is: string[] }>([
    { name: 'none at all says nothing', git: two, objects: [], is: [] },
    { name: 'the same', git: two, objects: [line, printer], is: [] },
    { name: 'one fewer', git: two, objects: [printer], is: ['Behind DHCP subnet reservations'] },
    { name: 'one more', git: '', objects: [printer], is: ['Behind DHCP subnet reservations'] },
    { name: 'another name', git: two, objects: [line, { ...printer, hostname: 'scanner' }], is: ['Behind DHCP subnet reservations'] },
  ])('$name: $is, and a person writes it', ({ git, objects, is }) => {
    const { said, writes, left } = look(git, netbox({ objects }));
    expect(said).toEqual(is.map((each) => ({ is: each, next: expect.stringContaining('by hand') })));
    expect([writes, left]).toEqual([[], is.map(() => expect.stringContaining('a person'))]);
  });

  it.each(['dhcpReservation', 'macAddress'])('are Unknown to a token that may not view the list of %s, whatever there is', (unseen) => {
    const { said, writes } = look(two, netbox({ objects: unseen === 'macAddress' ? [line, printer] : [], unseen }));
    expect(said).toEqual([
      { is: 'Unknown DHCP subnet reservations', next: expect.stringContaining(resources[unseen as 'macAddress'].model) },
    ]);
    expect(writes).toEqual([]);
  });
});

it('are put into words once: a subnet that did not change is compared at every look', () => {
  const git = state(two);
  const desired = () => assertionsOf(git, new Map()).flatMap(({ fields }) => fields['reservations']?.desired ?? []);
  const lists = () => assertionsOf(git, new Map()).map(({ fields }) => fields['reservations']?.desired);
  expect(desired()).toHaveLength(4);
  for (const [i, list] of lists().entries()) expect(list).toBe(lists()[i]);
});

it.each([
  ['020000000001 10.0.0.1', '02:00:00:00:00:01 10.0.0.1'],
  ['0200.0000.0001 2001:DB8:0::1 2001:db8:1::/56 Host', '02:00:00:00:00:01 host 2001:db8:1::/56 2001:db8::1'],
  ["flex-id 'Port 7'  10.0.0.2", 'flex-id port 7 10.0.0.2'],
  ['02-00-5e-00-53-01-00-07 10.0.0.3', '02:00:5e:00:53:01:00:07 10.0.0.3'],
  ['  ', ''],
])('%s and %s are one line', (one, other) => {
  expect([reservationLine(one), reservationLine(other)]).toEqual([other, other]);
});
