import type { IpFamily, Owned, SecretPlace } from './intent.ts';

/**
 * The class of a pool that Git no longer has and in which somebody may hold a lease. Nobody is ever in it: nobody gets an address there, and whoever
 * has one is given another when it asks for more time.
 */
export const closedPoolClass = 'plumbline-closed';

/** The DHCP server of a device: what its daemons should be. Words are ours, not those of a server. */
export interface DhcpIntent extends Owned {
  hookDirectory: string;
  /** One per family that the device serves, IPv4 first. */
  servers: readonly DhcpServerIntent[];
}

export interface DhcpServerIntent extends Owned {
  family: IpFamily;
  interfaces: readonly string[];
  socketType: 'Raw' | 'UDP' | null;
  /** Null in IPv6, which knows no such thing. */
  authoritative: boolean | null;
  controlSocket: string | null;
  leaseDatabase: LeaseDatabaseIntent | null;
  lifetimes: DhcpLifetimesIntent;
  boot: DhcpBootIntent;
  /** File names of hook libraries without parameters, in the order in which they are loaded. */
  hooks: readonly string[];
  flexId: string | null;
  highAvailability: HighAvailabilityIntent | null;
  reservationLookup: { global: boolean; inSubnet: boolean; outOfPool: boolean } | null;
  macSources: readonly string[];
  serverId: { type: string; persist: boolean } | null;
  loggers: readonly { name: string; severity: string; debugLevel: number; output: string }[];
  options: readonly DhcpOptionIntent[];
  optionDefinitions: readonly DhcpOptionDefinitionIntent[];
  /** In the order in which they are tried. */
  clientClasses: readonly DhcpClientClassIntent[];
  /** Those of no shared network, by id. */
  subnets: readonly DhcpSubnetIntent[];
  /** By name. */
  sharedNetworks: readonly (Owned & { sharedNetwork: string; subnets: readonly DhcpSubnetIntent[] })[];
}

export interface LeaseDatabaseIntent {
  type: 'Memfile' | 'MySQL' | 'PostgreSQL';
  persist: boolean;
  path: string | null;
  cleanupSeconds: number | null;
  host: string | null;
  port: number | null;
  database: string | null;
  user: string | null;
  password: SecretPlace | null;
}

export interface HighAvailabilityIntent {
  thisServer: string;
  mode: 'HotStandby' | 'LoadBalancing';
  heartbeatMilliseconds: number;
  maxResponseMilliseconds: number;
  maxAckMilliseconds: number;
  maxUnackedClients: number;
  /** Both servers, the primary first. */
  peers: readonly { peer: string; url: string; role: string; autoFailover: boolean; user: string | null; password: SecretPlace | null }[];
}

/** Seconds; null: as wider scopes say. */
export interface DhcpLifetimesIntent {
  valid: number | null;
  minValid: number | null;
  maxValid: number | null;
  preferred: number | null;
  minPreferred: number | null;
  maxPreferred: number | null;
  renew: number | null;
  rebind: number | null;
}

/** The fields of a DHCPv4 message. In IPv6 a boot file is an option. */
export interface DhcpBootIntent {
  nextServer: string | null;
  serverName: string | null;
  bootFile: string | null;
}

export interface DhcpOptionIntent {
  space: string;
  code: number;
  /** Null: nobody gave the code a name. */
  option: string | null;
  data: string;
  /** True: data is hex digits. */
  hex: boolean;
  alwaysSend: boolean;
  neverSend: boolean;
}

export interface DhcpOptionDefinitionIntent extends Owned {
  option: string;
  code: number;
  space: string;
  type: string;
  record: readonly string[];
  array: boolean;
  encapsulates: string | null;
}

export interface DhcpClientClassIntent extends Owned {
  clientClass: string;
  /** Kea's expression; null: only reservations and hooks put clients into the class. */
  test: string | null;
  additional: boolean;
  options: readonly DhcpOptionIntent[];
  lifetimes: DhcpLifetimesIntent;
  boot: DhcpBootIntent;
}

export interface DhcpSubnetIntent extends Owned {
  id: number;
  prefix: string;
  interface: string | null;
  interfaceId: string | null;
  relays: readonly string[];
  clientClass: string | null;
  additionalClasses: readonly string[];
  lifetimes: DhcpLifetimesIntent;
  boot: DhcpBootIntent;
  options: readonly DhcpOptionIntent[];
  /** By first address. */
  pools: readonly DhcpPoolIntent[];
  prefixPools: readonly DhcpPrefixPoolIntent[];
  /** In the order in which they are written. */
  reservations: readonly DhcpReservationIntent[];
}

export interface DhcpPoolIntent extends Owned {
  range: string;
  clientClass: string | null;
  additionalClasses: readonly string[];
  options: readonly DhcpOptionIntent[];
}

export interface DhcpPrefixPoolIntent extends Owned {
  prefix: string;
  prefixLength: number;
  delegatedLength: number;
  excludedPrefix: string | null;
  excludedLength: number | null;
  clientClass: string | null;
  additionalClasses: readonly string[];
  options: readonly DhcpOptionIntent[];
}

export interface DhcpReservationIntent extends Owned {
  /** Identifier, addresses and the like as members of one map, in the words of Kea: there may be 200,000 of them, and all are printed alike. */
  members: Readonly<Record<string, string | readonly string[]>>;
  /** Null when it has no options of its own, which is so for nearly all. */
  own: { options: readonly DhcpOptionIntent[]; boot: DhcpBootIntent } | null;
}
