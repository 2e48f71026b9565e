import { describe, expect, it } from 'vitest';
import { adoptTexts, compareTexts, judgeTexts } from '../../test/builders/compared.ts';
import type { Baseline, Observation } from '../api/index.ts';
import { adviseDevice } from '../report/index.ts';
import { observe, refreshBaseline } from '../verdict/index.ts';

/** What a router and Git agree on, with a neighbor and a user of others that were there at adoption. */
const token = (version: string): string => `<secret:hmac-${version.repeat(32)}>`;
const ours = `router bgp 64496
 bgp router-id 192.0.2.1
 neighbor 198.51.100.1 remote-as 64497
 neighbor 198.51.100.1 description transit
 neighbor 198.51.100.1 password ${token('a')}
 address-family ipv4 unicast
  neighbor 198.51.100.1 route-map OUT out
 exit-address-family
exit
route-map OUT permit 10
 match ip address prefix-list LAN
exit
ip prefix-list LAN seq 5 permit 203.0.113.0/24
`;
const others = 'router bgp 64496\n neighbor 198.51.100.9 remote-as 64511\nexit\nlog syslog\n';
const adopted = adoptTexts({ git: ours, device: ours + others });

type Found = [verdict: string, severity: string, item: string];
interface Row {
  name: string;
  /** Git and the router afterwards; what is not said stays as it was at adoption. */
  git?: string;
  device?: string;
  baseline?: Baseline;
  verdict: string;
  differences?: readonly Found[];
  news?: readonly string[];
}

const bgp = (line: string): string => `router bgp 64496\n ${line}\nexit\n`;

