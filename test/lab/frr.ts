/**
 * A lab of real FRR routers in network namespaces: own machine id, boot id, configuration and sshd each, reached from outside through a
 * loopback door (127.0.0.1, a port per router). `up` gives a handle; what stands is described in `dir/lab.json`.
 * Needs FRR and OpenSSH, and root or `ordinary-user.sh` around it; `whyNot` says what is missing.
 */
import { spawn } from 'node:child_process';
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asAccount, createKeys, createUsers, installWrapper, stateFolder } from './people.ts';
import * as routers from './router.ts';
import { endAll, isAlive, type Ran, readPid, run, tryRun, until } from './shell.ts';
import type { LabFacts, LabSpec, LinkSpec, RouterFacts } from './spec.ts';

export type { LabFacts, LabSpec, LinkEnd, LinkSpec, LoginFacts, RouterFacts, RouterSpec } from './spec.ts';

/** What a test or the demo does with a lab that stands. */
export interface Lab {
  readonly facts: LabFacts;
  router(name: string): RouterFacts;
  /** vtysh as root on a router: one command per argument, stops at the first refusal and throws with its words. */
  vtysh(name: string, ...lines: string[]): Promise<string>;
  /** The same as a person with an account of their own, so that the router's records say who. */
  byHand(name: string, ...lines: string[]): Promise<string>;
  /** Any program as root on a router. */
  inside(name: string, argv: readonly string[]): Promise<Ran>;
  /** Waits until this router has the number of Established sessions. */
  established(name: string, count: number, limitMs?: number): Promise<void>;
  killDaemon(name: string, daemon: string): Promise<void>;
  /** Starts a daemon that was killed, without its configuration. */
  respawnEmpty(name: string, daemon: string): Promise<void>;
  /** Loads the startup config, as the end of a boot. */
  loadStartup(name: string): Promise<void>;
  /** Power off and on with a new boot id. */
  reboot(name: string): Promise<void>;
  killSshd(name: string): Promise<void>;
  startSshd(name: string): Promise<void>;
  /** Takes the interface of a link down, or up again. */
  setLink(name: string, interfaceName: string, state: 'up' | 'down'): Promise<void>;
  /** From now on each door leads to the other router. Again: back. */
  swap(a: string, b: string): void;
  fillDisk(name: string): Promise<void>;
  freeDisk(name: string): Promise<void>;
  startupConfig(name: string): string;
  down(): Promise<void>;
}

/** Why a lab cannot be built here, or undefined when it can. */
export function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return 'not root (an ordinary user: test/lab/ordinary-user.sh COMMAND…)';
  const missing = ['/usr/lib/frr/bgpd', '/usr/bin/vtysh', '/usr/sbin/sshd', '/usr/bin/nsenter', '/usr/bin/unshare'].filter(
    (path) => !existsSync(path),
  );
  if (missing.length > 0) return `not installed: ${missing.join(', ')} (packages frr, openssh-server, util-linux)`;
  return ['/usr/sbin/ip', '/sbin/ip', '/usr/bin/ip', '/bin/ip'].some(existsSync) ? undefined : 'not installed: ip (package iproute2)';
}

/** Builds the lab and waits until every daemon and sshd answers. On failure, or an interrupt in between, nothing stays behind. */
export async function up(spec: LabSpec): Promise<Lab> {
  await sweep();
  const prefix = spec.prefix ?? `pl${process.pid.toString(36)}`;
  if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,30}$/.test(prefix)) throw new Error(`lab prefix ${JSON.stringify(prefix)}: letters, digits and dashes`);
  await down(prefix);
  try {
    const facts = await build(spec, prefix);
    return handle(facts);
  } catch (error) {
    await down(prefix);
    throw error;
  }
}

/** Takes a lab down by its prefix: what stands, what half stands, and nothing that is not its own. */
export async function down(prefix: string): Promise<void> {
  const dir = folderOf(prefix);
  // By pid file as well as by name: the names of an ordinary user's lab are gone with the user namespace that saw them.
  await endAll(pidFiles(dir).flatMap((path) => ownPid(path, dir) ?? []));
  const namespaces = (await tryRun(['ip', 'netns', 'list'])).stdout.split('\n').map((line) => line.split(' ')[0] ?? '');
  for (const namespace of namespaces.filter((name) => name.startsWith(`${prefix}.`))) {
    const pids = (await tryRun(['ip', 'netns', 'pids', namespace])).stdout.split('\n').filter(Boolean).map(Number);
    await endAll(pids);
    await tryRun(['ip', 'netns', 'del', namespace]);
  }
  rmSync(dir, { recursive: true, force: true });
}

/** Finds a lab that stands. */
export function attach(prefix: string): Lab {
  return handle(JSON.parse(readFileSync(join(folderOf(prefix), 'lab.json'), 'utf8')) as LabFacts);
}

