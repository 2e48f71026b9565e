import type { DesiredObject, ValuePath } from '../../api/index.ts';
import { nearest, parseAddress, parsePrefix, parseRange, type PlumblineError } from '../../lib/index.ts';
import { formatPath } from '../words.ts';
import { errors } from './dhcp-errors.ts';
import { identifierOf } from './dhcp-subnets.ts';
import type { DhcpView, ServerOf } from './dhcp-view.ts';
import { type CheckInput, nameOf, placeOf } from './input.ts';
import { findHolding, findOverlaps, sortIntervals } from './overlaps.ts';

type Subnet = DesiredObject<'DHCPSubnet'>;

/** What holds between subnets of one server: ids, prefixes, shared networks; and between a subnet and the interfaces of devices. */
export function checkAcross(view: DhcpView, { objects }: CheckInput): PlumblineError[] {
  const problems: PlumblineError[] = [];
  // Two servers of a pair find the same: it is told once.
  const told = new Set<string>();
  const once = (what: string, again: Subnet, first: Subnet): boolean => {
    const key = `${what} ${again.metadata.name} ${first.metadata.name}`;
    return !told.has(key) && told.add(key).size > 0;
  };
  for (const [server, subnets] of view.subnetsOf) {
    checkIds(server, subnets, objects.DHCPSubnet.values(), (problem, again, first) => once('id', again, first) && problems.push(problem));
    checkOverlaps(server, subnets, (problem, again, first) => once('prefix', again, first) && problems.push(problem));
    checkNetworks(subnets, (problem, again, first) => once('network', again, first) && problems.push(problem));
  }
  checkAddresses(objects, problems);
  for (const subnet of objects.DHCPSubnet.values()) {
    const servers = view.serversOf(subnet);
    const strict = servers.find(({ server }) => server.reservationLookup?.outOfPool === true);
    if (strict) checkOutOfPool(subnet, strict, problems);
    for (const server of servers) checkFlexId(subnet, server, problems);
  }
  return problems;
}

type Report = (problem: PlumblineError, again: Subnet, first: Subnet) => void;

function checkIds({ device, family }: ServerOf, subnets: readonly Subnet[], all: Iterable<Subnet>, report: Report): void {
  const firsts = new Map<number, Subnet>();
  let free: number | undefined;
  for (const again of subnets) {
    const first = firsts.get(again.spec.id);
    if (!first) {
      firsts.set(again.spec.id, again);
      continue;
    }
    free ??= [...all].reduce((highest, { spec }) => Math.max(highest, spec.id), 0) + 1;
    const path: ValuePath = ['spec', 'id'];
    const facts = {
      object: nameOf(again),
      id: again.spec.id,
      family: family === 'ipv4' ? 'IPv4' : 'IPv6',
      other: nameOf(first),
      device: device.metadata.name,
      where: placeOf({ object: first, path }),
      free,
    };
    report(errors.DuplicateSubnetId(facts, { at: again.locate(path) }), again, first);
  }
}

function checkOverlaps({ device }: ServerOf, subnets: readonly Subnet[], report: Report): void {
  const intervals = subnets.flatMap((subnet, order) => {
    const prefix = parsePrefix(subnet.spec.prefix);
    return prefix ? [{ first: prefix.first, last: prefix.last, subnet, order }] : [];
  });
  findOverlaps(intervals, (later, earlier) => {
    const [again, first] = later.order > earlier.order ? [later.subnet, earlier.subnet] : [earlier.subnet, later.subnet];
    const path: ValuePath = ['spec', 'prefix'];
    const facts = {
      object: nameOf(again),
      prefix: again.spec.prefix,
      other: nameOf(first),
      otherPrefix: first.spec.prefix,
      device: device.metadata.name,
      where: placeOf({ object: first, path }),
    };
    report(errors.SubnetsOverlap(facts, { at: again.locate(path) }), again, first);
  });
}

/** Clients of a shared network are on one link, so what leads to it is the same for all its subnets. */
function checkNetworks(subnets: readonly Subnet[], report: Report): void {
  const firsts = new Map<string, Subnet>();
  for (const again of subnets) {
    const network = again.spec.sharedNetwork;
    if (network === undefined) continue;
    const first = firsts.get(network) ?? again;
    firsts.set(network, first);
    for (const field of ['interface', 'interfaceId'] as const) {
      const [value, otherValue] = [again.spec[field], first.spec[field]];
      if (value === otherValue) continue;
      const at = again.locate(['spec', value === undefined ? 'sharedNetwork' : field]);
      const facts = {
        object: nameOf(again),
        network,
        path: `spec.${field}`,
        value: value ?? 'not set',
        other: nameOf(first),
        otherValue: otherValue ?? 'not set',
        where: placeOf({ object: first, path: ['spec', otherValue === undefined ? 'sharedNetwork' : field] }),
      };
      report(errors.NetworkDisagrees(facts, { at }), again, first);
    }
  }
}

