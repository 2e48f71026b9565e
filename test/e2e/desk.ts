import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bareEnvironment, run } from '../lab/shell.ts';

const root = join(import.meta.dirname, '../..');

/** What an engineer without routers has: the example's repository in Git, an empty store, no secrets. */
export interface Desk {
  folder: string;
  repository: string;
  store: string;
}

export interface Said {
  code: number;
  stdout: string;
  stderr: string;
}

export async function openDesk(): Promise<Desk> {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-e2e-'));
  const desk = { folder, repository: join(folder, 'desired-state'), store: join(folder, 'store') };
  cpSync(join(root, 'desired-state'), desk.repository, { recursive: true });
  await git(desk, 'init', '-q', '-b', 'main');
  await commit(desk, 'The network as it is');
  return desk;
}

/** `plumb` as a user starts it. Killed after a minute: no command without a device takes long. */
export function plumbAt(
  { repository, store }: Pick<Desk, 'repository' | 'store'>,
  argv: readonly string[],
  options: { input?: string; environment?: Record<string, string> } = {},
): Promise<Said> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(root, 'bin/plumb'), argv, {
      cwd: repository,
      env: { ...bareEnvironment(), HOME: repository, PLUMB_STORE: store, NO_COLOR: '1', ...options.environment },
      timeout: 60_000,
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child
      .on('error', reject)
      .on('close', (code, signal) =>
        code === null ? reject(new Error(`plumb ${argv.join(' ')}: ${signal}\n${stderr}`)) : resolve({ code, stdout, stderr }),
      );
    child.stdin.on('error', () => undefined).end(options.input ?? '');
  });
}

export function writeAt({ repository }: Desk, file: string, text: string): void {
  mkdirSync(dirname(join(repository, file)), { recursive: true });
  writeFileSync(join(repository, file), text);
}

/** Replaces text that must be there. */
export function editAt(desk: Desk, file: string, from: string, to: string): void {
  const text = readFileSync(join(desk.repository, file), 'utf8');
  if (!text.includes(from)) throw new Error(`${file} does not hold: ${from}`);
  writeAt(desk, file, text.replace(from, to));
}

export async function commit(desk: Desk, message: string): Promise<void> {
  await git(desk, 'add', '-A');
  await git(desk, 'commit', '-q', '-m', message);
}

export function git({ repository }: Desk, ...argv: string[]): Promise<string> {
  return run([
    'git',
    '-C',
    repository,
    '-c',
    'user.name=An engineer',
    '-c',
    'user.email=engineer@example.net',
    '-c',
    'commit.gpgsign=false',
    ...argv,
  ]);
}
