import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asAccount, giveTo, isOrdinaryUser, stateFolder } from './people.ts';
import { endAll, isAlive, readPid, run, type Ran, tryRun, until } from './shell.ts';
import type { RouterFacts, RouterSpec } from './spec.ts';

/**
 * Namespace, own machine id, boot id, /etc/frr, /run/frr and state folder. A holder process keeps the mounts;
 * everything of the router runs in its namespaces, so that the router looks like a machine of its own and the host stays clean.
 */
export async function createNamespace(spec: RouterSpec, namespace: string, dir: string): Promise<RouterFacts> {
  const router: RouterFacts = {
    name: spec.name,
    namespace,
    dir,
    daemons: ['zebra', ...(spec.daemons ?? ['staticd', 'bgpd'])],
    machineId: randomBytes(16).toString('hex'),
  };
  for (const folder of ['', 'etc-frr', 'run-frr', 'state']) mkdirSync(join(dir, folder), { recursive: true, mode: 0o755 });
  writeFileSync(join(dir, 'machine-id'), `${router.machineId}\n`);
  writeFileSync(join(dir, 'boot-id'), `${randomUUID()}\n`);
  await run(['ip', 'netns', 'add', namespace]);
  const log = openSync(join(dir, 'holder.log'), 'a');
  spawn(
    'ip',
    [
      'netns',
      'exec',
      namespace,
      'unshare',
      '-m',
      '-u',
      '--propagation',
      'slave',
      'sh',
      '-ec',
      holder,
      'holder',
      spec.name,
      dir,
      stateFolder,
    ],
    {
      detached: true,
      stdio: ['ignore', log, log],
    },
  ).unref();
  closeSync(log);
  await until(`namespaces of ${spec.name}`, () => readPid(join(dir, 'holder.pid')), 10_000);
  await inside(router, ['sh', '-ec', network]);
  return router;
}

const holder = `
hostname "$1"
mount --bind "$2/machine-id" /etc/machine-id
mount --bind "$2/boot-id" /proc/sys/kernel/random/boot_id
mount --bind "$2/etc-frr" /etc/frr
mount --bind "$2/run-frr" /run/frr
mount -t tmpfs -o size=1m,mode=0711 state "$3"
[ "\${PLUMB_LAB_USERNS:-}" = 1 ] || chown plumb-apply:plumb-apply "$3"
echo $$ > "$2/holder.pid.new"; mv "$2/holder.pid.new" "$2/holder.pid"
exec sleep infinity`;

const network = `
ip link set lo up
sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.ip_unprivileged_port_start=0`;

/** Runs a program on the router as root; it must succeed. */
export function inside(
  router: RouterFacts,
  argv: readonly string[],
  options: { input?: string; timeoutMs?: number } = {},
): Promise<string> {
  return run(enter(router, argv), options);
}

/** Runs a program on the router as root, whatever comes of it. */
export function tryInside(
  router: RouterFacts,
  argv: readonly string[],
  options: { input?: string; timeoutMs?: number } = {},
): Promise<Ran> {
  return tryRun(enter(router, argv), options);
}

function enter(router: RouterFacts, argv: readonly string[]): string[] {
  return ['nsenter', '-t', String(readPid(join(router.dir, 'holder.pid')) ?? 0), '-m', '-n', '-u', '--', ...argv];
}

/** One run of vtysh with each line as a command of its own; stops at the first one that is refused. */
export function vtysh(router: RouterFacts, ...lines: string[]): Promise<string> {
  return inside(router, ['vtysh', ...lines.flatMap((line) => ['-c', line])]);
}

/** Starts FRR with a configuration, as a boot would, and saves what it understood of it. */
export async function bootWith(router: RouterFacts, config: string): Promise<void> {
  const etc = join(router.dir, 'etc-frr');
  writeFileSync(join(etc, 'frr.conf'), config, { mode: 0o660 });
  writeFileSync(join(etc, 'vtysh.conf'), '', { mode: 0o644 });
  writeFileSync(join(router.dir, 'frr.log'), '');
  await giveTo('frr:frrvty', etc, join(router.dir, 'frr.log'));
  await giveTo('frr:frr', join(router.dir, 'run-frr'));
  chmodSync(etc, 0o2770); // whoever saves, the file stays readable for the group
  await startDaemons(router);
  await loadStartup(router);
  await vtysh(router, 'write');
}

