import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** A router made of the machine's own FRR daemons in a network namespace of its own. Needs root; `whyNoLab` says what is missing. */
export interface Lab {
  readonly name: string;
  /** Stops the daemons, starts them empty and loads the text. Gives what vtysh complained about. */
  boot(text: string): Promise<string>;
  /** Sends text through `vtysh -f`, the way a patch is applied. Gives what vtysh complained about. */
  apply(text: string): Promise<string>;
  /** The running configuration, without the lines that frame it. */
  read(): Promise<string>;
  vtysh(command: string): Promise<string>;
  stop(): Promise<void>;
}

const daemonFolder = '/usr/lib/frr';
const allDaemons = [
  'zebra',
  'staticd',
  'bgpd',
  'ospfd',
  'ospf6d',
  'isisd',
  'ripd',
  'ripngd',
  'bfdd',
  'pbrd',
  'pimd',
  'ldpd',
  'pathd',
  'fabricd',
  'eigrpd',
  'vrrpd',
  'babeld',
  'nhrpd',
] as const;
const deadlineMs = 20_000;

/** Why no real FRR can run here; undefined when it can. */
export function whyNoLab(): string | undefined {
  if (process.getuid?.() !== 0) return 'not root';
  if (!existsSync(`${daemonFolder}/bgpd`)) return 'FRR is not installed';
  return spawnSync('ip', ['netns', 'list']).status === 0 ? undefined : 'no network namespaces';
}

/** Daemons by name, with options where they need some: `bgpd -M rpki`. */
export async function startLab(tag: string, daemons: readonly string[] = allDaemons): Promise<Lab> {
  const name = `ce-${process.pid.toString(36)}-${tag}`;
  const config = `/etc/frr/${name}`;
  const run = `/run/frr/${name}`;
  execFileSync('ip', ['netns', 'add', name]);
  execFileSync('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
  execFileSync('ip', ['netns', 'exec', name, 'sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1']);
  execFileSync('install', ['-d', '-o', 'frr', '-g', 'frrvty', '-m770', config]);
  execFileSync('install', ['-d', '-o', 'frr', '-g', 'frr', '-m755', run]);
  writeFileSync(`${config}/vtysh.conf`, '');
  chmodSync(`${config}/vtysh.conf`, 0o644);

  const pids = (): { daemon: string; pid: number }[] =>
    existsSync(run)
      ? readdirSync(run)
          .filter((file) => file.endsWith('.pid'))
          .map((file) => ({ daemon: file.slice(0, -4), pid: Number(readFileSync(`${run}/${file}`, 'utf8')) }))
      : [];

  async function halt(): Promise<void> {
    const running = pids();
    for (const { pid } of running) signal(pid, 'SIGKILL');
    await until(() => !running.some(({ pid }) => isAlive(pid)), 'the daemons end');
    rmSync(run, { recursive: true, force: true });
    execFileSync('install', ['-d', '-o', 'frr', '-g', 'frr', '-m755', run]);
  }

  async function start(): Promise<void> {
    const commands = daemons.map((daemon) => `${daemonFolder}/${daemon} -d -N ${name} --log file:/dev/null 2>/dev/null`).join('\n');
    await sh(['ip', 'netns', 'exec', name, 'unshare', '-u', 'sh', '-c', `hostname router\n${commands}`]);
    await until(() => daemons.every((daemon) => existsSync(`${run}/${daemon.split(' ')[0]}.vty`)), 'the daemons start');
  }

  const load = async (text: string): Promise<string> => {
    const file = `${config}/load.conf`;
    writeFileSync(file, text);
    const { output } = await sh(['unshare', '-u', 'sh', '-c', `hostname router; exec vtysh -N ${name} -f ${file}`]);
    return complaints(output);
  };

  await start();
  let fresh = true;
  return {
    name,
    async boot(text) {
      if (!fresh) {
        await halt();
        await start();
      }
      fresh = false;
      return load(text);
    },
    apply: load,
    async read() {
      const { output } = await sh([
        'unshare',
        '-u',
        'sh',
        '-c',
        `hostname router; exec vtysh -N ${name} -c 'show running-config no-header'`,
      ]);
      return output.replace(/^end$/m, '');
    },
    async vtysh(command) {
      return (await sh(['vtysh', '-N', name, '-c', command])).output;
    },
    async stop() {
      await halt();
      rmSync(run, { recursive: true, force: true });
      rmSync(config, { recursive: true, force: true });
      execFileSync('ip', ['netns', 'del', name]);
    },
  };
}

/** Lines of vtysh that say that something was not taken. */
function complaints(output: string): string {
  return output
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^(\[\d+\||line \d+:$)/.test(line) && !/^(Waiting for children|Configuration file)/.test(line))
    .join('\n');
}

function sh([command = '', ...args]: string[]): Promise<{ output: string; code: number }> {
  return new Promise((resolve) => {
    execFile(command, args, { maxBuffer: 256 * 1024 * 1024, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ output: stdout + stderr, code: error ? Number(error.code ?? 1) : 0 });
    });
  });
}

function signal(pid: number, name: 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already, which is what was wanted.
  }
}

/** A dead process that nobody has reaped yet has no command line. */
function isAlive(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
  } catch {
    return false;
  }
}

async function until(done: () => boolean, what: string): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!done()) {
    if (performance.now() > end) throw new Error(`waited too long until ${what}`);
    await delay(20);
  }
}
