import { describe, expect, it, test } from 'vitest';
import { dialectFor, diffText, parse, parseDocument, print } from '../index.ts';
import type { JsonMap, JsonValue } from './json.ts';

const dhcp4 = dialectFor('kea-dhcp4');
const dhcp6 = dialectFor('kea-dhcp6');

function differences(family: 4 | 6, live: JsonMap, want: JsonMap, version = '2.2.0'): string {
  const dialect = family === 4 ? dhcp4 : dhcp6;
  const [a, b] = [live, want].map((map) => parseDocument({ [`Dhcp${family}`]: map }, dialect, { version }));
  return a && b ? diffText(a, b, dialect) : 'nothing';
}

const in4 = (map: JsonMap): JsonMap => ({ subnet4: [{ id: 1, subnet: '192.0.2.0/24', ...map }] });
const in6 = (map: JsonMap): JsonMap => ({ subnet6: [{ id: 1, subnet: '2001:db8::/32', ...map }] });
const option = (map: JsonMap): JsonMap => ({ 'option-data': [map] });
const host = (map: JsonMap): JsonMap => in4({ reservations: [{ 'ip-address': '192.0.2.9', ...map }] });

describe('two ways to say the same', () => {
  test.each<{ of: string; family?: 4 | 6; one: JsonMap; other: JsonMap; version?: string }>([
    {
      of: 'an option by code and by name',
      one: option({ code: 6, data: '192.0.2.1' }),
      other: option({ name: 'domain-name-servers', data: '192.0.2.1' }),
    },
    {
      of: 'an option with what servers add',
      one: option({ code: 3, data: '192.0.2.1' }),
      other: option({ code: 3, name: 'routers', space: 'dhcp4', 'csv-format': true, 'always-send': false, data: '192.0.2.1' }),
    },
    {
      of: 'addresses as text and as bytes',
      one: option({ code: 6, data: '192.0.2.1, 192.0.2.2' }),
      other: option({ code: 6, 'csv-format': false, data: 'C0 00 02 01 C0 00 02 02' }),
    },
    {
      of: 'white space in a list',
      one: option({ code: 42, data: ' 192.0.2.1 ,192.0.2.2' }),
      other: option({ code: 42, data: '192.0.2.1,   192.0.2.2' }),
    },
    { of: 'a number as decimal and hex', one: option({ code: 26, data: '0x5dc' }), other: option({ code: 26, data: '1500' }) },
    {
      of: 'a negative number as bytes',
      one: option({ code: 2, data: '-3600' }),
      other: option({ code: 2, 'csv-format': false, data: 'fffff1f0' }),
    },
    { of: 'truth as word and digit', one: option({ code: 19, data: '1' }), other: option({ code: 19, data: 'true' }) },
    {
      of: 'text as bytes',
      one: option({ code: 15, data: 'example.net' }),
      other: option({ code: 15, 'csv-format': false, data: '6578616d706c652e6e6574' }),
    },
    {
      of: 'names as bytes',
      one: option({ code: 119, data: 'a.example., b.example' }),
      other: option({ code: 119, 'csv-format': false, data: '0161076578616d706c65000162076578616d706c6500' }),
    },
    {
      of: 'a record as bytes',
      one: option({ code: 78, data: 'true, 192.0.2.1' }),
      other: option({ code: 78, 'csv-format': false, data: '01c0000201' }),
    },
    {
      of: 'bytes as quoted text',
      one: option({ code: 222, 'csv-format': false, data: "'ab c'" }),
      other: option({ code: 222, 'csv-format': false, data: '61622063' }),
    },
    {
      of: "an option of a definition of one's own",
      one: {
        'option-def': [{ code: 222, name: 'x', type: 'record', 'record-types': 'uint8, ipv4-address', array: true }],
        ...option({ name: 'x', data: '1, 192.0.2.1,192.0.2.2' }),
      },
      other: {
        'option-def': [
          { code: 222, name: 'x', space: 'dhcp4', type: 'record', 'record-types': 'uint8,ipv4-address', array: true, encapsulate: '' },
        ],
        ...option({ code: 222, 'csv-format': false, data: '01C0000201C0000202' }),
      },
    },
    {
      of: 'IPv6 addresses in an option',
      family: 6,
      one: option({ code: 23, data: '2001:DB8:0:0::1' }),
      other: option({ name: 'dns-servers', data: '2001:db8::1' }),
    },
    {
      of: 'an option that is made of others',
      one: {
        'option-def': [{ code: 1, name: 's', space: 'vendor-encapsulated-options-space', type: 'uint8' }],
        'option-data': [{ name: 'vendor-encapsulated-options' }, { name: 's', space: 'vendor-encapsulated-options-space', data: '7' }],
      },
      other: {
        'option-def': [{ code: 1, name: 's', space: 'vendor-encapsulated-options-space', type: 'uint8' }],
        'option-data': [
          { code: 1, space: 'vendor-encapsulated-options-space', data: '7' },
          { code: 43, 'csv-format': false, data: '010107' },
        ],
      },
    },
    {
      of: 'a pool as prefix and as range',
      one: in4({ pools: [{ pool: '192.0.2.16/28' }] }),
      other: in4({ pools: [{ pool: '192.0.2.16 - 192.0.2.31' }] }),
    },
    {
      of: 'an IPv6 pool as prefix and as range',
      family: 6,
      one: in6({ pools: [{ pool: '2001:DB8:1::/80' }] }),
      other: in6({ pools: [{ pool: '2001:db8:1::-2001:db8:1::ffff:ffff:ffff' }] }),
    },
    { of: 'a hardware address', one: host({ 'hw-address': '0200AABBCC01' }), other: host({ 'hw-address': '2:0:aa:BB:cc:1' }) },
    { of: 'a client id', one: host({ 'client-id': '01:AB:cd' }), other: host({ 'client-id': '01abCD' }) },
    { of: 'a flexible id as text', one: host({ 'flex-id': "'port 7'" }), other: host({ 'flex-id': '706F72742037' }) },
    {
      of: 'reservations in another order',
      one: in4({ reservations: [{ 'hw-address': '02:00:00:00:00:02' }, { 'hw-address': '02:00:00:00:00:01' }] }),
      other: in4({ reservations: [{ 'hw-address': '02:00:00:00:00:01' }, { 'hw-address': '02:00:00:00:00:02' }] }),
    },
    {
      of: 'a reservation with what servers add',
      one: host({ duid: '01:02' }),
      other: host({
        duid: '0102',
        hostname: '',
        'next-server': '0.0.0.0',
        'server-hostname': '',
        'boot-file-name': '',
        'client-classes': [],
        'option-data': [],
      }),
    },
    {
      of: 'the mode of reservations in one word',
      one: { 'reservation-mode': 'out-of-pool' },
      other: { 'reservations-global': false, 'reservations-in-subnet': true, 'reservations-out-of-pool': true },
    },
    {
      of: 'one control socket and a list of one',
      one: { 'control-socket': { 'socket-type': 'unix', 'socket-name': '/run/kea/4.sock' } },
      other: { 'control-sockets': [{ 'socket-type': 'unix', 'socket-name': '/run/kea/4.sock' }] },
    },
    {
      of: 'who may use a control socket',
      one: { 'control-sockets': [{ 'socket-type': 'http', authentication: { type: 'basic', clients: [{ user: 'u', password: 'p' }] } }] },
      other: {
        'control-sockets': [
          {
            'socket-type': 'http',
            'socket-address': '127.0.0.1',
            'socket-port': 8000,
            authentication: { type: 'basic', directory: '', clients: [{ user: 'u', password: 'p' }] },
          },
        ],
      },
      version: '3.0.0',
    },
    {
      of: 'one hosts database and a list of one',
      one: { 'hosts-database': { type: 'mysql', name: 'kea' } },
      other: { 'hosts-databases': [{ type: 'mysql', name: 'kea' }] },
    },
    { of: 'one class and a list of one', one: in4({ 'client-class': 'voip' }), other: in4({ 'client-classes': ['voip'] }) },
    {
      of: 'classes that are looked at late',
      one: in4({ 'require-client-classes': ['a'] }),
      other: in4({ 'evaluate-additional-classes': ['a'] }),
    },
    {
      of: 'a class that is looked at late',
      one: { 'client-classes': [{ name: 'a', 'only-if-required': true }] },
      other: { 'client-classes': [{ name: 'a', 'only-in-additional-list': true }] },
    },
    {
      of: 'what to do in a conflict of names',
      one: { 'ddns-use-conflict-resolution': false },
      other: { 'ddns-conflict-resolution-mode': 'no-check-with-dhcid' },
    },
    {
      of: 'settings of names where they once stood',
      one: { 'dhcp-ddns': { 'enable-updates': true, 'qualifying-suffix': 'example.net' } },
      other: { 'dhcp-ddns': { 'enable-updates': true }, 'ddns-qualifying-suffix': 'example.net' },
    },
    {
      of: 'a comment',
      one: in4({ comment: 'second floor', 'user-context': { site: 'x' } }),
      other: in4({ 'user-context': { comment: 'second floor', site: 'x' } }),
    },
    { of: 'our own mark in the context', one: in4({ 'user-context': { plumbline: { rev: '1' } } }), other: in4({}) },
    {
      of: 'the outputs of a logger',
      one: { loggers: [{ name: 'kea-dhcp4', output_options: [{ output: 'stdout' }] }] },
      other: {
        loggers: [
          { name: 'kea-dhcp4', severity: 'INFO', debuglevel: 0, 'output-options': [{ output: 'stdout', flush: true, pattern: '' }] },
        ],
      },
    },
    {
      of: 'the address of one relay',
      one: in4({ relay: { 'ip-address': '192.0.2.1' } }),
      other: in4({ relay: { 'ip-addresses': ['192.0.2.1'] } }),
    },
    {
      of: 'numbers and truth in quotes',
      one: { 'valid-lifetime': '4000', authoritative: 'true' },
      other: { 'valid-lifetime': 4000, authoritative: true },
    },
    {
      of: 'options of relays by code and by name',
      family: 6,
      one: { 'relay-supplied-options': ['110', 'erp-local-domain-name'] },
      other: { 'relay-supplied-options': ['65', '110'] },
    },
    {
      of: 'threads of a server that has them by default',
      one: { 'multi-threading': { 'enable-multi-threading': true } },
      other: {},
      version: '2.6.0',
    },
  ])('is no difference: $of', ({ family = 4, one, other, version }) => {
    expect(differences(family, one, other, version)).toBe('');
    expect(differences(family, other, one, version)).toBe('');
  });
});

