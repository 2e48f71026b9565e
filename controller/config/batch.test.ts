import { array, assert, constantFrom, nat, oneof, property, string, tuple } from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { runBatchLine } from './batch.ts';
import { dialectFor, platforms } from './dialects/index.ts';
import { parse } from './parse.ts';
import { planPatch } from './plan.ts';

function patch(platform: string, live: string, intended: string, vendor?: string): unknown {
  return JSON.parse(runBatchLine(JSON.stringify({ id: 1, platform, vendor, live, intended }), 'patch'));
}

/** Words that mean something somewhere, so that random text reaches the rows. */
const words = constantFrom(
  ...'interface vlan router bgp neighbor peer remote-as as-number description no undo delete set unset edit config next end exit quit add remove'.split(
    ' ',
  ),
  ...'ip address access-list extended permit deny 10 1-3,5 192.0.2.1 2001:db8::1 255.255.255.0 route-map route-policy if then endif prefix-list seq'.split(
    ' ',
  ),
  ...'switchport trunk allowed none Ethernet1 A B { } ; [ ] "x ^C banner login /* */ inactive: port split dimension dns-list batch to 7 shutdown'.split(
    ' ',
  ),
  ...'name: ipaddr:x /user \\ # ! default group bfd 300 vpn-instance binding secondary constructor __proto__'.split(' '),
);
const line = tuple(nat({ max: 6 }), array(words, { maxLength: 7 })).map(([indent, said]) => ' '.repeat(indent) + said.join(' '));
const text = oneof(
  { weight: 5, arbitrary: array(line, { maxLength: 25 }).map((lines) => lines.join('\n')) },
  string({ unit: 'binary', maxLength: 200 }),
);
const variants = [...platforms.filter((name) => !dialectFor(name).structured), 'no-such-platform'].map((platform) => ({ platform }));

describe('any text', () => {
  test.each(variants)('is answered without an error on $platform', ({ platform }) => {
    assert(
      property(text, text, (live, intended) => {
        expect(patch(platform, live, intended)).toHaveProperty('commands');
      }),
      { numRuns: 150 },
    );
  });

  test.each(variants)('needs no command to become itself on $platform', ({ platform }) => {
    assert(
      property(text, (same) => {
        expect(patch(platform, same, same)).toEqual({ id: 1, commands: [] });
      }),
      { numRuns: 150 },
    );
  });

  test.each([
    'cisco',
    'huawei',
    'juniper',
    'asr',
    'nexus',
    'arista',
    'aruba',
    'b4com',
    'h3c',
    'sitonica',
    'routeros',
    'CISCO_IOS',
    'CISCO_XR',
    'HP_PROCURVE',
    'VYOS',
  ])('needs no command to become itself in the manner of %s', (vendor) => {
    assert(
      property(text, text, (live, intended) => {
        expect(patch('generic', live, live, vendor)).toEqual({ id: 1, commands: [] });
        expect(patch('generic', live, intended, vendor)).toHaveProperty('commands');
      }),
      { numRuns: 100 },
    );
  });
});

describe('a line of the batch', () => {
  it('is an error with its id when it is no case, and null when it is no JSON', () => {
    expect(JSON.parse(runBatchLine('{"id": "a", "live": 7}', 'patch'))).toMatchObject({ id: 'a', error: expect.stringContaining('live') });
    expect(JSON.parse(runBatchLine('not json', 'patch'))).toMatchObject({ id: null, error: expect.any(String) });
  });

  it('stands a text that nests without end', () => {
    const deep = Array.from({ length: 2_000 }, (_, i) => `${' '.repeat(i)}a${i}`).join('\n');
    expect(patch('eos', '', deep)).toHaveProperty('commands');
    expect(patch('junos', '', `${'a { '.repeat(2_000)}b;`, 'juniper')).toHaveProperty('commands');
  });

  it('takes what is null as not said', () => {
    const given = { id: 1, platform: 'eos', vendor: null, live: null, intended: 'hostname b', rules: null };
    expect(JSON.parse(runBatchLine(JSON.stringify(given), 'patch'))).toEqual({ id: 1, commands: ['hostname b'] });
  });

  it('answers with the diff in the other mode', () => {
    const given = { id: 1, platform: 'eos', live: 'hostname a', intended: 'hostname b' };
    expect(JSON.parse(runBatchLine(JSON.stringify(given), 'diff'))).toEqual({ id: 1, diff: '- hostname a\n+ hostname b\n' });
  });

  it('lists the missing lines with the sections they stand in', () => {
    const given = {
      id: 1,
      kind: 'missing',
      platform: 'eos',
      live: 'interface Ethernet1\n   mtu 1500',
      intended: 'interface Ethernet1\n   mtu 9000\nhostname x',
    };
    expect(JSON.parse(runBatchLine(JSON.stringify(given), 'patch'))).toEqual({
      id: 1,
      missing: ['interface Ethernet1', '  mtu 9000', 'hostname x'],
    });
  });

  it('reports per feature what is missing and extra', () => {
    const rules = {
      features: [
        { name: 'time', ordered: false, section: ['ntp '] },
        { name: 'names', ordered: true, section: ['hostname'] },
      ],
    };
    const given = {
      id: 1,
      kind: 'compliance',
      platform: 'nxos',
      rules,
      live: 'ntp server 192.0.2.1\nhostname x',
      intended: 'ntp server 192.0.2.2\nhostname x',
    };
    expect(JSON.parse(runBatchLine(JSON.stringify(given), 'patch'))).toEqual({
      id: 1,
      report: {
        time: { compliant: false, missing: 'ntp server 192.0.2.2', extra: 'ntp server 192.0.2.1' },
        names: { compliant: true, missing: '', extra: '' },
      },
    });
  });
});

test('work grows with the text, not with its square', () => {
  const ports = (mtu: number): string =>
    Array.from(
      { length: 6_000 },
      (_, i) =>
        `interface Ethernet${i}\n   mtu ${i % 10 === 0 ? mtu : 1500}\n   switchport trunk allowed vlan 1-4094\n   ip access-group A${i} in`,
    ).join('\n');
  const dialect = dialectFor('eos');
  const [live, want] = [parse(ports(9000), dialect), parse(ports(9100), dialect)];
  expect(planPatch(live, want, dialect, { scope: 'all' }).commands).toHaveLength(600);
}, 20_000);
