import { z } from 'zod';
import { DhcpLifetimes } from './dhcp-lifetimes.ts';
import { DhcpOptionValues } from './dhcp-option-value.ts';
import { BootText } from './dhcp-scalars.ts';
import { Address, Name, SecretKeyRef } from './scalars.ts';

/** A path on the server, taken as it is. */
const ServerPath = z
  .string()
  .max(255)
  .regex(/^\/[A-Za-z0-9._@+-]+(\/[A-Za-z0-9._@+-]+)*$/, { error: 'write a whole path, for example /run/kea/kea4-ctrl-socket' });

const HttpUrl = z
  .string()
  .max(255)
  .regex(/^https?:\/\/([0-9.]+|\[[0-9a-fA-F:.]+\])(:[0-9]{1,5})?\/?$/, {
    error: 'write a URL with an address, for example http://192.0.2.1:8001/: Kea looks up no names here',
  });

const LeaseDatabase = z
  .strictObject({
    type: z.enum(['Memfile', 'MySQL', 'PostgreSQL']).default('Memfile').describe('Memfile: memory and a file of the server itself.'),
    persist: z.boolean().default(true).describe('Memfile: keep leases over a restart.'),
    path: ServerPath.optional().describe('Memfile: the file. Default: as Kea was built.'),
    cleanupSeconds: z
      .int()
      .min(0)
      .max(4_294_967_295)
      .optional()
      .describe('Memfile: seconds between cleanups of the file; 0 for none. Kea: 3600.'),
    host: z
      .string()
      .min(1)
      .max(253)
      .regex(/^[A-Za-z0-9.:-]+$/, { error: 'write a name or an address' })
      .optional()
      .describe('SQL: host of the database.'),
    port: z.int().min(1).max(65_535).optional().describe('SQL: port of the database.'),
    name: z
      .string()
      .min(1)
      .max(64)
      .regex(/^[A-Za-z0-9_.-]+$/, { error: 'write letters, digits, and _ . -' })
      .optional()
      .describe('SQL: name of the database.'),
    user: z
      .string()
      .min(1)
      .max(64)
      .regex(/^[A-Za-z0-9_.@-]+$/, { error: 'write letters, digits, and _ . @ -' })
      .optional()
      .describe('SQL: account.'),
    passwordRef: SecretKeyRef.optional().describe('SQL: password of the account, by reference.'),
  })
  .refine((database) => database.type === 'Memfile' || database.name !== undefined, {
    error: 'has no database; write name, and host and user where they are needed',
  })
  .refine(
    (database) =>
      database.type !== 'Memfile' ||
      [database.host, database.port, database.name, database.user, database.passwordRef].every((each) => each === undefined),
    { error: 'Memfile is no SQL database; remove host, port, name, user and passwordRef, or write type: MySQL or PostgreSQL' },
  );

