import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { mkdir, rename } from 'node:fs/promises';
import { freePorts } from '../free-ports.ts';
import { endAll, isAlive, readPid, run, until } from '../shell.ts';
import { dumpFile, install, netboxVersion, type Programs } from './build.ts';

/** In the seeded database: everything may be done with it. */
export const adminToken = 'nbt_plumbline000.0123456789abcdef0123456789abcdef01234567';

interface Facts {
  dir: string;
  url: string;
  programs: Programs;
  ports: { http: number; postgres: number; redis: number };
  /** Modules of plugins that it runs with. */
  plugins: readonly string[];
}

/** A NetBox that stands. */
export interface NetBoxLab {
  readonly dir: string;
  readonly url: string;
  readonly token: string;
  /** SQL past NetBox, for what no API can make: an old time, a broken row. */
  sql(statement: string): Promise<string>;
  /** Starts what sends webhooks: without it they wait. Ends with the others. */
  startWorker(): void;
  /** Back to the empty, seeded database. About 20 s. */
  reset(): Promise<void>;
  /** Ends the processes and removes the folder. */
  down(): Promise<void>;
}

const prefix = 'plumbline-netbox-';
const conf = join(import.meta.dirname, 'conf');

/**
 * Starts PostgreSQL, Redis and NetBox on free ports of loopback: 25 s when NetBox and the dump are in the cache, about 10 minutes the
 * first time. They end with this process unless `keep`. On failure nothing stays behind. With `plugins` it takes
 * a minute or two more the first time.
 */
export async function up(options: { keep?: boolean; plugins?: readonly string[]; say?: (line: string) => void } = {}): Promise<NetBoxLab> {
  const say = options.say ?? (() => undefined);
  await sweep();
  const programs = await install(say);
  const dir = mkdtempSync(join(tmpdir(), prefix));
  chmodSync(dir, 0o755); // PostgreSQL runs as another user where we are root
  writeFileSync(join(dir, options.keep ? 'keep' : 'owner.pid'), String(process.pid));
  try {
    const [http = 0, postgres = 0, redis = 0] = await freePorts(3);
    const facts: Facts = {
      dir,
      url: `http://127.0.0.1:${http}`,
      programs,
      ports: { http, postgres, redis },
      plugins: options.plugins ?? [],
    };
    writeFileSync(join(dir, 'lab.json'), JSON.stringify(facts));
    await startPostgres(facts);
    await startRedis(facts);
    await fillDatabase(facts, say);
    await startNetBox(facts);
    return handle(facts);
  } catch (error) {
    const said = ['postgres', 'redis', 'netbox'].map((name) => tail(dir, name)).join('\n');
    await down(dir);
    throw new Error(`${(error as Error).message}\n${said}`, { cause: error });
  }
}

/** Makes the dump of the empty, seeded database anew: some minutes. */
export async function regenerate(say: (line: string) => void): Promise<void> {
  rmSync(dumpFile(), { force: true });
  await (await up({ say })).down();
}

/** Finds a NetBox that stands by its folder. */
export function attach(dir: string): NetBoxLab {
  return handle(JSON.parse(readFileSync(join(dir, 'lab.json'), 'utf8')) as Facts);
}

/** Folders of all of them on this machine, half ones too. */
export function list(): string[] {
  return readdirSync(tmpdir())
    .filter((name) => name.startsWith(prefix))
    .map((name) => join(tmpdir(), name));
}

export async function down(dir: string): Promise<void> {
  // NetBox first: it would fill its log with complaints about the other two.
  for (const name of ['worker', 'netbox', 'redis', 'postgres']) await stop(dir, name);
  rmSync(dir, { recursive: true, force: true });
}

async function sweep(): Promise<void> {
  for (const dir of list()) {
    const owner = readPid(join(dir, 'owner.pid'));
    if (owner !== undefined && !isAlive(owner)) await down(dir);
  }
}

