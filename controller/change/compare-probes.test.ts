import { describe, expect, it } from 'vitest';
import type { NeighborState } from '../api/index.ts';
import { compareBystander, compareProbes, type ExpectedSession, patienceMs, type ProbeFacts } from './compare-probes.ts';

const up = (given: Partial<NeighborState> = {}): NeighborState => ({
  address: '192.0.2.1',
  vrf: 'default',
  family: 'ipv4-unicast',
  remoteAs: 64497,
  state: 'Established',
  upSeconds: 1_000,
  accepted: 10,
  advertised: 5,
  ...given,
});
const expected = (given: Partial<ExpectedSession> = {}): ExpectedSession => ({
  neighbor: '192.0.2.1',
  vrf: 'default',
  addressFamilies: ['ipv4-unicast'],
  expect: 'Established',
  ...given,
});
const resets = [{ neighbor: '192.0.2.1', vrf: 'default', because: 'password' }];
const early = 1_000;
const afterFlap = patienceMs.flap + 1;
const afterReset = patienceMs.reset + 1;

describe('compareProbes', () => {
  it.each<{ name: string; given: Partial<ProbeFacts>; outcome: string }>([
    { name: 'is healthy when all is as before', given: {}, outcome: 'healthy' },
    { name: 'waits for a device that does not answer', given: { after: undefined }, outcome: 'notYet' },
    { name: 'gives up on a device that does not answer', given: { after: undefined, elapsedMs: afterFlap }, outcome: 'sick' },
    { name: 'looks again at a flap', given: { after: [up({ state: 'Active' })] }, outcome: 'notYet' },
    { name: 'fails when a session stays down', given: { after: [up({ state: 'Active' })], elapsedMs: afterFlap }, outcome: 'sick' },
    { name: 'fails when a session is gone that nobody announced', given: { after: [], elapsedMs: afterFlap }, outcome: 'sick' },
    {
      name: 'fails when a session is gone for good though only a reset was announced',
      given: { after: [], resets, expected: [expected()], elapsedMs: afterReset },
      outcome: 'sick',
    },
    {
      name: 'has patience with a session that the plan resets',
      given: { after: [up({ state: 'Active' })], resets, expected: [expected()], elapsedMs: afterFlap },
      outcome: 'notYet',
    },
    {
      name: 'and no more than that',
      given: { after: [up({ state: 'Active' })], resets, expected: [expected()], elapsedMs: afterReset },
      outcome: 'sick',
    },
    { name: 'lets a session go that Git does not want any more', given: { after: [], resets, expected: [] }, outcome: 'healthy' },
    {
      name: 'lets a family go that Git does not want any more',
      given: { before: [up(), up({ family: 'ipv6-unicast' })], after: [up()], resets, expected: [expected()] },
      outcome: 'healthy',
    },
    {
      name: 'does not confirm a reset after which the other end never comes back, whoever owns it',
      given: { after: [up({ state: 'Idle' })], resets, expected: [expected()], elapsedMs: afterReset },
      outcome: 'sick',
    },
    {
      name: 'does not wait for a session that is only configured',
      given: { after: [up({ state: 'Idle' })], resets, expected: [expected({ expect: 'Configured' })], elapsedMs: afterFlap },
      outcome: 'healthy',
    },
    {
      name: 'takes a session that was down before as it is',
      given: { before: [up({ state: 'Active' })], after: [up({ state: 'Active' })] },
      outcome: 'healthy',
    },
    { name: 'waits while accepted prefixes are gone', given: { after: [up({ accepted: 0 })] }, outcome: 'notYet' },
    { name: 'fails when accepted prefixes stay gone', given: { after: [up({ accepted: 0 })], elapsedMs: afterFlap }, outcome: 'sick' },
    { name: 'fails when advertised prefixes stay gone', given: { after: [up({ advertised: 0 })], elapsedMs: afterFlap }, outcome: 'sick' },
    {
      name: 'lets prefixes go when a person said so',
      given: { after: [up({ accepted: 0 })], mayLoseRoutes: new Set(['192.0.2.1']) },
      outcome: 'healthy',
    },
    {
      name: 'lets advertised prefixes go with the session that they were learned over',
      given: {
        before: [up(), up({ address: '192.0.2.5', accepted: 1 })],
        after: [up({ advertised: 0 })],
        resets: [{ ...resets[0]!, neighbor: '192.0.2.5' }],
      },
      outcome: 'healthy',
    },
    {
      name: 'fails when a neighbor stops sending though another session was taken down on purpose',
      given: {
        before: [up(), up({ address: '192.0.2.5', accepted: 1 })],
        after: [up({ accepted: 0 })],
        resets: [{ ...resets[0]!, neighbor: '192.0.2.5' }],
        elapsedMs: afterFlap,
      },
      outcome: 'sick',
    },
    { name: 'takes fewer prefixes for no reason to fail', given: { after: [up({ accepted: 1, advertised: 1 })] }, outcome: 'healthy' },
    { name: 'keeps VRFs apart', given: { after: [up({ vrf: 'red' })], elapsedMs: afterFlap }, outcome: 'sick' },
    {
      name: 'does not wait for a new session',
      given: { after: [up(), up({ address: '192.0.2.9', state: 'Active' })], expected: [expected({ neighbor: '192.0.2.9' })] },
      outcome: 'healthy',
    },
  ])('$name', ({ given, outcome }) => {
    const facts: ProbeFacts = { before: [up()], after: [up()], resets: [], expected: [], elapsedMs: early, ...given };
    expect(compareProbes(facts).outcome).toBe(outcome);
  });

  it('says in one sentence what fell', () => {
    const { findings } = compareProbes({ before: [up()], after: [up({ accepted: 0 })], resets: [], expected: [], elapsedMs: afterFlap });
    expect(findings).toEqual([{ weight: 'fails', message: 'neighbor 192.0.2.1 ipv4-unicast: accepted prefixes fell from 10 to 0' }]);
  });

  it('warns of a session that came back by itself, and of a new one that is not up', () => {
    const after = [up({ upSeconds: 2 }), up({ address: '192.0.2.9', state: 'Active' })];
    const { findings } = compareProbes({
      before: [up()],
      after,
      resets: [],
      expected: [expected({ neighbor: '192.0.2.9' })],
      elapsedMs: early,
    });
    expect(findings.map(({ weight }) => weight)).toEqual(['warns', 'warns']);
  });
});

