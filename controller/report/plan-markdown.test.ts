import { expect, test } from 'vitest';
import type { DevicePlan, DeviceVerdict, NeighborRoutes, Plan, PlanReview } from '../api/index.ts';
import { planMarkdown } from './plan-markdown.ts';

const commands = (count: number, device = '') =>
  Array.from({ length: count }, (_, i) => ({ path: ['router bgp 64500'], text: `neighbor 192.0.2.1 description ${device} line ${i}` }));

const planned = (device: string, { distinct = false, count = 5 } = {}): DevicePlan => ({
  effect: {
    device,
    platform: 'frr',
    commands: commands(count, distinct ? device : ''),
    rollback: commands(count, distinct ? device : ''),
    secretVersions: {},
    resets: distinct ? [{ neighbor: '192.0.2.1', vrf: 'default', because: 'password changes' }] : [],
    gaps: [],
    deferred: [],
    risk: distinct && device === 'r0777' ? 'high' : 'medium',
    riskReasons: ['it resets 192.0.2.1'],
  },
  effectDigest: `sha256:${'ab'.repeat(32)}`,
  provenance: { revision: 'r', renderedDigest: 'd', templatesDigest: 't', liveFingerprint: 'f', deviceVersion: '8.4.4' },
  predicted: {},
  proof: { forward: true, rollback: true, checked: 5, of: 5 },
});

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `r${String(i).padStart(4, '0')}`);

const planOf = (devices: DevicePlan[], neighbors: NeighborRoutes[] = []): Plan => ({
  id: 'plan-0123456789ab',
  createdAt: '2026-01-02T03:04:05Z',
  revision: 'r',
  sets: devices.map(({ effect }) => [effect.device]),
  devices,
  routing: {
    neighbors,
    unreachable: [],
    leaks: [],
    lastOfSite: [],
    evaluated: { devices: 4, prefixes: 9, received: 0 },
    notEvaluated: ['what 4 neighbors outside may send is not known: give tables with --rib'],
  },
});

const withdrawn = (device: string, key: 'withdrawn' | 'announced' = 'withdrawn'): NeighborRoutes => ({
  device,
  neighbor: '192.0.2.9',
  peer: 'transit-a',
  relationship: 'Transit',
  announced: { count: 0, prefixes: [] },
  withdrawn: { count: 0, prefixes: [] },
  changed: [],
  [key]: { count: 1, prefixes: ['198.51.100.0/24'] },
});

const review: PlanReview = {
  looked: { from: '2026-01-02T03:00:00Z', to: '2026-01-02T03:04:00Z' },
  holds: [{ device: 'r0000', says: 'case 4711 (mona, 2026-01-01T00:00:00Z)' }],
  modes: [{ mode: 'Approve', devices: ['r0000'], because: [{ file: 'policy.yaml', line: 8 }] }],
  closed: [{ devices: ['r0000'], because: 'closed until 2026-01-03T00:00:00Z: ChangeWindow/nights' }],
  rollout: { canaries: ['r0000'], waves: [4, 95], onFailure: 'RollBack' },
  tests: { tests: 3, failures: [{ message: 'RouteTest/internet: transit-out denies it', next: 'Mend it.', place: 'tests.yaml:12:7' }] },
  notEvaluated: ['what the Fleet of an operator says'],
};

const drifted: DeviceVerdict = {
  device: 'r0000',
  verdict: 'Drifted',
  at: '2026-01-02T03:04:05Z',
  revision: 'r',
  counts: { owned: 2, inSync: 1, unmanaged: 0 },
  differences: [{ path: ['log syslog'], verdict: 'Drifted', desired: 'a', live: 'b', severity: 'warning', since: '2026-01-02T03:00:00Z' }],
};

test('a reviewer reads what matters most first', () => {
  const text = planMarkdown(planOf([planned('r0000', { distinct: true })], [withdrawn('r0000')]), { review, verdicts: [drifted] });
  const places = [
    '**Plumbline:** 1 device, 1 distinct change, worst risk **medium** (plan-0123456789ab)',
    '**1 assertion of 3 RouteTests does not hold.**',
    '| r0000 | 192.0.2.1 | password changes |',
    '**withdrawn** | 198.51.100.0/24',
    '<code>tests.yaml:12:7</code> RouteTest/internet: transit-out denies it. Mend it.',
    'neighbor 192.0.2.1 description r0000 line 4\n',
    'way back; forward, and back from each of 5 points',
    'r0000: takes back what somebody did on the device: log syslog',
    'devices read 2026-01-02T03:00:00Z to 2026-01-02T03:04:00Z',
    'r0000: held: case 4711 (mona, 2026-01-01T00:00:00Z)',
    'people must approve: r0000 (policy.yaml:8)',
    'r0000: closed until 2026-01-03T00:00:00Z: ChangeWindow/nights',
    'an operator goes in steps: first r0000, then 4 sets, then 95 sets; when one fails, all of it is taken back',
    'what 4 neighbors outside may send is not known',
    'what the Fleet of an operator says',
  ].map((each) => [each, text.indexOf(each)] as const);
  expect(places.filter(([, at]) => at < 0)).toEqual([]);
  expect(places.map(([, at]) => at)).toEqual(places.map(([, at]) => at).toSorted((a, b) => a - b));
  expect(text).not.toContain('left out');
});

test.each([65_000, 999_000, 5000])('a thousand distinct changes stay within %d bytes, and what is left out is said', (limit) => {
  const devices = names(1000).map((name) => planned(name, { distinct: true, count: 30 }));
  const neighbors = names(1000).map((name, i) => withdrawn(name, i === 999 ? 'withdrawn' : 'announced'));
  const text = planMarkdown(planOf(devices, neighbors), { review, limit, details: 'https://ci.example.net/4711' });
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit);
  expect(text).toContain(`Shortened to ${limit} bytes`);
  expect(text).toContain('All of it: <https://ci.example.net/4711>');
  // The only one that loses a route, and the only change of high risk, are the last that find no place.
  expect(text).toContain('| r0999 | transit-a (192.0.2.9, Transit) | **withdrawn** | 198.51.100.0/24 |');
  expect(text).toContain('r0777');
  for (const each of ['people must approve', 'what the Fleet of an operator says', '1 assertion of 3 RouteTests'])
    expect(text).toContain(each);
  const shown = text.match(/^#### |^- \*\*r\d/gm)?.length ?? 0;
  const missing = Number(/- (\d+) more distinct changes? left out/.exec(text)?.[1] ?? 0);
  expect(shown + missing).toBe(1000);
});

test('a thousand devices with the same change are one change', () => {
  const text = planMarkdown(planOf(names(1000).map((name) => planned(name))), { limit: 65_000 });
  expect(text).toContain('1000 devices, 1 distinct change');
  expect(text).toContain('… (1000 devices) (risk medium)');
  expect(text).toContain('r0999');
  expect(text).not.toContain('Shortened');
});

test('one change of a hundred thousand commands stands with its beginning', () => {
  const text = planMarkdown(planOf([planned('r0000', { count: 100_000 })]), { limit: 65_000 });
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(65_000);
  expect(text).toContain('Left out: 99980 more commands, and the way back.');
  expect(text).toContain('All of it: the same command without --limit');
});