function handle(facts: Facts): NetBoxLab {
  return {
    dir: facts.dir,
    url: facts.url,
    token: adminToken,
    sql: (statement) => run(psql(facts, 'netbox', '-Atc', statement)),
    startWorker: () => {
      const { programs } = facts;
      start(facts, 'worker', ['env', ...environment(facts), programs.python, '-m', 'netbox', 'rqworker', 'high', 'default', 'low']);
    },
    reset: async () => {
      await stop(facts.dir, 'netbox');
      await run(psql(facts, 'postgres', '-qc', 'DROP DATABASE netbox WITH (FORCE)'));
      await run(['redis-cli', '-p', String(facts.ports.redis), 'flushall']);
      await restore(facts, dumpFile(facts.plugins));
      await startNetBox(facts);
    },
    down: () => down(facts.dir),
  };
}

async function startPostgres(facts: Facts): Promise<void> {
  const { dir, programs, ports } = facts;
  const data = join(dir, 'postgres');
  mkdirSync(data);
  const asOwner = process.getuid?.() === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'] : [];
  if (asOwner.length > 0) await run(['chown', 'postgres:postgres', data]);
  const initdb = join(programs.postgres, 'initdb');
  await run([...asOwner, initdb, '-D', data, '-U', 'netbox', '-A', 'trust', '--no-sync', '-E', 'UTF8', '--locale=C.UTF-8'], {
    timeoutMs: 60_000,
  });
  // Nothing here outlives the machine.
  const fast = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'wal_level=minimal', 'max_wal_senders=0', 'jit=off'];
  const settings = [
    ...fast,
    'listen_addresses=127.0.0.1',
    `port=${ports.postgres}`,
    `unix_socket_directories=${data}`,
    'shared_buffers=256MB',
  ];
  start(facts, 'postgres', [...asOwner, join(programs.postgres, 'postgres'), '-D', data, ...settings.flatMap((each) => ['-c', each])]);
  await until(
    'PostgreSQL',
    () =>
      run(psql(facts, 'postgres', '-c', 'SELECT 1')).then(
        () => true,
        () => false,
      ),
    30_000,
  );
}

async function startRedis(facts: Facts): Promise<void> {
  const port = String(facts.ports.redis);
  start(facts, 'redis', ['redis-server', '--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', facts.dir]);
  await until('Redis', () =>
    run(['redis-cli', '-p', port, 'ping']).then(
      (said) => said.includes('PONG'),
      () => false,
    ),
  );
}

/** The tables of plugins are made in a copy of the plain database, and kept beside it. */
async function fillDatabase(facts: Facts, say: (line: string) => void): Promise<void> {
  const file = dumpFile(facts.plugins);
  if (existsSync(file)) return await restore(facts, file);
  if (existsSync(dumpFile())) await restore(facts, dumpFile());
  else await migrate({ ...facts, plugins: [] }, say);
  if (facts.plugins.length === 0) return;
  say(`making the tables of ${facts.plugins.join(' and ')}, once: a minute or two`);
  await manage(facts, 'migrate', '--no-input');
  await dump(facts, file);
}

async function restore(facts: Facts, file: string): Promise<void> {
  await run(psql(facts, 'postgres', '-qc', 'CREATE DATABASE netbox'));
  await shell(`zcat '${file}' | ${psql(facts, 'netbox', '-q', '-v', 'ON_ERROR_STOP=1').join(' ')} > /dev/null`, 60_000);
}

async function migrate(facts: Facts, say: (line: string) => void): Promise<void> {
  say(`making the database of NetBox ${netboxVersion}, once: 3 to 9 minutes`);
  await run(psql(facts, 'postgres', '-qc', 'CREATE DATABASE netbox'));
  await manage(facts, 'migrate', '--no-input');
  await manage(facts, 'shell', '-c', readFileSync(join(conf, 'seed.py'), 'utf8'));
  await dump(facts, dumpFile());
}

async function dump(facts: Facts, file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const half = `${file}.${process.pid}`;
  await shell(
    `'${join(facts.programs.postgres, 'pg_dump')}' -h 127.0.0.1 -p ${facts.ports.postgres} -U netbox --no-owner netbox | gzip > '${half}'`,
    60_000,
  );
  await rename(half, file);
}

function manage(facts: Facts, ...words: string[]): Promise<string> {
  return run(['env', ...environment(facts), facts.programs.python, '-m', 'netbox', ...words], { timeoutMs: 1_200_000 });
}

