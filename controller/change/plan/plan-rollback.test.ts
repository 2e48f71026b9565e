import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readOf } from '../../../test/builders/read.ts';
import type { DevicePlan } from '../../api/index.ts';
import { dialectFor, parse, print, simulate } from '../../config/index.ts';
import { sha256 } from '../../lib/index.ts';
import { planDevice } from './plan-device.ts';
import { planRollback, type RollbackFacts } from './plan-rollback.ts';

const dialect = dialectFor('frr');
const management = { address: '203.0.113.10' };
const canonical = (config: string) => print(parse(config, dialect, { version: '8.4.4' }));
const sortedLines = (config: string) => canonical(config).split('\n').toSorted();
const after = (config: string, { effect }: DevicePlan) =>
  print(simulate(parse(config, dialect, { version: '8.4.4' }), effect.commands, dialect));
const read = (config: string) => readOf(config, { device: 'edge1-fra' });

/** The plan from one configuration to another; everything that `live` holds was ours. */
function planTo(live: string, want: string): DevicePlan | undefined {
  const items = Object.fromEntries(Object.entries(planned('', live)?.predicted ?? {}));
  return planned(live, want, items);
}

function planned(live: string, want: string, items: Record<string, string> = {}): DevicePlan | undefined {
  return planDevice({
    rendered: { device: 'edge1-fra', platform: 'frr', text: want, secrets: [], digest: sha256(want) },
    read: read(live),
    baseline: { device: 'edge1-fra', platform: 'frr', revision: 'r', items, unmanaged: [], adopted: true },
    exactContainers: new Set(),
    revision: 'main@sha1:1',
    templatesDigest: 't',
    management,
  }).plan;
}

function back(shown: DevicePlan, live: string, given: Partial<RollbackFacts> = {}) {
  return planRollback({ shown, read: read(live), baseline: undefined, revision: 'main@sha1:2', management, ...given });
}

const router = (...lines: string[]) => ['router bgp 64496', ...lines.map((line) => ` ${line}`), 'exit', ''].join('\n');
const peer = (n: number, ...words: string[]) => [
  `neighbor 192.0.2.${n} remote-as 6451${n}`,
  ...words.map((each) => `neighbor 192.0.2.${n} ${each}`),
];
const old = router(...peer(1, 'description old'), ...peer(2));
const shown = planTo(old, router(...peer(1, 'description new'), ...peer(2)))!;

describe('planRollback', () => {
  it('inverts a plan, as a plan of its own with its own way back', () => {
    const { plan, overlaps, problems } = back(shown, after(old, shown));
    expect(plan?.effect.commands.map(({ text }) => text)).toEqual(['neighbor 192.0.2.1 description old']);
    expect(plan?.effect.rollback.map(({ text }) => text)).toEqual(['neighbor 192.0.2.1 description new']);
    expect(plan?.proof).toMatchObject({ forward: true, rollback: true });
    expect(plan?.provenance.revision).toBe('main@sha1:2');
    expect([overlaps, problems]).toEqual([[], []]);
  });

  it('has nothing to do where the plan was taken back already', () => {
    expect(back(shown, old)).toMatchObject({ removals: { removed: [] }, problems: [] });
    expect(back(shown, old).plan).toBeUndefined();
  });

  it('leaves alone what was changed elsewhere since, and does not call it known', () => {
    const live = after(old, shown).replace('neighbor 192.0.2.2 remote-as 64512', '$&\n neighbor 192.0.2.2 description by hand');
    const { plan, overlaps } = back(shown, live);
    expect(plan?.effect.commands).toHaveLength(1);
    expect(plan?.predicted).toEqual({ 'router bgp > neighbor 192.0.2.1 description': 'neighbor 192.0.2.1 description old' });
    expect(overlaps).toEqual([]);
  });

  it('names what became of the same line since, and what it does to it', () => {
    const { plan, overlaps } = back(shown, after(old, shown).replace('description new', 'description newer'));
    expect(plan?.effect.commands.map(({ text }) => text)).toEqual(['neighbor 192.0.2.1 description old']);
    expect(overlaps).toEqual([
      '`neighbor 192.0.2.1 description new` became `neighbor 192.0.2.1 description newer` after the plan; the rollback makes it `neighbor 192.0.2.1 description old`',
    ]);
  });

  it('names a line that is gone by now', () => {
    expect(back(shown, after(old, shown).replace(/.*description new\n/, '')).overlaps).toEqual([
      '`neighbor 192.0.2.1 description new` is gone after the plan; the rollback makes it `neighbor 192.0.2.1 description old`',
    ]);
  });

  it('names what others put into an object that it takes away', () => {
    const grown = planTo(router(...peer(2)), router(...peer(2), ...peer(1)))!;
    const live = after(router(...peer(2)), grown).replace(
      'neighbor 192.0.2.1 remote-as 64511',
      '$&\n neighbor 192.0.2.1 description by hand',
    );
    const { plan, overlaps, removals } = back(grown, live);
    expect(plan?.effect.commands.map(({ text }) => text)).toEqual(['no neighbor 192.0.2.1 remote-as 64511']);
    expect(overlaps).toEqual(['`neighbor 192.0.2.1 description by hand` was added after the plan; the rollback takes it away']);
    expect(removals.removed).toHaveLength(1);
  });

  it('leaves an object to those who use it by now', () => {
    const list = 'ip prefix-list OURS seq 5 permit 198.51.100.0/24\n';
    const made = planTo(router(...peer(1)), `${list}${router(...peer(1))}`)!;
    const live = `${list}${router(...peer(1), 'address-family ipv4 unicast', ' neighbor 192.0.2.1 prefix-list OURS in', 'exit-address-family')}`;
    const { plan, overlaps } = back(made, live);
    expect(plan).toBeUndefined();
    expect(overlaps).toEqual([expect.stringMatching(/OURS.*stays: lines that came later use it/)]);
  });

  it('says which secrets of the way back have no value any more', () => {
    const token = (digit: string) => `<secret:hmac-${digit.repeat(32)}>`;
    const rotated = planTo(router(...peer(1, `password ${token('a')}`)), router(...peer(1, `password ${token('b')}`)))!;
    const live = after(router(...peer(1, `password ${token('a')}`)), rotated);
    expect(back(rotated, live, { reveals: () => false }).problems).toMatchObject([{ code: 'SecretGone' }]);
    expect(back(rotated, live, { reveals: (each) => each === token('a') }).problems).toEqual([]);
    expect(back(rotated, live).plan?.effect.resets).toMatchObject([{ neighbor: '192.0.2.1' }]);
  });
});