describe('what a server prints because it holds around it', () => {
  it('is not said again: lifetimes and their bounds', () => {
    const file = {
      'valid-lifetime': 4000,
      'shared-networks': [{ name: 'n', 'valid-lifetime': 200, subnet4: [{ id: 1, subnet: '192.0.2.0/24' }] }],
      subnet4: [{ id: 2, subnet: '198.51.100.0/24' }],
    };
    const live = {
      'valid-lifetime': 4000,
      'shared-networks': [
        {
          name: 'n',
          'valid-lifetime': 200,
          'min-valid-lifetime': 200,
          'max-valid-lifetime': 200,
          't1-percent': 0.5,
          relay: { 'ip-addresses': [] },
          subnet4: [
            {
              id: 1,
              subnet: '192.0.2.0/24',
              'valid-lifetime': 200,
              'min-valid-lifetime': 200,
              'max-valid-lifetime': 200,
              '4o6-subnet': '',
              relay: { 'ip-addresses': [] },
            },
          ],
        },
      ],
      subnet4: [
        {
          id: 2,
          subnet: '198.51.100.0/24',
          'valid-lifetime': 4000,
          'min-valid-lifetime': 4000,
          'max-valid-lifetime': 4000,
          'calculate-tee-times': false,
        },
      ],
    };
    expect(differences(4, live, file)).toBe('');
  });

  it('is a difference where it does not', () => {
    const file = { 'valid-lifetime': 4000, subnet4: [{ id: 2, subnet: '198.51.100.0/24' }] };
    const live = {
      'valid-lifetime': 4000,
      subnet4: [{ id: 2, subnet: '198.51.100.0/24', 'valid-lifetime': 5000, 'min-valid-lifetime': 5000, 'max-valid-lifetime': 6000 }],
    };
    expect(differences(4, live, file)).toBe('  Dhcp4\n   subnet 2\n-   max-valid-lifetime 6000\n-   valid-lifetime 5000\n');
  });

  it('takes over a bound that the server says, whatever the lifetime here is', () => {
    const file = { 'min-valid-lifetime': 50, 'valid-lifetime': 3000, subnet4: [{ id: 1, subnet: '192.0.2.0/24', 'valid-lifetime': 100 }] };
    const live = {
      'min-valid-lifetime': 50,
      'valid-lifetime': 3000,
      subnet4: [{ id: 1, subnet: '192.0.2.0/24', 'min-valid-lifetime': 50, 'valid-lifetime': 100, 'max-valid-lifetime': 100 }],
    };
    expect(differences(4, live, file)).toBe('');
  });
});

