/**
 * Three real FRR routers: one sends routes with all their attributes, one has the policies, one takes what it sends. A session for each
 * policy in each direction, so that one start tries hundreds of policies on all routes.
 */
import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import type { CheckedState } from '../../controller/api/index.ts';
import { prepareDevices } from '../../controller/pipeline/index.ts';
import { stateOf } from '../builders/state.ts';
import { type Lab, startLab } from '../engine/frr-lab.ts';
import { nextHops4, nextHops6, type RandomRoute, type RandomWorld } from './random-policies.ts';

const own = 64_500;
const sender = 64_510;
const taker = 64_520;

/** A path as a router shows it. */
export interface ShownPath {
  prefix: string;
  /** Address of the neighbor that it came from. */
  peer: string;
  asPath: string;
  origin: string;
  med: number | undefined;
  localPreference: number | undefined;
  weight: number;
  nextHop: string;
  communities: readonly string[];
  largeCommunities: readonly string[];
  extendedCommunities: readonly string[];
}

export interface Seen {
  state: CheckedState;
  /** What the router with the policies has, by prefix and neighbor: after its import policies. */
  imported: ReadonlyMap<string, ShownPath>;
  /** What it sent, by prefix and the address that it used towards the session. */
  exported: ReadonlyMap<string, ShownPath>;
}

export interface PolicyLab {
  show(world: RandomWorld): Promise<Seen>;
  stop(): Promise<void>;
}

/** Address of the sender or taker on the session of a policy, and that of the router with the policies. Session 0 takes everything. */
export const addressOf = {
  sender: (index: number) => host('10.11.1.0', index),
  towardsSender: (index: number) => host('10.11.128.0', index),
  taker: (index: number) => host('10.12.1.0', index),
  towardsTaker: (index: number) => host('10.12.128.0', index),
};

function host(base: string, index: number): string {
  const [a = 0, b = 0, c = 0] = base.split('.').map(Number);
  return `${a}.${b}.${c + (index >> 7)}.${(index & 127) + 1}`;
}

