import { describe, expect, test } from 'vitest';
import { stateOf } from '../../test/builders/state.ts';
import type { DhcpServerIntent } from '../api/index.ts';
import { areInputsSame, compileDevice, digestIntent } from './index.ts';

const device = (name: string, dhcp: string, more = ''): string => `---
kind: Device
name: ${name}
spec:
  platform: kea
  management: {address: 192.0.2.1, api: {agentPort: 8000}}
  credentials: {observe: {name: observe}}
  dhcp: ${dhcp}
  ${more}
`;
const pair = (role: string, peer: string, n: number): string =>
  `{ipv4: {highAvailability: {mode: HotStandby, role: ${role}, peer: ${peer}, url: 'http://192.0.2.${n}:8001', passwordRef: {name: ha, key: k${n}}}}}`;
const subnet = (name: string, spec: string): string => `---
kind: DHCPSubnet
name: ${name}
spec: {servedBy: [a], family: IPv4, ${spec}}
`;
const profile = (dhcp: string): string => `---
kind: DeviceProfile
name: p
spec: {platform: kea, dhcp: ${dhcp}}
`;

function compile(yaml: string, name = 'a') {
  const { intent, problems } = compileDevice(stateOf(yaml), name);
  return { intent, problems: problems.map(({ message }) => message) };
}

function serverOf(yaml: string, family = 'ipv4'): DhcpServerIntent {
  const { intent, problems } = compile(yaml);
  expect(problems).toEqual([]);
  const server = intent?.dhcp?.servers.find((each) => each.family === family);
  if (!server) throw new Error(`no server for ${family}`);
  return server;
}

test('a router has no DHCP server, and a server has its families alone', () => {
  expect(compile(device('a', '{ipv6: {}}')).intent?.dhcp?.servers.map(({ family }) => family)).toEqual(['ipv6']);
  expect(compile(device('a', '{ipv4: {}, ipv6: {}}')).intent?.dhcp?.servers.map(({ family }) => family)).toEqual(['ipv4', 'ipv6']);
});

test('subnets are those that name the server, by id, those of a shared network together', () => {
  const { subnets, sharedNetworks } = serverOf(
    device('a', '{ipv4: {}, ipv6: {}}') +
      subnet('z', 'id: 2, prefix: 198.51.100.0/25') +
      subnet('y', 'id: 10, prefix: 198.51.100.128/25') +
      subnet('x', 'id: 4, prefix: 203.0.113.0/25, sharedNetwork: n') +
      subnet('w', 'id: 3, prefix: 203.0.113.128/25, sharedNetwork: n') +
      subnet('v6', "id: 1, prefix: '2001:db8::/64'").replace('IPv4', 'IPv6') +
      subnet('other', 'id: 5, prefix: 192.0.2.0/24').replace('[a]', '[b]'),
  );
  expect(subnets.map(({ name, id }) => `${name} ${id}`)).toEqual(['z 2', 'y 10']);
  expect(sharedNetworks.map((each) => [each.sharedNetwork, ...each.subnets.map(({ id }) => id)])).toEqual([['n', 3, 4]]);
});

describe('options', () => {
  const sets = `{optionSets: [
    {name: s, family: IPv4, options: [{name: domain-name, data: set.example.net}, {name: time-offset, data: '1'}]},
    {name: t, family: IPv4, options: [{name: time-offset, data: '2'}, {name: own, data: x}]}],
    optionDefinitions: [{name: own, family: IPv4, code: 224, type: string}]}`;

  test('of its own win over those of sets, the first set over the next, each by its code', () => {
    const [first] = serverOf(
      profile(sets) +
        device('a', '{ipv4: {}}', 'profile: p') +
        subnet('x', 'id: 1, prefix: 192.0.2.0/24, options: [{code: 15, data: own.example.net}], optionSets: [s, t]'),
    ).subnets;
    expect(first?.options.map(({ option, code, data }) => `${code} ${option} ${data}`)).toEqual([
      '2 time-offset 1',
      '15 domain-name own.example.net',
      '224 own x',
    ]);
  });

  test('that nobody knows leave no intent: half of one would take the rest away', () => {
    const { intent, problems } = compile(device('a', '{ipv4: {}}') + subnet('x', 'id: 1, prefix: 192.0.2.0/24, optionSets: [s]'));
    expect(intent).toBeUndefined();
    expect(problems).toEqual(['a: DHCPSubnet/x cannot be compiled, its profile has no option set s']);
  });
});

