import { describe, expect, it } from 'vitest';
import { compare } from '../../compare.ts';
import { parseIntended } from '../../intended.ts';
import { parse } from '../../parse.ts';
import { planPatch } from '../../plan.ts';
import { print } from '../../print.ts';
import { frr } from './index.ts';

const instance = (...lines: string[]): string => `router bgp 64496\n${lines.map((line) => ` ${line}\n`).join('')}exit\n`;

/**
 * What a release does by itself, by its source and release notes. Only 8.4 was asked itself (`test/engine`): of the others this says that the table is
 * carried out, not that it is right.
 */
describe('what goes without saying', () => {
  const lines = [
    'bgp log-neighbor-changes',
    'bgp deterministic-med',
    'bgp ebgp-requires-policy',
    'bgp suppress-duplicates',
    'bgp hard-administrative-reset',
    'bgp graceful-restart notification',
    'bgp reject-as-sets',
    'neighbor 192.0.2.1 enforce-first-as',
  ] as const;
  const [log, med, policy, duplicates, hard, notification, sets, first] = lines;

  it.each<[release: string, profile: string, on: readonly string[]]>([
    ['7.5.1', 'traditional', [policy]],
    ['8.0', 'traditional', [policy, duplicates]],
    ['8.2.2', 'traditional', [policy, duplicates]],
    ['8.3', 'traditional', [policy, duplicates, hard, notification]],
    ['8.4.4', 'traditional', [policy, duplicates, hard, notification]],
    ['8.4.4', 'datacenter', [log, med, duplicates, hard, notification]],
    ['9.1.2', 'traditional', [policy, duplicates, hard, notification]],
    ['10.0', 'traditional', [policy, duplicates, hard, notification, first]],
    ['10.4.1-dev', 'datacenter', [log, med, duplicates, hard, notification, first]],
    ['10.5', 'traditional', [policy, duplicates, hard, notification, first, sets]],
  ])('%s, %s', (version, profile, on) => {
    const read = (prefix: '' | 'no '): string[] => {
      const text = `frr defaults ${profile}\n${instance('neighbor 192.0.2.1 remote-as 64497', ...lines.map((line) => `${prefix}${line}`))}`;
      const printed = print(parse(text, frr, { version })).split('\n');
      return lines.filter((line) => !printed.includes(` ${prefix}${line}`));
    };
    expect(read('')).toEqual(lines.filter((line) => on.includes(line)));
    expect(read('no ')).toEqual(lines.filter((line) => !on.includes(line)));
  });

  it('is what the newest release that was tried does, where nobody knows the release', () => {
    const text = instance('bgp suppress-duplicates', 'bgp reject-as-sets');
    for (const options of [{}, { version: '' }])
      expect(print(parse(text, frr, options))).toContain('router bgp 64496\n bgp reject-as-sets\n');
  });
});

describe('a text that does not say the profile of the device it is for', () => {
  const device = `frr defaults datacenter\n${instance('bgp router-id 192.0.2.1')}`;
  const plan = (...lines: string[]) => {
    const { tree } = parseIntended(instance('bgp router-id 192.0.2.1', ...lines), frr, { version: '8.4.4', device });
    return planPatch(parse(device, frr), tree, frr, { scope: 'owned', previouslyOwned: new Set(), exactContainers: new Set() });
  };

  it('wants nothing that the device does anyway', () => {
    expect(plan('bgp log-neighbor-changes').commands).toEqual([]);
    expect(plan('no bgp ebgp-requires-policy').commands).toEqual([]);
  });

  it('wants what the device does not do by itself', () => {
    const { commands, proof } = plan('bgp ebgp-requires-policy', 'no bgp log-neighbor-changes');
    expect(commands.map(({ text }) => text)).toEqual(['bgp ebgp-requires-policy', 'no bgp log-neighbor-changes']);
    expect(proof).toMatchObject({ forward: true, rollback: true });
  });

  it('has its own, when it says one', () => {
    const own = parseIntended(`frr defaults traditional\n${instance('bgp log-neighbor-changes')}`, frr, { device }).tree;
    expect(compare(own.roots, parse(`frr defaults traditional\n${instance('bgp log-neighbor-changes')}`, frr).roots)).toEqual([]);
  });
});

it('a plan for a release whose defaults differ is proven by them', () => {
  const [before, after] = [instance('bgp router-id 192.0.2.1'), instance('bgp router-id 192.0.2.1', 'no bgp reject-as-sets')].map((text) =>
    parse(text, frr, { version: '10.5' }),
  ) as [ReturnType<typeof parse>, ReturnType<typeof parse>];
  const { commands, proof } = planPatch(before, after, frr, { scope: 'all' });
  expect(commands.map(({ text }) => text)).toEqual(['no bgp reject-as-sets']);
  expect(proof).toMatchObject({ forward: true, rollback: true });
});
