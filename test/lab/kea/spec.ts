/** JSON as Kea reads it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonMap = { readonly [key: string]: Json };

export type Service = 'dhcp4' | 'dhcp6';
/** What runs on a server, each with a pid file. */
export type Part = Service | 'agent' | 'sshd';

/** What a lab of Kea servers is made of. */
export interface KeaSpec {
  /** Names everything on the machine; letters, digits and dashes, unique per run. Default: one made of the process id. */
  prefix?: string;
  servers: readonly ServerSpec[];
  /** Leave the lab standing when this process ends. Default false: the next `up` sweeps what a crashed run left. */
  keep?: boolean;
}

export interface ServerSpec {
  name: string;
  /** Addresses on `srv`, the interface to the LAN that servers and clients share, in CIDR form. */
  addresses: readonly string[];
  /**
   * What stands in `Dhcp4` of the file; absent, the daemon is not started. Control socket, interfaces, lease database, loggers and the hook of the
   * lease commands are added where it says nothing of them.
   */
  dhcp4?: JsonMap;
  dhcp6?: JsonMap;
  /** Where the agent listens. Default 127.0.0.1; the certificate holds for the first four of 127.0.0.0/8. */
  host?: string;
  /** Of its agent. Default: one of its own. */
  password?: string;
  /** Mutual TLS on the agent. Default true; basic auth is asked for in any case. */
  tls?: boolean;
  /** An sshd with the accounts of the observer and the applier. Default false. */
  ssh?: boolean;
}

/** A lab that stands, as tests, demo and people find it in `lab.json`. */
export interface KeaFacts {
  prefix: string;
  dir: string;
  ownerPid: number;
  keep: boolean;
  servers: Record<string, ServerFacts>;
  /** Paths in PEM: the authority, and the client's own certificate and key. */
  tls: { ca: string; cert: string; key: string };
  /** Accounts of sshd, with the paths of their private keys. */
  users?: Record<'observe' | 'apply' | 'human', { user: string; key: string }>;
}

export interface ServerFacts {
  name: string;
  namespace: string;
  dir: string;
  services: readonly Service[];
  /** The agent, from outside. One that is started again has another port. */
  url: string;
  user: string;
  password: string;
  tls: boolean;
  /** `SHA256:…` of the agent's certificate in DER. */
  certificate: string;
  sockets: Record<Service, string>;
  /** The file each daemon was started with. */
  files: Record<Service, string>;
  machineId: string;
  ssh?: { address: string; port: number; hostKey: string };
}
