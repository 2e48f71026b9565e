import { describe, expect, it } from 'vitest';
import { dialectFor } from './dialects/index.ts';
import { listItems } from './names.ts';
import { parseIntended } from './intended.ts';
import { classify, type Ownership } from './ownership.ts';
import { parse } from './parse.ts';
import { planPatch, type PlanOptions } from './plan.ts';
import { printCommands } from './text.ts';

const frr = dialectFor('frr');
const read = (text: string) => parse(text, frr, { version: '8.4.4' });
const keysOf = (text: string): Set<string> => new Set(listItems(read(text), frr).map(({ key }) => key));
const sortLines = (live: string, want: string, before: string): Ownership => classify(read(live), read(want), keysOf(before), frr);
const textsOf = (items: Ownership[keyof Ownership]): string[] => items.map(({ text }) => text);
const plan = (live: string, want: string, before: string, more: Partial<PlanOptions> = {}) =>
  planPatch(read(live), read(want), frr, { scope: 'owned', previouslyOwned: keysOf(before), ...more });

const bgp = (...lines: string[]): string => ['router bgp 64496', ...lines.map((line) => ` ${line}`), 'exit', ''].join('\n');
const ours = 'neighbor 192.0.2.1 remote-as 64497';
const theirs = 'neighbor 192.0.2.9 remote-as 64511';

describe('what Git dropped and no plan removes', () => {
  it.each<{ name: string; live: string; before: string; want?: string; released: string[] }>([
    { name: 'a section that holds a neighbor of others', live: bgp(ours, theirs), before: bgp(ours), released: ['router bgp 64496'] },
    {
      name: 'a family that holds a line of others, and the section around it',
      live: bgp(ours, theirs, 'address-family ipv6 unicast', ' neighbor 192.0.2.9 activate', 'exit-address-family'),
      before: bgp(ours, 'address-family ipv6 unicast', ' network 2001:db8::/32', 'exit-address-family'),
      released: ['router bgp 64496', 'address-family ipv6 unicast'],
    },
    { name: 'a line that the router cannot be without', live: 'hostname r1\n', before: 'hostname r1\n', released: ['hostname r1'] },
    {
      name: 'the section around a section that holds nothing of ours',
      live: bgp(ours, 'address-family ipv4 unicast', ' network 198.51.100.0/24', 'exit-address-family'),
      before: bgp(ours),
      released: ['router bgp 64496'],
    },
    {
      name: 'the sections around a line of others',
      live: bgp(ours, 'address-family ipv4 unicast', ' network 203.0.113.0/24', ' network 198.51.100.0/24', 'exit-address-family'),
      before: bgp(ours, 'address-family ipv4 unicast', ' network 203.0.113.0/24', 'exit-address-family'),
      released: ['router bgp 64496', 'address-family ipv4 unicast'],
    },
    {
      name: 'a line that has no word for its removal, and the section around it',
      live: 'interface eth0\n ip ospf mpls ldp-sync\nexit\n',
      before: 'interface eth0\n ip ospf mpls ldp-sync\nexit\n',
      released: ['interface eth0', 'ip ospf mpls ldp-sync'],
    },
    { name: 'nothing of a section that goes', live: bgp(ours), before: bgp(ours), released: [] },
    { name: 'nothing that Git wants', live: bgp(ours, theirs), before: bgp(ours), want: bgp(ours), released: [] },
  ])('is released: $name', ({ live, before, want = '', released }) => {
    const sorted = sortLines(live, want, before);
    expect(textsOf(sorted.released)).toEqual(released);
    expect(textsOf(sorted.owned).filter((text) => released.includes(text))).toEqual([]);
    expect(textsOf(sorted.unmanaged)).toEqual(expect.arrayContaining(released));
  });

  it('is what the plan leaves', () => {
    const live = bgp(ours, theirs);
    const { commands, predicted } = plan(live, '', bgp(ours));
    expect(printCommands(commands, frr)).toBe(`router bgp 64496\n no ${ours}\nexit\n`);
    expect(listItems(predicted, frr).map(({ text }) => text)).toEqual(['router bgp 64496', theirs]);
    expect(plan(bgp(theirs), '', bgp()).commands).toEqual([]);
  });

  it('stands in the order in which it can be made', () => {
    const { predicted } = plan(`${bgp(ours, theirs)}log syslog\n`, 'ip prefix-list A seq 5 permit any\n', bgp(ours));
    expect(listItems(predicted, frr).map(({ text }) => text)).toEqual([
      'ip prefix-list A seq 5 permit any',
      'log syslog',
      'router bgp 64496',
      theirs,
    ]);
    const withSection = plan(`log syslog\n${bgp(ours)}`, bgp(ours), '');
    expect(listItems(withSection.predicted, frr).map(({ text }) => text)).toEqual(['log syslog', 'router bgp 64496', ours]);
  });

  it('goes once the lines of others are gone', () => {
    expect(textsOf(sortLines(bgp(), '', bgp(ours)).owned)).toEqual(['router bgp 64496']);
    expect(printCommands(plan(bgp(), '', bgp(ours)).commands, frr)).toBe('no router bgp 64496\n');
  });
});