const HighAvailability = z.strictObject({
  mode: z.enum(['HotStandby', 'LoadBalancing']).describe('HotStandby: one serves. LoadBalancing: both serve, half of the clients each.'),
  role: z
    .enum(['Primary', 'Secondary', 'Standby'])
    .describe('Primary on one device; on the other Standby, or Secondary with LoadBalancing.'),
  peer: Name.describe('The other device. It names this one.'),
  url: HttpUrl.describe('Where the other device reaches this one: control agent, or the port of the hook.'),
  user: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[^:\s"\\]+$/, { error: 'write a name without blanks and colons' })
    .optional()
    .describe('Account that the other device gives when it calls this one.'),
  passwordRef: SecretKeyRef.optional().describe('Its password, by reference.'),
  autoFailover: z.boolean().default(true).describe('False: this device does not take over by itself.'),
  heartbeatMilliseconds: z.int().min(0).max(4_294_967_295).default(10_000).describe('Time between heartbeats.'),
  maxResponseMilliseconds: z
    .int()
    .min(0)
    .max(4_294_967_295)
    .default(60_000)
    .describe('Silence after which the other device is taken for dead.'),
  maxAckMilliseconds: z
    .int()
    .min(0)
    .max(4_294_967_295)
    .default(10_000)
    .describe('How long a client may go without an answer of the other device.'),
  maxUnackedClients: z
    .int()
    .min(0)
    .max(4_294_967_295)
    .default(10)
    .describe('Clients without an answer after which the other device is taken for dead.'),
});

const Logger = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(31)
    .regex(/^[A-Za-z0-9][-A-Za-z0-9._]*$/, { error: 'write the name of a logger, for example kea-dhcp4' })
    .describe('Logger as Kea names it, for example kea-dhcp4.'),
  severity: z.enum(['FATAL', 'ERROR', 'WARN', 'INFO', 'DEBUG', 'NONE']).default('INFO').describe('The least that is logged.'),
  debugLevel: z.int().min(0).max(99).default(0).describe('How much DEBUG says.'),
  output: z
    .string()
    .min(1)
    .max(255)
    .regex(/^(stdout|stderr|syslog(:[A-Za-z0-9_-]+)?|\/[A-Za-z0-9._@+/-]+)$/, { error: 'write stdout, stderr, syslog, or a whole path' })
    .default('syslog')
    .describe('Where to: stdout, stderr, syslog, or a file.'),
});

const interfaceOfServer = z
  .string()
  .min(1)
  .max(80)
  .regex(/^(\*|[A-Za-z0-9][A-Za-z0-9._:-]*(\/[0-9a-fA-F:.]+)?)$/, {
    error: 'write the name of an interface, NAME/ADDRESS, or * for all',
  });

const shared = {
  interfaces: z
    .array(interfaceOfServer)
    .max(256)
    .default([])
    .describe('Interfaces that the server listens on; NAME/ADDRESS for one address of it, * for all.'),
  controlSocket: ServerPath.optional().describe('Unix socket through which the server is controlled. Default: what it has is left alone.'),
  lifetimes: DhcpLifetimes.optional().describe('How long leases last where a subnet does not say.'),
  options: DhcpOptionValues.default([]).describe('Options for all clients.'),
  optionSets: z.array(Name).max(16).default([]).describe('Option sets of the profile for all clients.'),
  leaseDatabase: LeaseDatabase.optional().describe('Where leases are kept. Default: what the server has is left alone.'),
  hooks: z
    .array(
      z
        .string()
        .max(100)
        .regex(/^libdhcp_[a-z0-9_]+\.so$/, { error: 'write the file name of a hook library, for example libdhcp_lease_cmds.so' }),
    )
    .max(32)
    .default([])
    .describe(
      'Hook libraries without parameters. Those with parameters stand in raw sections; what highAvailability and flexId need is added.',
    ),
  highAvailability: HighAvailability.optional().describe('The pair that this server is one of.'),
  flexId: z
    .string()
    .min(1)
    .max(1024)
    .regex(/^[\x20-\x7e]*$/, { error: 'write one line of ASCII letters' })
    .optional()
    .describe(
      'Expression of the hook flex_id, by which reservations with flexId, remoteId and interfaceId are found, for example relay4[2].hex.',
    ),
  reservationLookup: z
    .strictObject({
      global: z.boolean().default(false).describe('Look for reservations that belong to no subnet.'),
      inSubnet: z.boolean().default(true).describe('Look for reservations of the subnet.'),
      outOfPool: z
        .boolean()
        .default(false)
        .describe('True: reserved addresses never lie in a pool, and the server need not look there. Saves time.'),
    })
    .optional()
    .describe('Where the server looks for reservations. Default: what it has is left alone.'),
  probe: z
    .strictObject({
      from: Address.describe(
        'Address of the machine that runs Plumbline, in the prefix or among the relays of a subnet that the server has.',
      ),
      to: Address.describe('Address at which the server takes what relays send.'),
    })
    .optional()
    .describe(
      'A real exchange after each change: as a relay at `from`, Plumbline asks for an address that it does not take. Needs the right to use port 67, or 547 in IPv6. Default: the leases of the server are asked for, and no client is played.',
    ),
  loggers: z.array(Logger).max(64).default([]).describe('What is logged. Default: what the server has is left alone.'),
};

