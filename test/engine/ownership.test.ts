import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dialectFor, listItems, parse, planPatch, printCommands, type Tree } from '../../controller/config/index.ts';
import { type Lab, startLab, whyNoLab } from './frr-lab.ts';

const frr = dialectFor('frr');
const reason = whyNoLab();
const read = (text: string): Tree => parse(text, frr, { version: '8.4.4' });
const keysOf = (tree: Tree): Set<string> => new Set(listItems(tree, frr).map(({ key }) => key));
const itemsOf = (tree: Tree): string[] =>
  listItems(tree, frr)
    .filter(({ key }) => key.startsWith('router bgp'))
    .map(({ key, text }) => `${key} = ${text}`)
    .toSorted();

const ours = 'router bgp 64496\n neighbor 192.0.2.1 remote-as 64497\n address-family ipv4 unicast\n  network 203.0.113.0/24\n';
const off = ours
  .replace(' neighbor', ' no bgp default ipv4-unicast\n neighbor')
  .replace('  network', '  neighbor 192.0.2.1 activate\n  network');
const theirs = 'router bgp 64496\n neighbor 192.0.2.9 remote-as 64511\n';
const group = 'router bgp 64496\n neighbor EDGE peer-group\n neighbor EDGE remote-as 64511\n';
const member = ' neighbor 192.0.2.9 peer-group EDGE\n';
const activated = ' address-family ipv4 unicast\n  neighbor 192.0.2.9 activate\n';

/** Whether a neighbor carries IPv4, from its own state and not from what the configuration leaves unsaid. */
async function carriesIpv4(lab: Lab, neighbor: string): Promise<boolean> {
  const said = JSON.parse(await lab.vtysh(`show bgp neighbors ${neighbor} json`)) as Record<string, { addressFamilyInfo?: object }>;
  return Object.hasOwn(said[neighbor]?.addressFamilyInfo ?? {}, 'ipv4Unicast');
}

describe.skipIf(reason !== undefined)(
  `lines of others on a real router${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  { timeout: 60_000 },
  () => {
    let lab: Lab;
    beforeAll(async () => {
      lab = await startLab('owner', ['zebra', 'bgpd']);
    });
    afterAll(async () => lab?.stop());

    it.each([
      { name: 'the default for neighbors goes off', live: ours + theirs, want: off, before: ours, carries: true },
      { name: 'the default goes on, beside one without IPv4', live: off + theirs, want: ours, before: off, carries: false },
      { name: 'the default goes on, beside one with IPv4', live: off + theirs + activated, want: ours, before: off, carries: true },
      { name: 'Git drops the section', live: ours + theirs, want: '', before: ours, carries: true },
      { name: 'Git drops the peer group that they are in', live: ours + group + member, want: ours, before: ours + group, carries: true },
    ])('keep what they carry when $name', async ({ live, want, before, carries }) => {
      expect(await lab.boot(live)).toBe('');
      const found = read(await lab.read());
      expect(await carriesIpv4(lab, '192.0.2.9')).toBe(carries);
      const patch = planPatch(found, read(want), frr, { scope: 'owned', previouslyOwned: keysOf(read(before)) });
      expect(await lab.apply(printCommands(patch.commands, frr))).toBe('');
      expect(await carriesIpv4(lab, '192.0.2.9')).toBe(carries);
      expect(itemsOf(read(await lab.read()))).toEqual(itemsOf(patch.predicted));
      await lab.apply(printCommands(patch.rollback, frr));
      expect(itemsOf(read(await lab.read()))).toEqual(itemsOf(found));
    });
  },
);
