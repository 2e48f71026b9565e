import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

/** How one Git command is run. Every one has a bound in time and in output. */
export interface GitCommand {
  args: readonly string[];
  /** On top of `cleanEnvironment`; nothing else of our own environment reaches Git. */
  environment?: Readonly<Record<string, string>>;
  /** Written to its standard input. Absent: it has none. */
  input?: string;
  /** Ends the command, and all that it started. Without one, and with one, it ends after a quarter of an hour. */
  signal?: AbortSignal;
  /** Bytes of output that are accepted. Default 64 MiB. */
  maxBytes?: number;
  /** Enforced by the kernel on Git and all that it starts. */
  bounds?: { fileBytes: number; memoryBytes: number };
}

/** Git, or what it started, ended with an error. `words` is what it said; a caller turns it into an error of a table. */
export class GitFailure extends Error {
  readonly words: string;
  readonly exit: number | NodeJS.Signals;

  constructor(words: string, exit: number | NodeJS.Signals) {
    super(words.trim().split('\n').at(-1) || `git ended with ${exit}`);
    this.name = 'GitFailure';
    this.words = words;
    this.exit = exit;
  }
}

/** More output than `maxBytes`. */
export class GitOutputTooLong extends Error {}

/** Git without terminal, locks, replaced objects or fetching on demand. */
const cleanEnvironment: Readonly<Record<string, string>> = {
  PATH: process.env['PATH'] ?? '',
  HOME: process.env['HOME'] ?? '/',
  LC_ALL: 'C',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_NO_LAZY_FETCH: '1',
};

type GitChild = ChildProcessByStdio<Writable | null, Readable, Readable>;

/** Runs Git and gives what it printed. Throws GitFailure, GitOutputTooLong, or the reason of the signal. */
export async function runGit(command: GitCommand): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of streamGit(command)) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

/** Gives the output as it comes. Half an output ends with an error, never with an early end; leaving early ends the command. */
export async function* streamGit(command: GitCommand): AsyncGenerator<Buffer> {
  const deadline = AbortSignal.timeout(15 * 60_000);
  const signal = command.signal ? AbortSignal.any([command.signal, deadline]) : deadline;
  signal.throwIfAborted();
  const child = start(command);
  const ended = endOf(child);
  ended.catch(() => undefined); // Git is not installed: said where it is awaited.
  const stop = (): void => endGroup(child);
  signal.addEventListener('abort', stop, { once: true });
  const words = collectWords(child.stderr);
  let left = command.maxBytes ?? 64 * 1024 * 1024;
  try {
    for await (const part of child.stdout as AsyncIterable<Buffer>) {
      left -= part.length;
      if (left < 0) throw new GitOutputTooLong();
      yield part;
    }
    const exit = await ended;
    signal.throwIfAborted();
    if (exit !== 0) throw new GitFailure(words.text(), exit);
  } finally {
    signal.removeEventListener('abort', stop);
    if (child.exitCode === null && child.signalCode === null) stop();
    await Promise.allSettled([ended]);
  }
}

function start({ args, environment, input, bounds }: GitCommand): GitChild {
  // A group of its own, so that git-remote-https, ssh and index-pack end with it. sh counts blocks of 512 bytes and KiB. The kernel
  // refuses only to raise a limit: then a lower one holds already. Without XFSZ the writer says that the file is too large.
  const lines = ['trap "" XFSZ', '{ ulimit -f "$1"; ulimit -v "$2"; } 2>/dev/null', 'shift 2', 'exec git "$@"'];
  const limited = ['-c', lines.join('\n'), 'sh'];
  const [program, all] = bounds
    ? ['sh', [...limited, `${Math.ceil(bounds.fileBytes / 512)}`, `${Math.ceil(bounds.memoryBytes / 1024)}`, ...args]]
    : ['git', [...args]];
  const child = spawn(program, all, {
    env: { ...cleanEnvironment, ...environment },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    detached: true,
  }) as GitChild;
  child.stdin?.on('error', () => undefined); // Git went away: its exit says so.
  child.stdin?.end(input);
  return child;
}

async function endOf(child: GitChild): Promise<number | NodeJS.Signals> {
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return code ?? signal ?? 'SIGKILL';
}

/** Git removes its temporary files on SIGTERM. What does not listen is killed. */
function endGroup(child: GitChild): void {
  killGroup(child, 'SIGTERM');
  const timer = setTimeout(() => killGroup(child, 'SIGKILL'), 2_000);
  child.once('close', () => clearTimeout(timer));
}

function killGroup(child: GitChild, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // Already gone.
  }
}

/** The last 8 KiB of what it said: a hostile server may say more. */
function collectWords(stream: Readable): { text(): string } {
  let text = '';
  stream.on('data', (part: Buffer) => {
    text = (text + part.toString('latin1')).slice(-8192);
  });
  return { text: () => text };
}
