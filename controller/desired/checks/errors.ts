import { defineErrors } from '../../lib/index.ts';
import { orSuggest } from '../errors.ts';

interface Subject {
  /** `BGPSession/core-fra`. */
  object: string;
}

/** What can be wrong between objects that are each well formed. */
export const errors = defineErrors({
  DanglingReference: {
    message: (f: Subject & { path: string; target: string; suggestion: string | undefined }) =>
      `${f.object}: ${f.path} names ${f.target}, which does not exist${orSuggest(f.suggestion)}`,
    next: 'Correct the name, or add the object.',
  },
  MissingFile: {
    message: (f: Subject & { path: string; file: string; suggestion: string | undefined }) =>
      `${f.object}: ${f.path} names the file ${f.file}, which is not in the tree${orSuggest(f.suggestion)}`,
    next: 'Write the path from the root of the desired state; hidden files and links do not count.',
  },
  UnusedObject: {
    severity: 'warning',
    message: (f: Subject) => `${f.object} is used by nothing`,
    next: 'Remove it, or name it where it was meant to be used.',
  },
  SelectsNothing: {
    severity: 'warning',
    message: (f: Subject) => `${f.object} selects no device`,
    next: 'Compare the selector with the labels in the metadata of the devices.',
  },
  WindowPassed: {
    severity: 'warning',
    message: (f: Subject & { effect: 'Allow' | 'Freeze'; ended: string }) =>
      f.effect === 'Allow'
        ? `${f.object} never opens again, its last interval ended at ${f.ended}; where no other window is open, no change begins`
        : `${f.object} freezes nothing any more, its last interval ended at ${f.ended}`,
    next: 'Write a time to come, or remove the object.',
  },
  PlatformDisagrees: {
    message: (f: Subject & { platform: string; profile: string; profilePlatform: string }) =>
      `${f.object} is of platform ${f.platform}, its profile ${f.profile} of ${f.profilePlatform}`,
    next: 'Name a profile of the same platform.',
  },

  DuplicateAddress: {
    message: (f: Subject & { address: string; first: string; where: string }) =>
      `${f.object}: ${f.address} is also an address of ${f.first}, at ${f.where}`,
    next: 'Give one of them another address. Addresses that are shared on purpose stand on interfaces of role Anycast or Virtual.',
  },
  DuplicateIdentity: {
    message: (f: Subject & { what: string; value: string; first: string; where: string }) =>
      `${f.object}: ${f.what} ${f.value} is also that of ${f.first}, at ${f.where}`,
    next: 'Correct one of the two: this value must be unique in the network.',
  },
  /** Git has the device under its new name and under its old one. */
  EarlierNameStays: {
    message: (f: Subject & { name: string; where: string }) =>
      `${f.object}: spec.movedFrom names ${f.name}, which is still a Device, at ${f.where}`,
    next: 'A rename takes the old Device away in the same commit. Take movedFrom out when the rename is long done, or when the two are different devices.',
  },
  DuplicateEntry: {
    message: (f: Subject & { what: string; where: string }) =>
      `${f.object}: ${f.what} stands here a second time; the first is at ${f.where}`,
    next: 'Keep one of the two.',
  },
  UnknownInterface: {
    message: (f: Subject & { device: string; name: string; suggestion: string | undefined }) =>
      `${f.object}: ${f.device} has no interface ${f.name}${orSuggest(f.suggestion)}`,
    next: (f: { candidates: string }) =>
      f.candidates === '' ? 'Add the interface to the device.' : `Write one of ${f.candidates}, or add the interface to the device.`,
  },
  UnlistedInterface: {
    severity: 'warning',
    message: (f: Subject & { name: string }) => `${f.object}: the route leaves by ${f.name}, which is not among the interfaces`,
    next: 'Correct the name, or list the interface on the device.',
  },

  DeviceWithoutBGP: {
    message: (f: Subject & { device: string; vrf: string }) =>
      `${f.object} names ${f.device}, which has no bgp${f.vrf === '' ? '' : ` in VRF ${f.vrf}`}`,
    next: (f: { vrf: string }) =>
      f.vrf === '' ? 'Add spec.bgp with asn and routerId to the device.' : 'Add bgp with asn and routerId to this VRF of the device.',
  },
  UnknownVrf: {
    message: (f: Subject & { device: string; name: string; suggestion: string | undefined }) =>
      `${f.object}: ${f.device} has no VRF ${f.name}${orSuggest(f.suggestion)}`,
    next: (f: { candidates: string }) =>
      f.candidates === ''
        ? 'Add the VRF to spec.vrfs of the device.'
        : `Write one of ${f.candidates}, or add the VRF to spec.vrfs of the device.`,
  },
  ListensWithoutAs: {
    message: (f: Subject & { group: string }) =>
      `${f.object}: neighbors that come by themselves become members of ${f.group}, which has no AS number`,
    next: 'Write asn or type in the PeerGroup: a router takes no range for a group without them.',
  },
  AddressNotOnDevice: {
    message: (f: Subject & { device: string; address: string; suggestion: string | undefined }) =>
      `${f.object}: ${f.address} is not an address of ${f.device} there${orSuggest(f.suggestion)}`,
    next: (f: { candidates: string }) =>
      f.candidates === ''
        ? 'Add the address to an interface of the device.'
        : `Write one of ${f.candidates}, or add the address to an interface of the device.`,
  },
  InterfaceWithoutAddress: {
    message: (f: Subject & { device: string; name: string }) =>
      `${f.object}: the interface ${f.name} of ${f.device} has no address for a session`,
    next: 'Add an address with its length to the interface; link-local addresses do not count.',
  },
  AmbiguousAddress: {
    message: (f: Subject & { device: string; transport: string; candidates: string }) =>
      f.candidates === ''
        ? `${f.object}: ${f.device} has no ${f.transport} address there`
        : `${f.object}: ${f.device} has several ${f.transport} addresses there: ${f.candidates}`,
    next: 'Say which one with address at this end.',
  },
  TransportUnclear: {
    message: (f: Subject & { why: string }) => `${f.object}: ${f.why}`,
    next: 'Write spec.transport: IPv4 or IPv6, of which both ends have an address.',
  },
  SubnetMismatch: {
    message: (f: Subject & { left: string; right: string }) => `${f.object}: ${f.left} and ${f.right} are not in one subnet`,
    next: 'Correct the address or its length. Ends that are not directly connected use loopback instead of interface, or ttl.multihop.',
  },
  ExternalIsManaged: {
    message: (f: Subject & { address: string; device: string }) =>
      `${f.object}: the external neighbor ${f.address} is an address of ${f.device}`,
    next: 'Write that end as device and interface, so that both neighbors come from this object.',
  },
  DuplicateNeighbor: {
    message: (f: Subject & { device: string; address: string; first: string; where: string }) =>
      `${f.object}: ${f.device} already has the neighbor ${f.address} from ${f.first}, at ${f.where}`,
    next: 'One session serves all address families of a neighbor: put them together under families.',
  },
  SelfSession: {
    message: (f: Subject & { device: string }) => `${f.object}: both ends are ${f.device}`,
    next: 'Name the other device at one of the ends.',
  },
  AsnMismatch: {
    message: (f: Subject & { type: string; left: string; right: string }) => `${f.object} is ${f.type}, but ${f.left} and ${f.right}`,
    next: 'Correct the type or the AS number. An end that shows another AS on purpose says so with localAs.',
  },
  LocalAsRefused: {
    message: (f: Subject & { asn: number; why: string }) => `${f.object}: localAs ${f.asn} ${f.why}`,
    next: (f: { hint: string }) => f.hint,
  },
  MemberDisagrees: {
    message: (f: Subject & { group: string; says: string; found: string }) =>
      `${f.object}: members of ${f.group} are ${f.says}, but ${f.found}`,
    next: 'Correct the AS number or the type, or name another PeerGroup: routers take members of one kind only.',
  },
  MemberTakesBack: {
    message: (f: Subject & { group: string; field: string; says: string }) =>
      `${f.object}: ${f.field} takes back what ${f.group} says of its members, ${f.says}, and FRR has no way to say so`,
    next: 'Take it out of the PeerGroup and write it at the members that need it, or take this end out of the group.',
  },
  NotOnPlatform: {
    message: (f: Subject & { what: string; platform: string }) => `${f.object}: ${f.platform} has no ${f.what}`,
    next: (f: { hint: string }) => f.hint,
  },
  PrefixSetShrinks: {
    message: (f: Subject & { before: number; after: number; revision: string; percent: number }) =>
      `${f.object} shrinks from ${f.before} entries, at ${f.revision}, to ${f.after}: that is more than ${f.percent} percent`,
    next: 'Look whether the tool that writes the set had all its sources. When it is meant, raise maxShrinkPercent in the same change.',
  },
  RpkiWithoutCache: {
    severity: 'warning',
    message: (f: Subject & { policy: string; device: string }) => `${f.object}: ${f.policy} matches by RPKI, and ${f.device} has no caches`,
    next: 'Add rpki with caches to the device: without them every route is NotFound.',
  },
  FamilyNotCarried: {
    message: (f: Subject & { family: string; why: string }) => `${f.object}: ${f.family} cannot be carried: ${f.why}`,
    next: (f: { hint: string }) => f.hint,
  },

  PolicyMissing: {
    message: (f: Subject & { end: string; family: string; what: string }) =>
      `${f.object}: ${f.end} has no ${f.what} policy for ${f.family}`,
    next: 'Name a RoutePolicy: an external session without one would announce or accept everything, or nothing (RFC 8212).',
  },
  RedistributionUnfiltered: {
    message: (f: Subject & { protocol: string; family: string }) =>
      `${f.object}: nothing says which ${f.protocol} routes go into ${f.family}`,
    next: 'Name a RoutePolicy, or write unfiltered: true where every route of the protocol shall go.',
  },
  RelationshipMissing: {
    message: (f: Subject) => `${f.object} is external, but has no relationship`,
    next: 'Say what the other network is to us: Customer, Peer, Transit, RouteServer or Internal.',
  },
  RelationshipWrong: {
    message: (f: Subject & { relationship: string; why: string }) => `${f.object}: relationship is ${f.relationship}, but ${f.why}`,
    next: (f: { hint: string }) => f.hint,
  },
  InternalOnly: {
    message: (f: Subject & { field: string }) => `${f.object} is external: ${f.field} works on internal sessions only`,
    next: 'Remove it, or correct the type of the session.',
  },
  ExternalOnly: {
    message: (f: Subject & { field: string }) => `${f.object} is internal: ${f.field} works on external sessions only`,
    next: 'Remove it, or correct the type of the session.',
  },
  MultihopMissing: {
    message: (f: Subject & { end: string }) => `${f.object} is external and ${f.end} uses a loopback, which is more than one hop away`,
    next: 'Add ttl: {multihop: 2}, or use the interface towards the neighbor.',
  },
  NobodyConnects: {
    message: (f: Subject) => `${f.object}: both ends are passive, so neither connects`,
    next: 'Keep passive on one end.',
  },
  BothReflect: {
    message: (f: Subject & { family: string }) => `${f.object}: each end calls the other its route reflector client for ${f.family}`,
    next: 'Keep routeReflectorClient on the reflector, not on its client.',
  },
  FieldWithoutEffect: {
    message: (f: Subject & { field: string; needs: string }) => `${f.object}: ${f.field} has no effect without ${f.needs}`,
    next: 'Remove it, or add what it needs.',
  },
  RouteLeak: {
    severity: 'warning',
    message: (f: Subject & { policy: string; to: string; why: string }) =>
      `${f.object}: ${f.policy} exports to a ${f.to} neighbor without a gate: ${f.why}`,
    next: 'Let each permitting term match a prefixSet, communitySet or asPathSet, and write default: Deny; else routes of one provider may reach another (RFC 7908).',
  },

  EmptySet: {
    message: (f: Subject) => `${f.object} is empty: it would match nothing`,
    next: 'Add entries, or write allowEmpty: true when nothing is what it should match.',
  },
  OverlappingEntries: {
    message: (f: Subject & { entry: string; first: string; where: string }) =>
      `${f.object}: ${f.entry} is already decided by ${f.first}, at ${f.where}`,
    next: 'Remove one of the two; where the order was meant the other way round, put the narrower entry first.',
  },
  WrongSetType: {
    message: (f: Subject & { path: string; found: string; expected: string }) =>
      `${f.object}: ${f.path} is ${f.found}, expected ${f.expected}`,
    next: 'Name a set of that type, or correct the type.',
  },
  SequenceOrder: {
    message: (f: Subject & { term: string; why: string }) => `${f.object}: term ${f.term} ${f.why}`,
    next: 'Write growing numbers in all terms, or in none.',
  },
  EntryOrder: {
    message: (f: Subject & { number: number; last: number }) =>
      `${f.object}: this entry has number ${f.number} on routers, not greater than ${f.last} before it`,
    next: 'Write numbers that grow from entry to entry, or none: routers go through a list by its numbers, and keep one entry of each.',
  },
  SetOnDeny: {
    message: (f: Subject & { term: string; field: string }) => `${f.object}: term ${f.term} denies, so its ${f.field} has no effect`,
    next: 'Remove it, or write action: Permit.',
  },
  UnreachableTerm: {
    severity: 'warning',
    message: (f: Subject & { term: string; first: string }) =>
      `${f.object}: term ${f.term} is never reached: ${f.first} decides every route`,
    next: 'Move it up, remove it, or give the earlier term a match.',
  },
  NeverMatches: {
    severity: 'warning',
    message: (f: Subject & { term: string; why: string }) => `${f.object}: term ${f.term} never matches: ${f.why}`,
    next: 'Correct the match, or remove the term.',
  },
  NextHopIsOwn: {
    message: (f: Subject & { address: string }) => `${f.object}: the next hop ${f.address} is an address of the device itself`,
    next: 'Write the address of the router on the other side.',
  },
  SecretInMetadata: {
    message: (f: Subject & { key: string }) => `${f.object}: ${f.key} holds what looks like a secret in clear text`,
    next: 'Take the value out of Git and change it: it was seen. Secrets are written by reference (name and key).',
  },
});
