import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { cacheRoot, lock } from '../cache.ts';
import { run, tryRun } from '../shell.ts';

export const netboxVersion = '4.7.3';
const requirements = join(import.meta.dirname, 'requirements.txt');

/** What a NetBox is started with. */
export interface Programs {
  /** Python of the virtual environment that NetBox is installed in. */
  python: string;
  /** Folder of PostgreSQL's programs. */
  postgres: string;
}

/** Why there can be no NetBox on this machine, or undefined when there can (or may: the package index is tried by installing). */
export async function whyNoNetBox(): Promise<string | undefined> {
  if (process.env['PLUMB_LAB_USERNS'] === '1')
    return 'PostgreSQL refuses to run as the root that a user namespace makes of an ordinary user';
  const [postgres, redis, python] = [await postgresFolder(), await tryRun(['redis-server', '--version']), await findPython()];
  if (postgres === undefined) return 'PostgreSQL is not installed (test/lab/install-netbox.sh)';
  if (redis.rc !== 0) return 'Redis is not installed (test/lab/install-netbox.sh)';
  if (python === undefined) return 'NetBox needs Python 3.12 or newer; name one with PLUMB_LAB_PYTHON';
  if (existsSync(homeOf(python.minor))) return undefined;
  return (await tryRun(['gcc', '--version'])).rc === 0
    ? undefined
    : 'there is no C compiler to install NetBox with (test/lab/install-netbox.sh)';
}

/** Installs NetBox from the package index into the cache unless it is there: about a minute. One installation at a time; whole or not at all. */
export async function install(say: (line: string) => void): Promise<Programs> {
  const [postgres, python] = [await postgresFolder(), await findPython()];
  if (postgres === undefined || python === undefined) throw new Error((await whyNoNetBox()) ?? 'no NetBox here');
  const home = homeOf(python.minor);
  const programs = { python: join(home, 'bin/python'), postgres };
  if (existsSync(home)) return programs;
  await mkdir(cacheRoot(), { recursive: true });
  using _lock = await lock(`${home}.lock`, () => say('another process is building them; waiting for it'));
  if (existsSync(home)) return programs;
  const half = 'installing-netbox-';
  for (const name of await readdir(cacheRoot()))
    if (name.startsWith(half)) await rm(join(cacheRoot(), name), { recursive: true, force: true });
  const work = join(cacheRoot(), `${half}${process.pid}`);
  try {
    say(`installing NetBox ${netboxVersion}, once, into ${cacheRoot()}: about a minute`);
    await run([python.path, '-m', 'venv', work], { timeoutMs: 120_000 });
    await run([join(work, 'bin/python'), '-m', 'pip', 'install', '-q', '--disable-pip-version-check', '--no-deps', '-r', requirements], {
      timeoutMs: 900_000,
    });
    await rename(work, home); // programs of it are run by module name: scripts in bin/ keep the old path
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return programs;
}

/** The seeded, empty database as a dump: one that somebody names, else of the cache, where it may not be yet. */
export function dumpFile(plugins: readonly string[] = []): string {
  if (plugins.length > 0) {
    const of = [digest('conf/seed.py'), digest('requirements.txt'), ...plugins].join('-');
    return join(cacheRoot(), `netbox-${netboxVersion}-${of}-seeded.sql.gz`);
  }
  return process.env['PLUMB_LAB_NETBOX_DUMP'] ?? join(cacheRoot(), `netbox-${netboxVersion}-${digest('conf/seed.py')}-seeded.sql.gz`);
}

function homeOf(minor: string): string {
  return join(cacheRoot(), `netbox-${netboxVersion}-py${minor}-${digest('requirements.txt')}`);
}

function digest(file: string): string {
  return createHash('sha256')
    .update(readFileSync(join(import.meta.dirname, file)))
    .digest('hex')
    .slice(0, 12);
}

async function postgresFolder(): Promise<string | undefined> {
  const { rc, stdout } = await tryRun(['pg_config', '--bindir']);
  const folder = stdout.trim();
  return rc === 0 && existsSync(join(folder, 'postgres')) ? folder : undefined;
}

async function findPython(): Promise<{ path: string; minor: string } | undefined> {
  const named = process.env['PLUMB_LAB_PYTHON'];
  const candidates =
    named === undefined ? ['python3.12', 'python3', ...globSync(join(homedir(), '.pyenv/versions/3.1[2-9]*/bin/python3')).sort()] : [named];
  for (const path of candidates) {
    const { rc, stdout } = await tryRun([path, '-c', 'import sys; print("%d.%d" % sys.version_info[:2])']);
    const minor = stdout.trim();
    if (rc === 0 && Number(minor.split('.')[1]) >= 12) return { path, minor };
  }
  return undefined;
}
