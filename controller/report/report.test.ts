import { describe, expect, it, test } from 'vitest';
import type { DevicePlan, DeviceVerdict, Difference, Effect, Plan } from '../api/index.ts';
import { defineErrors } from '../lib/index.ts';
import { adviseDevice } from './advice.ts';
import { formatCommands } from './commands.ts';
import { groupPlans, worstRisk } from './plan-groups.ts';
import { planMarkdown } from './plan-markdown.ts';
import { formatPlan, formatPlanNext } from './plan-text.ts';
import { countProblems, formatProblems, problemRecords } from './problems.ts';
import { plain, printable } from './style.ts';
import { verdictsMarkdown } from './verdicts-markdown.ts';
import { countVerdicts, formatVerdicts, formatWhy, verdictRecords } from './verdict-text.ts';

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

/** A line that only the device has. */
const foreign = { desired: undefined, baseline: undefined, source: undefined, severity: 'critical' } as unknown as Partial<Difference>;

/** A side that does not hold the line is not there, in no form. */
const withoutAbsent = (difference: Difference): Difference =>
  Object.fromEntries(Object.entries(difference).filter(([, value]) => value !== undefined)) as unknown as Difference;

const known = (judged: DeviceVerdict) => {
  if (judged.verdict === 'Unknown') throw new Error('the verdict is Unknown');
  return judged;
};

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
        next: Somebody changed the device. Put back what Git says, or write the live value into Git
          plumb apply edge1-fra
      "
    `));

  it('show identical differences of several devices once', () => {
    const text = formatVerdicts([drifted('edge1-fra'), drifted('edge1-lon')], plain);
    expect(text.match(/description test/g)).toHaveLength(1);
    expect(text).toContain('plumb apply edge1-fra edge1-lon');
  });

  it('give the reason of an Unknown and never count it as in sync', () => {
    expect(formatVerdicts([unknown], plain)).toContain('edge2-fra  Unknown  Unreachable: no answer from');
    expect(countVerdicts([unknown, drifted('a')])).toBe('2 devices: 1 Unknown, 1 Drifted');
  });

  it('explain one device with all values, since when, and how to keep what is there', () => {
    const text = formatWhy(drifted('edge1-fra'), plain);
    expect(text).toContain('baseline neighbor 192.0.2.1 description transit');
    expect(text).toContain('since    2026-01-02T03:00:00Z');
    expect(text).toContain('let sessions/transit.yaml:7 say what gives "neighbor 192.0.2.1 description test"');
  });

  it('never hide what to do about one device behind another one', () => {
    const inSync = { ...drifted('edge1-fra'), verdict: 'InSync', differences: [] } as DeviceVerdict;
    const settling = { ...unknown, device: 'edge1-lon', reason: 'DeviceSettling', next: 'Wait for its daemons.' } as DeviceVerdict;
    const text = formatVerdicts([inSync, unknown, settling], plain);
    expect(text).toContain('next: Look at the path to the device; nothing is known about its state\n    plumb drift edge2-fra\n');
    expect(text).toContain('next: Wait for its daemons\n    plumb drift edge1-lon\n');
  });

  it('show a new line beside Git with what it was, and how to take it as seen', () => {
    const news = [
      {
        path: ['router bgp 64500', 'neighbor 192.0.2.9 remote-as'],
        was: 'remote-as 64511',
        live: 'remote-as 64510',
        severity: 'warning' as const,
        since: '2026-01-02T03:00:00Z',
      },
      { path: ['username eve nopassword'], live: 'username eve nopassword', severity: 'warning' as const, since: '2026-01-02T03:00:00Z' },
    ];
    const judged = { ...drifted('edge1-fra'), verdict: 'InSync', differences: [], news } as DeviceVerdict;
    expect(formatVerdicts([judged], plain)).toMatchInlineSnapshot(`
      "edge1-fra  InSync  0 differences, 11 of 12 owned items in sync, 3 unmanaged, 2 of them new
        New [warning]  router bgp 64500 > neighbor 192.0.2.9 remote-as
            adopted  remote-as 64511
            device   remote-as 64510
        New [warning]  username eve nopassword
            device   username eve nopassword
        next: What Git owns is in sync. Nothing touches the new lines beside it: write into Git what Git shall own, and adopt to take the rest as seen
          plumb adopt edge1-fra
      "
    `);
    expect(formatWhy(judged, plain)).toContain('apply    leaves it: nothing in Git claims it');
    const markdown = verdictsMarkdown([judged]);
    expect(markdown).toContain('0 differences, 2 new lines beside Git');
    expect(markdown).toContain(
      '| New | warning | <code>username eve nopassword</code> | (absent) | (absent) | <code>username eve nopassword</code> |',
    );
  });

  it.each<{ name: string; overrides: object; apply: string; advice: RegExp; command: string | undefined }>([
    {
      name: 'a changed line',
      overrides: {},
      apply: 'puts back what Git says',
      advice: /^Somebody changed the device\. Put back/,
      command: 'plumb apply d',
    },
    {
      name: 'a foreign line in our object',
      overrides: { ...foreign },
      apply: 'removes it',
      advice: /^Somebody changed/,
      command: 'plumb apply d',
    },
    {
      name: 'a rogue neighbor',
      overrides: { ...foreign, stays: true },
      apply: 'leaves it, for others may use this section too',
      advice: /no apply removes it\. Remove it on the device, or declare it in Git$/,
      command: undefined,
    },
    {
      name: 'a line that waits',
      overrides: { verdict: 'Pending' },
      apply: 'changes it to what Git says',
      advice: /^The device waits/,
      command: 'plumb plan d && plumb apply d',
    },
    {
      name: 'a new line of Git',
      overrides: { verdict: 'Pending', live: undefined, baseline: undefined },
      apply: 'adds it',
      advice: /^The device waits/,
      command: 'plumb plan d && plumb apply d',
    },
    {
      name: 'a line that both moved',
      overrides: { verdict: 'Diverged' },
      apply: 'refused: Git and the device both moved',
      advice: /until a person decides/,
      command: 'plumb adopt d',
    },
    {
      name: 'a line never seen equal',
      overrides: { verdict: 'Unadopted' },
      apply: 'refused: never seen equal to Git',
      advice: /nobody knows which side is right/,
      command: 'plumb adopt d',
    },
  ])('say of $name what an apply does and what a person does', ({ overrides, apply, advice, command }) => {
    const [changed] = known(drifted('d')).differences as [Difference];
    const bare = withoutAbsent({ ...changed, ...overrides });
    const judged = { ...drifted('d'), verdict: bare.verdict, differences: [bare] } as DeviceVerdict;
    expect(formatWhy(judged, plain)).toContain(`apply    ${apply}`);
    expect(adviseDevice(judged).words).toMatch(advice);
    expect(adviseDevice(judged).command).toBe(command);
    expect(verdictRecords([judged])).toEqual([{ ...judged, next: adviseDevice(judged).words, ...(command && { command }) }]);
  });

  it('take the command of a reason that names one', () => {
    const next = 'Pin the new key in Git, then plumb drift edge2-fra.';
    expect(adviseDevice({ ...unknown, next })).toEqual({ words: next });
  });

  it('say when an apply does more than one thing, and what it leaves', () => {
    const [changed] = known(drifted('d')).differences as [Difference];
    const all = {
      ...drifted('d'),
      differences: [changed, { ...changed, verdict: 'Pending' }, { ...changed, ...foreign, stays: true }],
    } as DeviceVerdict;
    expect(adviseDevice(all).words).toContain('puts back the one and sends the other');
    expect(adviseDevice(all).words).toContain('leaves 1 line that nobody in Git asked for');
    expect(adviseDevice(all).command).toBe('plumb plan d && plumb apply d');
    const rest = { ...all, differences: known(all).differences.slice(1) } as DeviceVerdict;
    expect(adviseDevice(rest).words).toMatch(/no apply removes it.* Git moved as well/);
    expect(adviseDevice(rest).command).toBe('plumb plan d && plumb apply d');
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

  it('show what leads traffic away and back, beside the commands', () => {
    const say = (text: string) => [{ path: ['router bgp 64496'], text }];
    const drain = {
      scope: 'Session' as const,
      commands: say('bgp graceful-shutdown'),
      undo: say('no bgp graceful-shutdown'),
      wayBack: say('no bgp graceful-shutdown'),
      waitSeconds: 90,
      leftPrefixes: 2,
    };
    const plan = planOf(devicePlan('a', { drain }));
    for (const text of [formatPlan(plan, plain), planMarkdown(plan)]) {
      expect(text).toMatch(/leads traffic away first and waits up to 90 s .* 2 prefixes .*: router bgp 64496 > bgp graceful-shutdown/);
      expect(text).toMatch(/leads it back after the first probe: router bgp 64496 > no bgp graceful-shutdown/);
    }
  });

  it('call a sampled proof a sample', () =>
    expect(formatPlan(planOf({ ...devicePlan('a'), proof: { forward: true, rollback: true, checked: 10, of: 5000 } }), plain)).toContain(
      '10 of 5000 points (a sample)',
    ));

  it('never say that nothing changes of a device that nobody could read', () => {
    for (const text of [
      formatPlan(planOf(), plain, ['edge2-fra']),
      planMarkdown(planOf(), { verdicts: [{ ...unknown, device: 'edge2-fra' }] }),
    ]) {
      expect(text).toContain('Nothing is known of 1 device, so nothing is planned for it: edge2-fra');
      expect(text.toLowerCase()).not.toContain('nothing to change');
    }
  });

  it('say whose work on a device they take back, and what they leave or wait for', () => {
    const [changed] = known(drifted('a')).differences as [Difference];
    const of = (device: string, ...differences: Partial<Difference>[]): DeviceVerdict =>
      ({ ...drifted(device), differences: differences.map((each) => ({ ...changed, ...each })) }) as DeviceVerdict;
    const verdicts = [
      of('a', {}, { ...foreign, path: ['router bgp 64500', 'neighbor 192.0.2.9 remote-as'], stays: true }),
      of('b', { verdict: 'Diverged' }),
      of('c', ...['1', '2', '3', '4'].map((line) => ({ verdict: 'Unadopted' as const, path: [line] }))),
      of('d', { verdict: 'Pending' }),
      unknown,
    ];
    const plan = planOf(devicePlan('a'), devicePlan('b'), devicePlan('c'), devicePlan('d'));
    const terminal = formatPlan(plan, plain, ['edge2-fra'], verdicts) + formatPlanNext(plan, plain, verdicts);
    for (const text of [terminal, planMarkdown(plan, { verdicts })]) {
      expect(text).toContain('a: takes back what somebody did on the device: neighbor 192.0.2.1 description\n');
      expect(text).toContain('a: leaves what nobody in Git asked for: neighbor 192.0.2.9 remote-as\n');
      expect(text).toContain('b: refused until you decide, Git and the device both moved: neighbor 192.0.2.1 description\n');
      expect(text).toContain('c: refused before plumb adopt c, never seen equal to Git: 1, 2, 3, and 1 more\n');
      expect(text).toContain('edge2-fra: Unreachable: no answer from 192.0.2.9:22 within 5 s. Look at the path to the device');
      expect(text).toMatch(/plumb apply a d\b/);
      expect(text).not.toContain(' d: ');
    }
  });

  it('name as next step only sets of which every member would be let through', () => {
    const plan = { ...planOf(devicePlan('a'), devicePlan('b'), devicePlan('c')), sets: [['a', 'b'], ['c']] };
    const verdicts = [drifted('a'), { ...drifted('b', { verdict: 'Diverged' }), verdict: 'Diverged' } as DeviceVerdict, drifted('c')];
    expect(formatPlanNext(plan, plain, verdicts)).toBe('\nnext: plumb apply c\n');
  });

  it('name no next step when no device was looked at, or none would be let through', () => {
    const plan = planOf(devicePlan('a'));
    const diverged = { ...drifted('a', { verdict: 'Diverged' }), verdict: 'Diverged' } as DeviceVerdict;
    for (const verdicts of [[], [diverged], [{ ...unknown, device: 'a' }]]) {
      expect(formatPlanNext(plan, plain, verdicts)).toBe('');
      expect(planMarkdown(plan, { verdicts })).not.toContain('plumb apply');
    }
  });

  it('name what stays on a device that has nothing to send', () => {
    const rogue = drifted('a', { ...foreign, stays: true });
    const note = 'a: leaves what nobody in Git asked for: neighbor 192.0.2.1 description';
    expect(formatPlan(planOf(), plain, [], [rogue])).toBe(`${note}\nNothing to change.\n`);
    expect(planMarkdown(planOf(), { verdicts: [rogue] })).toBe(
      `**Plumbline:** nothing to change.\n\n### What was found on the devices\n\n- ${note}\n`,
    );
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
