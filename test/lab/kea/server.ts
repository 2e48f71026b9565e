import { spawn } from 'node:child_process';
import { createHash, randomBytes, randomUUID, X509Certificate } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort } from '../free-ports.ts';
import { stateFolder } from '../people.ts';
import { endAll, isAlive, type Ran, readPid, run, tryRun, until } from '../shell.ts';
import { ask } from './socket.ts';
import type { JsonMap, KeaFacts, Part, ServerFacts, ServerSpec, Service } from './spec.ts';

const hooks = '/usr/lib/x86_64-linux-gnu/kea/hooks';

/** Where the hooks of Debian's Kea lie. */
export const hookPath = (name: string): string => `${hooks}/libdhcp_${name}.so`;

/** Namespaces, own machine id, boot id and state folder, held by a process. Daemons live in them; agent and sshd listen outside, on loopback. */
export async function createServerNamespaces(spec: ServerSpec, namespace: string, dir: string, certificate: string): Promise<ServerFacts> {
  for (const folder of ['', 'run', 'state']) mkdirSync(join(dir, folder), { recursive: true, mode: 0o755 });
  const machineId = randomBytes(16).toString('hex');
  writeFileSync(join(dir, 'machine-id'), `${machineId}\n`);
  writeFileSync(join(dir, 'boot-id'), `${randomUUID()}\n`);
  await run(['ip', 'netns', 'add', namespace]);
  const log = openSync(join(dir, 'holder.log'), 'a');
  const argv = ['netns', 'exec', namespace, 'unshare', '-m', '-u', '--propagation', 'slave', 'sh', '-ec', holder, 'holder'];
  spawn('ip', [...argv, spec.name, dir, stateFolder], { detached: true, stdio: ['ignore', log, log] }).unref();
  closeSync(log);
  await until(`namespaces of ${spec.name}`, () => readPid(join(dir, 'holder.pid')), 10_000);
  const tls = spec.tls !== false;
  return {
    name: spec.name,
    namespace,
    dir,
    services: (['dhcp4', 'dhcp6'] as const).filter((service) => spec[service] !== undefined),
    url: `${tls ? 'https' : 'http'}://${spec.host ?? '127.0.0.1'}:${await freePort()}/`,
    user: 'plumbline',
    password: spec.password ?? randomBytes(9).toString('base64url'),
    tls,
    certificate,
    sockets: { dhcp4: join(dir, 'run/dhcp4.sock'), dhcp6: join(dir, 'run/dhcp6.sock') },
    files: { dhcp4: join(dir, 'kea-dhcp4.conf'), dhcp6: join(dir, 'kea-dhcp6.conf') },
    machineId,
  };
}

const holder = `
hostname "$1"
ip link set lo up
mount --bind "$2/machine-id" /etc/machine-id
mount --bind "$2/boot-id" /proc/sys/kernel/random/boot_id
mkdir -p "$3"
mount -t tmpfs -o size=8m,mode=0711 state "$3"
echo $$ > "$2/holder.pid.new"; mv "$2/holder.pid.new" "$2/holder.pid"
exec sleep infinity`;

/** The file of a daemon: what the caller wants, and what no caller wants to write each time. */
export function writeConfig(server: ServerFacts, service: Service, config: JsonMap): void {
  const number = service.slice(-1);
  const whole = {
    'control-socket': { 'socket-type': 'unix', 'socket-name': server.sockets[service] },
    'interfaces-config': { interfaces: ['srv'] },
    'lease-database': { type: 'memfile', persist: true, name: join(server.dir, `run/leases${number}.csv`), 'lfc-interval': 0 },
    'hooks-libraries': [{ library: hookPath('lease_cmds') }, { library: hookPath('stat_cmds') }],
    ...(service === 'dhcp6' ? { 'server-id': { type: 'LL', persist: false }, 'mac-sources': ['any'] } : {}),
    loggers: [{ name: `kea-dhcp${number}`, severity: 'INFO', output_options: [{ output: join(server.dir, `${service}.log`) }] }],
    ...config,
  };
  writeFileSync(server.files[service], `${JSON.stringify({ [`Dhcp${number}`]: whole }, null, 2)}\n`);
}

