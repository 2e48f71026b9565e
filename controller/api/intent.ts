import type { Source } from './config-records.ts';
import type { DhcpIntent } from './dhcp-intent.ts';
import type { PolicyAction } from './scalars.ts';
import type { SecretRef } from './secret-use.ts';

/**
 * What one device should be, compiled from the desired state: all that templates need and nothing else. Plain data, sorted, the same for the
 * same input. A field without a value is null, never missing, so that a template can tell "not set" from a misspelt name.
 */
export interface DeviceIntent extends Owned {
  device: string;
  platform: string;
  labels: Readonly<Record<string, string>>;
  lifecycle: string;
  /** Blocks in which unknown lines are removed: the opening words of each. */
  exactContainers: readonly string[];
  /** Name of a built-in template to the template of the repository that stands in for it, both as the template set names them. */
  templateOverrides: Readonly<Record<string, string>>;
  /** Whether interface configuration is rendered; otherwise it belongs to the operating system. */
  renderInterfaces: boolean;
  interfaces: readonly InterfaceIntent[];
  staticRoutes: readonly StaticRouteIntent[];
  prefixLists: readonly PrefixListIntent[];
  communityLists: readonly CommunityListIntent[];
  asPathLists: readonly AsPathListIntent[];
  routeMaps: readonly RouteMapIntent[];
  /** BGP of the default VRF. */
  bgp: BgpIntent | null;
  bfdProfiles: readonly BfdProfileIntent[];
  rpki: RpkiIntent | null;
  vrfs: readonly VrfIntent[];
  dhcp: DhcpIntent | null;
  sections: readonly SectionIntent[];
  /** Every secret that may stand in the config of this device, sorted. */
  secrets: readonly SecretIntent[];
  /** What the neighbors of this device should look like: for probes, and to find the devices that change together. */
  sessions: readonly SessionExpectation[];
}

/** What the owner marker of a line is printed from: `from(object)` in a template. */
export interface Owned {
  kind: string;
  name: string;
  source: Source;
}

export type IpFamily = 'ipv4' | 'ipv6';

export interface InterfaceIntent extends Owned {
  interface: string;
  /** Null: the default one. */
  vrf: string | null;
  role: string;
  description: string | null;
  mtu: number | null;
  enabled: boolean;
  addresses: readonly { family: IpFamily; address: string }[];
}

export interface StaticRouteIntent extends Owned {
  family: IpFamily;
  prefix: string;
  nextHop: string | null;
  interface: string | null;
  blackhole: boolean;
  distance: number;
}

/** A VRF besides the default one. */
export interface VrfIntent extends Owned {
  vrf: string;
  staticRoutes: readonly StaticRouteIntent[];
  bgp: BgpIntent | null;
}

export interface BfdProfileIntent extends Owned {
  profile: string;
  detectMultiplier: number;
  receiveMilliseconds: number;
  transmitMilliseconds: number;
  passive: boolean;
  minimumTtl: number | null;
}

export interface RpkiIntent extends Owned {
  /** In the order in which they are tried. */
  caches: readonly (Owned & { address: string; port: number; preference: number })[];
  pollingSeconds: number;
}

/** One family of a PrefixSet; a mixed set gives two lists of one name. */
export interface PrefixListIntent extends Owned {
  list: string;
  family: IpFamily;
  entries: readonly { sequence: number; action: PolicyAction; prefix: string; ge: number | null; le: number | null }[];
}

export type CommunityType = 'Standard' | 'Large' | 'Extended';

export interface CommunityListIntent extends Owned {
  list: string;
  type: CommunityType;
  /** A route matches an entry when it carries all its communities. Sorted as routers print them. */
  entries: readonly { sequence: number; communities: readonly string[] }[];
}

export interface AsPathListIntent extends Owned {
  list: string;
  entries: readonly { sequence: number; action: PolicyAction; regex: string }[];
}

/** A RoutePolicy as a list of numbered entries. The last one is the default action. */
export interface RouteMapIntent extends Owned {
  routeMap: string;
  entries: readonly RouteMapEntryIntent[];
}

export interface RouteMapEntryIntent extends Owned {
  sequence: number;
  /** Name of the term it comes from; null for the default action. */
  term: string | null;
  description: string | null;
  action: PolicyAction;
  /** Null when the entry is for routes of every family that the policy is used in. */
  family: IpFamily | null;
  /** Families whose routes can come to the entry. */
  families: readonly IpFamily[];
  match: RouteMatchIntent;
  set: RouteSetIntent;
  /** Another route-map that is carried out after the changes; what it denies is denied. */
  call: string | null;
  continue: boolean;
  /** Whole lines in the words of the platform. */
  lines: readonly string[];
}

export interface RouteMatchIntent {
  /** A list of the entry's family. */
  prefixList: string | null;
  nextHopList: string | null;
  communityList: { list: string; type: CommunityType } | null;
  asPathList: string | null;
  rpki: string | null;
  origin: string | null;
  localPreference: number | null;
  med: number | null;
}

export interface RouteSetIntent {
  localPreference: number | null;
  med: number | null;
  origin: string | null;
  weight: number | null;
  /** An address, or what is done instead of setting one; the families are those the entry can see. */
  nextHop: { address: string | null; mode: 'Address' | 'PeerAddress' | 'Unchanged'; families: readonly IpFamily[] } | null;
  communities: CommunityChangeIntent;
  largeCommunities: CommunityChangeIntent;
  extendedCommunities: { routeTargets: readonly string[]; sitesOfOrigin: readonly string[] };
  asPathPrepend: readonly number[];
}

