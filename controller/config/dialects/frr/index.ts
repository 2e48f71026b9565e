import type { Dialect } from '../../dialect.ts';
import { bgpSections } from './bgp.ts';
import { finish } from './finish.ts';
import { igpSections } from './igp.ts';
import { interfaceSections } from './interface.ts';
import { policySections } from './policy.ts';
import { rootRows } from './root.ts';
import { serviceSections } from './services.ts';

/** What a terminal prints around a configuration that was copied from it. */
const frame =
  /^(?:Building configuration\.\.\.|Current configuration(?: : \d+ bytes)?:?|Configuration file .*:|\S+[#>] ?(?:show|sh|write|wr) .*)$/;

function withoutFrame(text: string): string {
  // Lines keep their numbers. A configuration from a file has none of these, and is not gone through.
  if (!/^(?:Building|Current|Configuration|\S+[#>] ?[sw])/m.test(text.slice(0, 2000))) return text;
  return text
    .split('\n')
    .map((line) => (frame.test(line.trim()) ? '' : line))
    .join('\n');
}

/** FRRouting as vtysh prints and takes it. Rows were checked against bgpd, zebra and their sisters of 8.4.4. */
export const frr: Dialect = {
  platform: 'frr',
  syntax: 'rows',
  negation: ['no'],
  comments: ['!', '#'],
  exits: [
    'exit',
    'quit',
    'end',
    'exit-address-family',
    'exit-vrf',
    'exit-vni',
    'exit-vnc',
    'exit-link-params',
    'exit-srv6-locator',
    'exit-vrf-policy',
  ],
  exit: 'exit',
  // Any command outside the YANG model makes the daemons commit what `vtysh -f` has gathered; this one does nothing else.
  settle: ['line vty', 'exit'],
  abbreviates: true,
  removal: 'line',
  negated: 'deletes',
  profile: /^frr defaults \S+$/m,
  versions: ['8.4.4'],
  prepare: withoutFrame,
  sections: { root: rootRows, ...bgpSections, ...policySections, ...igpSections, ...interfaceSections, ...serviceSections },
  finish,
};