function valueAt(map: JsonMap, path: readonly (string | number)[]): JsonValue {
  return path.reduce<JsonValue>((value, key) => (value as JsonMap)[key] ?? null, map);
}

function listAt(map: JsonMap, ...path: readonly (string | number)[]): JsonValue[] {
  return valueAt(map, path) as JsonValue[];
}

function put(map: JsonMap, value: JsonValue, ...path: readonly (string | number)[]): void {
  (valueAt(map, path.slice(0, -1)) as JsonMap)[path.at(-1) ?? ''] = value;
}

describe('one thing that somebody did', () => {
  const base = (): JsonMap => ({
    'valid-lifetime': 4000,
    'client-classes': [{ name: 'a', test: "member('ALL')" }, { name: 'b' }, { name: 'c', 'next-server': '192.0.2.1' }],
    loggers: [{ name: 'kea-dhcp4', severity: 'INFO', 'output-options': [{ output: 'stdout' }] }],
    'hooks-libraries': [
      { library: '/usr/lib/kea/hooks/libdhcp_lease_cmds.so' },
      { library: '/usr/lib/kea/hooks/libdhcp_run_script.so', parameters: { name: '/bin/true', sync: false } },
    ],
    'option-def': [{ name: 'mine', code: 222, type: 'record', 'record-types': 'uint8, ipv4-address' }],
    'option-data': [
      { code: 6, data: '192.0.2.53' },
      { code: 3, data: '192.0.2.1' },
      { code: 15, data: 'example.net', 'csv-format': true },
      { name: 'mine', data: '1, 192.0.2.1' },
    ],
    'shared-networks': [{ name: 'n', subnet4: [{ id: 7, subnet: '203.0.113.0/24' }] }],
    subnet4: [
      {
        id: 1,
        subnet: '192.0.2.0/24',
        'valid-lifetime': 4000,
        pools: [{ pool: '192.0.2.10-192.0.2.20' }, { pool: '192.0.2.30-192.0.2.40' }],
        reservations: [
          { 'hw-address': '02:00:00:00:00:01', 'ip-address': '192.0.2.5' },
          { duid: '01:02', hostname: 'x' },
        ],
      },
    ],
  });
  test.each<[what: string, edit: (map: JsonMap) => unknown, shown: string]>([
    ['a value', (map) => put(map, 5000, 'valid-lifetime'), '  Dhcp4\n-  valid-lifetime 4000\n+  valid-lifetime 5000\n'],
    [
      'the end of a pool',
      (map) => put(map, '192.0.2.10-192.0.2.25', 'subnet4', 0, 'pools', 0, 'pool'),
      '  Dhcp4\n   subnet 1\n-   pool 192.0.2.10 - 192.0.2.20\n+   pool 192.0.2.10 - 192.0.2.25\n',
    ],
    [
      'the begin of a pool',
      (map) => put(map, '192.0.2.11-192.0.2.20', 'subnet4', 0, 'pools', 0, 'pool'),
      '  Dhcp4\n   subnet 1\n-   pool 192.0.2.10 - 192.0.2.20\n+   pool 192.0.2.11 - 192.0.2.20\n',
    ],
    ['a pool less', (map) => listAt(map, 'subnet4', 0, 'pools').shift(), '  Dhcp4\n   subnet 1\n-   pool 192.0.2.10 - 192.0.2.20\n'],
    [
      'the address of a reservation',
      (map) => put(map, '192.0.2.6', 'subnet4', 0, 'reservations', 0, 'ip-address'),
      '  Dhcp4\n   subnet 1\n-   reservation hw-address 02:00:00:00:00:01 ip-address 192.0.2.5\n+   reservation hw-address 02:00:00:00:00:01 ip-address 192.0.2.6\n',
    ],
    [
      'the identifier of a reservation',
      (map) => put(map, '01:03', 'subnet4', 0, 'reservations', 1, 'duid'),
      '  Dhcp4\n   subnet 1\n-   reservation duid 01:02 hostname x\n+   reservation duid 01:03 hostname x\n',
    ],
    [
      'an option',
      (map) => put(map, '192.0.2.54', 'option-data', 0, 'data'),
      '  Dhcp4\n-  option dhcp4 6 domain-name-servers 192.0.2.53\n+  option dhcp4 6 domain-name-servers 192.0.2.54\n',
    ],
    [
      'the test of a class',
      (map) => put(map, "member('KNOWN')", 'client-classes', 0, 'test'),
      "  Dhcp4\n   client-classes\n    client-class a\n-    test member('ALL')\n+    test member('KNOWN')\n",
    ],
    [
      'the name of a class',
      (map) => put(map, 'd', 'client-classes', 2, 'name'),
      '  Dhcp4\n   client-classes\n-   client-class c\n+   client-class d\n',
    ],
    ['a class in the middle less', (map) => listAt(map, 'client-classes').splice(1, 1), '  Dhcp4\n   client-classes\n-   client-class b\n'],
    [
      'a class more ahead of all',
      (map) => listAt(map, 'client-classes').unshift({ name: 'first' }),
      '  Dhcp4\n   client-classes\n+   client-class first\n',
    ],
    [
      'the order of classes',
      (map) => listAt(map, 'client-classes').reverse(),
      '  Dhcp4\n   client-classes\n-   order a,b,c\n+   order c,b,a\n',
    ],
    [
      'the severity of a logger',
      (map) => put(map, 'DEBUG', 'loggers', 0, 'severity'),
      '  Dhcp4\n   logger kea-dhcp4\n+   severity DEBUG\n',
    ],
    [
      'a parameter of a hook',
      (map) => put(map, true, 'hooks-libraries', 1, 'parameters', 'sync'),
      '  Dhcp4\n   hooks-libraries\n    hook libdhcp_run_script.so /usr/lib/kea/hooks/libdhcp_run_script.so\n     parameters\n-     sync false\n+     sync true\n',
    ],
    [
      'a subnet that moves out of its shared network',
      (map) => listAt(map, 'subnet4').push(...listAt(map, 'shared-networks', 0, 'subnet4').splice(0)),
      '  Dhcp4\n   subnet 7\n-   shared-network n\n',
    ],
    [
      'a shared network that goes with its subnets',
      (map) => listAt(map, 'shared-networks').pop(),
      '  Dhcp4\n-  shared-network n\n-   subnet 7\n-    prefix 203.0.113.0/24\n-    shared-network n\n',
    ],
    ['the id of a subnet, to one that is taken', (map) => put(map, 7, 'subnet4', 0, 'id'), '  Dhcp4\n-  subnet 1\n+  subnet 7 again 2\n'],
    [
      'the code of an option, to one that is taken',
      (map) => put(map, 6, 'option-data', 1, 'code'),
      '  Dhcp4\n-  option dhcp4 3 routers 192.0.2.1\n+  option dhcp4 6 again 2 domain-name-servers 192.0.2.1\n',
    ],
    [
      'a definition that an option needs',
      (map) => listAt(map, 'option-def').pop(),
      '  Dhcp4\n-  option-def dhcp4 222 mine record of uint8,ipv4-address\n',
    ],
    [
      'the code of a definition that an option needs',
      (map) => put(map, 223, 'option-def', 0, 'code'),
      '  Dhcp4\n-  option-def dhcp4 222 mine record of uint8,ipv4-address\n+  option-def dhcp4 223 mine record of uint8,ipv4-address\n',
    ],
    [
      'where a logger writes to',
      (map) => put(map, '/var/log/kea.log', 'loggers', 0, 'output-options', 0, 'output'),
      '  Dhcp4\n   logger kea-dhcp4\n-   output stdout\n+   output /var/log/kea.log\n',
    ],
    [
      'the parameters of a hook, all of them',
      (map) => put(map, {}, 'hooks-libraries', 1, 'parameters'),
      '  Dhcp4\n   hooks-libraries\n    hook libdhcp_run_script.so /usr/lib/kea/hooks/libdhcp_run_script.so\n-    parameters\n-     name /bin/true\n-     sync false\n',
    ],
    [
      'the mode of reservations in one word',
      (map) => put(map, 'global', 'reservation-mode'),
      '  Dhcp4\n-  reservation-mode all\n+  reservation-mode global\n',
    ],
    [
      'whether a text is bytes',
      (map) => put(map, false, 'option-data', 2, 'csv-format'),
      '  Dhcp4\n-  option dhcp4 15 domain-name example.net\n+  option dhcp4 15 domain-name no-bytes example.net\n',
    ],
    [
      'all options of a server',
      (map) => delete map['option-data'],
      '  Dhcp4\n-  option-data\n-   option dhcp4 3 routers 192.0.2.1\n-   option dhcp4 6 domain-name-servers 192.0.2.53\n-   option dhcp4 15 domain-name example.net\n-   option dhcp4 222 mine 1 192.0.2.1\n',
    ],
    [
      'all pools of a subnet',
      (map) => listAt(map, 'subnet4', 0, 'pools').splice(0),
      '  Dhcp4\n   subnet 1\n-   pools\n-    pool 192.0.2.10 - 192.0.2.20\n-    pool 192.0.2.30 - 192.0.2.40\n',
    ],
    [
      'the name of a shared network',
      (map) => put(map, 'm', 'shared-networks', 0, 'name'),
      '  Dhcp4\n-  shared-network n\n+  shared-network m\n',
    ],
  ])('is one difference: %s', (_what, edit, shown) => {
    const edited = base();
    edit(edited);
    expect(differences(4, base(), edited)).toBe(shown);
    const counted = (text: string) => text.split('\n').filter((line) => /^[-+]/.test(line)).length;
    expect(counted(differences(4, edited, base()))).toBe(counted(shown));
  });
});

