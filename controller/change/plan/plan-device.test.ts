import { describe, expect, it } from 'vitest';
import { readOf } from '../../../test/builders/read.ts';
import type { Baseline, NeighborState, Rendered, SecretUse } from '../../api/index.ts';
import { sha256 } from '../../lib/index.ts';
import { missesPrediction } from '../apply/read-items.ts';
import { planDevice, type PlanFacts } from './plan-device.ts';

const tokenA = `<secret:hmac-${'a'.repeat(32)}>`;
const tokenB = `<secret:hmac-${'b'.repeat(32)}>`;
const router = (...lines: string[]) => ['router bgp 64496', ...lines.map((line) => ` ${line}`), 'exit', ''].join('\n');
const neighbor = ['neighbor 192.0.2.1 remote-as 64497', 'neighbor 192.0.2.1 description one'];
const read = (config: string) => readOf(config, { device: 'edge1-fra' });
const session = (address: string, state: string): NeighborState => ({
  address,
  vrf: 'default',
  family: 'ipv4-unicast',
  remoteAs: 64497,
  state,
  upSeconds: 9,
  accepted: 1,
  advertised: 1,
});
const rendered = (text: string, secrets: readonly SecretUse[] = []): Rendered => ({
  device: 'edge1-fra',
  platform: 'frr',
  text,
  secrets,
  digest: sha256(text),
});
const baselineOf = (items: Record<string, string>): Baseline => ({
  device: 'edge1-fra',
  platform: 'frr',
  revision: 'r',
  items,
  unmanaged: [],
  adopted: true,
});
const facts = (live: string, want: string, given: Partial<PlanFacts> = {}): PlanFacts => ({
  rendered: rendered(want),
  read: read(live),
  baseline: undefined,
  exactContainers: new Set(),
  revision: 'main@sha1:1',
  templatesDigest: 't',
  management: { address: '203.0.113.10' },
  ...given,
});
const textsOf = (given: PlanFacts) => planDevice(given).plan?.effect.commands.map(({ text }) => text);

