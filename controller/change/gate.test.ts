import { describe, expect, it } from 'vitest';
import type { DevicePlan, DeviceVerdict, Difference, Plan } from '../api/index.ts';
import { driverErrors } from '../drivers/index.ts';
import { type Consent, gate, type GateFacts, inputsDigestOf } from './gate.ts';
import { sentDigestOf } from './plan/effect.ts';
import { withRoutes } from './plan/with-routes.ts';

const difference = (verdict: Difference['verdict']): Difference => ({
  path: ['router bgp 64496', 'neighbor 192.0.2.1'],
  verdict,
  severity: 'info',
  since: '',
});
const verdict = (...differences: Difference[]): DeviceVerdict => ({
  device: 'a',
  verdict: differences[0]?.verdict ?? 'Pending',
  at: '',
  revision: '',
  differences,
  counts: { owned: 9, inSync: 8, unmanaged: 0 },
});
function planOf(device: string, text = 'neighbor 192.0.2.1 description x'): DevicePlan {
  return {
    effect: {
      device,
      platform: 'frr',
      commands: [{ path: [], text }],
      rollback: [],
      secretVersions: {},
      resets: [],
      gaps: [],
      deferred: [],
      risk: 'low',
      riskReasons: [],
    },
    effectDigest: `sha256:${text.length}`,
    provenance: { revision: 'main@sha1:1', renderedDigest: 'x', templatesDigest: 't', liveFingerprint: 'f', deviceVersion: '8.4.4' },
    predicted: {},
    proof: { forward: true, rollback: true, checked: 1, of: 1 },
  };
}
const facts = (given: Partial<GateFacts> = {}): GateFacts => ({
  verdict: verdict(difference('Pending')),
  mode: 'Approve',
  because: [],
  removals: { owned: 9, removed: [] },
  startupDiffers: false,
  quarantine: undefined,
  problems: [],
  ...given,
});
const setPlan = (sets: readonly (readonly string[])[], devices: readonly DevicePlan[]): Plan => ({
  id: 'plan-0',
  createdAt: '',
  revision: 'main@sha1:1',
  sets,
  devices,
});
const ask = (given: Partial<GateFacts>, consent: Consent = { approved: true }, plan = planOf('a')) =>
  gate(setPlan([['a']], [plan]), new Map([['a', facts(given)]]), consent);
const quarantine = {
  effectDigest: sentDigestOf(planOf('a').effect),
  device: 'a',
  inputsDigest: inputsDigestOf(planOf('a')),
  reason: { code: 'ProbeFailed', message: 'a neighbor stayed down' },
  at: '2026-11-20T12:00:00.000Z',
};
const removed = ['1', '2', '3', '4', '5', '6'];

