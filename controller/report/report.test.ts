import { describe, expect, it, test } from 'vitest';
import type { DevicePlan, DeviceVerdict, Difference, Effect, Plan } from '../api/index.ts';
import { defineErrors } from '../lib/index.ts';
import { adviseDevice } from './advice.ts';
import { formatCommands } from './commands.ts';
import { planMarkdown, verdictsMarkdown } from './markdown.ts';
import { groupPlans, worstRisk } from './plan-groups.ts';
import { formatPlan } from './plan-text.ts';
import { countProblems, formatProblems, problemRecords } from './problems.ts';
import { plain, printable } from './style.ts';
import { countVerdicts, formatVerdicts, formatWhy } from './verdict-text.ts';

const errors = defineErrors({
  DanglingReference: {
    message: (f: { name: string }) => `no RoutePolicy is named "${f.name}"`,
    next: 'Write transit-in, the nearest name.',
  },
  UnusedObject: { severity: 'warning', message: (f: { name: string }) => `${f.name} is not used`, next: 'Remove it.' },
});

const drifted = (device: string, overrides: Partial<Difference> = {}): DeviceVerdict => ({
  device,
  verdict: 'Drifted',
  at: '2026-01-02T03:04:05Z',
  revision: 'main@sha1:0123456789abcdef0123456789abcdef01234567',
  counts: { owned: 12, inSync: 11, unmanaged: 3 },
  differences: [
    {
      path: ['router bgp 64500', 'neighbor 192.0.2.1 description'],
      verdict: 'Drifted',
      desired: 'neighbor 192.0.2.1 description transit',
      baseline: 'neighbor 192.0.2.1 description transit',
      live: 'neighbor 192.0.2.1 description test',
      source: { file: 'sessions/transit.yaml', line: 7 },
      severity: 'warning',
      since: '2026-01-02T03:00:00Z',
      ...overrides,
    },
  ],
});

const unknown: DeviceVerdict = {
  device: 'edge2-fra',
  verdict: 'Unknown',
  at: '2026-01-02T03:04:05Z',
  revision: 'main@sha1:0123456789abcdef0123456789abcdef01234567',
  reason: 'Unreachable',
  message: 'edge2-fra: no answer from 192.0.2.9:22 within 5 s',
  next: 'Look at the path to the device; nothing is known about its state',
};

const devicePlan = (device: string, effect: Partial<Effect> = {}): DevicePlan => ({
  effect: {
    device,
    platform: 'frr',
    commands: [
      { path: ['router bgp 64500'], text: 'neighbor 192.0.2.1 description a' },
      { path: ['router bgp 64500', 'address-family ipv4 unicast'], text: 'neighbor 192.0.2.1 activate' },
    ],
    rollback: [{ path: ['router bgp 64500'], text: 'no neighbor 192.0.2.1 description' }],
    secretVersions: {},
    resets: [],
    gaps: [],
    deferred: [],
    risk: 'low',
    riskReasons: [],
    ...effect,
  },
  effectDigest: `sha256:${'ab'.repeat(32)}`,
  provenance: { revision: 'r', renderedDigest: 'd', templatesDigest: 't', liveFingerprint: 'f', deviceVersion: '8.4.4' },
  predicted: {},
  proof: { forward: true, rollback: true, checked: 5, of: 5 },
});

const planOf = (...devices: DevicePlan[]): Plan => ({
  id: 'plan-0123456789ab',
  createdAt: '2026-01-02T03:04:05Z',
  revision: 'r',
  sets: devices.map(({ effect }) => [effect.device]),
  devices,
});

describe('problems', () => {
  const mistakes = [
    errors.UnusedObject({ name: 'PrefixSet/old' }, { at: { file: 'b.yaml', line: 1, col: 1 } }),
    errors.DanglingReference({ name: 'transit-inn' }, { at: { file: 'a.yaml', line: 9, col: 15 } }),
  ];

  it('come in file order, each with its place, its code and what to write instead', () =>
    expect(formatProblems(mistakes, plain)).toBe(
      'a.yaml:9:15: error DanglingReference: no RoutePolicy is named "transit-inn"\n    Write transit-in, the nearest name.\n' +
        'b.yaml:1:1: warning UnusedObject: PrefixSet/old is not used\n    Remove it.\n',
    ));

  it('are counted by severity', () => {
    expect(countProblems(mistakes)).toBe('1 error, 1 warning');
    expect(countProblems([])).toBe('no problems');
  });

  it('keep the same fields in JSON', () =>
    expect(problemRecords(mistakes)[0]).toEqual({
      file: 'a.yaml',
      line: 9,
      col: 15,
      severity: 'error',
      code: 'DanglingReference',
      message: 'no RoutePolicy is named "transit-inn"',
      next: 'Write transit-in, the nearest name.',
    }));
});