/** Either `replace` is a list and the rest is empty, or it is null. An empty `replace` removes all. */
export interface CommunityChangeIntent {
  replace: readonly string[] | null;
  deleteList: string | null;
  add: readonly string[];
}

export interface BgpIntent extends Owned {
  /** Null: the default one. */
  vrf: string | null;
  asn: number;
  routerId: string | null;
  /** Neighbors carry IPv4 unicast unless they are told otherwise. */
  defaultIpv4Unicast: boolean;
  /** Whether external neighbors without a policy exchange nothing; null: as the device has it. */
  ebgpRequiresPolicy: boolean | null;
  clusterId: string | null;
  defaultLocalPreference: number | null;
  multipathRelax: boolean;
  gracefulRestart: boolean;
  gracefulRestartTimers: { restartSeconds: number; stalePathSeconds: number; preserveForwarding: boolean } | null;
  /** What a router has by itself where a neighbor gets the best path of each AS. */
  deterministicMed: boolean;
  networkImportCheck: boolean;
  logNeighborChanges: boolean;
  peerGroups: readonly PeerGroupIntent[];
  listenLimit: number | null;
  listenRanges: readonly (Owned & { prefix: string; peerGroup: string })[];
  neighbors: readonly NeighborIntent[];
  /** Only families that hold something. */
  families: readonly BgpFamilyIntent[];
}

export interface BgpFamilyIntent extends Owned {
  family: IpFamily;
  /** `ipv4-unicast` or `ipv6-unicast`. */
  addressFamily: string;
  networks: readonly (Owned & { prefix: string; policy: string | null })[];
  aggregates: readonly (Owned & { prefix: string; summaryOnly: boolean; asSet: boolean; policy: string | null })[];
  redistribute: readonly (Owned & { protocol: string; policy: string | null })[];
  /** 0: what the device does by itself. */
  maximumPaths: { external: number; internal: number };
  peerGroups: readonly NeighborFamilyIntent[];
  neighbors: readonly NeighborFamilyIntent[];
  /** Those that would carry the family by default, and do not. */
  withoutNeighbors: readonly (Owned & { address: string })[];
}

/** A line in the words of the platform, behind the head that its owner gives it. */
export interface ExtraLineIntent {
  negated: boolean;
  text: string;
}

/** What a neighbor, or a group of them, is told outside of the address families. */
interface NeighborLines extends Owned {
  /** Of a neighbor; the name of a group. */
  address: string;
  /** Word behind `remote-as`; null: the group says it, or each member. */
  remoteAsWord: string | null;
  description: string | null;
  shutdown: boolean;
  passive: boolean;
  localAs: { asn: number; noPrepend: boolean; replaceAs: boolean } | null;
  bfd: { profile: string | null } | null;
  /** The secret's token once rendered; a reference before. */
  password: SecretPlace | null;
  multihop: number | null;
  gtsmHops: number | null;
  updateSource: string | null;
  keepaliveSeconds: number | null;
  holdSeconds: number | null;
  connectRetrySeconds: number | null;
  lines: readonly ExtraLineIntent[];
}

/** A PeerGroup on a device. */
export interface PeerGroupIntent extends NeighborLines {
  isGroup: true;
}

/** One end of a BGPSession as its device configures it. What its group says is not said again. */
export interface NeighborIntent extends NeighborLines {
  isGroup: false;
  /** Name of the group on the device. */
  peerGroup: string | null;
  /** The neighbor is whoever is at the other end of an interface; `address` is its name. */
  isUnnumbered: boolean;
  gracefulRestart: string | null;
  extendedNextHop: boolean;
  family: IpFamily;
  /** Short name of the other end: a device, or an external neighbor. */
  peer: string;
  peerDevice: string | null;
  remoteAs: number;
  type: string;
  relationship: string | null;
}

/** What a neighbor does in one address family, whoever says so. */
export interface NeighborFamilyIntent extends Owned {
  address: string;
  /** Fields whose value the group says, `activate` with them; they are not written for the member. */
  inherited: readonly string[];
  import: string | null;
  export: string | null;
  maximumPrefixes: { limit: number; thresholdPercent: number; action: string; restartMinutes: number | null } | null;
  nextHopSelf: boolean;
  nextHopSelfForce: boolean;
  routeReflectorClient: boolean;
  routeServerClient: boolean;
  allowAsIn: number | null;
  removePrivateAs: string | null;
  asOverride: boolean;
  defaultOriginate: boolean;
  defaultOriginatePolicy: string | null;
  /** Kinds of communities that are **not** sent; empty means all are. */
  withheldCommunities: readonly CommunityType[];
  addPath: string | null;
  softReconfiguration: boolean;
  lines: readonly ExtraLineIntent[];
}

/** Raw configuration of one section. */
export interface SectionIntent extends Owned {
  ownership: 'Declared' | 'Exact';
  /** Exactly one of the two is set. `template` is a name of the template set, `file` a path of the repository. */
  template: string | null;
  file: string | null;
  /** Text of `file`. */
  text: string | null;
}

/** Where a secret's value belongs. Becomes the token when the intent is handed to templates. */
export interface SecretPlace {
  secret: SecretRef;
}

export interface SecretIntent {
  ref: SecretRef;
  purpose: string;
}

export interface SessionExpectation extends Owned {
  session: string;
  neighbor: string;
  vrf: string;
  addressFamilies: readonly string[];
  remoteAs: number;
  /** Configured: a session that stays down is no failure. */
  expect: 'Established' | 'Configured';
  /** The other end when Plumbline manages it. */
  peerDevice: string | null;
}
