/** What a lab is made of. The text of a configuration is the caller's; the lab knows neither AS numbers nor policies. */
export interface LabSpec {
  /** Names everything on the machine; letters, digits and dashes, unique per run. Default: one made of the process id. */
  prefix?: string;
  routers: readonly RouterSpec[];
  links: readonly LinkSpec[];
  /** Leave the lab standing when this process ends. Default false: the next `up` sweeps what a crashed run left. */
  keep?: boolean;
}

export interface RouterSpec {
  name: string;
  /** Initial frr.conf; loaded, then saved by `write`, so that running and startup config are equal. */
  config: string;
  /** Addresses on `lo` in CIDR form. */
  loopbacks?: readonly string[];
  /** Daemons beside zebra, in starting order. Default staticd and bgpd. */
  daemons?: readonly string[];
  /** False: a neighbor that nobody manages; no sshd and no door. Default true. */
  managed?: boolean;
}

/** A veth pair between two routers. Interface names have at most 15 characters. */
export interface LinkSpec {
  a: LinkEnd;
  b: LinkEnd;
}

export interface LinkEnd {
  router: string;
  interface: string;
  /** In CIDR form; the kernel holds them, FRR's configuration does not show them. */
  addresses: readonly string[];
}

/** A lab that stands, as tests, demo and people find it in `lab.json`. */
export interface LabFacts {
  prefix: string;
  /** Folder of logs, keys and state. */
  dir: string;
  ownerPid: number;
  keep: boolean;
  routers: Record<string, RouterFacts>;
  links: readonly LinkSpec[];
  users: { observe: LoginFacts; apply: LoginFacts; human: LoginFacts };
}

export interface LoginFacts {
  user: string;
  /** Path of the private key. */
  key: string;
}

export interface RouterFacts {
  name: string;
  namespace: string;
  dir: string;
  daemons: readonly string[];
  /** The loopback door, for managed routers: `address:port` leads to the router's sshd. */
  address?: string;
  port?: number;
  /** Address of sshd on the management network inside. */
  inside?: string;
  hostKey?: string;
  machineId: string;
}
