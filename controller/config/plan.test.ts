import { describe, expect, it } from 'vitest';
import { dialectFor } from './dialects/index.ts';
import { listItems } from './names.ts';
import { parse } from './parse.ts';
import { type Patch, planPatch, type PlanOptions } from './plan.ts';
import { simulate } from './simulate.ts';
import { printCommands } from './text.ts';

const frr = dialectFor('frr');

function plan(live: string, intended: string, options: PlanOptions = { scope: 'all' }): Patch {
  return planPatch(parse(live, frr), parse(intended, frr), frr, options);
}

function lines(patch: Patch): string[] {
  return printCommands(patch.commands, frr).trim().split('\n');
}

const neighbor = (map: string): string => `router bgp 65001
 neighbor 192.0.2.1 remote-as 65002
 address-family ipv4 unicast
  neighbor 192.0.2.1 route-map ${map} in
 exit-address-family
exit
`;
const policy = (name: string): string => `ip prefix-list ${name} seq 5 permit 198.51.100.0/24
route-map ${name} permit 10
 match ip address prefix-list ${name}
exit
`;

describe('the order of a plan', () => {
  it('makes a policy, binds it, and only then removes the old one with what it needed', () => {
    const patch = plan(neighbor('OLD') + policy('OLD'), neighbor('NEW') + policy('NEW'));
    expect(patch.commands.map(({ text }) => text)).toEqual([
      'ip prefix-list NEW seq 5 permit 198.51.100.0/24',
      'route-map NEW permit 10',
      'match ip address prefix-list NEW',
      'neighbor 192.0.2.1 route-map NEW in',
      'no route-map OLD permit 10',
      'no ip prefix-list OLD seq 5 permit 198.51.100.0/24',
    ]);
    expect(patch.gaps).toEqual([]);
    expect(patch.resets).toEqual([]);
  });

  it('makes a map that another one calls before the caller', () => {
    const patch = plan('', 'route-map A permit 10\n call B\nexit\nroute-map B permit 10\nexit\n');
    expect(patch.commands.map(({ text }) => text)).toEqual(['route-map B permit 10', 'route-map A permit 10', 'call B']);
  });

  it('declares the gap of two maps that call each other', () => {
    const patch = plan('', 'route-map A permit 10\n call B\nexit\nroute-map B permit 10\n call A\nexit\n');
    expect(patch.gaps).not.toEqual([]);
    expect(patch.proof).toMatchObject({ forward: true, rollback: true });
  });

  it('edits a term where it stands', () => {
    const patch = plan(
      'route-map A permit 10\n set metric 5\n set local-preference 100\nexit\n',
      'route-map A permit 10\n set local-preference 200\nexit\n',
    );
    expect(lines(patch)).toEqual(['route-map A permit 10', ' no set metric', ' set local-preference 200', 'exit']);
  });

  it('overwrites an entry at its number, and never deletes what it has just put there', () => {
    const patch = plan('ip prefix-list P seq 5 permit 198.51.100.0/24\n', 'ip prefix-list P seq 5 permit 203.0.113.0/24\n');
    expect(lines(patch)).toEqual(['ip prefix-list P seq 5 permit 203.0.113.0/24']);
  });

  it('takes entries away that trade places before they come back', () => {
    const patch = plan(
      'ip prefix-list P seq 5 permit 198.51.100.0/24\nip prefix-list P seq 10 deny any\n',
      'ip prefix-list P seq 5 deny any\nip prefix-list P seq 10 permit 198.51.100.0/24\n',
    );
    const said = lines(patch);
    expect(said.indexOf('no ip prefix-list P seq 10 deny any')).toBeLessThan(said.indexOf('ip prefix-list P seq 5 deny any'));
    expect(patch.proof).toMatchObject({ forward: true, rollback: true });
  });
});

describe('what a plan costs', () => {
  const live = `router bgp 65001
 neighbor EDGE peer-group
 neighbor EDGE remote-as 65010
 neighbor 192.0.2.1 peer-group EDGE
 neighbor 192.0.2.2 remote-as 65001
 neighbor 192.0.2.3 remote-as 65003
exit
`;
  const changed = (line: string): Patch => plan(live, live.replace('exit\n', ` ${line}\nexit\n`));

  it.each<{ line: string; resets: string[] }>([
    { line: 'neighbor 192.0.2.3 description still there', resets: [] },
    { line: 'neighbor 192.0.2.3 password <secret:hmac-00000000000000000000000000000000>', resets: ['192.0.2.3'] },
    { line: 'neighbor EDGE ttl-security hops 1', resets: ['192.0.2.1'] },
    { line: 'bgp cluster-id 192.0.2.9', resets: ['192.0.2.2'] },
    { line: 'bgp confederation identifier 65100', resets: ['192.0.2.1', '192.0.2.3'] },
    { line: 'bgp router-id 192.0.2.9', resets: ['192.0.2.1', '192.0.2.2', '192.0.2.3'] },
    { line: 'neighbor 192.0.2.4 remote-as 65004', resets: [] },
    { line: 'bgp bestpath compare-routerid', resets: [] },
  ])('resets $resets for "$line"', ({ line, resets }) => {
    expect(changed(line).resets.map((reset) => reset.neighbor)).toEqual(resets);
  });

  it('says that timers wait for the next session', () => {
    expect(changed('neighbor 192.0.2.3 timers 3 9').deferred).toEqual([
      { text: 'neighbor 192.0.2.3 timers 3 9', until: 'the session with 192.0.2.3 is reset' },
    ]);
  });

  it('declares that a neighbor leaves its group only by being built again', () => {
    const patch = plan(live, live.replace('192.0.2.1 peer-group EDGE', '192.0.2.1 remote-as 65010'));
    expect(patch.commands.map(({ text }) => text)).toEqual(['no neighbor 192.0.2.1 peer-group EDGE', 'neighbor 192.0.2.1 remote-as 65010']);
    expect(patch.gaps).toHaveLength(1);
    expect(patch.resets.map((reset) => reset.neighbor)).toEqual(['192.0.2.1']);
  });

  it('removes the instance only when its AS number changes, and declares it', () => {
    const patch = plan(live, live.replace('bgp 65001', 'bgp 65002'));
    expect(lines(patch)[0]).toBe('no router bgp 65001');
    expect(patch.gaps.map((gap) => gap.what)).toEqual(['router bgp']);
    expect(patch.resets).toHaveLength(3);
  });

  it('removes a neighbor with one command, in all its families', () => {
    const before = neighbor('OLD');
    expect(lines(plan(before, 'router bgp 65001\nexit\n'))).toEqual(['router bgp 65001', ' no neighbor 192.0.2.1 remote-as 65002', 'exit']);
  });
});