describe('an object that Git dropped and lines of others use', () => {
  const map = 'route-map OUT permit 10\n match ip address prefix-list LAN\nexit\n';
  const list = 'ip prefix-list LAN seq 5 permit 203.0.113.0/24\n';
  const bound = bgp(ours, theirs, 'address-family ipv4 unicast', ' neighbor 192.0.2.9 route-map OUT out', 'exit-address-family');

  it('stays with all that it uses, and is released', () => {
    const unused = 'ip prefix-list OLD seq 5 permit any\n';
    const { commands, predicted, proof } = plan(bound + map + list + unused, bgp(ours), bgp(ours) + map + list + unused);
    expect(printCommands(commands, frr)).toBe('no ip prefix-list OLD seq 5 permit any\n');
    expect(listItems(predicted, frr).map(({ text }) => text)).toEqual(expect.arrayContaining(['route-map OUT permit 10', list.trim()]));
    expect(proof).toMatchObject({ forward: true, rollback: true });
    const sorted = sortLines(bound + map + list, bgp(ours), bgp(ours) + map + list);
    expect(textsOf(sorted.released)).toEqual(['route-map OUT permit 10', 'match ip address prefix-list LAN', list.trim()]);
  });

  it('stays with the lines that others put into it', () => {
    const sorted = sortLines(`${bound}${map}route-map OUT permit 99\nexit\n${list}`, bgp(ours), bgp(ours) + map + list);
    expect(textsOf(sorted.released)).toContain('route-map OUT permit 99');
    expect([...sorted.foreign, ...sorted.orphaned, ...sorted.owned].map(({ text }) => text)).not.toContain('route-map OUT permit 99');
  });

  it('loses what Git drops of it while Git has the rest', () => {
    const live = `${bound}${map}route-map OUT deny 20\nexit\n${list}`;
    const { commands } = plan(live, bgp(ours) + map + list, `${bgp(ours)}${map}route-map OUT deny 20\nexit\n${list}`);
    expect(printCommands(commands, frr)).toBe('no route-map OUT deny 20\n');
  });

  it('goes where only Git used it', () => {
    const { commands } = plan(bgp(ours) + map + list, bgp(ours), bgp(ours) + map + list);
    expect(printCommands(commands, frr)).toContain('no route-map OUT permit 10');
  });

  it('stays as a peer group in every family, for its members would go with it', () => {
    const group = ['neighbor EDGE peer-group', 'neighbor EDGE remote-as 64511'];
    const family = ['address-family ipv6 unicast', ' neighbor EDGE activate', 'exit-address-family'];
    const live = bgp(ours, ...group, 'neighbor 192.0.2.9 peer-group EDGE', ...family);
    const { commands } = plan(live, bgp(ours), bgp(ours, ...group, ...family));
    expect(commands).toEqual([]);
  });
});

describe('a line that somebody put into an object', () => {
  const map = 'route-map OUT permit 10\nexit\n';
  const term = 'route-map OUT permit 99\nexit\n';
  it('that Git wants is foreign', () => {
    const sorted = sortLines(map + term, map, map);
    expect([textsOf(sorted.foreign), textsOf(sorted.orphaned)]).toEqual([['route-map OUT permit 99'], []]);
  });

  it('that Git dropped is orphaned', () => {
    const sorted = sortLines(map + term, '', map);
    expect([textsOf(sorted.foreign), textsOf(sorted.orphaned)]).toEqual([['route-map OUT permit 99'], ['route-map OUT permit 99']]);
    expect(textsOf(sorted.owned)).toEqual(['route-map OUT permit 10', 'route-map OUT permit 99']);
  });

  it('that Git renamed is orphaned, whatever the new object holds', () => {
    const sorted = sortLines(map + term, map.replace('OUT', 'UPSTREAM'), map);
    expect(textsOf(sorted.orphaned)).toEqual(['route-map OUT permit 99']);
  });
});

