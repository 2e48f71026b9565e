/**
 * A lab of real Kea servers in network namespaces: dhcp4, dhcp6 and a control agent each (basic auth, mutual TLS), an sshd where asked for, and a LAN
 * that servers and clients share. Agents and sshd listen on 127.0.0.1, a port each. `up` gives a handle; `dir/lab.json` describes what stands.
 * Needs Kea, the DHCP clients and root; `whyNot` says what is missing.
 */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeys, createUsers } from '../people.ts';
import { endAll, isAlive, type Ran, readPid, run, tryRun } from '../shell.ts';
import { attachToLan, type Client, createClient } from './client.ts';
import * as servers from './server.ts';
import { ask, type KeaAnswer } from './socket.ts';
import type { JsonMap, KeaFacts, KeaSpec, Part, ServerFacts, Service } from './spec.ts';

export type { Client, Lease4, Lease6, Staying } from './client.ts';
export { hookPath } from './server.ts';
export type { KeaAnswer } from './socket.ts';
export type { Json, JsonMap, KeaFacts, KeaSpec, Part, ServerFacts, ServerSpec, Service } from './spec.ts';

/** What a test or the demo does with a lab that stands. */
export interface KeaLab {
  readonly facts: KeaFacts;
  server(name: string): ServerFacts;
  /** A command over the daemon's own socket, past agent and credentials, as somebody on the server would. */
  command(name: string, service: Service, command: string, args?: JsonMap): Promise<KeaAnswer>;
  /** Running config of a daemon, and the file that a restart loads. */
  running(name: string, service: Service): Promise<JsonMap>;
  file(name: string, service: Service): JsonMap;
  /** Writes the file of a daemon; it takes effect at the next start or reload. */
  writeConfig(name: string, service: Service, config: JsonMap): void;
  /** A client with this hardware address on the LAN, made at first use. */
  client(name: string, mac: string): Promise<Client>;
  pid(name: string, part: Part): number | undefined;
  kill(name: string, part: Part): Promise<void>;
  /** Starts a part that does not run, and waits until it answers. */
  start(name: string, part: Part): Promise<void>;
  /** As an init system would: killed, and started with its file. */
  restart(name: string, part: Part): Promise<void>;
  setLink(name: string, state: 'up' | 'down'): Promise<void>;
  /** Any program as root on a server. */
  inside(name: string, argv: readonly string[], options?: { input?: string; timeoutMs?: number }): Promise<Ran>;
  down(): Promise<void>;
}

/** Why a lab cannot be built here, or undefined when it can. */
export function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return 'not root';
  const missing = [
    '/usr/sbin/kea-dhcp4',
    '/usr/sbin/kea-dhcp6',
    '/usr/sbin/kea-ctrl-agent',
    '/sbin/udhcpc',
    '/sbin/dhclient',
    '/usr/bin/openssl',
    '/usr/bin/nsenter',
  ].filter((path) => !existsSync(path) && !existsSync(`/usr${path}`));
  return missing.length > 0 ? `not installed: ${missing.join(', ')} (sh test/lab/install-peers.sh)` : undefined;
}

/** Builds the lab and waits until every part answers. On failure nothing stays behind. */
export async function up(spec: KeaSpec): Promise<KeaLab> {
  await sweep();
  const prefix = spec.prefix ?? `k${process.pid.toString(36)}`;
  if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,20}$/.test(prefix)) throw new Error(`lab prefix ${JSON.stringify(prefix)}: letters, digits and dashes`);
  await down(prefix);
  try {
    return handle(await build(spec, prefix));
  } catch (error) {
    await down(prefix);
    throw error;
  }
}

/** Takes a lab down by its prefix: what stands, what half stands, and nothing that is not its own. */
export async function down(prefix: string): Promise<void> {
  const dir = folderOf(prefix);
  await endAll(pidFiles(dir).flatMap((path) => ownPid(path, dir) ?? []));
  const namespaces = (await tryRun(['ip', 'netns', 'list'])).stdout.split('\n').map((line) => line.split(' ')[0] ?? '');
  for (const namespace of namespaces.filter((name) => name.startsWith(`${prefix}.`))) {
    await endAll((await tryRun(['ip', 'netns', 'pids', namespace])).stdout.split('\n').filter(Boolean).map(Number));
    await tryRun(['ip', 'netns', 'del', namespace]);
  }
  rmSync(dir, { recursive: true, force: true });
}

/** Finds a lab that stands. */
export function attach(prefix: string): KeaLab {
  return handle(JSON.parse(readFileSync(join(folderOf(prefix), 'lab.json'), 'utf8')) as KeaFacts);
}