describe('what is Git’s', () => {
  const live = `hostname edge1
log syslog informational
ip route 198.51.100.0/24 192.0.2.9
${neighbor('IN').replace('exit-address-family\nexit', 'exit-address-family\n neighbor 192.0.2.66 remote-as 65066\nexit')}route-map IN permit 10
exit
route-map IN permit 20
exit
`;

  it('puts right what is inside its objects and leaves everything else', () => {
    const patch = plan(live, `${neighbor('IN')}route-map IN permit 10\nexit\n`, { scope: 'owned' });
    expect(lines(patch)).toEqual(['no route-map IN permit 20']);
  });

  it('removes what Git owned before and no longer wants', () => {
    const previouslyOwned = new Set(['ip route 198.51.100.0/24 192.0.2.9']);
    const patch = plan(live, `${neighbor('IN')}route-map IN permit 10\nexit\nroute-map IN permit 20\nexit\n`, {
      scope: 'owned',
      previouslyOwned,
    });
    expect(lines(patch)).toEqual(['no ip route 198.51.100.0/24 192.0.2.9']);
  });

  it('removes a foreign neighbor only where the section is Exact', () => {
    const intended = `${neighbor('IN')}route-map IN permit 10\nexit\nroute-map IN permit 20\nexit\n`;
    expect(plan(live, intended, { scope: 'owned' }).commands).toEqual([]);
    expect(lines(plan(live, intended, { scope: 'owned', exactContainers: new Set(['router bgp']) }))).toEqual([
      'router bgp 65001',
      ' no neighbor 192.0.2.66 remote-as 65066',
      'exit',
    ]);
  });

  it('takes no offence at a file that another version wrote', () => {
    expect(plan('frr version 8.4.4\n', 'frr version 9.1\n').commands).toEqual([]);
  });

  it('keeps the name and the nature of the router when the text is the whole configuration', () => {
    const patch = plan(
      'frr version 8.4.4\nfrr defaults traditional\nhostname edge1\nno ipv6 forwarding\ninterface eth0\n description x\nexit\n',
      '',
    );
    expect(lines(patch)).toEqual(['interface eth0', ' no description', 'exit']);
  });
});

describe('simulation', () => {
  const at = (text: string, ...commands: [string[], string][]): string[] =>
    listItems(
      simulate(
        parse(text, frr),
        commands.map(([path, said]) => ({ path, text: said })),
        frr,
      ),
      frr,
    ).map((item) => item.text);

  it('replaces a list entry at its number, and deletes whatever stands there', () => {
    const list = 'ip prefix-list P seq 5 permit 198.51.100.0/24\n';
    expect(at(list, [[], 'ip prefix-list P seq 5 permit 203.0.113.0/24'])).toEqual(['ip prefix-list P seq 5 permit 203.0.113.0/24']);
    expect(at(list, [[], 'no ip prefix-list P seq 5 permit 192.0.2.0/24'])).toEqual([]);
    expect(at(list, [[], 'ip prefix-list P seq 10 permit 198.51.100.0/24'])).toHaveLength(1);
  });

  it('removes a neighbor from every family', () => {
    expect(at(neighbor('IN'), [['router bgp 65001'], 'no neighbor 192.0.2.1'])).toEqual(['router bgp 65001']);
  });

  it('refuses a second AS number, and every line behind it', () => {
    expect(at('router bgp 65001\nexit\n', [[], 'router bgp 65009'], [['router bgp 65009'], 'bgp router-id 192.0.2.1'])).toEqual([
      'router bgp 65001',
    ]);
  });

  it('refuses lines of a neighbor that is not there', () => {
    expect(at('router bgp 65001\nexit\n', [['router bgp 65001'], 'neighbor 192.0.2.1 description nobody'])).toEqual(['router bgp 65001']);
  });
});