/** Prefixes of all labs on this machine, half ones too. */
export function list(): string[] {
  return readdirSync(tmpdir())
    .filter((name) => name.startsWith('plumbline-lab-'))
    .map((name) => name.slice('plumbline-lab-'.length));
}

/** Removes labs whose owner has died without taking them down. */
async function sweep(): Promise<void> {
  for (const prefix of list()) {
    const owner = readPid(join(folderOf(prefix), 'owner.pid'));
    if (owner === undefined || owner === process.pid || isAlive(owner) || existsSync(join(folderOf(prefix), 'keep'))) continue;
    await down(prefix);
  }
}

function folderOf(prefix: string): string {
  return join(tmpdir(), `plumbline-lab-${prefix}`);
}

function pidFiles(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.pid') && name !== 'owner.pid')
    .map((name) => join(dir, name));
}

/** The number in a pid file, when the process still is what wrote it: a daemon with the lab's folder in its arguments, or a holder. */
function ownPid(path: string, dir: string): number | undefined {
  const pid = readPid(path);
  if (pid === undefined) return undefined;
  const command = commandOf(pid);
  return command.includes(`${dir}/`) || (path.endsWith('/holder.pid') && command === 'sleep infinity ') ? pid : undefined;
}

/** The words of a process's command line, each with a blank after it. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

async function build(spec: LabSpec, prefix: string): Promise<LabFacts> {
  const dir = folderOf(prefix);
  mkdirSync(dir, { recursive: true });
  chmodSync(dir, 0o755); // unprivileged accounts come through here on their way to keys and logs
  writeFileSync(join(dir, 'owner.pid'), `${process.pid}\n`);
  if (spec.keep === true) writeFileSync(join(dir, 'keep'), '');
  mkdirSync('/run/frr', { recursive: true });
  await createUsers();
  const users = await createKeys(dir);
  const wrapper = installWrapper(dir);
  const facts: LabFacts = { prefix, dir, ownerPid: process.pid, keep: spec.keep ?? false, routers: {}, links: spec.links, users };
  const built = await Promise.all(
    spec.routers.map((router) => routers.createNamespace(router, `${prefix}.${router.name}`, join(dir, router.name))),
  );
  for (const router of built) facts.routers[router.name] = router;
  await connectLinks(facts, spec.links);
  await connectManagement(facts, spec, prefix);
  await Promise.all(
    spec.routers.map(async (router) => {
      const built = routerOf(facts, router.name);
      for (const address of router.loopbacks ?? []) await routers.inside(built, ['ip', 'addr', 'add', address, 'dev', 'lo']);
      await routers.bootWith(built, router.config);
      if (router.managed !== false) await routers.startSshd(built, dir, wrapper);
    }),
  );
  await openDoors(facts, prefix);
  writeFileSync(join(dir, 'lab.json'), `${JSON.stringify(facts, null, 2)}\n`);
  return facts;
}

async function connectLinks(facts: LabFacts, links: readonly LinkSpec[]): Promise<void> {
  for (const { a, b } of links) {
    const [nsA, nsB] = [routerOf(facts, a.router).namespace, routerOf(facts, b.router).namespace];
    await run(['ip', 'link', 'add', a.interface, 'netns', nsA, 'type', 'veth', 'peer', 'name', b.interface, 'netns', nsB]);
    for (const end of [a, b]) {
      const { namespace } = routerOf(facts, end.router);
      for (const address of end.addresses) {
        const nodad = address.includes(':') ? ['nodad'] : [];
        await run(['ip', '-n', namespace, 'addr', 'add', address, 'dev', end.interface, ...nodad]);
      }
      await run(['ip', '-n', namespace, 'link', 'set', end.interface, 'up']);
    }
  }
}

/** A bridge in a namespace of its own, with `mgmt0` of every managed router in it. */
async function connectManagement(facts: LabFacts, spec: LabSpec, prefix: string): Promise<void> {
  const management = `${prefix}.mgmt`;
  await run(['ip', 'netns', 'add', management]);
  await run(['ip', '-n', management, 'link', 'set', 'lo', 'up']);
  await run(['ip', '-n', management, 'link', 'add', 'br0', 'type', 'bridge']);
  await run(['ip', '-n', management, 'addr', 'add', '10.255.0.254/24', 'dev', 'br0']);
  await run(['ip', '-n', management, 'link', 'set', 'br0', 'up']);
  for (const [index, { name }] of spec.routers.filter((router) => router.managed !== false).entries()) {
    const router = routerOf(facts, name);
    router.inside = `10.255.0.${index + 1}`;
    router.hostKey = await routers.createHostKey(router);
    await run([
      'ip',
      'link',
      'add',
      `m${index + 1}`,
      'netns',
      management,
      'type',
      'veth',
      'peer',
      'name',
      'mgmt0',
      'netns',
      router.namespace,
    ]);
    await run(['ip', '-n', management, 'link', 'set', `m${index + 1}`, 'master', 'br0', 'up']);
    await run(['ip', '-n', router.namespace, 'addr', 'add', `${router.inside}/24`, 'dev', 'mgmt0']);
    await run(['ip', '-n', router.namespace, 'link', 'set', 'mgmt0', 'up']);
  }
}