/** Two processes with four threads each. Its own request line limit is too short for lists of ids. */
async function startNetBox(facts: Facts): Promise<void> {
  const words = ['-w', '2', '--threads', '4', '-k', 'gthread', '--keep-alive', '75', '--timeout', '300', '--limit-request-line', '8190'];
  const bind = ['-b', `127.0.0.1:${facts.ports.http}`, '--preload', '--no-control-socket'];
  mkdirSync(join(facts.dir, 'root'), { recursive: true });
  start(facts, 'netbox', ['env', ...environment(facts), facts.programs.python, '-m', 'gunicorn', 'netbox.wsgi', ...bind, ...words]);
  const pid = readPid(join(facts.dir, 'netbox.pid')) ?? 0;
  await until(
    'NetBox',
    async () => {
      if (!isAlive(pid)) throw new Error('NetBox ended');
      const answer = await fetch(`${facts.url}/api/status/`, { headers: { authorization: `Bearer ${adminToken}` } }).catch(() => undefined);
      return answer?.ok === true && ((await answer.json()) as Record<string, unknown>)['netbox-version'] === netboxVersion;
    },
    240_000,
  );
}

function environment({ dir, ports, plugins }: Facts): string[] {
  return Object.entries({
    NETBOX_ROOT: join(dir, 'root'),
    NETBOX_CONFIGURATION: 'plumbline_netbox',
    PYTHONPATH: conf,
    PYTHONDONTWRITEBYTECODE: '1',
    NB_DB: 'netbox',
    NB_PLUGINS: plugins.join(','),
    NB_REDIS_DB: '0',
    NB_PG_PORT: String(ports.postgres),
    NB_REDIS_PORT: String(ports.redis),
  }).map(([name, value]) => `${name}=${value}`);
}

function psql({ programs, ports }: Facts, database: string, ...words: string[]): string[] {
  return [join(programs.postgres, 'psql'), '-h', '127.0.0.1', '-p', String(ports.postgres), '-U', 'netbox', '-d', database, ...words];
}

function shell(line: string, timeoutMs: number): Promise<string> {
  return run(['bash', '-o', 'pipefail', '-c', line], { timeoutMs });
}

/** In a session of its own, so that Ctrl-C of a test run lets the run take it down; gone with its owner even when that is killed. */
function start({ dir }: Facts, name: string, argv: readonly string[]): void {
  const log = openSync(join(dir, `${name}.log`), 'a');
  const bound = existsSync(join(dir, 'keep')) ? [] : ['--pdeathsig', 'KILL'];
  // One setpriv: a second one would take another user, which forgets the signal.
  const [program = '', ...words] =
    argv[0] === 'setpriv' ? ['setpriv', ...bound, ...argv.slice(1)] : bound.length > 0 ? ['setpriv', ...bound, ...argv] : argv;
  const child = spawn(program, words, { cwd: dir, detached: true, stdio: ['ignore', log, log] });
  child.on('error', () => undefined); // said by whoever waits for it
  child.unref();
  writeFileSync(join(dir, `${name}.pid`), String(child.pid ?? ''));
}

/** PostgreSQL and gunicorn end their children on a polite word; a killed master's workers see that it is gone within seconds. */
async function stop(dir: string, name: string): Promise<void> {
  const pid = readPid(join(dir, `${name}.pid`));
  if (pid === undefined || !isAlive(pid) || !isOurs(pid, dir)) return;
  process.kill(pid, name === 'postgres' ? 'SIGINT' : 'SIGTERM');
  await until(`end of ${name}`, () => !isAlive(pid), 20_000).catch(() => endAll([pid]));
}

/** A pid may have been given to somebody else since: ours work in our folder. */
function isOurs(pid: number, dir: string): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(dir) || readFileSync(`/proc/${pid}/environ`, 'utf8').includes(dir);
}

function tail(dir: string, name: string): string {
  const path = join(dir, `${name}.log`);
  return existsSync(path) ? `--- ${name}\n${readFileSync(path, 'utf8').split('\n').slice(-15).join('\n')}` : '';
}
