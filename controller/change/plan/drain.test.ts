import { describe, expect, it } from 'vitest';
import { readOf } from '../../../test/builders/read.ts';
import type { DrainPolicy } from '../../api/index.ts';
import { dialectFor, parse, print, simulate } from '../../config/index.ts';
import { sha256 } from '../../lib/index.ts';
import { missesPrediction } from '../apply/read-items.ts';
import { planDevice } from './plan-device.ts';

const dialect = dialectFor('frr');
const parsed = (config: string) => parse(config, dialect, { version: '8.4.4' });
const read = (config: string) => readOf(config, { device: 'a' });
const policy: DrainPolicy = { scope: 'Session', waitSeconds: 90, leftPrefixes: 5 };
const plan = (live: string, text: string, drain: DrainPolicy | undefined = policy, items: Record<string, string> = {}) =>
  planDevice({
    rendered: { device: 'a', platform: 'frr', text, secrets: [], digest: sha256(text) },
    read: read(live),
    baseline: { device: 'a', platform: 'frr', revision: '', items, unmanaged: [], adopted: true },
    exactContainers: new Set(),
    revision: 'main@sha1:1',
    templatesDigest: '',
    management: { address: '203.0.113.10' },
    ...(drain && { drain }),
  });

const instance = (vrf: string, ...lines: string[]) => [`router bgp 64496${vrf}`, ...lines.map((line) => ` ${line}`), 'exit', ''].join('\n');
const peer = (asn: number) => `neighbor 192.0.2.1 remote-as ${asn}`;
const two = (asn: number, ...more: string[]) =>
  instance('', peer(asn), ...more) + instance(' vrf blue', 'neighbor 192.0.2.9 remote-as 64499');
const knob = (text: string, section = 'router bgp 64496') => ({ path: [section], text });

describe('the drain of a plan', () => {
  it('leads traffic away from the instance whose session is reset, and back', () => {
    const { plan: made } = plan(two(64497), two(64498));
    expect(made?.effect.drain).toEqual({
      scope: 'Session',
      commands: [knob('bgp graceful-shutdown')],
      undo: [knob('no bgp graceful-shutdown')],
      wayBack: [knob('no bgp graceful-shutdown')],
      waitSeconds: 90,
      leftPrefixes: 5,
    });
    expect(made?.proof).toMatchObject({ forward: true, rollback: true });
  });

  it('of the whole device is that of every instance', () => {
    const { plan: made } = plan(two(64497), two(64498), { ...policy, scope: 'Device' });
    expect(made?.effect.drain?.commands.map(({ path }) => path[0])).toEqual(['router bgp 64496', 'router bgp 64496 vrf blue']);
  });

  it('is part of what people approve', () => {
    const digests = [plan(two(64497), two(64498)), plan(two(64497), two(64498), { ...policy, waitSeconds: 91 })].map(
      (each) => each.plan?.effectDigest,
    );
    expect(new Set(digests).size).toBe(2);
  });

  it.each<{ name: string; live: string; want: string; drain?: DrainPolicy }>([
    { name: 'no session is reset', live: two(64497), want: two(64497, 'neighbor 192.0.2.1 description x') },
    { name: 'somebody has drained it already', live: two(64497, 'bgp graceful-shutdown'), want: two(64498) },
    { name: 'Git wants it drained', live: two(64497), want: two(64498, 'bgp graceful-shutdown') },
    { name: 'the whole router is drained', live: `bgp graceful-shutdown\n${two(64497)}`, want: two(64498) },
  ])('is none when $name', ({ live, want }) => {
    const made = plan(live, want).plan;
    expect([made !== undefined, made?.effect.drain]).toEqual([true, undefined]);
  });

  it('is none when the change itself ends a drain of Git, and resets sessions too', () => {
    const baseline = { 'router bgp > bgp graceful-shutdown': 'bgp graceful-shutdown' };
    const made = plan(two(64497, 'bgp graceful-shutdown'), two(64498), policy, baseline).plan;
    expect(made?.effect.commands.map(({ text }) => text)).toContain('no bgp graceful-shutdown');
    expect(made?.effect.drain).toBeUndefined();
  });

  it('is none when no policy asks for it', () => {
    expect(plan(two(64497), two(64498), undefined).plan?.effect).toHaveProperty('resets');
    const facts = planDevice({
      rendered: { device: 'a', platform: 'frr', text: two(64498), secrets: [], digest: '' },
      read: read(two(64497)),
      baseline: undefined,
      exactContainers: new Set(),
      revision: '',
      templatesDigest: '',
      management: { address: '203.0.113.10' },
    });
    expect(facts.plan?.effect.drain).toBeUndefined();
  });

  it('is not taken back in an instance that the change removes, else the line would make it again', () => {
    const [live, want] = [instance('', peer(64497)), instance('', peer(64497)).replace('64496', '64500')];
    const made = plan(live, want).plan;
    expect(made?.effect.drain?.undo).toEqual([]);
    expect(made?.effect.drain?.wayBack).toEqual([knob('no bgp graceful-shutdown')]);
    expect(made?.proof).toMatchObject({ forward: true, rollback: true });
  });

  it('does not disturb the read back while it stands', () => {
    const made = plan(two(64497), two(64498)).plan!;
    const drained = simulate(parsed(two(64497)), [...(made.effect.drain?.commands ?? []), ...made.effect.commands], dialect);
    expect(print(drained)).toContain('bgp graceful-shutdown');
    expect(missesPrediction(made, { config: print(drained), version: '8.4.4' })).toEqual([]);
  });
});
