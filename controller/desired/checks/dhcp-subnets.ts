import {
  colonHex,
  type DesiredObject,
  type DhcpReservation,
  type ReservationIdentifier,
  reservationIdentifiers,
  type ValuePath,
} from '../../api/index.ts';
import { formatPosition, parseAddress, parsePrefix, parseRange, type IpPrefix, type PlumblineError, addressText } from '../../lib/index.ts';
import { formatPath } from '../words.ts';
import { errors } from './dhcp-errors.ts';
import { nameOf } from './input.ts';
import { findOverlaps } from './overlaps.ts';

type Subnet = DesiredObject<'DHCPSubnet'>;

/** What a subnet says of itself: its family, its pools, its reservations. */
export function checkSubnet(subnet: Subnet): readonly PlumblineError[] {
  const prefix = parsePrefix(subnet.spec.prefix);
  if (!prefix) return [];
  const problems: PlumblineError[] = [];
  checkFamilies(subnet, problems);
  checkPools(subnet, prefix, problems);
  checkPrefixPools(subnet, problems);
  checkReservations(subnet, prefix, problems);
  return problems;
}

/** Fields of one family alone, as paths below spec, with what to write in the other. */
const onlyIPv4: readonly [keyof Subnet['spec'], string][] = [
  ['nextServer', 'Remove it: in IPv6 the boot file is a URL with the server in it.'],
  ['serverName', 'Remove it: in IPv6 the boot file is a URL with the server in it.'],
];
const onlyIPv6: readonly [keyof Subnet['spec'], string][] = [
  ['interfaceId', 'Remove it; in IPv4 a reservation with circuitId goes by the line of the relay.'],
  ['prefixPools', 'Remove them: only DHCPv6 delegates prefixes.'],
];

function checkFamilies(subnet: Subnet, problems: PlumblineError[]): void {
  const { spec } = subnet;
  const [version, other] = spec.family === 'IPv4' ? ([4, 'IPv6'] as const) : ([6, 'IPv4'] as const);
  const object = nameOf(subnet);
  const report = (path: ValuePath, value: string, instead: string): void => {
    const facts = { object, path: formatPath(path), value, family: spec.family, other, instead };
    problems.push(errors.DHCPFamilyDisagrees(facts, { at: subnet.locate(path) }));
  };
  const mustBeOurs = (text: string | undefined, ...path: (string | number)[]): void => {
    if (text === undefined || text.includes(':') === (version === 6)) return;
    report(path, text, `Write an ${spec.family} address, or correct family.`);
  };
  mustBeOurs(spec.prefix, 'spec', 'prefix');
  for (const [i, relay] of spec.relays.entries()) mustBeOurs(relay, 'spec', 'relays', i);
  for (const [i, { range }] of spec.pools.entries()) mustBeOurs(range, 'spec', 'pools', i, 'range');
  for (const [field, instead] of version === 4 ? onlyIPv6 : onlyIPv4) {
    const value = spec[field];
    if (value !== undefined && !(Array.isArray(value) && value.length === 0))
      report(['spec', field], typeof value === 'string' ? value : '', instead);
  }
  for (const field of version === 4 ? (['preferredSeconds', 'minPreferredSeconds', 'maxPreferredSeconds'] as const) : []) {
    const value = spec.lifetimes?.[field];
    if (value !== undefined) report(['spec', 'lifetimes', field], String(value), 'Remove it: an IPv4 lease is good for validSeconds.');
  }
  for (const [i, boot] of spec.bootByClass.entries()) {
    for (const field of version === 6 ? (['nextServer', 'serverName'] as const) : []) {
      if (boot[field] !== undefined)
        report(['spec', 'bootByClass', i, field], boot[field], 'Remove it: in IPv6 the boot file is a URL with the server in it.');
    }
  }
  if (version === 4) mustBeOurs(spec.nextServer, 'spec', 'nextServer');
  if (version === 6 && spec.bootFile !== undefined && !/^[a-z]+:\/\//.test(spec.bootFile)) {
    report(['spec', 'bootFile'], spec.bootFile, 'Write a URL, for example http://[2001:db8::10]/boot.efi.');
  }
}