/** Relays that no interface has, and pools that hold what an interface has. Nothing can be told where no router is described. */
function checkAddresses(objects: CheckInput['objects'], problems: PlumblineError[]): void {
  if (objects.DHCPSubnet.size === 0) return;
  const owners = new Map<string, string>();
  let hasRouters = false;
  for (const { metadata, spec } of objects.Device.values()) {
    for (const { name, addresses } of spec.interfaces) {
      hasRouters ||= spec.platform !== 'kea' && addresses.length > 0;
      for (const text of addresses) owners.set(text.slice(0, text.indexOf('/')), `the address of ${metadata.name} ${name}`);
    }
  }
  const values = [...owners].flatMap(([text, owner]) => {
    const address = parseAddress(text);
    return address ? [{ first: address.value, last: address.value, version: address.version, text, owner }] : [];
  });
  const sorted = {
    4: sortIntervals(values.filter(({ version }) => version === 4)),
    6: sortIntervals(values.filter(({ version }) => version === 6)),
  };
  for (const subnet of objects.DHCPSubnet.values()) {
    const object = nameOf(subnet);
    for (const [i, address] of subnet.spec.relays.entries()) {
      if (!hasRouters || owners.has(address)) continue;
      const path: ValuePath = ['spec', 'relays', i];
      const suggestion = nearest(
        address,
        [...owners.keys()].filter((each) => each.slice(0, 4) === address.slice(0, 4)),
      );
      problems.push(errors.UnknownRelay({ object, path: formatPath(path), address, suggestion }, { at: subnet.locate(path) }));
    }
    for (const [i, { range }] of subnet.spec.pools.entries()) {
      const pool = parseRange(range);
      const held = pool && firstWithin(sorted[pool.version], pool);
      if (!held) continue;
      const path: ValuePath = ['spec', 'pools', i, 'range'];
      const facts = { object, path: formatPath(path), value: range, address: held.text, owner: held.owner };
      problems.push(errors.PoolHoldsRouter(facts, { at: subnet.locate(path) }));
    }
  }
}

/** Of sorted single values the first in a range. */
function firstWithin<Item extends { first: bigint }>(
  sorted: readonly Item[],
  { first, last }: { first: bigint; last: bigint },
): Item | undefined {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle]?.first ?? 0n) < first) low = middle + 1;
    else high = middle;
  }
  const found = sorted[low];
  return found !== undefined && found.first <= last ? found : undefined;
}

function checkOutOfPool(subnet: Subnet, { device }: ServerOf, problems: PlumblineError[]): void {
  const pools = sortIntervals(subnet.spec.pools.flatMap(({ range }) => parseRange(range) ?? []));
  if (pools.length === 0) return;
  const { reservations } = subnet.spec;
  for (let i = 0; i < reservations.length; i++) {
    for (const [j, text] of (reservations[i]?.addresses ?? []).entries()) {
      const address = parseAddress(text);
      const pool = address && findHolding(pools, address.value);
      if (!pool || pool.version !== address.version) continue;
      const path: ValuePath = ['spec', 'reservations', i, 'addresses', j];
      const facts = { object: nameOf(subnet), path: formatPath(path), value: text, pool: pool.text, device: device.metadata.name };
      problems.push(errors.ReservationInPool(facts, { at: subnet.locate(path) }));
    }
  }
}

/** By which expression a server finds what the relay says. */
const expressions: Readonly<Record<string, string>> = { remoteId: 'relay4[2].hex', interfaceId: 'relay6[0].option[18].hex' };

function checkFlexId(subnet: Subnet, { device, server, family }: ServerOf, problems: PlumblineError[]): void {
  const { reservations } = subnet.spec;
  for (let i = 0; i < reservations.length; i++) {
    const reservation = reservations[i];
    if (!reservation || reservation.hwAddress !== undefined) continue;
    const identifier = identifierOf(reservation);
    if (identifier !== 'flexId' && expressions[identifier] === undefined) continue;
    const expression = expressions[identifier] ?? server.flexId;
    if (server.flexId !== undefined && server.flexId === expression) continue;
    const path: ValuePath = ['spec', 'reservations', i, identifier];
    const facts = {
      object: nameOf(subnet),
      path: formatPath(path),
      identifier,
      device: device.metadata.name,
      found: server.flexId === undefined ? 'has no flexId' : `has flexId ${server.flexId}`,
      expression: expression ?? 'EXPRESSION',
      family,
    };
    problems.push(errors.FlexIdMissing(facts, { at: subnet.locate(path) }));
    return; // One tells it: the rest is the same.
  }
}