describe('gate', () => {
  it.each([{ mode: 'Approve' as const }, { mode: 'Enforce' as const }])('lets an approved plan pass in $mode', ({ mode }) => {
    const { cleared, refusals } = ask({ mode });
    expect(refusals).toEqual([]);
    expect(cleared.sets).toEqual([['a']]);
  });

  it.each<{ name: string; given: Partial<GateFacts>; consent?: Consent; plan?: DevicePlan; codes: string[] }>([
    { name: 'without an approval', given: {}, consent: { approved: false }, codes: ['ApprovalRequired'] },
    { name: 'in Report, approved or not', given: { mode: 'Report' }, codes: ['ReportOnly'] },
    {
      name: 'to an Unknown device',
      given: {
        verdict: { device: 'a', verdict: 'Unknown', at: '', revision: '', reason: 'DaemonDown', message: 'bgpd is down', next: '' },
      },
      codes: ['DeviceUnknown'],
    },
    { name: 'to a Diverged device', given: { verdict: verdict(difference('Diverged')) }, codes: ['Diverged'] },
    {
      name: 'to a device with one Diverged item among others',
      given: { verdict: verdict(difference('Pending'), difference('Diverged')) },
      codes: ['Diverged'],
    },
    { name: 'to an Unadopted device', given: { verdict: verdict(difference('Unadopted')) }, codes: ['Unadopted'] },
    { name: 'of a quarantined effect', given: { quarantine }, codes: ['Quarantined'] },
    { name: 'with secrets unset', given: {}, plan: planOf('a', 'neighbor x password <secret:unset-bgp/password>'), codes: ['SecretUnset'] },
    { name: 'of many removals', given: { removals: { owned: 9, removed } }, codes: ['TooManyRemovals'] },
    {
      name: 'without an account to write with, before anybody is asked',
      given: { notWritable: driverErrors.NotWritable({ device: 'a' }) },
      codes: ['NotWritable'],
    },
    {
      name: 'in Report, where an account to write with is nobody’s business',
      given: { mode: 'Report', notWritable: driverErrors.NotWritable({ device: 'a' }) },
      codes: ['ReportOnly'],
    },
    {
      name: 'outside of its windows',
      given: { closed: 'closed until 2026-06-01T20:00Z: freeze 1 of the Fleet is in force' },
      codes: ['WindowClosed'],
    },
    { name: 'in Report, whatever the time is', given: { mode: 'Report', closed: 'closed for good: x' }, codes: ['ReportOnly'] },
    { name: 'while a reboot would bring something else', given: { startupDiffers: true }, codes: ['Unsaved'] },
    { name: 'of another effect than was shown', given: { shown: planOf('a', 'something else') }, codes: ['StalePlan'] },
    {
      name: 'without a proof',
      given: {},
      plan: { ...planOf('a'), proof: { forward: false, rollback: false, checked: 1, of: 1 } },
      codes: ['Unproven', 'Unproven'],
    },
    {
      name: 'for every reason at once',
      given: { mode: 'Report', startupDiffers: true, verdict: verdict(difference('Diverged')) },
      codes: ['ReportOnly', 'Diverged', 'Unsaved'],
    },
  ])('refuses an apply $name', ({ given, consent, plan, codes }) => {
    const { cleared, refusals } = ask(given, consent, plan);
    expect(refusals.map(({ code }) => code)).toEqual(codes);
    expect(cleared).toMatchObject({ sets: [], devices: [] });
  });

  it.each<{ name: string; given: Partial<GateFacts>; consent: Partial<Consent> }>([
    { name: 'removals', given: { removals: { owned: 9, removed } }, consent: { allowRemovals: true } },
    { name: 'an unsaved device', given: { startupDiffers: true }, consent: { acceptUnsaved: true } },
    { name: 'a retry', given: { quarantine }, consent: { retry: true } },
    { name: 'an emergency', given: { closed: 'closed for good: a freeze' }, consent: { overrideWindows: true } },
  ])('lets $name pass when a person says so, and never instead of the approval', ({ given, consent }) => {
    expect(ask(given, { approved: true, ...consent }).refusals).toEqual([]);
    expect(ask(given, { approved: false, ...consent }).refusals.map(({ code }) => code)).toEqual(['ApprovalRequired']);
  });

  it('keeps a quarantine when the rest of the network changed, and with it what becomes of routes', () => {
    const lost = { device: 'a', neighbor: '192.0.2.9', peer: 'transit-a', count: 1, prefixes: ['192.0.2.0/24'] };
    const plan = withRoutes(planOf('a'), { announced: [], withdrawn: [lost], leaks: [], lastOfSite: [] });
    expect(plan.effectDigest).not.toBe(planOf('a').effectDigest);
    expect(ask({ quarantine }, { approved: true }, plan).refusals.map(({ code }) => code)).toEqual(['Quarantined']);
  });

  it('forgets a quarantine when an input moved, and keeps it when only the revision did', () => {
    const plan = planOf('a');
    const moved = { ...plan, provenance: { ...plan.provenance, liveFingerprint: 'g' } };
    const merged = { ...plan, provenance: { ...plan.provenance, revision: 'main@sha1:2' } };
    expect(ask({ quarantine }, { approved: true }, moved).refusals).toEqual([]);
    expect(ask({ quarantine }, { approved: true }, merged).refusals.map(({ code }) => code)).toEqual(['Quarantined']);
  });

  it('lets a plan from a file pass while its effect is the same, whatever else moved', () => {
    const shown = { ...planOf('a'), provenance: { ...planOf('a').provenance, revision: 'main@sha1:0', liveFingerprint: 'old' } };
    expect(ask({ shown }).refusals).toEqual([]);
  });

  it('says which policy to change', () => {
    const [refusal] = ask({ mode: 'Report', because: [{ file: 'policies.yaml', line: 7 }] }).refusals;
    expect(refusal?.message).toContain('policies.yaml:7');
    expect(refusal?.next).toContain('mode: Approve');
  });

  it('refuses the whole set with one member, and lets other sets go', () => {
    const plan = setPlan(
      [['a', 'b'], ['c']],
      ['a', 'b', 'c'].map((device) => planOf(device)),
    );
    const known = new Map([
      ['a', facts()],
      ['b', facts({ mode: 'Report' })],
      ['c', facts()],
    ]);
    const { cleared, refusals } = gate(plan, known, { approved: true });
    expect(cleared.sets).toEqual([['c']]);
    expect(cleared.devices.map(({ effect }) => effect.device)).toEqual(['c']);
    expect(cleared.id).not.toBe(plan.id);
    expect(refusals.map(({ code, message }) => `${code} ${message.slice(0, 2)}`)).toEqual(['ReportOnly b:', 'MemberRefused a:']);
  });

  it('refuses a set with a member that could not even be planned', () => {
    const { cleared, refusals } = gate(setPlan([['a', 'b']], [planOf('a')]), new Map([['a', facts()]]), { approved: true });
    expect(cleared).toMatchObject({ sets: [], devices: [] });
    expect(refusals.map(({ message }) => message)).toEqual(['a: changes only together with b, which may not be changed']);
  });

  it('lets a set of any size pass, and refuses a device of which nothing is known', () => {
    const plan = setPlan(
      [['a', 'b', 'c']],
      ['a', 'b', 'c'].map((device) => planOf(device)),
    );
    expect(gate(plan, new Map(['a', 'b', 'c'].map((device) => [device, facts()])), { approved: true }).cleared.sets).toEqual([
      ['a', 'b', 'c'],
    ]);
    expect(gate(setPlan([['a']], [planOf('a')]), new Map(), { approved: true }).refusals.map(({ code }) => code)).toEqual([
      'DeviceUnknown',
    ]);
  });
});