function checkPools(subnet: Subnet, prefix: IpPrefix, problems: PlumblineError[]): void {
  const object = nameOf(subnet);
  const pools = subnet.spec.pools.flatMap(({ range }, i) => {
    const parsed = parseRange(range);
    return parsed && parsed.version === prefix.version ? [{ ...parsed, path: ['spec', 'pools', i, 'range'] as ValuePath }] : [];
  });
  for (const { first, last, text, path } of pools) {
    if (first >= prefix.first && last <= prefix.last) continue;
    problems.push(errors.OutsidePrefix({ object, path: formatPath(path), value: text, ...edges(prefix) }, { at: subnet.locate(path) }));
  }
  findOverlaps(pools, (later, earlier) => {
    // Of two pools the one that stands further down is told: the other was there first.
    const [again, before] = Number(later.path[2]) > Number(earlier.path[2]) ? [later, earlier] : [earlier, later];
    const where = formatPosition(subnet.locate(before.path));
    const facts = { object, path: formatPath(again.path), value: again.text, other: before.text, where };
    problems.push(errors.PoolsOverlap(facts, { at: subnet.locate(again.path) }));
  });
}

function checkPrefixPools(subnet: Subnet, problems: PlumblineError[]): void {
  const object = nameOf(subnet);
  const pools = subnet.spec.prefixPools.flatMap((pool, i) => {
    const parsed = parsePrefix(pool.prefix);
    return parsed
      ? [{ first: parsed.first, last: parsed.last, text: pool.prefix, path: ['spec', 'prefixPools', i, 'prefix'] as ValuePath }]
      : [];
  });
  findOverlaps(pools, (later, earlier) => {
    const [again, before] = Number(later.path[2]) > Number(earlier.path[2]) ? [later, earlier] : [earlier, later];
    const where = formatPosition(subnet.locate(before.path));
    const facts = { object, path: formatPath(again.path), value: again.text, other: before.text, where };
    problems.push(errors.PoolsOverlap(facts, { at: subnet.locate(again.path) }));
  });
  for (const [i, { prefix, delegatedLength, excludedPrefix }] of subnet.spec.prefixPools.entries()) {
    const [pool, excluded] = [parsePrefix(prefix), parsePrefix(excludedPrefix ?? '')];
    const delegated = pool && parsePrefix(`${pool.address.text}/${delegatedLength}`);
    if (!excluded || !delegated) continue;
    // The server takes it as a part of each delegated prefix: of the first one it is written.
    if (excluded.first >= delegated.first && excluded.last <= delegated.last) continue;
    const path: ValuePath = ['spec', 'prefixPools', i, 'excludedPrefix'];
    const edge = { ...edges(delegated), prefix: `the first delegated prefix ${delegated.text}` };
    problems.push(errors.OutsidePrefix({ object, path: formatPath(path), value: excluded.text, ...edge }, { at: subnet.locate(path) }));
  }
}

function edges(prefix: IpPrefix): { prefix: string; first: string; last: string } {
  return { prefix: prefix.text, first: addressText(prefix.version, prefix.first), last: addressText(prefix.version, prefix.last) };
}

/** Identifiers that mean something in one family only. */
const familyOfIdentifier: Partial<Record<ReservationIdentifier, 'IPv4' | 'IPv6'>> = {
  clientId: 'IPv4',
  circuitId: 'IPv4',
  remoteId: 'IPv4',
  interfaceId: 'IPv6',
};

