import {
  type DesiredObject,
  type DhcpClientClassIntent,
  type DhcpReservation,
  type DhcpReservationIntent,
  type DhcpSubnetIntent,
  identifierTypes,
  type IpFamily,
  type OptionNames,
  type ReservationIdentifier,
  reservationIdentifiers,
  type ValuePath,
} from '../api/index.ts';
import { parsePrefix, parseRange } from '../lib/index.ts';
import { type Boot, compileBoot, compileLifetimes, compileOptions } from './dhcp-options.ts';
import { comparePrefixes } from './order.ts';
import { ownerOf } from './owner.ts';

type Subnet = DesiredObject<'DHCPSubnet'>;

/** One subnet, and the classes that stand for what it says of single classes. */
export interface CompiledSubnet {
  subnet: DhcpSubnetIntent;
  sharedNetwork: string | undefined;
  bootClasses: readonly DhcpClientClassIntent[];
}

export function compileSubnet(object: Subnet, names: OptionNames, onMissing: (lacks: string, path: ValuePath) => void): CompiledSubnet {
  const { spec } = object;
  const { family } = names;
  const missingAt =
    (...path: (string | number)[]) =>
    (lacks: string): void =>
      onMissing(lacks, path);
  const bootClasses = compileBootClasses(object, names, onMissing);
  const pools = spec.pools
    .map((pool, i) => ({
      ...ownerOf(object, ['spec', 'pools', i]),
      range: pool.range,
      clientClass: pool.clientClass ?? null,
      additionalClasses: pool.additionalClasses,
      options: compileOptions(pool, names, missingAt('spec', 'pools', i)),
    }))
    .sort((a, b) => compareFirst(a.range, b.range));
  const prefixPools = spec.prefixPools
    .map((pool, i) => ({
      ...ownerOf(object, ['spec', 'prefixPools', i]),
      ...splitPrefix(pool.prefix),
      delegatedLength: pool.delegatedLength,
      ...excluded(pool.excludedPrefix),
      clientClass: pool.clientClass ?? null,
      additionalClasses: pool.additionalClasses,
      options: compileOptions(pool, names, missingAt('spec', 'prefixPools', i)),
    }))
    .sort((a, b) => comparePrefixes(`${a.prefix}/${a.prefixLength}`, `${b.prefix}/${b.prefixLength}`));
  const subnet: DhcpSubnetIntent = {
    ...ownerOf(object),
    id: spec.id,
    prefix: spec.prefix,
    interface: spec.interface ?? null,
    interfaceId: spec.interfaceId ?? null,
    relays: [...spec.relays].sort(),
    clientClass: spec.clientClass ?? null,
    // Those of boot files behind: they may name one of the others.
    additionalClasses: [...spec.additionalClasses, ...bootClasses.map(({ clientClass }) => clientClass)],
    lifetimes: compileLifetimes(spec.lifetimes),
    boot: compileBoot(spec, family),
    // A server takes the option of a subnet before that of a class: what is for all others is a class as well then.
    options: compileOptions(hasOtherClass(object) ? { ...spec, bootFile: undefined } : spec, names, missingAt('spec')),
    pools,
    prefixPools,
    reservations: spec.reservations.map((reservation, i) => compileReservation(object, reservation, i, names, onMissing)),
  };
  return { subnet, sharedNetwork: spec.sharedNetwork, bootClasses };
}

/** A server sets boot fields by class for all subnets alike. What one subnet says of a class is a class of its own, tried in that subnet only. */
function compileBootClasses(
  object: Subnet,
  names: OptionNames,
  onMissing: (lacks: string, path: ValuePath) => void,
): DhcpClientClassIntent[] {
  const { id, bootByClass, bootFile } = object.spec;
  const classOf = (name: string, test: string, boot: Boot, ...path: (string | number)[]): DhcpClientClassIntent => ({
    ...ownerOf(object, ['spec', ...path]),
    clientClass: `boot-${id}-${name}`,
    test,
    additional: true,
    options: compileOptions({ options: [], bootFile: boot.bootFile }, names, (lacks) => onMissing(lacks, ['spec', ...path])),
    lifetimes: compileLifetimes(undefined),
    boot: compileBoot(boot, names.family),
  });
  const classes = bootByClass.map((boot, i) => classOf(boot.clientClass, `member('${boot.clientClass}')`, boot, 'bootByClass', i));
  if (!hasOtherClass(object)) return classes;
  const any = bootByClass.map(({ clientClass }) => `member('${clientClass}')`).join(' or ');
  return [...classes, classOf('other', `not (${any})`, { bootFile }, 'bootFile')];
}

function hasOtherClass({ spec }: Subnet): boolean {
  return spec.family === 'IPv6' && spec.bootFile !== undefined && spec.bootByClass.length > 0;
}

function compileReservation(
  object: Subnet,
  reservation: DhcpReservation,
  i: number,
  names: OptionNames,
  onMissing: (lacks: string, path: ValuePath) => void,
): DhcpReservationIntent {
  const path: ValuePath = ['spec', 'reservations', i];
  const key = reservationIdentifiers.find((each) => reservation[each] !== undefined) ?? 'hwAddress';
  return {
    ...ownerOf(object, path),
    members: membersOf(reservation, key, names.family),
    own: hasOwn(reservation)
      ? { options: compileOptions(reservation, names, (lacks) => onMissing(lacks, path)), boot: compileBoot(reservation, names.family) }
      : null,
  };
}

function membersOf(reservation: DhcpReservation, key: ReservationIdentifier, family: IpFamily): DhcpReservationIntent['members'] {
  const { addresses, prefixes, hostname, clientClasses } = reservation;
  const members: Record<string, string | readonly string[]> = { [identifierTypes[key]]: reservation[key] ?? '' };
  const [address] = addresses;
  if (address !== undefined && family === 'ipv4') members['ip-address'] = address;
  if (address !== undefined && family === 'ipv6') members['ip-addresses'] = addresses;
  if (prefixes.length > 0) members['prefixes'] = prefixes;
  if (hostname !== undefined) members['hostname'] = hostname;
  if (clientClasses.length > 0) members['client-classes'] = clientClasses;
  return members;
}

function hasOwn({ options, nextServer, serverName, bootFile }: DhcpReservation): boolean {
  return options.length > 0 || nextServer !== undefined || serverName !== undefined || bootFile !== undefined;
}

export function familyOfSubnet({ spec }: Subnet): IpFamily {
  return spec.family === 'IPv4' ? 'ipv4' : 'ipv6';
}

function compareFirst(a: string, b: string): number {
  const [left, right] = [parseRange(a)?.first ?? 0n, parseRange(b)?.first ?? 0n];
  return left < right ? -1 : left > right ? 1 : 0;
}

function splitPrefix(text: string): { prefix: string; prefixLength: number } {
  const parsed = parsePrefix(text);
  return { prefix: parsed?.address.text ?? text, prefixLength: parsed?.length ?? 0 };
}

function excluded(text: string | undefined): { excludedPrefix: string | null; excludedLength: number | null } {
  const parsed = text === undefined ? undefined : parsePrefix(text);
  return { excludedPrefix: parsed?.address.text ?? null, excludedLength: parsed?.length ?? null };
}