/** Listening sockets are opened out here and handed to a relay that runs inside the management namespace. */
async function openDoors(facts: LabFacts, prefix: string): Promise<void> {
  const managed = Object.values(facts.routers).filter((router) => router.inside !== undefined);
  const servers: Server[] = [];
  for (const router of managed) {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    router.address = '127.0.0.1';
    router.port = typeof address === 'object' && address !== null ? address.port : 0;
    servers.push(server);
  }
  const doors = join(facts.dir, 'doors.json');
  writeFileSync(doors, JSON.stringify(managed.map((router) => router.inside)));
  const log = openSync(join(facts.dir, 'relay.log'), 'a');
  const argv = ['netns', 'exec', `${prefix}.mgmt`, process.execPath, join(import.meta.dirname, 'relay.ts'), doors, String(servers.length)];
  const relay = spawn('ip', argv, { detached: true, stdio: ['ignore', log, log, ...servers.map(fdOf)] });
  relay.unref();
  closeSync(log);
  writeFileSync(join(facts.dir, 'relay.pid'), `${relay.pid ?? ''}\n`);
  for (const server of servers) server.close();
  await until(
    'the loopback door',
    async () =>
      (await tryRun(['ssh-keyscan', '-T', '2', '-p', String(managed[0]?.port ?? 0), '127.0.0.1'])).stdout !== '' || managed.length === 0,
  );
}

function fdOf(server: Server): number {
  // Node has no public way to the descriptor of a listening socket.
  return (server as unknown as { _handle: { fd: number } })._handle.fd;
}

function routerOf(facts: LabFacts, name: string): RouterFacts {
  const router = facts.routers[name];
  if (router === undefined) throw new Error(`the lab has no router ${name}`);
  return router;
}

function handle(facts: LabFacts): Lab {
  const of = (name: string) => routerOf(facts, name);
  const wrapper = join(facts.dir, 'plumb-observe');
  return {
    facts,
    router: of,
    vtysh: (name, ...lines) => routers.vtysh(of(name), ...lines),
    byHand: (name, ...lines) =>
      routers.inside(of(name), [
        ...asAccount('plumb-human'),
        `VTYSH_LOG=${of(name).dir}/vtysh-plumb-human.log`,
        'vtysh',
        ...lines.flatMap((line) => ['-c', line]),
      ]),
    inside: (name, argv) => routers.tryInside(of(name), argv),
    established: async (name, count, limitMs = 20_000) => {
      await until(`${count} sessions of ${name}`, async () => (await countEstablished(of(name))) === count, limitMs);
    },
    killDaemon: (name, daemon) => routers.killDaemon(of(name), daemon),
    respawnEmpty: async (name, daemon) => {
      await routers.killDaemon(of(name), daemon);
      await routers.startDaemons(of(name), [daemon]);
    },
    loadStartup: (name) => routers.loadStartup(of(name)),
    reboot: (name) => routers.reboot(of(name), facts.dir, wrapper),
    killSshd: async (name) => {
      // The listener and every session of it; the dead-man is not among them.
      const pids = (await run(['ip', 'netns', 'pids', of(name).namespace])).split('\n').filter(Boolean).map(Number);
      await endAll(pids.filter(isSshd));
      rmSync(join(of(name).dir, 'sshd.pid'), { force: true });
    },
    startSshd: (name) => routers.startSshd(of(name), facts.dir, wrapper),
    setLink: async (name, interfaceName, state) => {
      await run(['ip', '-n', of(name).namespace, 'link', 'set', interfaceName, state]);
    },
    swap: (a, b) => swapDoors(facts, a, b),
    fillDisk: async (name) => {
      await routers.tryInside(of(name), ['sh', '-c', `cat /dev/zero > ${stateFolder}/ballast`]);
    },
    freeDisk: async (name) => {
      await routers.inside(of(name), ['rm', '-f', `${stateFolder}/ballast`]);
    },
    startupConfig: (name) => routers.startupConfig(of(name)),
    down: () => down(facts.prefix),
  };
}

async function countEstablished(router: RouterFacts): Promise<number> {
  const { stdout } = await routers.tryInside(router, ['vtysh', '-c', 'show bgp vrf all summary json']);
  return stdout.match(/"state":"Established"/g)?.length ?? 0;
}

function isSshd(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'sshd';
  } catch {
    return false;
  }
}

function swapDoors(facts: LabFacts, a: string, b: string): void {
  const path = join(facts.dir, 'doors.json');
  const [insideA, insideB] = [routerOf(facts, a).inside, routerOf(facts, b).inside];
  const doors = JSON.parse(readFileSync(path, 'utf8')) as string[];
  writeFileSync(path, JSON.stringify(doors.map((door) => (door === insideA ? insideB : door === insideB ? insideA : door))));
}