describe('text', () => {
  it('is the same after it was printed and read', () => {
    const odd: JsonMap = {
      'user-context': {
        'key with spaces': 'a  b\tc',
        no: 'x',
        '10': [1, { a: [] }],
        empty: '',
        '#': '! "q"',
        list: [
          { name: 'x', v: 1 },
          { name: 'y', w: {} },
        ],
        mixed: [1, {}],
        true: 'true',
        n: '12',
        nul: null,
      },
      'client-classes': [{ name: 'two words', test: "option[60].text == 'a  b'" }],
      ...option({ code: 15, data: 'hex:no' }),
      ...in4({
        subnet: 'no address',
        relay: { 'ip-addresses': ['a  b'] },
        pools: [{ pool: ' - ' }],
        reservations: [
          { 'hw-address': ' odd ', 'ip-address': ' x  y' },
          { 'hw-address': '020000000001', hostname: 'a b', 'client-classes': ['x y', 'z'] },
        ],
      }),
    };
    const tree = parseDocument({ Dhcp4: odd }, dhcp4);
    const text = print(tree);
    const again = parse(text, dhcp4);
    expect(print(again)).toBe(text);
    expect(diffText(tree, again, dhcp4)).toBe('');
  });

  it('never holds an error of a server for an empty one', () => {
    expect(() => parse('[{ "result": 1, "text": "server is likely to be offline" }]', dhcp4, { file: 'live.json' })).toThrow(
      'result 1: server is likely to be offline',
    );
    expect(() => parse('{ "Dhcp6": {} }', dhcp4)).toThrow('no "Dhcp4" at the top, where "Dhcp6" stands');
    expect(() => parse('{}', dhcp4)).toThrow('no "Dhcp4" at the top, where nothing stands');
    expect(() => parse('Dhcp4: {}', dhcp4)).toThrow('where `{` has to begin');
  });

  it.each([
    ['bare', '{ "Dhcp4": { "valid-lifetime": 1 } }'],
    ['of the agent', '[ { "result": 0, "arguments": { "Dhcp4": { "valid-lifetime": 1 }, "hash": "AB" } } ]'],
    ['of a daemon', '{ "result": 0, "arguments": { "Dhcp4": { "valid-lifetime": 1 } } }'],
    ['in a command', '{ "command": "config-set", "service": ["dhcp4"], "arguments": { "Dhcp4": { "valid-lifetime": 1 } } }'],
  ])('is read in every wrapper: %s', (_name, text) => {
    expect(print(parse(text, dhcp4))).toContain('\n valid-lifetime 1\n');
  });

  it('tells the version of the server that printed it', () => {
    const printed = { 'parked-packet-limit': 256, 'statistic-default-sample-age': 0, 'dhcp-queue-control': {} };
    const versionOf = (more: JsonMap): string => parseDocument({ Dhcp4: { ...printed, ...more } }, dhcp4).version;
    expect(versionOf({ 'ddns-use-conflict-resolution': true })).toBe('2.2.0');
    expect(versionOf({ 'ddns-use-conflict-resolution': true, allocator: 'iterative' })).toBe('2.4.0');
    expect(versionOf({ 'ddns-conflict-resolution-mode': 'check-with-dhcid', allocator: 'iterative' })).toBe('2.6.0');
    expect(versionOf({ 'ddns-conflict-resolution-mode': 'check-with-dhcid', 'stash-agent-options': false })).toBe('3.0.0');
  });

  it('does not keep an id that the server cannot have counted', () => {
    const live = parseDocument({ Dhcp4: { subnet4: [{ id: 77, subnet: '192.0.2.0/25' }] } }, dhcp4);
    expect(diffText(live, parse('{ "Dhcp4": { "subnet4": [ { "subnet": "192.0.2.0/25" } ] } }', dhcp4, { like: live }), dhcp4)).toBe(
      '  Dhcp4\n-  subnet 77\n+  subnet 1\n',
    );
  });

  it('keeps the id of a prefix that has none in the file', () => {
    const live = parseDocument(
      {
        Dhcp4: {
          subnet4: [
            { id: 1, subnet: '192.0.2.0/25' },
            { id: 2, subnet: '192.0.2.128/25' },
          ],
        },
      },
      dhcp4,
    );
    const file = '{ "Dhcp4": { "subnet4": [ { "subnet": "192.0.2.128/25" }, { "subnet": "198.51.100.0/24" } ] } }';
    expect(diffText(live, parse(file, dhcp4, { like: live }), dhcp4)).toBe(
      '  Dhcp4\n+  subnet 3\n+   prefix 198.51.100.0/24\n-  subnet 1\n-   prefix 192.0.2.0/25\n',
    );
  });
});
