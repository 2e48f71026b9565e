import type { DesiredObject, DhcpLifetimes, ValuePath } from '../../api/index.ts';
import { containsAddress, parseAddress, parsePrefix, type PlumblineError } from '../../lib/index.ts';
import { formatPath } from '../words.ts';
import { errors } from './dhcp-errors.ts';
import { type DhcpView, familyOf, type ServerOf } from './dhcp-view.ts';
import { errors as commonErrors } from './errors.ts';
import { type CheckInput, nameOf, placeOf } from './input.ts';

type Subnet = DesiredObject<'DHCPSubnet'>;

/** Who serves a subnet, who is a pair, and how long leases last there. */
export function checkServers(view: DhcpView, { objects }: CheckInput): PlumblineError[] {
  const problems: PlumblineError[] = [];
  for (const server of view.servers) {
    checkPair(view, server, problems);
    checkProbe(view, server, problems);
    const { lifetimes } = server.server;
    if (lifetimes)
      checkLifetimes({ object: server.device, path: ['spec', 'dhcp', server.family, 'lifetimes'], written: lifetimes }, problems);
  }
  for (const subnet of objects.DHCPSubnet.values()) {
    checkServedBy(view, subnet, objects, problems);
    const { lifetimes } = subnet.spec;
    if (!lifetimes) continue;
    for (const { server, device } of view.serversOf(subnet)) {
      const inherited = server.lifetimes ?? {};
      checkLifetimes(
        { object: subnet, path: ['spec', 'lifetimes'], written: lifetimes, inherited, device: device.metadata.name },
        problems,
      );
    }
  }
  for (const profile of objects.DeviceProfile.values()) {
    for (const [i, { lifetimes }] of (profile.spec.dhcp?.clientClasses ?? []).entries()) {
      if (lifetimes)
        checkLifetimes({ object: profile, path: ['spec', 'dhcp', 'clientClasses', i, 'lifetimes'], written: lifetimes }, problems);
    }
  }
  return problems;
}

function checkServedBy(view: DhcpView, subnet: Subnet, objects: CheckInput['objects'], problems: PlumblineError[]): void {
  const { servedBy, family } = subnet.spec;
  const object = nameOf(subnet);
  for (const [i, device] of servedBy.entries()) {
    const path: ValuePath = ['spec', 'servedBy', i];
    const at = subnet.locate(path);
    const first = servedBy.indexOf(device);
    if (first < i) {
      const where = placeOf({ object: subnet, path: ['spec', 'servedBy', first] });
      problems.push(commonErrors.DuplicateEntry({ object, what: `the server ${device}`, where }, { at }));
      continue;
    }
    const found = objects.Device.get(device);
    if (!found || view.serverOf(device, familyOf(subnet))) continue;
    const isKea = found.spec.platform === 'kea';
    const facts = {
      object,
      path: formatPath(path),
      device,
      why: isKea ? `serves no ${family}` : `is of platform ${found.spec.platform}`,
      instead: isKea
        ? `Write ${familyOf(subnet)} in spec.dhcp of Device ${device}, or name another server.`
        : 'Name a Device of platform kea; a router that relays stands in relays.',
    };
    problems.push(errors.NoDHCPServer(facts, { at }));
  }
  const count = new Set(servedBy).size;
  if (count > 2) problems.push(errors.TooManyServers({ object, count }, { at: subnet.locate(['spec', 'servedBy', 2]) }));
  const [first, second] = view.serversOf(subnet);
  if (first && second && count === 2) {
    const why = whyNoPair(first, second);
    if (why === undefined) return;
    const facts = { object, first: first.device.metadata.name, second: second.device.metadata.name, family, why };
    problems.push(errors.ServersAreNoPair(facts, { at: subnet.locate(['spec', 'servedBy']) }));
  } else if (first && count === 1) {
    const peer = first.server.highAvailability?.peer;
    if (peer === undefined) return;
    const facts = { object, device: first.device.metadata.name, peer };
    problems.push(errors.HalfOfAPair(facts, { at: subnet.locate(['spec', 'servedBy']) }));
  }
}

function whyNoPair(first: ServerOf, second: ServerOf): string | undefined {
  for (const [one, other] of [
    [first, second],
    [second, first],
  ] as const) {
    const pair = one.server.highAvailability;
    const [name, otherName] = [one.device.metadata.name, other.device.metadata.name];
    if (!pair) return `${name} has no highAvailability`;
    if (pair.peer !== otherName) return `the peer of ${name} is ${pair.peer}, not ${otherName}`;
  }
  return undefined;
}