/** Prefixes of all Kea labs on this machine, half ones too. */
export function list(): string[] {
  return readdirSync(tmpdir())
    .filter((name) => name.startsWith(folderPrefix))
    .map((name) => name.slice(folderPrefix.length));
}

const folderPrefix = 'plumbline-kea-';

function folderOf(prefix: string): string {
  return join(tmpdir(), `${folderPrefix}${prefix}`);
}

/** Removes labs whose owner has died without taking them down. */
async function sweep(): Promise<void> {
  for (const prefix of list()) {
    const owner = readPid(join(folderOf(prefix), 'owner.pid'));
    if (owner === undefined || owner === process.pid || isAlive(owner) || existsSync(join(folderOf(prefix), 'keep'))) continue;
    await down(prefix);
  }
}

function pidFiles(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.pid') && name !== 'owner.pid')
    .map((name) => join(dir, name));
}

/** The number in a pid file, when the process still is what wrote it: it has the lab's folder in its arguments, or holds namespaces. */
function ownPid(path: string, dir: string): number | undefined {
  const pid = readPid(path);
  if (pid === undefined || !isAlive(pid)) return undefined;
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  return command.includes(`${dir}/`) || (path.endsWith('/holder.pid') && command === 'sleep infinity ') ? pid : undefined;
}

async function build(spec: KeaSpec, prefix: string): Promise<KeaFacts> {
  const dir = folderOf(prefix);
  mkdirSync(dir, { recursive: true });
  chmodSync(dir, 0o755); // unprivileged accounts come through here on their way to sockets and keys
  writeFileSync(join(dir, 'owner.pid'), `${process.pid}\n`);
  if (spec.keep === true) writeFileSync(join(dir, 'keep'), '');
  const { tls, certificate } = await servers.createCertificates(dir);
  const facts: KeaFacts = { prefix, dir, ownerPid: process.pid, keep: spec.keep ?? false, servers: {}, tls };
  if (spec.servers.some(({ ssh }) => ssh === true)) {
    await createUsers();
    for (const user of ['plumb-observe', 'plumb-apply', 'plumb-human']) await run(['usermod', '-a', '-G', '_kea', user]);
    facts.users = await createKeys(dir);
  }
  await run(['ip', 'netns', 'add', `${prefix}.lan`]);
  await run(['ip', '-n', `${prefix}.lan`, 'link', 'add', 'br0', 'type', 'bridge']);
  await run(['ip', '-n', `${prefix}.lan`, 'link', 'set', 'br0', 'up']);
  await Promise.all(
    spec.servers.map(async (wanted) => {
      const server = await servers.createServerNamespaces(wanted, `${prefix}.${wanted.name}`, join(dir, wanted.name), certificate);
      facts.servers[wanted.name] = server;
      await attachToLan(prefix, server.namespace, 'srv', undefined, wanted.addresses);
      for (const service of server.services) servers.writeConfig(server, service, wanted[service] ?? {});
      await Promise.all([...server.services, 'agent' as const].map((part) => servers.start(server, facts, part)));
      if (wanted.ssh === true) await servers.start(server, facts, 'sshd');
    }),
  );
  writeFileSync(join(dir, 'lab.json'), `${JSON.stringify(facts, null, 2)}\n`, { mode: 0o600 });
  return facts;
}

function handle(facts: KeaFacts): KeaLab {
  const of = (name: string): ServerFacts => {
    const server = facts.servers[name];
    if (!server) throw new Error(`the lab has no server ${name}`);
    return server;
  };
  const command: KeaLab['command'] = (name, service, word, args) =>
    ask(of(name).sockets[service], { command: word, ...(args && { arguments: args }) });
  const root = (service: Service) => `Dhcp${service.slice(-1)}`;
  return {
    facts,
    server: of,
    command,
    running: async (name, service) => (await command(name, service, 'config-get')).arguments?.[root(service)] as JsonMap,
    file: (name, service) => (JSON.parse(readFileSync(of(name).files[service], 'utf8')) as Record<string, JsonMap>)[root(service)] ?? {},
    writeConfig: (name, service, config) => servers.writeConfig(of(name), service, config),
    client: (name, mac) => createClient(facts, name, mac),
    pid: (name, part) => servers.pidOf(of(name), part),
    kill: (name, part) => servers.kill(of(name), part),
    start: (name, part) => servers.start(of(name), facts, part),
    restart: async (name, part) => {
      await servers.kill(of(name), part);
      await servers.start(of(name), facts, part);
    },
    setLink: async (name, state) => {
      await run(['ip', '-n', of(name).namespace, 'link', 'set', 'srv', state]);
    },
    inside: (name, argv, options) => servers.insideServer(of(name), argv, options),
    down: () => down(facts.prefix),
  };
}
