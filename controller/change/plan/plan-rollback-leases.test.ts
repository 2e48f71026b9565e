import { describe, expect, it } from 'vitest';
import { readOf } from '../../../test/builders/read.ts';
import type { DevicePlan, Read } from '../../api/index.ts';
import { dialectFor, diffText, parse, print, simulate } from '../../config/index.ts';
import { sha256 } from '../../lib/index.ts';
import { planDevice } from './plan-device.ts';
import { planRollback, type PlannedRollback } from './plan-rollback.ts';

const kea = dialectFor('kea');
const version = '2.2.0';
const management = { address: '203.0.113.10' };

const office = (range: string) => ({ id: 10, subnet: '192.0.2.0/24', interface: 'eth0', pools: [{ pool: range }] });
const lab = {
  id: 11,
  subnet: '198.51.100.0/24',
  interface: 'eth1',
  pools: [{ pool: '198.51.100.10-198.51.100.19' }],
  'valid-lifetime': 60,
};
const serving = (subnets: readonly object[], classes: readonly string[] = []) => ({
  Dhcp4: { 'client-classes': classes.map((name) => ({ name })), subnet4: subnets },
});

const canonical = (config: object) => print(parse(JSON.stringify(config), kea, { version }));
const read = (config: string): Read => readOf(config, { device: 'dhcp1', version });

/** The plan from one configuration to another; everything that the server holds was ours. */
function planTo(from: object, to: object): DevicePlan {
  const text = JSON.stringify(to);
  const plan = (config: string, items: Record<string, string>) =>
    planDevice({
      rendered: { device: 'dhcp1', platform: 'kea', text, secrets: [], digest: sha256(text) },
      read: read(config),
      baseline: { device: 'dhcp1', platform: 'kea', revision: 'r', items, unmanaged: [], adopted: true },
      exactContainers: new Set(),
      revision: 'main@sha1:1',
      templatesDigest: 't',
      management,
    }).plan;
  const made = plan(canonical(from), {});
  if (!made) throw new Error('nothing to plan');
  return made;
}

/** What the server holds after the way back, beside what it should. */
function missed(config: string, { plan }: PlannedRollback, ends: object): string {
  const live = parse(config, kea, { version });
  return diffText(plan ? simulate(live, plan.effect.commands, kea) : live, parse(canonical(ends), kea, { version }), kea);
}

describe('a plan that is taken back, after clients got addresses from it', () => {
  it.each<{ name: string; from: object; to: object; open: readonly string[]; ends: object }>([
    {
      name: 'a subnet that it brought stays, closed, with what leads clients to it',
      from: serving([office('192.0.2.100-192.0.2.109')], ['a', 'b']),
      to: serving([office('192.0.2.100-192.0.2.109'), lab], ['a', 'b']),
      open: ['198.51.100.10 - 198.51.100.19 of subnet 11'],
      ends: serving(
        [
          office('192.0.2.100-192.0.2.109'),
          {
            id: 11,
            subnet: '198.51.100.0/24',
            interface: 'eth1',
            pools: [{ pool: '198.51.100.10-198.51.100.19', 'client-class': 'plumbline-closed' }],
          },
        ],
        ['a', 'b', 'plumbline-closed'],
      ),
    },
    {
      name: 'a pool that it made longer is as short as before, and the rest is closed',
      from: serving([office('192.0.2.100-192.0.2.109')]),
      to: serving([office('192.0.2.100-192.0.2.149')]),
      open: ['192.0.2.110 - 192.0.2.149 of subnet 10'],
      ends: serving(
        [
          {
            ...office('192.0.2.100-192.0.2.109'),
            pools: [{ pool: '192.0.2.100-192.0.2.109' }, { pool: '192.0.2.110-192.0.2.149', 'client-class': 'plumbline-closed' }],
          },
        ],
        ['plumbline-closed'],
      ),
    },
  ])('$name', ({ from, to, open, ends }) => {
    const shown = planTo(from, to);
    const live = canonical(to);
    const facts = { shown, read: read(live), baseline: undefined, revision: 'main@sha1:2', management };
    const asked = planRollback(facts);
    expect(asked.open.map(({ what }) => what)).toEqual(open);
    // Where nobody has an address it goes at once.
    expect(missed(live, asked, from)).toBe('');

    const kept = planRollback({ ...facts, closing: asked.open });
    expect(missed(live, kept, ends)).toBe('');
    expect(kept).toMatchObject({ problems: [], overlaps: [], plan: { proof: { forward: true, rollback: true } } });
    expect(kept.plan?.effect.riskReasons.join()).toMatch(/address/);
    expect(kept.doubts?.doubts.map(({ what }) => what)).toEqual([expect.stringContaining('stay until no lease is left there')]);
    // What it closed is ours: the next plan may take it away.
    expect(Object.keys(kept.plan?.predicted ?? {})).toEqual(expect.arrayContaining([expect.stringContaining('plumbline-closed')]));
  });

  it('takes nothing from anybody where it only gives back', () => {
    const shown = planTo(serving([office('192.0.2.100-192.0.2.149')]), serving([office('192.0.2.100-192.0.2.109')]));
    const back = planRollback({
      shown,
      read: read(canonical(serving([office('192.0.2.100-192.0.2.109')]))),
      baseline: undefined,
      revision: 'main@sha1:2',
      management,
    });
    expect([back.open, back.doubts]).toEqual([[], undefined]);
  });
});