/** What the two of a pair say of each other. What both would be told is told of the later one. */
function checkPair(view: DhcpView, { device, server, family }: ServerOf, problems: PlumblineError[]): void {
  const pair = server.highAvailability;
  if (!pair) return;
  const name = device.metadata.name;
  const report = (field: string, why: string, instead: string): void => {
    const path: ValuePath = ['spec', 'dhcp', family, 'highAvailability', field];
    problems.push(errors.PairDisagrees({ object: nameOf(device), path: formatPath(path), why, instead }, { at: device.locate(path) }));
  };
  if (pair.mode === 'HotStandby' ? pair.role === 'Secondary' : pair.role === 'Standby') {
    const other = pair.mode === 'HotStandby' ? 'Standby' : 'Secondary';
    report('role', `is ${pair.role}, which ${pair.mode} does not know`, `Write Primary on one device and ${other} on the other.`);
  }
  if (pair.peer === name) return report('peer', 'names the device itself', 'Name the other device.');
  const peer = view.serverOf(pair.peer, family);
  if (!peer) return;
  const said = peer.server.highAvailability;
  if (!said)
    return report(
      'peer',
      `names ${pair.peer}, which has no highAvailability in ${family}`,
      `Write highAvailability with peer: ${name} there.`,
    );
  if (said.peer !== name) {
    report('peer', `names ${pair.peer}, whose peer is ${said.peer}`, `Write peer: ${name} there, or name another device here.`);
    return;
  }
  if (name < pair.peer) return;
  const there = placeOf({ object: peer.device, path: ['spec', 'dhcp', family, 'highAvailability'] });
  if (said.mode !== pair.mode)
    return report('mode', `is ${pair.mode}, and ${said.mode} on ${pair.peer}, at ${there}`, 'Write the same mode on both.');
  if ((said.role === 'Primary') === (pair.role === 'Primary')) {
    const why = said.role === 'Primary' ? 'both are Primary' : 'neither is Primary';
    report('role', `is ${pair.role}, as on ${pair.peer}, at ${there}: ${why}`, 'Write Primary on exactly one of the two.');
  }
  if (said.url.replace(/\/$/, '') === pair.url.replace(/\/$/, ''))
    report('url', `is ${pair.url}, as on ${pair.peer}, at ${there}`, 'Write on each device its own URL.');
}

/** Who answers a probe only answers for a subnet that it knows by the address of the relay. */
function checkProbe(view: DhcpView, of: ServerOf, problems: PlumblineError[]): void {
  const { device, server, family } = of;
  if (!server.probe) return;
  const base: ValuePath = ['spec', 'dhcp', family, 'probe'];
  const report = (field: 'from' | 'to', why: string, instead: string): void => {
    const path = [...base, field];
    const facts = { object: nameOf(device), path: formatPath(path), value: server.probe?.[field] ?? '', why, instead };
    problems.push(errors.ProbeUnanswered(facts, { at: device.locate(path) }));
  };
  const version = family === 'ipv4' ? 4 : 6;
  for (const field of ['from', 'to'] as const) {
    if (parseAddress(server.probe[field])?.version !== version)
      return report(field, `is no IPv${version} address`, `Write an IPv${version} address.`);
  }
  if (server.probe.from === server.probe.to)
    return report('from', 'is also the address that is asked', 'Write an address of the machine that runs Plumbline.');
  const from = parseAddress(server.probe.from);
  const isKnown = (view.subnetsOf.get(of) ?? []).some(({ spec }) => {
    const prefix = parsePrefix(spec.prefix);
    return spec.relays.includes(server.probe?.from ?? '') || (prefix && from && containsAddress(prefix, from));
  });
  if (!isKnown)
    report(
      'from',
      `is in no subnet of ${device.metadata.name}, and no relay of one`,
      `Write an address in the prefix of a subnet that ${device.metadata.name} serves, or add it to the relays of one.`,
    );
}

interface Scope {
  object: DesiredObject;
  path: ValuePath;
  written: DhcpLifetimes;
  inherited?: DhcpLifetimes;
  device?: string;
}

/** What must not be more than what. */
const orders: readonly (readonly [small: keyof DhcpLifetimes, large: keyof DhcpLifetimes])[] = [
  ['minValidSeconds', 'validSeconds'],
  ['validSeconds', 'maxValidSeconds'],
  ['minPreferredSeconds', 'preferredSeconds'],
  ['preferredSeconds', 'maxPreferredSeconds'],
  ['preferredSeconds', 'validSeconds'],
  ['renewSeconds', 'rebindSeconds'],
  ['rebindSeconds', 'validSeconds'],
];

/** Kea compares what is written with what is inherited; what nobody writes it takes from its own defaults. */
const defaults: DhcpLifetimes = { validSeconds: 7200, preferredSeconds: 3600 };

function checkLifetimes({ object, path, written, inherited = {}, device }: Scope, problems: PlumblineError[]): void {
  for (const [small, large] of orders) {
    if (written[small] === undefined && written[large] === undefined) continue;
    const isDefault = (key: keyof DhcpLifetimes): boolean => written[key] === undefined && inherited[key] === undefined;
    // A default gives way to a default; only the lifetimes of addresses are held to their bounds.
    if ((isDefault(small) || isDefault(large)) && !/^(min|max)Valid/.test(`${small}${large}`.replace(/^validSeconds/, ''))) continue;
    const [low, high] = [small, large].map((key) => written[key] ?? inherited[key] ?? defaults[key]);
    if (low === undefined || high === undefined || low <= high) continue;
    const blamed = written[large] === undefined ? small : large;
    const show = (key: keyof DhcpLifetimes, value: number): string =>
      `${key} ${value}${written[key] !== undefined ? '' : inherited[key] === undefined ? " (Kea's default)" : ` (inherited${device === undefined ? '' : ` from ${device}`})`}`;
    const facts = {
      object: nameOf(object),
      path: formatPath([...path, blamed]),
      small: show(small, low),
      large: show(large, high),
      device: inherited[small] === undefined && inherited[large] === undefined ? undefined : device,
    };
    problems.push(errors.LifetimesDisagree(facts, { at: object.locate([...path, blamed]) }));
  }
}