function writeAgentConfig(server: ServerFacts, { tls, users }: KeaFacts): void {
  const url = new URL(server.url);
  const sockets = Object.fromEntries(
    (['dhcp4', 'dhcp6'] as const).map((service) => [service, { 'socket-type': 'unix', 'socket-name': server.sockets[service] }]),
  );
  // The accounts of SSH too: one secret holds both keys.
  const names = [server.user, ...(users ? [users.observe.user, users.apply.user] : [])];
  const agent = {
    'http-host': url.hostname,
    'http-port': Number(url.port),
    'control-sockets': Object.fromEntries(Object.entries(sockets).filter(([service]) => server.services.includes(service as Service))),
    authentication: { type: 'basic', realm: 'plumbline', clients: names.map((user) => ({ user, password: server.password })) },
    ...(server.tls
      ? {
          'trust-anchor': tls.ca,
          'cert-file': join(server.dir, '../server.crt'),
          'key-file': join(server.dir, '../server.key'),
          'cert-required': true,
        }
      : {}),
    loggers: [{ name: 'kea-ctrl-agent', severity: 'INFO', output_options: [{ output: join(server.dir, 'agent.log') }] }],
  };
  writeFileSync(join(server.dir, 'agent.conf'), `${JSON.stringify({ 'Control-agent': agent }, null, 2)}\n`, { mode: 0o600 });
}

/** Starts a part that does not run and waits until it answers. */
export async function start(server: ServerFacts, facts: KeaFacts, part: Part): Promise<void> {
  if (part === 'sshd') return startSshd(server, facts);
  if (part === 'agent') {
    // Kea does not take a port again while connections of the agent before linger there, for a minute.
    if (existsSync(join(server.dir, 'agent.conf'))) server.url = server.url.replace(/:\d+/, `:${await freePort()}`);
    writeAgentConfig(server, facts);
    launch(server, part, ['-m', '-u'], ['kea-ctrl-agent', '-c', join(server.dir, 'agent.conf')]);
    await until(`the agent of ${server.name} (see ${server.dir}/agent.log)`, () => isListening(new URL(server.url)), 5_000);
    return undefined;
  }
  rmSync(server.sockets[part], { force: true });
  launch(server, part, ['-m', '-u', '-n'], [`kea-${part}`, '-c', server.files[part]]);
  const out = join(server.dir, `${part}.out`);
  await until(
    `${part} of ${server.name}`,
    async () => {
      const answer = await ask(server.sockets[part], { command: 'status-get' }).catch(() => undefined);
      return answer?.result === 0;
    },
    20_000,
  ).catch((error: unknown) => {
    throw new Error(`${(error as Error).message}; it ${pidOf(server, part) === undefined ? 'ended' : 'runs'} and said: ${lastOf(out)}`);
  });
  return undefined;
}

function lastOf(file: string): string {
  return readFileSync(file, 'utf8').trim().split('\n').slice(-8).join('\n');
}