export async function startPolicyLab(sessions: number): Promise<PolicyLab> {
  const labs: Lab[] = [];
  const stop = async (): Promise<void> => {
    for (const lab of labs) await lab.stop();
  };
  try {
    for (const tag of ['mid', 'send', 'take']) labs.push(await startLab(tag, ['zebra', 'bgpd']));
    const [mid, send, take] = labs as [Lab, Lab, Lab];
    connect(mid, 'to-send', send, 4, sessions, [addressOf.towardsSender, addressOf.sender]);
    connect(mid, 'to-take', take, 6, sessions, [addressOf.towardsTaker, addressOf.taker]);
    for (const network of ['10.9.0.0/24', '2001:db8:9::/64']) ip(mid, 'route', 'add', network, 'dev', 'to-send');
    return { show: (world) => show({ mid, send, take }, world), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function ip(lab: Lab, ...words: string[]): void {
  execFileSync('ip', ['-n', lab.name, ...words]);
}

function connect(
  mid: Lab,
  link: string,
  other: Lab,
  six: number,
  sessions: number,
  [near, far]: [(i: number) => string, (i: number) => string],
): void {
  execFileSync('ip', ['link', 'add', link, 'netns', mid.name, 'type', 'veth', 'peer', 'name', 'to-mid', 'netns', other.name]);
  for (const [lab, device, addressAt, last] of [
    [mid, link, near, 1],
    [other, 'to-mid', far, 2],
  ] as const) {
    const lines = Array.from({ length: sessions }, (_, i) => `addr add ${addressAt(i)}/16 dev ${device}`);
    lines.push(`addr add 2001:db8:ff:${six}::${last}/64 dev ${device} nodad`, `link set ${device} up`);
    execFileSync('ip', ['-n', lab.name, '-batch', '-'], { input: `${lines.join('\n')}\n` });
  }
}

/** The network of a world: one device, a session for each policy on import and one on export. */
function stateOfWorld({ documents, policies }: RandomWorld): CheckedState {
  const both = ['ipv4-unicast', 'ipv6-unicast'] as const;
  const options = (use: object): object => Object.fromEntries(both.map((family) => [family, use]));
  const session = (name: string, address: string, external: object, use: object): object => ({
    kind: 'BGPSession',
    name,
    spec: {
      type: 'External',
      relationship: 'Peer',
      families: both,
      ttl: { multihop: 2 },
      timers: { keepaliveSeconds: 60, holdSeconds: 180, connectRetrySeconds: 1 },
      ends: [{ device: 'mid', address, families: options(use) }, { external }],
    },
  });
  const numbers = [...policies.keys()];
  const device = {
    kind: 'Device',
    name: 'mid',
    spec: {
      platform: 'frr',
      management: { address: '10.255.0.1', hostKeys: [`SHA256:${'A'.repeat(43)}`] },
      credentials: { observe: { name: 'o' } },
      interfaces: [
        { name: 'to-send', addresses: [0, ...numbers.map((i) => i + 1)].map((i) => `${addressOf.towardsSender(i)}/16`) },
        { name: 'to-take', addresses: numbers.map((i) => `${addressOf.towardsTaker(i)}/16`) },
      ],
      bgp: { asn: own, routerId: '10.0.0.1' },
    },
  };
  const everything = {
    kind: 'RoutePolicy',
    name: 'everything',
    spec: { default: 'Permit', terms: [{ name: 'best', action: 'Permit', set: { weight: 65_535 } }] },
  };
  const nothing = { kind: 'RoutePolicy', name: 'nothing', spec: { default: 'Deny' } };
  const all = [
    ...documents,
    everything,
    nothing,
    device,
    session(
      'best',
      addressOf.towardsSender(0),
      { name: 'best', asn: sender, address: addressOf.sender(0) },
      { import: 'everything', export: 'nothing' },
    ),
    ...policies.flatMap((policy, i) => [
      session(
        `in-${i}`,
        addressOf.towardsSender(i + 1),
        { name: `in-${i}`, asn: sender, address: addressOf.sender(i + 1) },
        { import: policy, export: 'nothing' },
      ),
      session(
        `out-${i}`,
        addressOf.towardsTaker(i),
        { name: `out-${i}`, asn: taker, address: addressOf.taker(i) },
        { import: 'nothing', export: policy },
      ),
    ]),
  ];
  return stateOf(all.map((each) => JSON.stringify(each)).join('\n---\n'));
}

async function show({ mid, send, take }: { mid: Lab; send: Lab; take: Lab }, world: RandomWorld): Promise<Seen> {
  const state = stateOfWorld(world);
  const { devices } = await prepareDevices(state, ['mid'], undefined);
  const [device] = devices;
  if (!device?.ready) throw new Error(`the world does not compile: ${device?.problems.map((each) => each.message).join('; ')}`);
  const text = device.ready.rendered.text.replaceAll(/^\s*! plumbline.*\n/gm, '');
  const [whole = ''] = /^router bgp[^]*?^exit$/m.exec(text) ?? [];
  const count = world.policies.length;

  await Promise.all([mid.boot(text.replace(whole, '')), send.boot(sending(world.routes, count + 1)), take.boot(taking(count))]);
  // Updates wait for others to come, longer the more neighbors there are: not here.
  const said = await mid.apply(whole.replace(/^exit$/m, ' coalesce-time 0\nexit'));
  if (said !== '') throw new Error(`FRR refuses what was rendered: ${said}`);
  await settled(mid, 2 * count + 1);
  const both = ['ipv4', 'ipv6'];
  const read = async (lab: Lab): Promise<ReadonlyMap<string, ShownPath>> =>
    new Map(
      (await Promise.all(both.map(async (family) => pathsOf(await lab.vtysh(`show bgp ${family} unicast json detail`)))))
        .flat()
        .map((path) => [`${path.prefix} ${path.peer}`, path]),
    );
  return { state, imported: await read(mid), exported: await read(take) };
}

/** Every session is up, the best one has given routes, and nothing has moved between looks. */
async function settled(mid: Lab, sessions: number): Promise<void> {
  const end = performance.now() + 240_000;
  let last = '';
  // On a busy machine a router that has taken all may pause for a second before it sends.
  for (let still = 0; still < 8; ) {
    if (performance.now() > end) throw new Error(`the sessions did not settle: ${last.slice(0, 2000)}`);
    await delay(300);
    const said = await mid.vtysh('show bgp summary json');
    const peers = [...said.matchAll(/"state":"(\w+)"/g)].map(([, state]) => state);
    const counts = [...said.matchAll(/"(?:msgSent|pfxRcd|pfxSnt|outq|tableVersion)":\d+/g)].join();
    const isUp = peers.length === 2 * sessions && peers.every((each) => each === 'Established');
    const received = [...said.matchAll(new RegExp(`"${addressOf.sender(0)}":\\{[^}]*"pfxRcd":(\\d+)`, 'g'))].reduce(
      (sum, [, each]) => sum + Number(each),
      0,
    );
    still = isUp && received > 0 && counts === last ? still + 1 : 0;
    last = counts;
  }
}

function sending(routes: readonly RandomRoute[], sessions: number): string {
  const word = (family: string): string => (family === 'ipv4' ? 'ip' : 'ipv6');
  const lines: string[] = [];
  routes.forEach((route, i) => {
    lines.push(`route-map A${i} permit 10`, ` set origin ${route.origin}`);
    if (route.med !== undefined) lines.push(` set metric ${route.med}`);
    if (route.path.length > 0) lines.push(` set as-path prepend ${route.path.join(' ')}`);
    if (route.communities.length > 0) lines.push(` set community ${route.communities.join(' ')}`);
    if (route.largeCommunities.length > 0) lines.push(` set large-community ${route.largeCommunities.join(' ')}`);
    for (const kind of ['rt', 'soo']) {
      const some = route.extendedCommunities.filter((each) => each.startsWith(`${kind}:`)).map((each) => each.slice(kind.length + 1));
      if (some.length > 0) lines.push(` set extcommunity ${kind} ${some.join(' ')}`);
    }
    lines.push('exit');
  });
  for (const [family, hops] of [
    ['ipv4', nextHops4],
    ['ipv6', nextHops6],
  ] as const) {
    hops.forEach((hop, i) => {
      const some = routes.filter(({ nextHop }) => nextHop === hop);
      for (const { prefix } of some) lines.push(`${word(family)} prefix-list H${i} permit ${prefix}`);
      lines.push(
        `route-map HOP permit ${family === 'ipv4' ? 10 + i : 20 + i}`,
        ` match ${word(family)} address prefix-list H${i}`,
        family === 'ipv4' ? ` set ip next-hop ${hop}` : ` set ipv6 next-hop global ${hop}`,
        'exit',
      );
    });
  }
  const neighbors = Array.from({ length: sessions }, (_, i) => ({ to: addressOf.towardsSender(i), from: addressOf.sender(i) }));
  return `${[...lines, ...speaker(sender, neighbors, 'HOP', routes)].join('\n')}\n`;
}

function taking(sessions: number): string {
  const neighbors = Array.from({ length: sessions }, (_, i) => ({ to: addressOf.towardsTaker(i), from: addressOf.taker(i) }));
  return `${speaker(taker, neighbors, undefined, []).join('\n')}\n`;
}

function speaker(
  asn: number,
  neighbors: readonly { to: string; from: string }[],
  out: string | undefined,
  routes: readonly RandomRoute[],
): string[] {
  return [
    `router bgp ${asn}`,
    ` bgp router-id 10.0.${asn - own}.1`,
    ' coalesce-time 0',
    ' no bgp ebgp-requires-policy',
    ' no bgp default ipv4-unicast',
    ' no bgp network import-check',
    ...neighbors.flatMap(({ to, from }) => [
      ` neighbor ${to} remote-as ${own}`,
      ` neighbor ${to} ebgp-multihop 2`,
      ` neighbor ${to} update-source ${from}`,
      ` neighbor ${to} timers connect 1`,
    ]),
    ...(['ipv4', 'ipv6'] as const).flatMap((family) => [
      ` address-family ${family} unicast`,
      ...routes.flatMap(({ prefix }, i) => (prefix.includes(':') === (family === 'ipv6') ? [`  network ${prefix} route-map A${i}`] : [])),
      ...neighbors.flatMap(({ to }) => [
        `  neighbor ${to} activate`,
        ...(out === undefined ? [] : [`  neighbor ${to} route-map ${out} out`]),
      ]),
      ' exit-address-family',
    ]),
    'exit',
  ];
}

interface FrrPath {
  prefix?: string;
  aspath?: { string: string };
  origin?: string;
  metric?: number;
  locPrf?: number;
  weight?: number;
  nexthops?: { ip: string; scope?: string; afi: string }[];
  peer?: { peerId: string };
  community?: { list?: string[]; string: string };
  largeCommunity?: { string: string };
  extendedCommunity?: { string: string };
}

function pathsOf(json: string): ShownPath[] {
  const { routes } = JSON.parse(json) as { routes: Record<string, FrrPath[]> };
  return Object.entries(routes).flatMap(([prefix, paths]) =>
    paths.flatMap((path) => {
      if (!path.aspath || !path.peer) return [];
      const words = (text: string | undefined): string[] => (text === undefined || text === '' ? [] : text.split(' ').toSorted());
      return [
        {
          prefix,
          peer: path.peer.peerId,
          asPath: path.aspath.string === 'Local' ? '' : path.aspath.string,
          origin: path.origin ?? '',
          med: path.metric,
          localPreference: path.locPrf,
          weight: path.weight ?? 0,
          nextHop: path.nexthops?.find(({ scope }) => scope !== 'link-local')?.ip ?? '',
          communities: words(path.community?.string),
          largeCommunities: words(path.largeCommunity?.string),
          extendedCommunities: words(path.extendedCommunity?.string?.replaceAll('RT:', 'rt:').replaceAll('SoO:', 'soo:')),
        },
      ];
    }),
  );
}
