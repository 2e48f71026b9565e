import { describe, expect, it } from 'vitest';
import { judgeTexts } from '../../test/builders/compared.ts';
import type { Baseline, Verdict } from '../api/index.ts';
import { dialectFor, listItems, parse } from '../config/index.ts';

/** A kind of line, with a value or without the line, in a configuration that is the same otherwise. */
interface Kind {
  name: string;
  config: (value: string | undefined) => string;
  exactContainers?: readonly string[];
  /** What a line is that only the router knows. */
  foreign: Verdict;
}

const lines = (...all: (string | undefined)[]): string => all.flatMap((line) => (line === undefined ? [] : [`${line}\n`])).join('');
const say = (words: string, value: string | undefined): string | undefined => value && `${words} ${value}`;
const neighbor = ' neighbor 192.0.2.1 remote-as 64497';
const kinds: readonly Kind[] = [
  {
    name: 'a line of a section that is Declared',
    config: (value) => lines('router bgp 64496', neighbor, say(' bgp default local-preference', value), 'exit'),
    foreign: 'InSync',
  },
  {
    name: 'a line of a section that is Exact',
    config: (value) => lines('router bgp 64496', neighbor, say(' bgp default local-preference', value), 'exit'),
    exactContainers: ['router bgp'],
    foreign: 'Drifted',
  },
  {
    name: 'a line outside of all sections',
    config: (value) => lines(say('ip router-id', value && `192.0.2.${value}`), 'log syslog'),
    foreign: 'InSync',
  },
  {
    name: 'a line of a neighbor',
    config: (value) => lines('router bgp 64496', neighbor, say(' neighbor 192.0.2.1 description', value), 'exit'),
    foreign: 'Drifted',
  },
  {
    name: 'a line of a neighbor in a family',
    config: (value) =>
      lines(
        'router bgp 64496',
        neighbor,
        ' address-family ipv6 unicast',
        '  neighbor 192.0.2.1 activate',
        say('  neighbor 192.0.2.1 weight', value),
        ' exit-address-family',
        'exit',
      ),
    foreign: 'Drifted',
  },
  {
    name: 'a line of a route-map',
    config: (value) => lines('route-map OUT permit 10', say(' set metric', value), 'exit', 'route-map OUT deny 20', 'exit'),
    foreign: 'Drifted',
  },
  {
    name: 'an entry of a prefix-list',
    config: (value) =>
      lines('ip prefix-list LAN seq 5 permit 192.0.2.0/24', value && `ip prefix-list LAN seq 10 permit 198.51.10${value}.0/24`),
    foreign: 'Drifted',
  },
  {
    name: 'a whole neighbor',
    config: (value) => lines('router bgp 64496', neighbor, say(' neighbor 192.0.2.9 remote-as', value), 'exit'),
    foreign: 'Drifted',
  },
];
const values = [undefined, '1', '2', '3'];
const all = values.flatMap((git) => values.flatMap((was) => values.map((device) => ({ git, was, device }))));

/** The table of docs/drift.md, row by row. */
function judgeByTable(git: string | undefined, was: string | undefined, device: string | undefined, foreign: Verdict): Verdict {
  if (device === git) return 'InSync';
  if (git === undefined && was === undefined) return foreign;
  if (was === undefined) return device === undefined ? 'Pending' : 'Unadopted';
  if (device === was) return 'Pending';
  return git === was ? 'Drifted' : 'Diverged';
}

function baselineOf(config: string): Baseline {
  const frr = dialectFor('frr');
  const items = listItems(parse(config, frr, { version: '8.4.4' }), frr).map(({ key, text }): [string, string] => [key, text]);
  return { device: 'r1', platform: 'frr', revision: 'r', items: Object.fromEntries(items), unmanaged: [], adopted: true };
}

describe('the verdict on an adopted router', () => {
  it.each(kinds)('is what the table says for $name, whoever holds which value', ({ config, exactContainers = [], foreign }) => {
    for (const { git, was, device } of all) {
      const baseline = baselineOf(config(was));
      const found = judgeTexts({ git: config(git), device: config(device), baseline, exactContainers });
      const of = { git: git ?? 'absent', was: was ?? 'absent', device: device ?? 'absent' };
      const want = judgeByTable(git, was, device, foreign);
      expect({ ...of, verdict: found.verdict }).toEqual({ ...of, verdict: want });
      expect({ ...of, differences: found.differences.length }).toEqual({ ...of, differences: want === 'InSync' ? 0 : 1 });
      if (want !== 'InSync') {
        const [{ desired, baseline: before, live } = {}] = found.differences;
        const holds = [desired, before, live].map((text) => text !== undefined);
        expect({ ...of, holds }).toEqual({ ...of, holds: [git, was, device].map((value) => value !== undefined) });
      }
    }
  });
});
