import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonMap } from '../../../controller/config/index.ts';
import { ask, type KeaAnswer } from '../../lab/kea/socket.ts';

/** A daemon that serves nobody: no interface, no lease on disk. It takes a configuration and gives it back in its own words. */
export interface Scratch {
  readonly family: 4 | 6;
  /** What it needs in each configuration to go on answering. */
  readonly base: JsonMap;
  readonly pid: number | undefined;
  ask(command: string, args?: JsonMap, timeoutMs?: number): Promise<KeaAnswer>;
  stop(): Promise<void>;
}

const daemonOf = (family: 4 | 6): string => `/usr/sbin/kea-dhcp${family}`;

/** Why no scratch daemon can run here, or undefined. */
export function whyNoScratch(): string | undefined {
  const missing = ([4, 6] as const).map(daemonOf).filter((path) => !existsSync(path));
  return missing.length > 0 ? `not installed: ${missing.join(', ')} (sh test/lab/install-peers.sh)` : undefined;
}

export async function startScratch(family: 4 | 6): Promise<Scratch> {
  const dir = mkdtempSync(join(tmpdir(), `kea${family}-`));
  const socket = join(dir, 'socket');
  const base: JsonMap = {
    'interfaces-config': { interfaces: [] },
    'control-socket': { 'socket-type': 'unix', 'socket-name': socket },
    'lease-database': { type: 'memfile', persist: false },
    ...(family === 6 && { 'server-id': { type: 'LL', persist: false } }),
    loggers: [{ name: `kea-dhcp${family}`, severity: 'ERROR', output_options: [{ output: join(dir, 'log') }] }],
  };
  const file = join(dir, 'config.json');
  writeFileSync(file, JSON.stringify({ [`Dhcp${family}`]: base }));
  const env = { ...process.env, KEA_PIDFILE_DIR: dir, KEA_LOCKFILE_DIR: dir };
  const child = spawn(daemonOf(family), ['-c', file], { env, stdio: 'ignore' });
  const scratch: Scratch = {
    family,
    base,
    pid: child.pid,
    ask: (command, args, timeoutMs) => ask(socket, { command, ...(args && { arguments: args }) }, timeoutMs),
    async stop() {
      await ended(child);
      rmSync(dir, { recursive: true, force: true });
    },
  };
  await answering(scratch, child);
  return scratch;
}

/** Until the daemon answers; it does within some hundred milliseconds. */
async function answering(scratch: Scratch, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    try {
      await scratch.ask('version-get');
      return;
    } catch (error) {
      if (performance.now() > deadline || child.exitCode !== null) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