function checkReservations(subnet: Subnet, prefix: IpPrefix, problems: PlumblineError[]): void {
  const { family, reservations } = subnet.spec;
  const object = nameOf(subnet);
  /** Index of the reservation that had an address, prefix or identifier first. */
  const firsts = new Map<string, number>();
  const pathOf = (i: number, ...rest: (string | number)[]): ValuePath => ['spec', 'reservations', i, ...rest];
  const report = (i: number, rest: (string | number)[], value: string, instead: string): void => {
    const path = pathOf(i, ...rest);
    const other = family === 'IPv4' ? 'IPv6' : 'IPv4';
    problems.push(
      errors.DHCPFamilyDisagrees({ object, path: formatPath(path), value, family, other, instead }, { at: subnet.locate(path) }),
    );
  };
  const mustBeFirst = (key: string, i: number, value: string, ...rest: (string | number)[]): void => {
    const first = firsts.get(key);
    if (first === undefined) return void firsts.set(key, i);
    const path = pathOf(i, ...rest);
    const before = pathOf(
      first,
      ...(rest[0] === 'addresses' || rest[0] === 'prefixes' ? [rest[0], indexOfValue(reservations[first], rest[0], value)] : rest),
    );
    const facts = { object, path: formatPath(path), value, where: formatPosition(subnet.locate(before)) };
    problems.push(errors.DuplicateReservation(facts, { at: subnet.locate(path) }));
  };

  for (let i = 0; i < reservations.length; i++) {
    const reservation = reservations[i];
    if (!reservation) continue;
    const key = identifierOf(reservation);
    const value = reservation[key] ?? '';
    const only = familyOfIdentifier[key];
    if (only !== undefined && only !== family) report(i, [key], value, `Write another identifier: ${key} is of ${only}.`);
    mustBeFirst(`${key} ${bytesOf(value)}`, i, value, key);

    const { addresses, prefixes } = reservation;
    for (let j = 0; j < addresses.length; j++) {
      const text = addresses[j] ?? '';
      const address = parseAddress(text);
      if (!address) continue;
      if (address.version !== prefix.version) report(i, ['addresses', j], text, `Write an ${family} address.`);
      else if (address.value < prefix.first || address.value > prefix.last) {
        const path = pathOf(i, 'addresses', j);
        problems.push(errors.OutsidePrefix({ object, path: formatPath(path), value: text, ...edges(prefix) }, { at: subnet.locate(path) }));
      }
      mustBeFirst(address.text, i, text, 'addresses', j);
    }
    if (family === 'IPv4' && addresses.length > 1)
      report(i, ['addresses', 1], `${addresses[1]} (a second one)`, 'Write one address: an IPv4 client has one.');
    for (const [j, text] of prefixes.entries()) {
      if (family === 'IPv4') report(i, ['prefixes', j], text, 'Remove it: only DHCPv6 delegates prefixes.');
      mustBeFirst(text, i, text, 'prefixes', j);
    }
    if (family === 'IPv6') {
      for (const field of ['nextServer', 'serverName'] as const) {
        const said = reservation[field];
        if (said !== undefined) report(i, [field], said, 'Remove it: in IPv6 the boot file is a URL with the server in it.');
      }
    }
    if (isEmpty(reservation)) {
      problems.push(errors.EmptyReservation({ object, path: formatPath(pathOf(i)) }, { at: subnet.locate(pathOf(i)) }));
    }
  }
}

export function identifierOf(reservation: DhcpReservation): ReservationIdentifier {
  // Nearly all have this one.
  if (reservation.hwAddress !== undefined) return 'hwAddress';
  return reservationIdentifiers.find((key) => reservation[key] !== undefined) ?? 'hwAddress';
}

/** Text and the same text as bytes are one identifier. */
function bytesOf(value: string): string {
  return value.startsWith("'") ? colonHex(Buffer.from(value.slice(1, -1)).toString('hex')) : value;
}

function indexOfValue(reservation: DhcpReservation | undefined, list: 'addresses' | 'prefixes', value: string): number {
  return Math.max(0, reservation?.[list].indexOf(value) ?? 0);
}

function isEmpty({ addresses, prefixes, hostname, options, clientClasses, nextServer, serverName, bootFile }: DhcpReservation): boolean {
  return (
    addresses.length + prefixes.length + options.length + clientClasses.length === 0 &&
    [hostname, nextServer, serverName, bootFile].every((each) => each === undefined)
  );
}