const DhcpServer4 = z.strictObject({
  ...shared,
  socketType: z.enum(['Raw', 'UDP']).optional().describe('UDP: only clients behind relays are served. Default: Raw.'),
  authoritative: z.boolean().default(false).describe('Refuse clients that ask for an address of another network.'),
  nextServer: Address.optional().describe('Server that clients boot from.'),
  serverName: BootText.max(63).optional().describe('Name of the server that clients boot from.'),
  bootFile: BootText.optional().describe('Boot file of clients.'),
});

const DhcpServer6 = z.strictObject({
  ...shared,
  macSources: z
    .array(
      z.enum([
        'any',
        'raw',
        'duid',
        'ipv6-link-local',
        'client-link-addr-option',
        'remote-id',
        'subscriber-id',
        'docsis-cmts',
        'docsis-modem',
      ]),
    )
    .max(9)
    .default([])
    .describe('Where the hardware address of a client is taken from, for reservations with hwAddress. Default: any.'),
  serverId: z
    .strictObject({
      type: z.enum(['LLT', 'LL', 'EN']).describe('How the DUID of the server is made.'),
      persist: z.boolean().default(true).describe('Keep it over a restart.'),
    })
    .optional()
    .describe('DUID of the server. Default: what the server has is left alone.'),
});

/** A DHCP server: its daemon for IPv4, for IPv6, or both. Its subnets are objects of their own (DHCPSubnet). */
export const DeviceDHCP = z
  .strictObject({
    hookDirectory: ServerPath.default('/usr/lib/x86_64-linux-gnu/kea/hooks').describe(
      'Folder of the hook libraries on the server. Default: that of Debian on x86-64.',
    ),
    ipv4: DhcpServer4.optional().describe('The server for IPv4. Default: this device serves no IPv4.'),
    ipv6: DhcpServer6.optional().describe('The server for IPv6. Default: this device serves no IPv6.'),
  })
  .refine((dhcp) => dhcp.ipv4 !== undefined || dhcp.ipv6 !== undefined, {
    error: 'serves nothing; write ipv4, ipv6, or both',
  });
export type DeviceDHCP = z.infer<typeof DeviceDHCP>;

/** What both servers of a device have. */
export type DhcpServer = NonNullable<DeviceDHCP['ipv4'] | DeviceDHCP['ipv6']>;

/** Kea's API over HTTP: the control agent, or the daemons themselves. */
export const KeaApi = z
  .strictObject({
    agentPort: z.int().min(1).max(65_535).optional().describe('Port of the control agent, usually 8000.'),
    ipv4Port: z.int().min(1).max(65_535).optional().describe('Port of the IPv4 server itself. Kea 2.7.2 or newer.'),
    ipv6Port: z.int().min(1).max(65_535).optional().describe('Port of the IPv6 server itself. Kea 2.7.2 or newer.'),
    tls: z.boolean().default(true).describe('False: HTTP without TLS. Passwords are then sent in clear text.'),
    serverName: z
      .string()
      .min(1)
      .max(253)
      .regex(/^[A-Za-z0-9.-]+$/, { error: 'write the name in the certificate' })
      .optional()
      .describe('Name in the certificate of the server. Default: its address.'),
  })
  .refine((api) => (api.agentPort === undefined) !== (api.ipv4Port === undefined && api.ipv6Port === undefined), {
    error: 'it leads nowhere, or two ways; write either agentPort (control agent), or ipv4Port and ipv6Port (the servers themselves)',
  });
export type KeaApi = z.infer<typeof KeaApi>;
