import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { stringify } from 'yaml';
import { logFile } from '../controller/cli/log.ts';
import { loadKubeConfig, openKubeClient } from '../controller/kube/index.ts';
import { systemClock } from '../controller/lib/index.ts';
import { openKubeStore, openStore, type Store } from '../controller/store/index.ts';
import { freePort } from '../test/lab/free-ports.ts';
import { up } from '../test/lab/kube/index.ts';
import { type Cost, costOf } from './cost.ts';

/** An operator as a process of its own, and what it publishes, seen from outside. */
export interface Desk {
  store: Pick<Store, 'objects'>;
  /** What was asked of the operator's store so far, by kind: objects and artifacts written. */
  writes(): Promise<Writes>;
  /** When the operator had the newest revision fetched, in milliseconds since 1970. Its log says so. */
  fetchedAt(): number;
  /** Of the operator so far. Throws when it has ended, as it does when it loses its lease. */
  cost(): Cost;
  close(): Promise<void>;
}

/** How often something was written, by kind or, of an API server, by its plural. */
export type Writes = ReadonlyMap<string, number>;

export interface DeskOptions {
  folder: string;
  repository: string;
  secrets: string;
  intervalSeconds: number;
  /** How often Git is asked. Default: hardly ever, so that whoever measures says when. */
  gitSeconds?: number;
  /** Default: Report. */
  ceiling?: 'Enforce';
}

const plumb = join(import.meta.dirname, '..', 'bin', 'plumb');

/** `plumb up` with a new store of SQLite. */
export async function openLocalDesk({
  folder,
  repository,
  secrets,
  intervalSeconds,
  gitSeconds = 3600,
  ceiling,
}: DeskOptions): Promise<Desk> {
  const storeFolder = join(folder, 'store');
  const store = await openStore(storeFolder);
  const db = new DatabaseSync(join(storeFolder, 'plumbline.db'));
  db.exec(counting);
  const places = ['--store', storeFolder, '--secrets', secrets, '--port', '0'];
  const intervals = [
    '--interval',
    String(intervalSeconds),
    '--git-interval',
    String(gitSeconds),
    ...(ceiling ? ['--ceiling', ceiling] : []),
  ];
  const operator = start(folder, ['up', `file://${repository}`, ...places, ...intervals]);
  return {
    store,
    writes: () =>
      Promise.resolve(
        new Map(
          db
            .prepare('SELECT kind, times FROM written')
            .all()
            .map(({ kind, times }) => [String(kind), Number(times)]),
        ),
      ),
    fetchedAt: () => lastFetched(logFile(storeFolder)),
    cost: () => costOfRunning(operator),
    close: async () => {
      await end(operator);
      db.close();
      store.close();
    },
  };
}

/** Whoever writes counts: a replaced row is inserted anew. */
const counting = [
  'CREATE TABLE written (kind TEXT PRIMARY KEY, times INTEGER NOT NULL) STRICT;',
  ...['INSERT ON objects', 'DELETE ON objects', 'INSERT ON artifacts'].map((what, i) => {
    const kind = what.endsWith('artifacts') ? `'Artifact'` : what.startsWith('DELETE') ? 'OLD.kind' : 'NEW.kind';
    const count = `INSERT INTO written VALUES (${kind}, 1) ON CONFLICT (kind) DO UPDATE SET times = times + 1`;
    return `CREATE TRIGGER written${i} AFTER ${what} BEGIN ${count}; END;`;
  }),
].join('\n');

/** `plumb operator` on an API server of its own. */
export async function openClusterDesk({ folder, repository, secrets, intervalSeconds }: DeskOptions): Promise<Desk> {
  const lab = await up();
  const namespace = 'network';
  const port = await freePort();
  await lab.apply(['network', 'plumbline-artifacts'].map(namespaceNamed).join('---\n'));
  const client = openKubeClient(await loadKubeConfig({ file: lab.kubeconfig() }), { manager: 'bench' });
  const store = await openKubeStore({ client, namespace, artifactNamespace: 'plumbline-artifacts', clock: systemClock });
  await store.objects.create({
    kind: 'Fleet',
    name: 'bench',
    spec: { git: { url: `file://${repository}`, intervalSeconds: 3600 }, reads: { intervalSeconds } },
  });
  const places = ['--kubeconfig', lab.kubeconfig(), '--secrets', secrets, '--cache', join(folder, 'cache'), '--allow-local'];
  const operator = start(folder, ['operator', '-n', namespace, '--host', '127.0.0.1', '--port', String(port), ...places]);
  return {
    store,
    writes: async () => countWrites(await client.request({ method: 'GET', path: '/metrics' })),
    fetchedAt: () => lastFetched(operator.log),
    cost: () => costOfRunning(operator),
    close: async () => {
      await end(operator);
      await client.close();
      await lab.down();
    },
  };
}

interface Running {
  child: ChildProcess;
  /** What it logs. */
  log: string;
}

function start(folder: string, words: readonly string[]): Running {
  const log = join(folder, 'operator.log');
  const file = openSync(log, 'w');
  const child = spawn(plumb, words, { stdio: ['ignore', 'ignore', file] });
  closeSync(file);
  return { child, log };
}

async function end({ child }: Running): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

function costOfRunning({ child, log }: Running): Cost {
  const cost = costOf(child.pid);
  if (!cost) throw new Error(`the operator ended with ${child.exitCode ?? child.signalCode}:\n${readFileSync(log, 'utf8').slice(-2000)}`);
  return cost;
}

function lastFetched(log: string): number {
  const line = readFileSync(log, 'utf8')
    .split('\n')
    .findLast((each) => each.includes('"Revision fetched"'));
  if (line === undefined) throw new Error('the log tells of no revision');
  return Date.parse((JSON.parse(line) as { time: string }).time);
}

/** Objects written so far, by the count of the API server: nobody but the operator writes ours, leases and events. */
function countWrites(metrics: string): Writes {
  const counts = new Map<string, number>();
  for (const line of metrics.split('\n')) {
    if (!line.startsWith('apiserver_request_total{') || !/verb="(APPLY|DELETE|PATCH|POST|PUT)"/.test(line)) continue;
    const group = /group="([^"]*)"/.exec(line)?.[1];
    const resource = /resource="([^"]*)"/.exec(line)?.[1] ?? '';
    if (group === 'plumbline.dev' || resource === 'events' || resource === 'secrets')
      counts.set(resource, (counts.get(resource) ?? 0) + Number(line.slice(line.lastIndexOf(' '))));
  }
  return counts;
}

/** Resolves when the condition holds; asks twenty times a second. Throws when the operator has ended: nothing would come any more. */
export async function until(desk: Desk, what: string, limitMs: number, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await holds())) {
    desk.cost();
    if (performance.now() > deadline) throw new Error(`waited ${limitMs / 1000} s in vain: ${what}`);
    await wait(50);
  }
}

function namespaceNamed(name: string): string {
  return stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}
