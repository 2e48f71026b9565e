import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FactValue } from '../api/index.ts';
import { choice, cidr, decimal, type Field, flag, generic, integer, mac, ref, refs, text, uniqueText } from './codecs.ts';

describe('what NetBox says, in one form', () => {
  it.each<{ name: string; field: Field; row: Record<string, unknown>; expected: unknown }>([
    { name: 'a choice is its value', field: choice('status'), row: { status: { value: 'active', label: 'Active' } }, expected: 'active' },
    {
      name: 'a choice that we have never heard of stays as it is',
      field: choice('type'),
      row: { type: { value: '1.6tbase-x', label: '' } },
      expected: '1.6tbase-x',
    },
    { name: 'an empty choice is not asserted', field: choice('mode'), row: { mode: '' }, expected: null },
    { name: 'empty text is not asserted', field: text('description'), row: { description: '' }, expected: null },
    { name: 'nor is blank text', field: text('description'), row: { description: '  ' }, expected: null },
    { name: 'a field that the server left out is not asserted', field: text('description'), row: {}, expected: null },
    { name: 'ends of lines are one character', field: text('comments'), row: { comments: 'a\r\nb\n' }, expected: 'a\nb' },
    { name: 'a decimal as text is a number', field: decimal('position'), row: { position: '24.00' }, expected: 24 },
    { name: 'a MAC address of a switch', field: mac('mac'), row: { mac: 'aabb.cc00.1122' }, expected: 'AA:BB:CC:00:11:22' },
    { name: 'a MAC address of a PC', field: mac('mac'), row: { mac: 'aa-bb-cc-00-11-22' }, expected: 'AA:BB:CC:00:11:22' },
    {
      name: 'an IPv6 address is written as RFC 5952 says',
      field: cidr('address'),
      row: { address: '2001:DB8:0:0::1/64' },
      expected: '2001:db8::1/64',
    },
    { name: 'an unset reference is not asserted', field: ref('site', 'site'), row: { site: null }, expected: null },
    {
      name: 'a nested reference is its id',
      field: ref('site', 'site'),
      row: { site: { id: 7, name: 'FRA' } },
      expected: { to: 'site', id: 7 },
    },
    { name: 'and so is a bare one', field: ref('site', 'site'), row: { site: 7 }, expected: { to: 'site', id: 7 } },
    {
      name: 'an address on something else than an interface is on none',
      field: generic('a', 'dcim.interface', 'interface'),
      row: { a_type: 'ipam.fhrpgroup', a_id: 3 },
      expected: null,
    },
    {
      name: 'a list is each of its references',
      field: refs('vlans', 'vlan'),
      row: { vlans: [{ id: 2 }, 1] },
      expected: [
        { to: 'vlan', id: 2 },
        { to: 'vlan', id: 1 },
      ],
    },
  ])('$name', ({ field, row, expected }) => expect(field.read(row)).toEqual(expected));

  it.each<{ name: string; field: Field; row: Record<string, unknown>; says: string }>([
    { name: 'a number that is text', field: integer('mtu'), row: { mtu: 'big' }, says: '"big" is no number' },
    { name: 'half a number', field: integer('mtu'), row: { mtu: 1.5 }, says: 'mtu is 1.5, not a whole number' },
    { name: 'a flag that is text', field: flag('enabled'), row: { enabled: 'yes' }, says: 'enabled is "yes", not true or false' },
    {
      name: 'a reference without an id',
      field: ref('site', 'site'),
      row: { site: { slug: 'fra' } },
      says: 'site is {"slug":"fra"}, which names no object',
    },
    { name: 'a list that is none', field: refs('vlans', 'vlan'), row: { vlans: 7 }, says: 'vlans is 7, not a list' },
  ])('refuses $name, and says why', ({ field, row, says }) => expect(() => field.read(row)).toThrow(says));
});

describe('what is written', () => {
  const idOf = (to: string, key: string): number => Number(key.slice(to.length));

  it.each<{ name: string; field: Field; value: FactValue; expected: Record<string, unknown> }>([
    { name: 'text is cleared by the empty text', field: text('serial'), value: null, expected: { serial: '' } },
    { name: 'text that is unique is cleared by null', field: uniqueText('asset_tag'), value: null, expected: { asset_tag: null } },
    { name: 'a reference is written as its id', field: ref('site', 'site'), value: 'site7', expected: { site: 7 } },
    {
      name: 'both halves of what an address is on',
      field: generic('assigned_object', 'dcim.interface', 'interface'),
      value: 'interface3',
      expected: { assigned_object_type: 'dcim.interface', assigned_object_id: 3 },
    },
    {
      name: 'and both are cleared',
      field: generic('assigned_object', 'dcim.interface', 'interface'),
      value: null,
      expected: { assigned_object_type: null, assigned_object_id: null },
    },
    { name: 'a set is written whole', field: refs('tagged_vlans', 'vlan'), value: ['vlan2', 'vlan1'], expected: { tagged_vlans: [2, 1] } },
  ])('$name', ({ field, value, expected }) => expect(field.write(value, idOf)).toEqual(expected));

  it('reads back as it was written, for every value in canonical form', () => {
    const values: [Field, fc.Arbitrary<FactValue>][] = [
      [text('f'), fc.string()],
      [uniqueText('f'), fc.string()],
      [choice('f'), fc.stringMatching(/^[a-z0-9-]+$/)],
      [integer('f'), fc.integer()],
      [decimal('f'), fc.double({ noNaN: true, noDefaultInfinity: true })],
      [flag('f'), fc.boolean()],
      [mac('f'), fc.stringMatching(/^([0-9A-Fa-f]{2}[-:]){5}[0-9A-Fa-f]{2}$/)],
      [cidr('f'), fc.oneof(fc.ipV4(), fc.ipV6()).map((each) => `${each}/${each.includes(':') ? 64 : 24}`)],
    ];
    for (const [field, arbitrary] of values) {
      fc.assert(
        fc.property(fc.option(arbitrary), (value) => {
          const canonical = field.normalise(value);
          expect(field.normalise(canonical)).toEqual(canonical);
          expect(field.read(field.write(canonical, idOf))).toEqual(canonical);
        }),
      );
    }
  });

  it('takes no notice of the order of a set, nor of what stands in it twice', () => {
    const field = refs('f', 'vlan');
    fc.assert(
      fc.property(
        fc
          .array(fc.string())
          .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray([...list, ...list], { minLength: list.length * 2 }))),
        ([list, shuffled]) => {
          expect(field.normalise(shuffled)).toEqual(field.normalise(list));
        },
      ),
    );
  });
});