describe('a section that is Exact', () => {
  const family = (line: string): string => bgp(ours, 'address-family ipv4 unicast', ` ${line}`, 'exit-address-family');
  it('is so in the sections inside as well', () => {
    const sorted = classify(
      read(family('maximum-paths 4')),
      read(family('network 203.0.113.0/24')),
      new Set(),
      frr,
      new Set(['router bgp']),
    );
    expect(textsOf(sorted.foreign)).toEqual(['maximum-paths 4']);
    expect(textsOf(sorted.unmanaged)).toEqual([]);
  });
});

describe('a default for all neighbors', () => {
  const off = 'no bgp default ipv4-unicast';
  const router = (lines: readonly string[], family: readonly string[]): string =>
    bgp(...lines, 'address-family ipv4 unicast', ...family.map((line) => ` ${line}`), 'exit-address-family');
  const onOurs = router([ours], ['network 203.0.113.0/24']);
  const offOurs = router([off, ours], ['neighbor 192.0.2.1 activate', 'network 203.0.113.0/24']);
  const withTheirs = (text: string, ...lines: string[]): string =>
    text.replace(ours, `${ours}\n ${theirs}`).replace('  network', [...lines.map((line) => `  ${line}\n`), '  network'].join(''));

  it.each([
    { name: 'off', live: withTheirs(onOurs), want: offOurs, before: onOurs, says: off, prints: ['neighbor 192.0.2.9 activate'] },
    {
      name: 'on, beside one that carries no IPv4',
      live: withTheirs(offOurs),
      want: onOurs,
      before: offOurs,
      says: 'bgp default ipv4-unicast',
      prints: ['no neighbor 192.0.2.9 activate'],
    },
    {
      name: 'on, beside one that carries IPv4',
      live: withTheirs(offOurs, 'neighbor 192.0.2.9 activate'),
      want: onOurs,
      before: offOurs,
      says: 'bgp default ipv4-unicast',
      prints: [],
    },
  ])('goes $name without a word to a neighbor of others, and without a reset', ({ live, want, before, says, prints }) => {
    const { commands, resets, predicted, proof } = plan(live, want, before);
    expect(commands.map(({ text }) => text)).toEqual([says]);
    expect(resets).toEqual([]);
    expect(proof).toMatchObject({ forward: true, rollback: true });
    const after = listItems(predicted, frr).map(({ text }) => text);
    expect(after.filter((text) => text.includes('192.0.2.9 activate'))).toEqual(prints);
  });

  it('never touches a neighbor of others, whatever else changes, and is proven there and back', () => {
    const yesNo = [true, false];
    const activation = (peer: string, isOn: boolean, active: boolean): string[] =>
      isOn === active ? [] : [`${active ? '' : 'no '}neighbor ${peer} activate`];
    const text = (isOn: boolean, active: boolean, second: boolean, others: boolean | undefined): string =>
      router(
        [
          ...(isOn ? [] : [off]),
          ours,
          ...(second ? ['neighbor 192.0.2.2 remote-as 64498'] : []),
          ...(others === undefined ? [] : [theirs]),
        ],
        [
          ...activation('192.0.2.1', isOn, active),
          ...(second ? activation('192.0.2.2', isOn, true) : []),
          ...(others === undefined ? [] : activation('192.0.2.9', isOn, others)),
          'network 203.0.113.0/24',
        ],
      );
    const sides = yesNo.flatMap((isOn) => yesNo.flatMap((active) => yesNo.map((second) => ({ isOn, active, second }))));
    for (const was of sides) {
      for (const is of sides) {
        for (const others of yesNo) {
          const live = text(was.isOn, was.active, was.second, others);
          const before = text(was.isOn, was.active, was.second, undefined);
          const { commands, rollback, resets, predicted, proof } = plan(live, text(is.isOn, is.active, is.second, undefined), before);
          const said = [...commands, ...rollback].map((command) => command.text).join('\n');
          expect({ was, is, others, said }).toMatchObject({ said: expect.not.stringContaining('192.0.2.9') });
          expect(proof).toMatchObject({ forward: true, rollback: true });
          expect(
            listItems(predicted, frr)
              .map(({ text: line }) => line)
              .toSorted(),
          ).toEqual(
            listItems(read(text(is.isOn, is.active, is.second, others)), frr)
              .map(({ text: line }) => line)
              .toSorted(),
          );
          const flaps = was.active === is.active ? [] : ['192.0.2.1'];
          expect(resets.map(({ neighbor }) => neighbor).filter((peer) => peer !== '192.0.2.2')).toEqual(flaps);
        }
      }
    }
  });

  it('is settled before a neighbor of ours loses the family', () => {
    const want = router([off, ours], ['network 203.0.113.0/24']);
    expect(plan(onOurs, want, onOurs).commands.map(({ text }) => text)).toEqual([off, 'no neighbor 192.0.2.1 activate']);
  });
});