describe('a plan, and then its rollback', () => {
  const words = fc.constantFrom(
    'description one',
    'description two',
    'timers 3 9',
    'timers 10 30',
    'password <secret:hmac-00>',
    'ttl-security hops 1',
    'passive',
  );
  const neighbors = fc.uniqueArray(
    fc.tuple(fc.integer({ min: 1, max: 5 }), fc.uniqueArray(words, { maxLength: 3, selector: (each) => each.split(' ')[0] })),
    {
      maxLength: 4,
      selector: ([n]) => n,
    },
  );
  const lists = fc.uniqueArray(fc.tuple(fc.constantFrom('A', 'B'), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 2 })), {
    maxLength: 5,
    selector: ([name, seq]) => `${name} ${seq}`,
  });
  const configs = fc
    .tuple(neighbors, lists)
    .map(([peers, entries]) =>
      [
        ...entries.map(([name, seq, net]) => `ip prefix-list ${name} seq ${seq * 5} permit 198.51.${net}.${seq}/32\n`),
        router(...peers.flatMap(([n, each]) => peer(n, ...each))),
      ].join(''),
    );

  it('gives the old configuration back, line by line', () => {
    fc.assert(
      fc.property(configs, configs, (live, want) => {
        const forward = planTo(live, want);
        if (!forward) return;
        const { plan, overlaps, problems } = back(forward, after(live, forward));
        expect([overlaps, problems]).toEqual([[], []]);
        expect(plan?.proof).toMatchObject({ forward: true, rollback: true });
        expect(sortedLines(after(after(live, forward), plan!))).toEqual(sortedLines(live));
      }),
      { numRuns: 300 },
    );
  });

  it('keeps what was changed elsewhere in between', () => {
    const theirs = `ip prefix-list THEIRS seq 5 permit 203.0.113.0/24\nip route 192.0.2.128/25 203.0.113.1\n`;
    fc.assert(
      fc.property(configs, configs, (live, want) => {
        const forward = planTo(live, want);
        if (!forward) return;
        const { plan, overlaps } = back(forward, `${after(live, forward)}${theirs}`);
        expect(overlaps).toEqual([]);
        expect(sortedLines(after(`${after(live, forward)}${theirs}`, plan!))).toEqual(sortedLines(`${live}${theirs}`));
      }),
      { numRuns: 200 },
    );
  });

  it('never does in silence what the plan did not do: lines it touches that are not as the plan left them are named', () => {
    fc.assert(
      fc.property(configs, configs, configs, (live, want, later) => {
        const forward = planTo(live, want);
        if (!forward) return;
        const { plan, overlaps } = back(forward, later);
        const changed = new Set([...sortedLines(later), ...sortedLines(plan ? after(later, plan) : later)]);
        const left = new Set([...sortedLines(live), ...sortedLines(after(live, forward))]);
        const strange = [...changed].filter(
          (line) => !left.has(line) && sortedLines(later).includes(line) && plan && !sortedLines(after(later, plan)).includes(line),
        );
        for (const line of strange) expect(overlaps.join('\n')).toContain(line.trim());
      }),
      { numRuns: 200 },
    );
  });
});
