import {
  type DesiredObject,
  type DeviceDHCP,
  type DhcpClientClassIntent,
  type DhcpIntent,
  type DhcpServer,
  type DhcpServerIntent,
  type HighAvailabilityIntent,
  type IpFamily,
  type LeaseDatabaseIntent,
  type SecretKeyRef,
  type SecretPlace,
  optionNamesOf,
  ownOptionSpace,
} from '../api/index.ts';
import type { Compilation } from './context.ts';
import { compileClasses } from './dhcp-classes.ts';
import { compileBoot, compileLifetimes, compileOptions } from './dhcp-options.ts';
import { type CompiledSubnet, compileSubnet, familyOfSubnet } from './dhcp-subnets.ts';
import { errors } from './errors.ts';
import { compareText } from './order.ts';
import { ownerOf, titleOf } from './owner.ts';

/** The DHCP server of a device with every subnet that names it; null when the device is none. */
export function compileDhcp(compilation: Compilation): DhcpIntent | null {
  const { device } = compilation;
  const { dhcp } = device.spec;
  if (!dhcp) return null;
  const servers = (['ipv4', 'ipv6'] as const).flatMap((family) => compileServer(compilation, dhcp, family) ?? []);
  return { ...ownerOf(device, ['spec', 'dhcp']), hookDirectory: dhcp.hookDirectory, servers };
}

function compileServer(compilation: Compilation, dhcp: DeviceDHCP, family: IpFamily): DhcpServerIntent | undefined {
  const { device, desired } = compilation;
  const server = dhcp[family];
  if (!server) return undefined;
  const profile = device.spec.profile === undefined ? undefined : desired.get('DeviceProfile', device.spec.profile);
  const names = optionNamesOf(family, compilation.profile?.dhcp);
  const missing = (object: DesiredObject, lacks: string): void => {
    const facts = { device: device.metadata.name, object: titleOf(object), lacks };
    compilation.problems.push(errors.IntentIncomplete(facts, { at: object.position }));
  };
  const owner = ownerOf(device, ['spec', 'dhcp', family]);
  const subnets = desired
    .subnets()
    .filter((subnet) => familyOfSubnet(subnet) === family)
    .map((subnet) => compileSubnet(subnet, names, (lacks) => missing(subnet, lacks)))
    .sort((a, b) => a.subnet.id - b.subnet.id);
  const { ipv4, ipv6 } = dhcp;
  return {
    ...owner,
    family,
    interfaces: server.interfaces,
    socketType: family === 'ipv4' ? (ipv4?.socketType ?? null) : null,
    authoritative: family === 'ipv4' ? (ipv4?.authoritative ?? false) : null,
    controlSocket: server.controlSocket ?? null,
    leaseDatabase: compileDatabase(server),
    lifetimes: compileLifetimes(server.lifetimes),
    boot: compileBoot(family === 'ipv4' ? (ipv4 ?? {}) : {}, family),
    hooks: compileHooks(server),
    flexId: server.flexId ?? null,
    highAvailability: compilePair(compilation, server, family, missing),
    reservationLookup: server.reservationLookup ?? null,
    macSources: family === 'ipv6' ? (ipv6?.macSources ?? []) : [],
    serverId: family === 'ipv6' ? (ipv6?.serverId ?? null) : null,
    loggers: [...server.loggers].sort((a, b) => compareText(a.name, b.name)),
    options: compileOptions(server, names, (lacks) => missing(device, lacks)),
    optionDefinitions: (compilation.profile?.dhcp?.optionDefinitions ?? []).flatMap((each, i) =>
      profile === undefined || (each.family === 'IPv4') !== (family === 'ipv4')
        ? []
        : [
            {
              ...ownerOf(profile, ['spec', 'dhcp', 'optionDefinitions', i]),
              option: each.name,
              code: each.code,
              space: each.space ?? ownOptionSpace(family),
              type: each.type,
              record: each.record,
              array: each.array,
              encapsulates: each.encapsulates ?? null,
            },
          ],
    ),
    clientClasses: [
      ...compileClasses(compilation.profile?.dhcp, names, {
        owner: (i) => ownerOf(profile ?? device, ['spec', 'dhcp', 'clientClasses', i]),
        onMissing: (lacks) => missing(profile ?? device, lacks),
      }),
      ...subnets.flatMap(({ bootClasses }): readonly DhcpClientClassIntent[] => bootClasses),
    ],
    subnets: subnets.filter(({ sharedNetwork }) => sharedNetwork === undefined).map(({ subnet }) => subnet),
    sharedNetworks: compileNetworks(subnets),
  };
}

function compileNetworks(subnets: readonly CompiledSubnet[]): DhcpServerIntent['sharedNetworks'] {
  const byName = Map.groupBy(
    subnets.filter(({ sharedNetwork }) => sharedNetwork !== undefined),
    ({ sharedNetwork }) => sharedNetwork ?? '',
  );
  return [...byName]
    .sort(([a], [b]) => compareText(a, b))
    .flatMap(([sharedNetwork, members]) => {
      const [first] = members;
      if (!first) return [];
      const { kind, name, source } = first.subnet;
      return [{ kind, name, source, sharedNetwork, subnets: members.map(({ subnet }) => subnet) }];
    });
}

function compileDatabase({ leaseDatabase }: DhcpServer): LeaseDatabaseIntent | null {
  if (!leaseDatabase) return null;
  const { type, persist, path, cleanupSeconds, host, port, name, user, passwordRef } = leaseDatabase;
  return {
    type,
    persist,
    path: path ?? null,
    cleanupSeconds: cleanupSeconds ?? null,
    host: host ?? null,
    port: port ?? null,
    database: name ?? null,
    user: user ?? null,
    password: placeOf(passwordRef),
  };
}

/** A pair tells its leases through the commands of lease_cmds. */
function compileHooks({ hooks, highAvailability }: DhcpServer): string[] {
  return [...new Set([...hooks, ...(highAvailability ? ['libdhcp_lease_cmds.so'] : [])])];
}

/** Both servers of a pair, as both are told: what a peer says of itself stands in its own Device. */
function compilePair(
  { device, desired }: Compilation,
  { highAvailability }: DhcpServer,
  family: IpFamily,
  missing: (object: DesiredObject, lacks: string) => void,
): HighAvailabilityIntent | null {
  if (!highAvailability) return null;
  const { mode, heartbeatMilliseconds, maxResponseMilliseconds, maxAckMilliseconds, maxUnackedClients } = highAvailability;
  const other = desired.get('Device', highAvailability.peer)?.spec.dhcp?.[family]?.highAvailability;
  if (!other) missing(device, `its peer ${highAvailability.peer} has no highAvailability in spec.dhcp.${family}`);
  const peers = [
    { name: device.metadata.name, says: highAvailability },
    { name: highAvailability.peer, says: other },
  ].flatMap(({ name, says }) =>
    says === undefined
      ? []
      : [
          {
            peer: name,
            url: says.url.endsWith('/') ? says.url : `${says.url}/`,
            role: says.role,
            autoFailover: says.autoFailover,
            user: says.user ?? null,
            password: placeOf(says.passwordRef),
          },
        ],
  );
  return {
    thisServer: device.metadata.name,
    mode,
    heartbeatMilliseconds,
    maxResponseMilliseconds,
    maxAckMilliseconds,
    maxUnackedClients,
    peers: peers.sort((a, b) => Number(b.role === 'Primary') - Number(a.role === 'Primary') || compareText(a.peer, b.peer)),
  };
}

function placeOf(ref: SecretKeyRef | undefined): SecretPlace | null {
  return ref === undefined ? null : { secret: ref };
}