describe('a line of Git that goes without saying', () => {
  const git = (text: string) => parseIntended(text, frr, { version: '8.4.4' }).tree;
  const said = (live: string, want: string) => classify(read(live), git(want), new Set(), frr);
  const datacenter = 'frr defaults datacenter\n';

  it.each<{ name: string; want: string; live: string; contrary: string; puts: string }>([
    { name: 'what is on anyway', want: 'ip forwarding\n', live: 'no ip forwarding\n', contrary: 'no ip forwarding', puts: 'ip forwarding' },
    {
      name: 'what is off anyway',
      want: 'interface eth0\n no ip ospf bfd\n',
      live: 'interface eth0\n ip ospf bfd\n',
      contrary: 'ip ospf bfd',
      puts: 'no ip ospf bfd',
    },
    {
      name: 'what keeps a neighbor without a policy shut',
      want: bgp('bgp ebgp-requires-policy', ours),
      live: bgp('no bgp ebgp-requires-policy', ours),
      contrary: 'no bgp ebgp-requires-policy',
      puts: 'bgp ebgp-requires-policy',
    },
    {
      name: 'what the profile has',
      want: datacenter + bgp('bgp log-neighbor-changes', ours),
      live: datacenter + bgp('no bgp log-neighbor-changes', ours),
      contrary: 'no bgp log-neighbor-changes',
      puts: 'bgp log-neighbor-changes',
    },
    {
      name: 'a value that is the usual one',
      want: 'router isis CORE\n net 49.0000.0000.0001.00\n is-type level-1-2\n',
      live: 'router isis CORE\n net 49.0000.0000.0001.00\n is-type level-1\n',
      contrary: 'is-type level-1',
      puts: 'no is-type',
    },
  ])('is Git’s, and the contrary is put right: $name', ({ want, live, contrary, puts }) => {
    const { foreign, unmanaged } = said(live, want);
    expect(textsOf(foreign)).toEqual([contrary]);
    expect(textsOf(unmanaged)).not.toContain(contrary);
    // Also where somebody adopted the device with the contrary on it.
    const adopted = new Set(said(live, want).owned.map(({ key }) => key));
    for (const previouslyOwned of [new Set<string>(), adopted]) {
      const { commands } = planPatch(read(live), git(want), frr, { scope: 'owned', previouslyOwned });
      expect(printCommands(commands, frr)).toContain(puts);
      expect(classify(read(live), git(want), previouslyOwned, frr).released).toEqual([]);
    }
  });

  it.each<{ name: string; want: string; live: string }>([
    { name: 'nothing when the device has it so', want: 'ip forwarding\ninterface eth0\n no shutdown\n', live: '' },
    { name: 'nothing when a later line says otherwise', want: 'ip forwarding\nno ip forwarding\n', live: 'no ip forwarding\n' },
    { name: 'nothing of another interface', want: 'interface eth0\n no shutdown\n', live: 'interface eth1\n shutdown\n' },
    { name: 'no line that nothing takes away: agentx', want: 'no agentx\n', live: 'agentx\n' },
    { name: 'no line that nothing takes away: a user', want: 'no username bob nopassword\n', live: 'username bob nopassword\n' },
    { name: 'no line that nothing takes away: defaults', want: 'no frr defaults datacenter\n', live: 'frr defaults datacenter\n' },
    { name: 'nothing that Git does not say', want: 'hostname r1\n', live: 'hostname r1\nno ip forwarding\n' },
    {
      name: 'no objects: a negated line removes none of others',
      want: 'no ip prefix-list A\n',
      live: 'ip prefix-list A seq 5 permit any\n',
    },
  ])('claims $name', ({ want, live }) => {
    expect(said(live, want).foreign).toEqual([]);
    expect(planPatch(read(live), git(want), frr, { scope: 'owned', previouslyOwned: new Set() }).commands).toEqual(
      planPatch(read(live), read(want), frr, { scope: 'owned', previouslyOwned: new Set() }).commands,
    );
  });
});
