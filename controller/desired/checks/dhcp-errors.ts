import { defineErrors } from '../../lib/index.ts';
import { orSuggest } from '../errors.ts';

interface Subject {
  /** `DHCPSubnet/office-fra`. */
  object: string;
}

/** A value and where it stands: `spec.pools[0].range`. */
interface Value extends Subject {
  path: string;
  value: string;
}

const start = ({ object, path, value }: Value): string => `${object}: ${path}${value === '' ? '' : ` ${value}`}`;

/** What can be wrong with subnets, reservations, options and the servers that have them. */
export const errors = defineErrors({
  DHCPFamilyDisagrees: {
    message: (f: Value & { family: string; other: string }) => `${start(f)} belongs to ${f.other}, and ${f.object} is ${f.family}`,
    next: (f: { family: string; instead: string }) => f.instead,
  },
  OutsidePrefix: {
    message: (f: Value & { prefix: string }) => `${start(f)} is not in ${f.prefix}`,
    next: (f: { first: string; last: string }) => `Write addresses from ${f.first} to ${f.last}, or correct the prefix.`,
  },
  ProbeUnanswered: {
    message: (f: Value & { why: string }) => `${start(f)} ${f.why}: nobody would be offered an address`,
    next: (f: { instead: string }) => f.instead,
  },
  PoolsOverlap: {
    message: (f: Value & { other: string; where: string }) => `${start(f)} overlaps the pool ${f.other}, at ${f.where}`,
    next: 'Let each address belong to one pool.',
  },
  SubnetsOverlap: {
    message: (f: Subject & { prefix: string; other: string; otherPrefix: string; device: string; where: string }) =>
      f.prefix === f.otherPrefix
        ? `${f.object}: ${f.device} serves ${f.prefix} for ${f.other} already, at ${f.where}`
        : `${f.object}: ${f.prefix} overlaps ${f.otherPrefix} of ${f.other}, at ${f.where}; ${f.device} serves both`,
    next: 'Correct one of the prefixes, or let another server serve one of them.',
  },
  DuplicateSubnetId: {
    message: (f: Subject & { id: number; family: string; other: string; device: string; where: string }) =>
      `${f.object}: the id ${f.id} is also that of ${f.other}, at ${f.where}; ${f.device} serves both in ${f.family}`,
    next: (f: { free: number }) => `Give the newer one an id that was never used, for example ${f.free}: leases carry it.`,
  },
  SubnetIdMoved: {
    message: (f: Subject & { id: number; prefix: string; before: string; revision: string }) =>
      f.before.includes('/')
        ? `${f.object}: the id ${f.id} stood for ${f.before} in ${f.revision}, and now for ${f.prefix}`
        : `${f.object}: ${f.prefix} had the id ${f.before} in ${f.revision}, and now ${f.id}`,
    next: (f: { before: string }) =>
      f.before.includes('/')
        ? 'Write an id that was never used: leases and their history carry the old one, and would turn up in the other network.'
        : `Write ${f.before} again: leases carry it, and clients would lose theirs.`,
  },
  DuplicateReservation: {
    message: (f: Value & { where: string }) => `${start(f)} is reserved here a second time; the first is at ${f.where}`,
    next: 'Keep one of the two: an address has one client in a subnet, and an identifier one reservation.',
  },
  ReservationInPool: {
    message: (f: Value & { pool: string; device: string }) =>
      `${start(f)} lies in the pool ${f.pool}, and ${f.device} does not look for reservations there`,
    next: (f: { device: string }) =>
      `Write an address outside the pools, or take outOfPool out of reservationLookup of Device ${f.device}: it would give the address to others.`,
  },
  EmptyReservation: {
    message: (f: Subject & { path: string }) => `${f.object}: ${f.path} reserves nothing`,
    next: 'Write addresses, a hostname, options or client classes, or remove the line.',
  },
  PoolHoldsRouter: {
    severity: 'warning',
    message: (f: Value & { address: string; owner: string }) => `${start(f)} holds ${f.address}, which is ${f.owner}`,
    next: 'Begin or end the pool elsewhere: a client that is given the address cuts others off.',
  },
  UnknownRelay: {
    message: (f: Subject & { path: string; address: string; suggestion: string | undefined }) =>
      `${f.object}: ${f.path} names ${f.address}, which is on no interface of a Device${orSuggest(f.suggestion)}`,
    next: 'Correct the address, or write it at the interface of the relay. One that Plumbline leaves alone is a Device of lifecycle Planned.',
  },

  NoDHCPServer: {
    message: (f: Subject & { path: string; device: string; why: string }) => `${f.object}: ${f.path} names ${f.device}, which ${f.why}`,
    next: (f: { instead: string }) => f.instead,
  },
  TooManyServers: {
    message: (f: Subject & { count: number }) => `${f.object}: spec.servedBy names ${f.count} servers`,
    next: 'Name one, or the two of a high-availability pair.',
  },
  ServersAreNoPair: {
    message: (f: Subject & { first: string; second: string; family: string; why: string }) =>
      `${f.object}: ${f.first} and ${f.second} are no pair in ${f.family}: ${f.why}`,
    next: 'Write highAvailability on both, each with the other as its peer: two servers that do not talk give one address to two clients.',
  },
  PairDisagrees: {
    message: (f: Subject & { path: string; why: string }) => `${f.object}: ${f.path} ${f.why}`,
    next: (f: { instead: string }) => f.instead,
  },
  HalfOfAPair: {
    severity: 'warning',
    message: (f: Subject & { device: string; peer: string }) => `${f.object}: ${f.device} serves it, its peer ${f.peer} does not`,
    next: (f: { peer: string }) => `Add ${f.peer} to servedBy: where ${f.peer} takes over, clients of the subnet get nothing.`,
  },

  UnknownOption: {
    message: (f: Subject & { path: string; option: string; space: string; suggestion: string | undefined }) =>
      `${f.object}: ${f.path} names the option ${f.option}, which nobody defines in ${f.space}${orSuggest(f.suggestion)}`,
    next: (f: { isCode: boolean }) =>
      f.isCode
        ? 'Write its bytes with hex: true, or define it in optionDefinitions of the DeviceProfile of the servers.'
        : 'Correct the name, or define it in optionDefinitions of the DeviceProfile of the servers.',
  },
  WrongOptionValue: {
    message: (f: Value & { option: string; why: string }) =>
      `${f.object}: ${f.path} of the option ${f.option} is "${f.value}", which ${f.why}`,
    next: (f: { instead: string }) => f.instead,
  },
  DuplicateOption: {
    message: (f: Subject & { path: string; option: string; where: string }) =>
      `${f.object}: ${f.path} gives the option ${f.option} a second value; the first is at ${f.where}`,
    next: 'Keep one of the two; several values of one option stand in one data, with commas between them.',
  },
  UnknownOptionSet: {
    message: (f: Subject & { path: string; set: string; profile: string; suggestion: string | undefined }) =>
      `${f.object}: ${f.path} names the option set ${f.set}, which ${f.profile} does not have${orSuggest(f.suggestion)}`,
    next: 'Correct the name, or add the set to optionSets of the profile, with the same family.',
  },
  UnknownClass: {
    message: (f: Subject & { path: string; class: string; profile: string; suggestion: string | undefined }) =>
      `${f.object}: ${f.path} names the client class ${f.class}, which ${f.profile} does not define${orSuggest(f.suggestion)}`,
    next: 'Correct the name, or define the class in clientClasses of the profile, with the same family, before what names it.',
  },
  ClassIsAdditional: {
    message: (f: Subject & { path: string; class: string }) =>
      `${f.object}: ${f.path} names the class ${f.class}, which is additional: it is tried only when subnet and pool are chosen`,
    next: 'Take additional out of the class, or name another one.',
  },
  ClassBootsItself: {
    message: (f: Subject & { path: string; class: string; where: string }) =>
      `${f.object}: ${f.path} names the class ${f.class}, which has boot fields of its own, at ${f.where}`,
    next: 'Take them out of the class: of two classes Kea sends what the first says, so what stands here would never be sent.',
  },
  StandardOption: {
    message: (f: Subject & { path: string; what: string; option: string }) =>
      `${f.object}: ${f.path} defines ${f.what}, which is the standard option ${f.option}`,
    next: 'Use the standard option as it is: Kea refuses another definition.',
  },
  LifetimesDisagree: {
    message: (f: Subject & { path: string; small: string; large: string; device: string | undefined }) =>
      `${f.object}: ${f.path}: ${f.small} is more than ${f.large}${f.device === undefined ? '' : ` on ${f.device}`}`,
    next: 'Write min… up to …, … up to max…, and renewSeconds below rebindSeconds. What is not written here is inherited from the server.',
  },
  FlexIdMissing: {
    message: (f: Subject & { path: string; identifier: string; device: string; found: string }) =>
      `${f.object}: ${f.path} is found by ${f.identifier}, and ${f.device} ${f.found}`,
    next: (f: { expression: string; family: string }) => `Write flexId: ${f.expression} in spec.dhcp.${f.family} of the servers.`,
  },
  NetworkDisagrees: {
    message: (f: Subject & { network: string; path: string; value: string; other: string; otherValue: string; where: string }) =>
      `${f.object}: ${f.path} is ${f.value}, and ${f.otherValue} in ${f.other} of the same shared network ${f.network}, at ${f.where}`,
    next: 'Write the same in both: the subnets of a shared network are on one link.',
  },
});