describe('planDevice', () => {
  it('has no plan for a device that is what Git says', () => {
    expect(planDevice(facts(router(...neighbor), router(...neighbor)))).toEqual({
      removals: { owned: expect.any(Number), removed: [] },
      problems: [],
    });
  });

  it('says what to send, how to take it back, and what will be there', () => {
    const want = router('neighbor 192.0.2.1 remote-as 64497', 'neighbor 192.0.2.1 description two');
    const { plan } = planDevice(facts(router(...neighbor), want));
    expect(plan?.effect.commands).toEqual([{ path: ['router bgp 64496'], text: 'neighbor 192.0.2.1 description two' }]);
    expect(plan?.effect.rollback).toEqual([{ path: ['router bgp 64496'], text: 'neighbor 192.0.2.1 description one' }]);
    expect(plan?.proof).toMatchObject({ forward: true, rollback: true });
    expect(missesPrediction(plan!, { config: want, version: '8.4.4' })).toEqual([]);
    expect(missesPrediction(plan!, { config: router(...neighbor), version: '8.4.4' })).toEqual([
      '`neighbor 192.0.2.1 description two` is missing',
    ]);
  });

  it('keeps its effect digest when only the revision or an unrelated line moved', () => {
    const want = router(neighbor[0]!, 'neighbor 192.0.2.1 description two');
    const digest = (live: string, revision: string) => planDevice(facts(live, want, { revision })).plan?.effectDigest;
    const first = digest(router(...neighbor), 'main@sha1:1');
    expect(first).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(digest(`log syslog informational\n${router(...neighbor)}`, 'main@sha1:2')).toBe(first);
  });

  it('keeps its effect digest when a session flaps, and when one of a listen range comes', () => {
    const live = router(...neighbor, 'neighbor 192.0.2.3 remote-as 64498');
    const want = live.replace('router bgp 64496', 'router bgp 64499');
    const effectWhile = (...states: readonly (readonly [address: string, state: string])[]) =>
      planDevice({
        ...facts(live, want),
        read: { ...read(live), neighbors: states.map(([address, state]) => session(address, state)) },
        baseline: baselineOf({ 'router bgp': 'router bgp 64496' }),
      }).plan?.effect;
    const [a, b] = ['192.0.2.1', '192.0.2.3'];
    const calm = effectWhile([a, 'Established'], [b, 'Established']);
    expect(calm).toMatchObject({
      risk: 'high',
      riskReasons: expect.arrayContaining(['it resets 2 of the 2 sessions that the device has']),
    });
    expect(effectWhile([a, 'Established'], [b, 'Idle'])).toEqual(calm);
    expect(effectWhile([a, 'Idle'], [b, 'Active'], ['198.51.100.7', 'Established'])).toEqual(calm);
  });

  it('leaves alone what nobody in Git claims', () => {
    const live = `ip prefix-list THEIRS seq 5 permit 198.51.100.0/24\n${router(...neighbor, 'neighbor 192.0.2.9 remote-as 64511')}`;
    expect(planDevice(facts(live, router(...neighbor))).plan).toBeUndefined();
  });

  it('removes what we owned and Git no longer wants, counts it, and looks for it at the read back', () => {
    const live = `ip prefix-list OLD seq 5 permit 198.51.100.0/24\n${router(...neighbor)}`;
    const baseline = baselineOf({ 'ip prefix-list OLD seq 5': 'ip prefix-list OLD seq 5 permit 198.51.100.0/24' });
    const { plan, removals } = planDevice(facts(live, router(...neighbor), { baseline }));
    expect(plan?.effect.commands.map(({ text }) => text)).toEqual([expect.stringMatching(/^no ip prefix-list OLD/)]);
    expect(removals.removed).toHaveLength(1);
    expect(plan?.effect).toMatchObject({ risk: 'medium', riskReasons: [expect.stringContaining('removes')] });
    expect(missesPrediction(plan!, { config: live, version: '8.4.4' })).toEqual([
      '`ip prefix-list OLD seq 5 permit 198.51.100.0/24` is still there',
    ]);
  });

  it('names the versions of the secrets it uses, and only those', () => {
    const secrets = [
      { token: tokenB, ref: { name: 'bgp', key: 'password' }, purpose: 'bgp-password' },
      { token: `<secret:hmac-${'c'.repeat(32)}>`, ref: { name: 'other', key: 'password' }, purpose: 'bgp-password' },
    ];
    const live = router(...neighbor, `neighbor 192.0.2.1 password ${tokenA}`);
    const want = router(...neighbor, `neighbor 192.0.2.1 password ${tokenB}`);
    const { plan } = planDevice(facts(live, want, { rendered: rendered(want, secrets) }));
    expect(plan?.effect.secretVersions).toEqual({ 'bgp/password': tokenB });
    expect(plan?.effect.rollback.map(({ text }) => text)).toEqual([`neighbor 192.0.2.1 password ${tokenA}`]);
  });

  it('can be read without the values of its secrets', () => {
    const want = router(...neighbor, 'neighbor 192.0.2.1 password <secret:unset-bgp/password>');
    expect(textsOf(facts(router(...neighbor), want))).toEqual(['neighbor 192.0.2.1 password <secret:unset-bgp/password>']);
  });

  it('has no plan, but a problem, when a secret stands in clear text', () => {
    const { plan, problems } = planDevice(facts(router(...neighbor), router(...neighbor, 'neighbor 192.0.2.1 password letmein')));
    expect(plan).toBeUndefined();
    expect(problems.map(({ code }) => code)).toEqual(['SecretInClear']);
    expect(problems[0]?.message).not.toContain('letmein');
  });

  it.each([
    { line: 'bgp router-id 192.0.2.1', others: true, says: true },
    { line: 'no bgp ebgp-requires-policy', others: true, says: true },
    { line: 'no bgp ebgp-requires-policy', others: false, says: false },
    { line: 'no bgp default ipv4-unicast', others: true, says: false },
    { line: 'bgp bestpath as-path multipath-relax', others: true, says: false },
  ])('says of "$line" whether it also holds for neighbors of others: $says', ({ line, others, says }) => {
    const live = router(...neighbor, ...(others ? ['neighbor 192.0.2.9 remote-as 64511'] : []));
    const { plan } = planDevice(facts(live, router(line, ...neighbor)));
    const sentence = `it also holds for neighbor 192.0.2.9, which Git does not own: ${line}`;
    expect(plan?.effect.commands.map(({ text }) => text)).toContain(line);
    expect(plan?.effect.riskReasons.includes(sentence)).toBe(says);
  });

  it('is of high risk when it touches how the device is reached', () => {
    const live = 'interface eth0\n ip address 203.0.113.10/24\nexit\n';
    const { plan } = planDevice(facts(live, 'interface eth0\n ip address 203.0.113.10/24\n shutdown\nexit\n'));
    expect(plan?.effect).toMatchObject({ risk: 'high', riskReasons: [expect.stringContaining('reached')] });
  });
});
