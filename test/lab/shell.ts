import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

export interface Ran {
  rc: number;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end and gives its outcome, whatever that is. Killed after `timeoutMs` (20 s). */
export function tryRun(
  argv: readonly string[],
  options: { input?: string; timeoutMs?: number; env?: NodeJS.ProcessEnv } = {},
): Promise<Ran> {
  const [program = '', ...args] = argv;
  return new Promise((resolve) => {
    const child = execFile(
      program,
      args,
      { timeout: options.timeoutMs ?? 20_000, maxBuffer: 64 << 20, ...(options.env ? { env: options.env } : {}) },
      (error, stdout, stderr) => {
        const rc = error === null ? 0 : typeof error.code === 'number' ? error.code : 255;
        resolve({ rc, stdout, stderr: stderr || (error?.message ?? '') });
      },
    );
    child.stdin?.on('error', () => undefined).end(options.input ?? ''); // a program may end without reading its input
  });
}

/** Runs a program that must succeed; gives its standard output. */
export async function run(argv: readonly string[], options: { input?: string; timeoutMs?: number } = {}): Promise<string> {
  const { rc, stdout, stderr } = await tryRun(argv, options);
  if (rc !== 0) throw new Error(`${argv.join(' ')}: exit ${rc}: ${stderr.trim() || stdout.trim()}`);
  return stdout;
}

/** Of our own environment what a program needs that shall see nothing else of it: where programs are, and what Node compiled before. */
export function bareEnvironment(): NodeJS.ProcessEnv {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  return { PATH, NODE_COMPILE_CACHE };
}

/** Waits until `holds` gives something true; says what it waited for when the limit is reached. */
export async function until<T>(what: string, holds: () => Promise<T> | T, limitMs = 15_000): Promise<NonNullable<T>> {
  const end = performance.now() + limitMs;
  for (;;) {
    const value = await holds();
    if (value) return value;
    const leftMs = end - performance.now();
    if (leftMs < 0) throw new Error(`waited ${limitMs} ms in vain for: ${what}`);
    // What comes soon is seen at once; who waits longer leaves the processor to others, for many a look starts a program.
    await delay(limitMs - leftMs < 5_000 ? 50 : 250);
  }
}

/** False for a zombie too: where PID 1 does not reap, ended processes stay in the table. */
export function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** The number in a pid file, or undefined when there is none. */
export function readPid(path: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(path, 'utf8'), 10) || undefined;
  } catch {
    return undefined;
  }
}

/** Ends processes by their ids and waits until they are gone. */
export async function endAll(pids: readonly number[], signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  const living = pids.filter(isAlive);
  for (const pid of living) {
    try {
      process.kill(pid, signal);
    } catch {
      // ended between the look and the signal
    }
  }
  await until(`end of processes ${living.join(' ')}`, () => !living.some(isAlive), 5_000);
}