describe('what policy asks', () => {
  const no = { holds: false, why: 'no answer' } as const;
  const yes = { holds: true } as const;
  const judge = (before: typeof no | typeof yes, after: typeof no | typeof yes, given: Partial<ProbeFacts> = {}) =>
    compareProbes({
      before: [],
      after: [],
      resets: [],
      expected: [],
      elapsedMs: early,
      checks: [{ name: 'ping A', before, after }],
      ...given,
    });

  it.each<{ name: string; found: ReturnType<typeof compareProbes>; outcome: string }>([
    { name: 'holds', found: judge(yes, yes), outcome: 'healthy' },
    { name: 'is looked at again when it fell', found: judge(yes, no), outcome: 'notYet' },
    { name: 'fails when it stays so', found: judge(yes, no, { elapsedMs: afterFlap }), outcome: 'sick' },
    { name: 'has the patience of a session that is reset', found: judge(yes, no, { elapsedMs: afterFlap, resets }), outcome: 'notYet' },
    { name: 'fails after that', found: judge(yes, no, { elapsedMs: afterReset, resets }), outcome: 'sick' },
    { name: 'does not count when it did not hold before', found: judge(no, no, { elapsedMs: afterReset }), outcome: 'healthy' },
    { name: 'does not count when it holds now', found: judge(no, yes), outcome: 'healthy' },
  ])('$name', ({ found, outcome }) => expect(found.outcome).toBe(outcome));

  it('says what does not count', () => {
    expect(judge(no, no).findings).toEqual([
      { weight: 'warns', message: 'ping A did not hold before the change and does not count: no answer' },
    ]);
  });
});

describe('compareBystander', () => {
  it.each<{ name: string; given: Partial<Parameters<typeof compareBystander>[0]>; outcome: string; says: number }>([
    { name: 'is content when all is as before', given: {}, outcome: 'healthy', says: 0 },
    {
      name: 'waits for one that cannot be reached any more, without an end',
      given: { after: undefined, elapsedMs: 1e9 },
      outcome: 'notYet',
      says: 1,
    },
    { name: 'waits for a session of it', given: { after: [] }, outcome: 'notYet', says: 1 },
    { name: 'says that one stays down', given: { after: [], elapsedMs: afterReset }, outcome: 'healthy', says: 1 },
    {
      name: 'has no opinion on one that was down before',
      given: { before: [up({ state: 'Idle' })], after: [] },
      outcome: 'healthy',
      says: 0,
    },
  ])('$name', ({ given, outcome, says }) => {
    const found = compareBystander({ before: [up()], after: [up()], elapsedMs: early, ...given });
    expect([found.outcome, found.findings.length]).toEqual([outcome, says]);
  });
});