describe('a router that was adopted and in sync', () => {
  it.each<Row>([
    { name: 'stays in sync while nothing moves', verdict: 'InSync' },
    {
      name: 'has drifted, critically, with a foreign term in our route-map',
      device: `${ours}${others}route-map OUT permit 5\n set metric 1\nexit\n`,
      verdict: 'Drifted',
      differences: [
        ['Drifted', 'critical', 'route-map OUT permit 5'],
        ['Drifted', 'critical', 'set metric 1'],
      ],
    },
    {
      name: 'has drifted, critically, with a foreign entry in our prefix-list',
      device: `${ours}${others}ip prefix-list LAN seq 10 permit 0.0.0.0/0 le 32\n`,
      verdict: 'Drifted',
      differences: [['Drifted', 'critical', 'ip prefix-list LAN seq 10 permit any']],
    },
    {
      name: 'has drifted, critically, with a rogue neighbor in our instance',
      device: ours + others + bgp('neighbor 198.51.100.66 remote-as 64510'),
      verdict: 'Drifted',
      differences: [['Drifted', 'critical', 'neighbor 198.51.100.66 remote-as 64510']],
    },
    {
      name: 'has drifted, critically, with a network that nobody announces in Git',
      device: `${ours}${others}router bgp 64496\n address-family ipv4 unicast\n  network 0.0.0.0/0\n`,
      verdict: 'Drifted',
      differences: [['Drifted', 'critical', 'network 0.0.0.0/0']],
    },
    {
      name: 'has drifted, critically, when somebody shut the whole instance',
      device: ours + others + bgp('bgp shutdown'),
      verdict: 'Drifted',
      differences: [['Drifted', 'critical', 'bgp shutdown']],
    },
    {
      name: 'has drifted when somebody shut a neighbor of ours at night',
      device: ours + others + bgp('neighbor 198.51.100.1 shutdown'),
      verdict: 'Drifted',
      differences: [['Drifted', 'critical', 'neighbor 198.51.100.1 shutdown']],
    },
    {
      name: 'has drifted, and wakes nobody, with words that somebody wrote into our route-map, our list and our neighbor',
      git: ours.replace(' neighbor 198.51.100.1 description transit\n', ''),
      device: `${ours}${others}route-map OUT permit 10\n description ask mona\nexit\nip prefix-list LAN description of the office\n`,
      baseline: adoptTexts({
        git: ours.replace(' neighbor 198.51.100.1 description transit\n', ''),
        device: ours.replace(' neighbor 198.51.100.1 description transit\n', '') + others,
      }),
      verdict: 'Drifted',
      differences: [
        ['Drifted', 'warning', 'neighbor 198.51.100.1 description transit'],
        ['Drifted', 'warning', 'description ask mona'],
        ['Drifted', 'warning', 'ip prefix-list LAN description of the office'],
      ],
    },
    {
      name: 'is in sync beside a new user and a new access-list, which are news',
      device: `${ours}${others}username eve nopassword\naccess-list MGMT seq 5 permit 192.0.2.0/24\n`,
      verdict: 'InSync',
      news: ['username eve nopassword', 'access-list MGMT seq 5 permit 192.0.2.0/24'],
    },
    {
      name: 'is in sync while the neighbor of others changes its AS number, which is news',
      device: ours + others.replace('64511', '64510'),
      verdict: 'InSync',
      news: ['neighbor 198.51.100.9 remote-as 64510, was neighbor 198.51.100.9 remote-as 64511'],
    },
    {
      name: 'is in sync while the neighbor of others gets a description, which is news',
      device: ours + others + bgp('neighbor 198.51.100.9 description lab'),
      verdict: 'InSync',
      news: ['neighbor 198.51.100.9 description lab'],
    },
    { name: 'is in sync while the neighbor of others goes', device: `${ours}log syslog\n`, verdict: 'InSync' },
    {
      name: 'has diverged when a merge and a hand change the same line',
      git: ours.replace('description transit', 'description transit A'),
      device: ours.replace('description transit', 'description see ticket 4711') + others,
      verdict: 'Diverged',
      differences: [['Diverged', 'warning', 'neighbor 198.51.100.1 description see ticket 4711']],
    },
    {
      name: 'has diverged when a merge removes what a hand changes',
      git: ours.replace(' neighbor 198.51.100.1 description transit\n', ''),
      device: ours.replace('description transit', 'description see ticket 4711') + others,
      verdict: 'Diverged',
      differences: [['Diverged', 'warning', 'neighbor 198.51.100.1 description see ticket 4711']],
    },
    {
      name: 'has diverged when a merge removes the route-map that a hand extends',
      git: ours.replace(/ address-family[^]*?exit-address-family\n|route-map OUT permit 10[^]*?exit\n/g, ''),
      device: `${ours}${others}route-map OUT permit 99\nexit\n`,
      verdict: 'Diverged',
      differences: [
        ['Pending', 'info', 'address-family ipv4 unicast'],
        ['Pending', 'info', 'neighbor 198.51.100.1 route-map OUT out'],
        ['Pending', 'info', 'route-map OUT permit 10'],
        ['Pending', 'info', 'match ip address prefix-list LAN'],
        ['Diverged', 'critical', 'route-map OUT permit 99'],
      ],
    },
    {
      name: 'says both when a merge and a hand change different lines',
      git: ours.replace('router-id 192.0.2.1', 'router-id 192.0.2.2'),
      device: ours.replace('description transit', 'description see ticket 4711') + others,
      verdict: 'Drifted',
      differences: [
        ['Pending', 'info', 'bgp router-id 192.0.2.1'],
        ['Drifted', 'warning', 'neighbor 198.51.100.1 description see ticket 4711'],
      ],
    },
    {
      name: 'is in sync when a merge and a hand do the same',
      git: ours.replace('transit', 'T'),
      device: ours.replace('transit', 'T') + others,
      verdict: 'InSync',
    },
    {
      name: 'waits for us when a secret got a new version',
      git: ours.replace(token('a'), token('b')),
      verdict: 'Pending',
      differences: [['Pending', 'info', `neighbor 198.51.100.1 password ${token('a')}`]],
    },
    {
      name: 'waits for us when Git drops the whole instance, but for what holds lines of others',
      git: ours.slice(ours.indexOf('route-map OUT permit 10')),
      verdict: 'Pending',
      differences: [
        ['Pending', 'info', 'bgp router-id 192.0.2.1'],
        ['Pending', 'info', 'neighbor 198.51.100.1 remote-as 64497'],
        ['Pending', 'info', 'neighbor 198.51.100.1 description transit'],
        ['Pending', 'info', `neighbor 198.51.100.1 password ${token('a')}`],
        ['Pending', 'info', 'address-family ipv4 unicast'],
        ['Pending', 'info', 'neighbor 198.51.100.1 route-map OUT out'],
      ],
    },
    {
      name: 'is in sync once that is applied, and the instance stays for the others',
      git: ours.slice(ours.indexOf('route-map OUT permit 10')),
      device: ours.slice(ours.indexOf('route-map OUT permit 10')) + others,
      verdict: 'InSync',
    },
    {
      name: 'waits for us to remove the instance once the others are gone',
      git: ours.slice(ours.indexOf('route-map OUT permit 10')),
      device: `${ours.slice(ours.indexOf('route-map OUT permit 10'))}router bgp 64496\nexit\nlog syslog\n`,
      verdict: 'Pending',
      differences: [['Pending', 'info', 'router bgp 64496']],
    },
  ])('$name', ({ git = ours, device = ours + others, baseline = adopted, verdict, differences = [], news = [] }) => {
    const found = judgeTexts({ git, device, baseline });
    expect(found.differences.map((each): Found => [each.verdict, each.severity, each.live ?? '(absent)'])).toEqual(differences);
    expect(found.verdict).toBe(verdict);
    expect((found.news ?? []).map(({ live, was }) => (was === undefined ? live : `${live}, was ${was}`))).toEqual(news);
    expect((found.news ?? []).every(({ severity }) => severity === 'warning')).toBe(true);
  });
});

