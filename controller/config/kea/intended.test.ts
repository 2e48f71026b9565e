import { describe, expect, it } from 'vitest';
import { checkSecretPlaces } from '../secrets.ts';
import { classify, dialectFor, listItems, parse, parseDocument, parseIntended, planPatch, redact } from '../index.ts';

const kea = dialectFor('kea');

const rendered = `{ "Dhcp4": {
    // plumbline:from Device/dhcp1 devices/dhcp1.yaml:3
    "valid-lifetime": 4000,
    "lease-database": { "type": "mysql", "user": "kea", "password": "<secret:hmac-0123456789abcdef0123456789abcdef>" },
    "subnet4": [
      // plumbline:from DHCPSubnet/office subnets/office.yaml:1
      { "id": 10, "subnet": "192.0.2.0/24",
        "pools": [ { "pool": "192.0.2.10-192.0.2.20" } ],
        // plumbline:from DHCPSubnet/office subnets/office.yaml:20
        "reservations": [ { "hw-address": "02:00:00:00:00:01", "ip-address": "192.0.2.5" } ] }
    ]
} }
`;
const section = `// plumbline:from Section/extra raw/extra.json:1
// plumbline:lines 1-9
{
  "Dhcp4": {
    "option-def": [ { "code": 222, "name": "x", "type": "uint8" } ],
    "subnet4": [ { "id": 10, "option-data": [ { "name": "x", "data": "7" } ] } ]
  }
}
`;

describe('rendered JSON', () => {
  it('tells who wrote each line', () => {
    const { owners, problems } = parseIntended(rendered, kea);
    expect(problems).toEqual([]);
    const placeOf = (key: string): string => `${owners.get(key)?.owner} ${owners.get(key)?.file}:${owners.get(key)?.line}`;
    expect(placeOf('Dhcp4 > valid-lifetime')).toBe('Device/dhcp1 devices/dhcp1.yaml:3');
    expect(placeOf('Dhcp4 > subnet 10')).toBe('DHCPSubnet/office subnets/office.yaml:1');
    expect(placeOf('Dhcp4 > subnet 10 > pool 192.0.2.10')).toBe('DHCPSubnet/office subnets/office.yaml:1');
    expect(placeOf('Dhcp4 > subnet 10 > reservation hw-address 02:00:00:00:00:01')).toBe('DHCPSubnet/office subnets/office.yaml:20');
  });

  it('takes raw sections behind it, put together by identity: an option of a definition in another one too', () => {
    const { tree, owners, problems } = parseIntended(rendered + section, kea);
    expect(problems).toEqual([]);
    const keys = listItems(tree, kea).map(({ key }) => key);
    expect(keys.filter((key) => key.endsWith('subnet 10'))).toHaveLength(1);
    expect(keys).toContain('Dhcp4 > subnet 10 > option dhcp4 222');
    expect(owners.get('Dhcp4 > subnet 10 > option dhcp4 222')).toEqual({ owner: 'Section/extra', file: 'raw/extra.json', line: 4 });
  });

  it('is wrong where two owners say one value, at the place of the second', () => {
    const { problems } = parseIntended(
      `${rendered}// plumbline:from Section/extra raw/extra.json:1\n{ "Dhcp4": { "valid-lifetime": 4000, "subnet4": [ { "id": 10, "subnet": "198.51.100.0/24" } ] } }`,
      kea,
    );
    expect(problems.map(({ message, at }) => `${at?.file}:${at?.line} ${message}`)).toEqual([
      'raw/extra.json:1 "valid-lifetime 4000" is written by Device/dhcp1 (devices/dhcp1.yaml:3) and again by Section/extra (raw/extra.json:1)',
      'raw/extra.json:1 "subnet "198.51.100.0/24"" is written by DHCPSubnet/office (subnets/office.yaml:1) and again by Section/extra (raw/extra.json:1)',
    ]);
  });

  it('gives mistakes as problems, all of them', () => {
    const { problems } = parseIntended('{ "Dhcp4": { "a": 1 "b": 2, "b": 3 } }', kea);
    expect(problems.map(({ code }) => code)).toEqual(['ConfigSyntax', 'ConfigSyntax']);
  });
});