test('a pair is told of both, the primary first, each with its own URL and password', () => {
  const yaml = device('b', pair('Standby', 'a', 2)) + device('a', pair('Primary', 'b', 1));
  for (const name of ['a', 'b']) {
    const { intent } = compile(yaml, name);
    const server = intent?.dhcp?.servers[0];
    expect(server?.hooks).toEqual(['libdhcp_lease_cmds.so']);
    expect(server?.highAvailability?.thisServer).toBe(name);
    expect(server?.highAvailability?.peers.map(({ peer, url, role, password }) => [peer, url, role, password?.secret.key])).toEqual([
      ['a', 'http://192.0.2.1:8001/', 'Primary', 'k1'],
      ['b', 'http://192.0.2.2:8001/', 'Standby', 'k2'],
    ]);
    expect(intent?.secrets).toEqual([
      { ref: { name: 'ha', key: 'k1' }, purpose: 'dhcp-ha' },
      { ref: { name: 'ha', key: 'k2' }, purpose: 'dhcp-ha' },
    ]);
  }
});

test('a peer that is no server of a pair leaves no intent', () => {
  expect(compile(device('a', pair('Primary', 'b', 1)) + device('b', '{ipv4: {}}')).problems).toEqual([
    'a: Device/a cannot be compiled, its peer b has no highAvailability in spec.dhcp.ipv4',
  ]);
});

describe('boot files by class', () => {
  const classes = profile(
    '{clientClasses: [{name: u, family: IPv4, architectures: [x64-uefi, ebc-uefi], ipxe: false}, {name: v, family: IPv6}]}',
  );

  test('are classes that only the subnet tries, behind those it names', () => {
    const server = serverOf(
      classes +
        device('a', '{ipv4: {}}', 'profile: p') +
        subnet('x', 'id: 7, prefix: 192.0.2.0/24, additionalClasses: [u], bootByClass: [{clientClass: u, bootFile: f}]'),
    );
    expect(server.clientClasses.map(({ clientClass, test: says, additional }) => [clientClass, says, additional])).toEqual([
      ['u', "(option[93].hex == 0x0007 or option[93].hex == 0x0009) and not (option[77].hex == 'iPXE')", false],
      ['boot-7-u', "member('u')", true],
    ]);
    expect(server.subnets[0]?.additionalClasses).toEqual(['u', 'boot-7-u']);
  });

  test('of IPv6 leave what is for all others to a class as well: an option of the subnet would come first', () => {
    const server = serverOf(
      classes +
        device('a', '{ipv6: {}}', 'profile: p') +
        subnet(
          'x',
          "id: 7, prefix: '2001:db8::/64', bootFile: 'http://x/all', bootByClass: [{clientClass: v, bootFile: 'http://x/v'}]",
        ).replace('IPv4', 'IPv6'),
      'ipv6',
    );
    expect(server.subnets[0]?.options).toEqual([]);
    expect(server.clientClasses.slice(1).map(({ clientClass, test: says, options }) => [clientClass, says, options[0]?.data])).toEqual([
      ['boot-7-v', "member('v')", 'http://x/v'],
      ['boot-7-other', "not (member('v'))", 'http://x/all'],
    ]);
  });
});

test('neither the order of files nor the place in them changes the intent, a subnet does', () => {
  const parts = [device('a', '{ipv4: {}}'), subnet('x', 'id: 1, prefix: 192.0.2.0/25'), subnet('y', 'id: 2, prefix: 192.0.2.128/25')];
  const digestOf = (yaml: string): string => {
    const { intent } = compile(yaml);
    return intent ? digestIntent(intent) : '';
  };
  const digest = digestOf(parts.join(''));
  expect(digestOf(parts.toReversed().join('\n'))).toBe(digest);
  expect(digestOf(parts.join('').replace('id: 2', 'id: 3'))).not.toBe(digest);
});

test('a subnet that comes, goes or changes is an input of its servers, and of no other device', () => {
  const servers = device('a', '{ipv4: {}}') + device('b', '{ipv4: {}}');
  const state = stateOf(servers + subnet('x', 'id: 1, prefix: 192.0.2.0/25'));
  const [a, b] = ['a', 'b'].map((name) => compileDevice(state, name).inputs);
  const without = { ...state, objects: { ...state.objects, DHCPSubnet: new Map() } };
  expect([a && areInputsSame(a, state), b && areInputsSame(b, state)]).toEqual([true, true]);
  expect([a && areInputsSame(a, without), b && areInputsSame(b, without)]).toEqual([false, true]);
});