describe('verdicts', () => {
  it('say which side holds what, where it is written and what to do', () =>
    expect(formatVerdicts([drifted('edge1-fra')], plain)).toMatchInlineSnapshot(`
      "edge1-fra  Drifted  1 difference, 11 of 12 owned items in sync, 3 unmanaged
        Drifted [warning]  router bgp 64500 > neighbor 192.0.2.1 description  (sessions/transit.yaml:7)
            Git      neighbor 192.0.2.1 description transit
            device   neighbor 192.0.2.1 description test
        next: Somebody changed the device. Put back what Git says, or write the live value into Git: plumb apply edge1-fra
      "
    `));

  it('show identical differences of several devices once', () => {
    const text = formatVerdicts([drifted('edge1-fra'), drifted('edge1-lon')], plain);
    expect(text.match(/description test/g)).toHaveLength(1);
    expect(text).toContain('plumb apply edge1-fra edge1-lon');
  });

  it('give the reason of an Unknown and never count it as in sync', () => {
    expect(formatVerdicts([unknown], plain)).toContain('edge2-fra  Unknown  Unreachable: edge2-fra: no answer');
    expect(countVerdicts([unknown, drifted('a')])).toBe('2 devices: 1 Unknown, 1 Drifted');
  });

  it('explain one device with all values, since when, and how to keep what is there', () => {
    const text = formatWhy(drifted('edge1-fra'), plain);
    expect(text).toContain('baseline neighbor 192.0.2.1 description transit');
    expect(text).toContain('since    2026-01-02T03:00:00Z');
    expect(text).toContain('write "neighbor 192.0.2.1 description test" at sessions/transit.yaml:7');
  });

  it.each(['InSync', 'Pending', 'Drifted', 'Diverged', 'Unadopted'] as const)('have words for %s', (verdict) =>
    expect(adviseDevice({ ...drifted('d'), verdict } as DeviceVerdict).words).not.toBe(''),
  );
});

describe('plans', () => {
  it('print commands with every section line once', () =>
    expect(formatCommands(devicePlan('a').effect.commands, '')).toBe(
      'router bgp 64500\n  neighbor 192.0.2.1 description a\n  address-family ipv4 unicast\n    neighbor 192.0.2.1 activate\n',
    ));

  it('open a section again when another one came between', () =>
    expect(
      formatCommands(
        [
          { path: ['a'], text: 'x' },
          { path: ['b'], text: 'y' },
          { path: ['a'], text: 'z' },
        ],
        '',
      ),
    ).toBe('a\n  x\nb\n  y\na\n  z\n'));

  it('group devices whose change is the same, the highest risk first', () => {
    const plan = planOf(devicePlan('a'), devicePlan('b'), devicePlan('c', { risk: 'high' }));
    expect(groupPlans(plan).map(({ devices }) => devices)).toEqual([['c'], ['a', 'b']]);
    expect(worstRisk(plan)).toBe('high');
  });

  it('say what resets and why before any command', () => {
    const text = formatPlan(
      planOf(devicePlan('a', { resets: [{ neighbor: '192.0.2.1', vrf: 'default', because: 'password changes' }] })),
      plain,
    );
    expect(text.indexOf('resets the session with 192.0.2.1: password changes')).toBeLessThan(text.indexOf('commands'));
    expect(text).toContain('way back');
  });

  it('call a sampled proof a sample', () =>
    expect(formatPlan(planOf({ ...devicePlan('a'), proof: { forward: true, rollback: true, checked: 10, of: 5000 } }), plain)).toContain(
      '10 of 5000 points (a sample)',
    ));

  it('never say that nothing changes of a device that nobody could read', () => {
    for (const text of [formatPlan(planOf(), plain, ['edge2-fra']), planMarkdown(planOf(), ['edge2-fra'])]) {
      expect(text).toContain('Nothing is known of 1 device, so nothing is planned for it: edge2-fra');
      expect(text.toLowerCase()).not.toContain('nothing to change');
    }
  });

  it('say that there is nothing to change', () => expect(formatPlan(planOf(), plain)).toBe('Nothing to change.\n'));
});

describe('hostile text', () => {
  test('control sequences of a device never reach the terminal', () => {
    expect(printable('a\u001b[2Jb\u0007c\rd')).toBe('ab\ufffdc\ufffdd');
    expect(formatVerdicts([drifted('a', { live: 'x\u001b]0;title\u0007' })], plain)).not.toContain('\u001b');
  });

  test('text of a repository cannot break out of a Markdown table or fence', () => {
    const markdown = verdictsMarkdown([drifted('a', { live: 'x | <script>y</script>' })]);
    expect(markdown).not.toContain('<script>');
    expect(markdown).toContain('x \\| &lt;script>');
    const plan = planMarkdown(planOf(devicePlan('a', { commands: [{ path: [], text: 'description ```\n# owned' }] })));
    expect(plan).toContain('````\n');
  });
});