function isListening({ hostname, port }: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

/** Daemons make their sockets for the group of Kea, so that an account of that group may speak to them. */
function launch(server: ServerFacts, part: Part, namespaces: readonly string[], argv: readonly string[]): void {
  const out = openSync(join(server.dir, `${part}.out`), 'a');
  const holderPid = readPid(join(server.dir, 'holder.pid')) ?? 0;
  const shell = 'umask 0007; echo $$ > "$1"; shift; exec setpriv --regid _kea --clear-groups "$@"';
  const child = spawn(
    'nsenter',
    ['-t', String(holderPid), ...namespaces, '--', 'sh', '-c', shell, 'sh', join(server.dir, `${part}.pid`), ...argv],
    {
      detached: true,
      stdio: ['ignore', out, out],
      env: { PATH: process.env['PATH'], KEA_PIDFILE_DIR: join(server.dir, 'run'), KEA_LOCKFILE_DIR: join(server.dir, 'run') },
    },
  );
  child.unref();
  closeSync(out);
}

/** Ends a part without a chance to say good-bye. */
export async function kill(server: ServerFacts, part: Part): Promise<void> {
  const pid = pidOf(server, part);
  if (pid !== undefined) await endAll([pid]);
  // A zombie that nobody reaps would be taken for a daemon that runs.
  const name = part === 'agent' ? 'agent.kea-ctrl-agent' : `kea-${part}.kea-${part}`;
  rmSync(join(server.dir, `run/${name}.pid`), { force: true });
}

/** Process id of a part that runs. */
export function pidOf(server: ServerFacts, part: Part): number | undefined {
  const pid = readPid(join(server.dir, `${part}.pid`));
  return pid !== undefined && isAlive(pid) ? pid : undefined;
}

/** Runs a program on the server as root, whatever comes of it. */
export function insideServer(
  server: ServerFacts,
  argv: readonly string[],
  options: { input?: string; timeoutMs?: number } = {},
): Promise<Ran> {
  return tryRun(['nsenter', '-t', String(readPid(join(server.dir, 'holder.pid')) ?? 0), '-m', '-n', '-u', '--', ...argv], options);
}

async function startSshd(server: ServerFacts, facts: KeaFacts): Promise<void> {
  const key = join(server.dir, 'host_key');
  if (!server.ssh) {
    await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', server.name, '-f', key]);
    const hostKey = (await run(['ssh-keygen', '-l', '-f', `${key}.pub`])).split(' ')[1] ?? '';
    server.ssh = { address: '127.0.0.1', port: await freePort(), hostKey };
  }
  const users = Object.values(facts.users ?? {}).map(({ user }) => user);
  await insideServer(server, ['chown', 'plumb-apply:plumb-apply', stateFolder]);
  mkdirSync('/run/sshd', { recursive: true });
  const config = join(server.dir, 'sshd_config');
  writeFileSync(
    config,
    `ListenAddress 127.0.0.1:${server.ssh.port}
HostKey ${key}
PidFile ${join(server.dir, 'sshd.pid')}
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
AuthorizedKeysFile ${facts.dir}/keys/%u.pub
AllowUsers ${users.join(' ')}
DisableForwarding yes
MaxStartups 50
LogLevel VERBOSE
PermitTTY no
`,
  );
  const sockets = `KEA_DHCP4=${server.sockets.dhcp4} KEA_DHCP6=${server.sockets.dhcp6}`;
  const wrapper = join(server.dir, 'plumb-observe');
  copyFileSync(join(import.meta.dirname, '../../../controller/drivers/kea/target/plumb-observe'), wrapper);
  chmodSync(wrapper, 0o755);
  appendFileSync(config, `SetEnv ${sockets}\nMatch User plumb-observe\n  ForceCommand ${wrapper}\n  SetEnv ${sockets}\n`);
  rmSync(join(server.dir, 'sshd.pid'), { force: true });
  // Outside's network, so that no door is needed; the server's own files, name and machine id.
  await run([
    'nsenter',
    '-t',
    String(readPid(join(server.dir, 'holder.pid')) ?? 0),
    '-m',
    '-u',
    '--',
    '/usr/sbin/sshd',
    '-f',
    config,
    '-E',
    join(server.dir, 'sshd.log'),
  ]);
  await until(`sshd of ${server.name}`, () => readPid(join(server.dir, 'sshd.pid')), 5_000);
}

/** An authority, a certificate for the agents and one for the client, in `dir`. Gives the fingerprint of the agents' one. */
export async function createCertificates(dir: string): Promise<{ tls: KeaFacts['tls']; certificate: string }> {
  const path = (name: string) => join(dir, name);
  const key = (name: string) => ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', path(name), '-days', '30'];
  await run([
    'openssl',
    'req',
    '-x509',
    ...key('ca.key'),
    '-out',
    path('ca.crt'),
    '-subj',
    '/CN=lab authority',
    '-addext',
    'basicConstraints=critical,CA:TRUE',
  ]);
  const signed = (name: string, extra: string[]) =>
    run([
      'openssl',
      'req',
      '-x509',
      '-CA',
      path('ca.crt'),
      '-CAkey',
      path('ca.key'),
      ...key(`${name}.key`),
      '-out',
      path(`${name}.crt`),
      '-subj',
      `/CN=${name}`,
      '-addext',
      'basicConstraints=critical,CA:FALSE',
      ...extra,
    ]);
  await Promise.all([
    signed('server', ['-addext', 'subjectAltName=IP:127.0.0.1,IP:127.0.0.2,IP:127.0.0.3,IP:127.0.0.4']),
    signed('client', []),
  ]);
  for (const name of ['server.key', 'client.key']) chmodSync(path(name), 0o600);
  const der = new X509Certificate(readFileSync(path('server.crt'))).raw;
  const certificate = `SHA256:${createHash('sha256').update(der).digest('base64').replace(/=+$/, '')}`;
  return { tls: { ca: path('ca.crt'), cert: path('client.crt'), key: path('client.key') }, certificate };
}