describe('another version of the software', () => {
  it('is no drift: the text is brought into the form of the version that answers, and the new version is news', () => {
    const dated = (version: string): string => `frr version ${version}\n${ours}${others}`;
    const seen = adoptTexts({ git: ours, device: dated('8.4.4') });
    const found = judgeTexts({ git: ours, device: dated('8.5.1'), baseline: seen, version: '8.5.1' });
    expect(found).toMatchObject({ verdict: 'InSync', differences: [] });
    expect(found.news).toMatchObject([{ was: 'frr version 8.4.4', live: 'frr version 8.5.1' }]);
  });

  const more = bgp('neighbor 198.51.100.1 capability dynamic');
  const at = (version: string, device: string, baseline: Baseline) => judgeTexts({ git: ours, device, baseline, version });

  it('that prints a line more of each neighbor wakes nobody where nothing was tried on it, and says that it may be no more than that', () => {
    const found = at('10.2', ours + others + more, adopted);
    expect(found).toMatchObject({
      verdict: 'Drifted',
      upgraded: { from: '8.4', to: '10.2' },
      differences: [{ live: 'neighbor 198.51.100.1 capability dynamic', severity: 'warning' }],
    });
    expect(adviseDevice(found)).toEqual({
      words: expect.stringMatching(/^It ran 8\.4 when it was last as Git says, and runs 10\.2, on which nothing was tried/) as string,
      command: 'plumb why r1 && plumb adopt r1',
    });
  });

  it('excuses what was first seen with it: no neighbor that was there before, and none that somebody adds later', () => {
    const rogue = (k: number) => `neighbor 198.51.100.${k} remote-as 64510`;
    const looks: readonly { version: string; lines: readonly string[]; severe: readonly string[] }[] = [
      { version: '8.4.4', lines: [rogue(66)], severe: [rogue(66)] },
      { version: '10.2', lines: [rogue(66), 'neighbor 198.51.100.1 capability dynamic'], severe: [rogue(66)] },
      { version: '10.2', lines: [rogue(66), 'neighbor 198.51.100.1 capability dynamic', rogue(67)], severe: [rogue(66), rogue(67)] },
      { version: '10.3', lines: [rogue(67), 'neighbor 198.51.100.1 capability dynamic', 'bgp shutdown'], severe: [rogue(67)] },
    ];
    let last: Observation | undefined;
    for (const [k, { version, lines, severe }] of looks.entries()) {
      const device = ours + others + lines.map(bgp).join('');
      const found = judgeTexts({ git: ours, device, baseline: adopted, version, last, at: `2026-11-21T1${k}:00:00.000Z` });
      last = observe(last, found) ?? last;
      expect(found.differences.flatMap(({ severity, live }) => (severity === 'critical' ? [live] : []))).toEqual(severe);
      expect(observe(last, found)).toBeUndefined();
    }
  });

  it('what differs counts from the day on which the release is known: until then nobody was asked before it would be put right', () => {
    const device = ours + others + bgp('neighbor 198.51.100.1 capability dynamic');
    const look = (version: string, at: string, last: Observation | undefined) =>
      judgeTexts({ git: ours, device, baseline: adopted, version, last, at: `2026-11-${at}T10:00:00.000Z` });
    const [untried, fresh] = [look('10.2', '01', undefined), look('8.4.4', '21', undefined)];
    const stored = observe(undefined, untried);
    const known = look('8.4.4', '21', stored);
    expect([untried, known].map(({ differences }) => differences.map(({ since }) => since))).toEqual([
      ['2026-11-01T10:00:00.000Z'],
      ['2026-11-21T10:00:00.000Z'],
    ]);
    expect(known.differences).toEqual(fresh.differences);
    const after = look('8.4.4', '22', observe(stored, known));
    expect(after.differences).toEqual(known.differences);
  });

  it.each<{ name: string; version: string; baseline: Baseline }>([
    { name: 'it is a patch level of one that was tried', version: '8.4.6', baseline: adopted },
    {
      name: 'the router was adopted under it',
      version: '10.2',
      baseline: adoptTexts({ git: ours, device: ours + others, version: '10.2' }),
    },
    { name: 'the baseline is of before releases were noted', version: '10.2', baseline: { ...adopted, release: undefined } as never },
  ])('excuses nothing when $name', ({ version, baseline }) => {
    const found = at(version, ours + others + more, baseline);
    expect(found).not.toHaveProperty('upgraded');
    expect(found.differences).toMatchObject([{ verdict: 'Drifted', severity: 'critical' }]);
  });

  it('under which the router was seen in sync once excuses nothing from then on', () => {
    const seen = refreshBaseline(compareTexts({ git: ours, device: ours + others, baseline: adopted, version: '10.2' }).facts);
    expect(seen).toEqual({ ...adopted, release: '10.2' });
    expect(refreshBaseline(compareTexts({ git: ours, device: ours + others, baseline: seen as Baseline, version: '10.2.1' }).facts)).toBe(
      undefined,
    );
    expect(at('10.2', ours + others + more, seen as Baseline).differences).toMatchObject([{ severity: 'critical' }]);
  });

  it('moves no baseline while lines differ, and none that does not say its release', () => {
    const { release: _, ...old } = adopted;
    expect(refreshBaseline(compareTexts({ git: ours, device: ours + others + more, baseline: adopted, version: '10.2' }).facts)).toBe(
      undefined,
    );
    expect(refreshBaseline(compareTexts({ git: ours, device: ours + others, baseline: old, version: '10.2' }).facts)).toBe(undefined);
  });
});