/** Starts the daemons without any configuration. */
export async function startDaemons(router: RouterFacts, daemons: readonly string[] = router.daemons): Promise<void> {
  for (const daemon of daemons) {
    const log = daemon === 'zebra' ? join(router.dir, 'frr.log') : join(router.dir, `${daemon}.log`);
    writeFileSync(log, '', { flag: 'a' });
    await giveTo('frr:frr', log);
    await inside(router, [`/usr/lib/frr/${daemon}`, '-d', '--log', `file:${log}`]);
  }
  await until(`${daemons.join(', ')} of ${router.name}`, async () => {
    const { stdout } = await tryInside(router, ['vtysh', '-c', 'show daemons']);
    return daemons.every((daemon) => stdout.split(/\s+/).includes(daemon));
  });
}

/** Loads frr.conf into the running daemons. */
export async function loadStartup(router: RouterFacts): Promise<void> {
  await inside(router, ['vtysh', '-b'], { timeoutMs: 60_000 });
}

/** Process id of a daemon, or undefined when it does not run. */
function daemonPid(router: RouterFacts, daemon: string): number | undefined {
  const pid = readPid(join(router.dir, 'run-frr', `${daemon}.pid`));
  return pid !== undefined && isAlive(pid) ? pid : undefined;
}

/** Ends a daemon without a chance to say good-bye. */
export async function killDaemon(router: RouterFacts, daemon: string): Promise<void> {
  const pid = daemonPid(router, daemon);
  if (pid !== undefined) await endAll([pid]);
}

/** sshd inside the router on its management address, two rights apart. */
export async function startSshd(router: RouterFacts, labDir: string, wrapper: string): Promise<void> {
  const config = join(router.dir, 'sshd_config');
  const key = join(router.dir, 'host_key');
  mkdirSync('/run/sshd', { recursive: true });
  for (const user of ['plumb-observe', 'plumb-apply', 'plumb-human']) {
    const log = join(router.dir, `vtysh-${user}.log`);
    writeFileSync(log, '', { flag: 'a', mode: 0o600 });
    await giveTo(user, log);
  }
  writeFileSync(
    config,
    `ListenAddress ${router.inside ?? ''}:22
HostKey ${key}
PidFile ${join(router.dir, 'sshd.pid')}
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
AuthorizedKeysFile ${labDir}/keys/%u.pub
AllowUsers plumb-observe plumb-apply plumb-human
DisableForwarding yes
MaxStartups 50
LogLevel VERBOSE
Match User plumb-observe
  PermitTTY no
  ForceCommand ${wrapper}
  SetEnv VTYSH_LOG=${router.dir}/vtysh-plumb-observe.log
Match User plumb-apply
  PermitTTY no
  SetEnv VTYSH_LOG=${router.dir}/vtysh-plumb-apply.log
Match User plumb-human
  SetEnv VTYSH_LOG=${router.dir}/vtysh-plumb-human.log
`,
  );
  const account = isOrdinaryUser ? asAccount('plumb-apply') : [];
  await inside(router, [...account, '/usr/sbin/sshd', '-f', config, '-E', join(router.dir, 'sshd.log')]);
  await until(`sshd of ${router.name}`, () => readPid(join(router.dir, 'sshd.pid')), 5_000);
}

/** A host key for sshd; gives its fingerprint in the form that is pinned. */
export async function createHostKey(router: RouterFacts): Promise<string> {
  const key = join(router.dir, 'host_key');
  await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', router.name, '-f', key]);
  return (await run(['ssh-keygen', '-l', '-f', `${key}.pub`])).split(' ')[1] ?? '';
}

/** Every process of the router but the one that holds its namespaces. */
async function processesOf(router: RouterFacts): Promise<number[]> {
  const holderPid = readPid(join(router.dir, 'holder.pid'));
  const pids = (await run(['ip', 'netns', 'pids', router.namespace])).split('\n').filter(Boolean).map(Number);
  return pids.filter((pid) => pid !== holderPid);
}

/** Power off and on: all processes end, the boot id changes, FRR loads its startup config. The disk stays. */
export async function reboot(router: RouterFacts, labDir: string, wrapper: string): Promise<void> {
  await endAll(await processesOf(router));
  for (const file of readdirSync(join(router.dir, 'run-frr'))) await run(['rm', '-rf', join(router.dir, 'run-frr', file)]);
  await run(['rm', '-f', join(router.dir, 'sshd.pid')]);
  writeFileSync(join(router.dir, 'boot-id'), `${randomUUID()}\n`); // same inode: it is bind-mounted
  await startDaemons(router);
  await loadStartup(router);
  if (router.inside !== undefined) await startSshd(router, labDir, wrapper);
}

/** What FRR has in its startup config. */
export function startupConfig(router: RouterFacts): string {
  return readFileSync(join(router.dir, 'etc-frr', 'frr.conf'), 'utf8');
}
