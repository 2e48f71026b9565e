import { describe, expect, it } from 'vitest';
import { compareTexts } from '../../test/builders/compared.ts';
import { judge } from '../verdict/index.ts';
import type { Compared } from './compare-device.ts';

/** Device r1 against Git, with a profile that names exact sections. Everything unmanaged is new since adoption. */
function compare(device: string, git: string, exactContainers: readonly string[]): Compared {
  const baseline = { device: 'r1', platform: 'frr', revision: 'r', items: {}, unmanaged: [], adopted: true };
  return compareTexts({ git, device, baseline, exactContainers });
}
const standings = (live: string, want: string, exact: readonly string[]): Record<string, string> =>
  Object.fromEntries(compare(live, want, exact).facts.live.map(({ key, standing }) => [key, standing]));

describe('sections that a profile calls exact', () => {
  const ours = 'router bgp 64496\n neighbor 192.0.2.1 remote-as 64497\nexit\n';
  const stranger = ' neighbor 192.0.2.9 remote-as 64511\n';

  it('hold only what Git wants', () => {
    const live = ours.replace('exit', `${stranger}exit`);
    expect(standings(live, ours, ['router bgp'])).toMatchObject({ 'router bgp > neighbor 192.0.2.9 remote-as': 'inside' });
    expect(standings(live, ours, [])).toMatchObject({ 'router bgp > neighbor 192.0.2.9 remote-as': 'beside' });
  });

  it('are sections of Git: one that only the device has stays with whoever made it', () => {
    const vrf = `router bgp 64496 vrf CUST\n${stranger}exit\n`;
    const { facts, exactContainers } = compare(ours + vrf, ours, ['router bgp']);
    expect([...exactContainers].filter((key) => key.includes('CUST'))).toEqual([]);
    expect(facts.live.filter(({ key }) => key.includes('CUST')).map(({ standing }) => standing)).toEqual(['unmanaged', 'unmanaged']);
    expect(judge(facts)).toMatchObject({ verdict: 'InSync' });
  });

  it('name a block by whole words', () => {
    const text = 'interface eth1\n description a\nexit\ninterface eth10\n description a\nexit\n';
    const found = standings(text.replaceAll(' description', ' bandwidth 100\n description'), text, ['interface eth1']);
    expect(found).toMatchObject({ 'interface eth1 > bandwidth': 'inside', 'interface eth10 > bandwidth': 'unmanaged' });
  });

  it('name no interface that Git does not configure', () => {
    const live = 'interface eth0\n ip address 192.0.2.2/31\nexit\ninterface eth1\n ip address 198.51.100.1/24\nexit\n';
    const want = 'interface eth0\n ip address 192.0.2.2/31\nexit\n';
    const found = standings(live, want, ['interface']);
    expect(found).toMatchObject({ 'interface eth1': 'unmanaged', 'interface eth1 > ip address 198.51.100.1/24': 'unmanaged' });
  });
});

describe('a section whose author calls it exact', () => {
  const section = (ownership: string): string =>
    `! plumbline:from Section/uplink sections/uplink.conf:1\n! plumbline:ownership ${ownership}\ninterface eth0\n description uplink\nexit\n`;
  it.each([
    ['Exact', 'inside'],
    ['Declared', 'unmanaged'],
  ])('and %s says so: a line of nobody in it is %s', (ownership, standing) => {
    const live = 'interface eth0\n description uplink\n bandwidth 100\nexit\n';
    expect(standings(live, section(ownership), [])).toMatchObject({ 'interface eth0 > bandwidth': standing });
  });
});