describe('secrets', () => {
  const raw =
    '{ "Dhcp4": { "lease-database": { "type": "mysql", "password": "a \\"b\\" c" }, "control-sockets": [ { "socket-type": "http",\n"authentication": { "type": "basic", "clients": [ { "user": "u", "password": "p2" } ] } } ] } }';

  it('are replaced wherever a key says that one stands there, in JSON and in lines', () => {
    const seen: string[] = [];
    const token = `<secret:hmac-${'0'.repeat(32)}>`;
    const { text, values } = redact(raw, kea, (value) => (seen.push(value), token));
    expect(seen).toEqual(['a "b" c', 'p2']);
    expect(values.map(({ line }) => line)).toEqual([1, 2]);
    expect(JSON.parse(text)).toMatchObject({ Dhcp4: { 'lease-database': { password: token } } });
    expect(checkSecretPlaces(parse(text, kea), kea)).toEqual([]);
    const lines = redact('Dhcp4\n lease-database\n  password open\n', kea, () => token);
    expect(lines.text).toBe(`Dhcp4\n lease-database\n  password ${token}\n`);
  });

  it.each([
    ['behind much white space', ' \n'.repeat(300), ': '],
    ['behind a comment', '', ' // the old one\n # was "x"\n : /* changed */ '],
  ])('are found %s', (_name, start, colon) => {
    const { text } = redact(`${start}{ "Dhcp4": { "lease-database": { "password"${colon}"open" } } }`, kea, () => '<secret:unset-a/b>');
    expect(text).not.toContain('open');
    expect(parse(text, kea).roots).toMatchObject([{ text: 'Dhcp4' }]);
    expect(redact(`${'"password" '.repeat(3)}${'#'.repeat(5_000)}`, kea, () => '').values).toEqual([]);
    expect(redact(`"password" ${'/* * old */'.repeat(500)} "open"`, kea, () => '').values).toEqual([]);
  });

  it('in clear, or where none belongs, are mistakes', () => {
    expect(checkSecretPlaces(parse(raw, kea), kea).map(({ code }) => code)).toEqual(['SecretInClear', 'SecretInClear']);
    const token = `<secret:hmac-${'0'.repeat(32)}>`;
    expect(checkSecretPlaces(parseDocument({ Dhcp4: { 'server-tag': token } }, kea), kea).map(({ code }) => code)).toEqual([
      'SecretOutOfPlace',
    ]);
  });
});

describe('ownership', () => {
  const intended = parseIntended(
    '{ "Dhcp4": { "client-classes": [ { "name": "a" }, { "name": "b" } ], "subnet4": [ { "id": 10, "subnet": "192.0.2.0/24" } ] } }',
    kea,
  ).tree;
  const live = parseDocument(
    {
      Dhcp4: {
        'valid-lifetime': 9,
        'client-classes': [{ name: 'a' }, { name: 'theirs' }, { name: 'b' }],
        subnet4: [
          { id: 10, subnet: '192.0.2.0/24', reservations: [{ 'hw-address': '02:00:00:00:00:09' }] },
          { id: 99, subnet: '198.51.100.0/24' },
        ],
      },
    },
    kea,
  );

  it('leaves what was made by hand beside ours, and finds what was put into ours', () => {
    const { foreign, unmanaged } = classify(live, intended, new Set(), kea);
    expect(foreign.map(({ key }) => key)).toEqual(['Dhcp4 > subnet 10 > reservation hw-address 02:00:00:00:00:09']);
    expect(unmanaged.map(({ key }) => key)).toEqual(
      expect.arrayContaining(['Dhcp4 > valid-lifetime', 'Dhcp4 > subnet 99', 'Dhcp4 > client-classes > client-class theirs']),
    );
    expect(planPatch(live, intended, kea, { scope: 'owned' }).commands).toEqual([
      { path: ['Dhcp4', 'subnet 10'], text: 'no reservation hw-address 02:00:00:00:00:09' },
    ]);
  });

  it('sees no other order in a class of others between ours', () => {
    const { owned } = classify(live, intended, new Set(), kea);
    expect(owned.find(({ key }) => key.endsWith(' > order'))?.text).toBe('order a,b');
  });

  it('puts a class of ours in its place beside one of others', () => {
    const more = parseIntended('{ "Dhcp4": { "client-classes": [ { "name": "a" }, { "name": "new" }, { "name": "b" } ] } }', kea).tree;
    const { commands, predicted } = planPatch(live, more, kea, { scope: 'owned' });
    expect(commands.map(({ text }) => text)).toEqual(['order a,theirs,new,b', 'client-class new']);
    expect(listItems(predicted, kea).find(({ key }) => key.endsWith(' > order'))?.text).toBe('order a,theirs,new,b');
  });
});
