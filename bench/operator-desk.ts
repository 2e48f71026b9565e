import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { stringify } from 'yaml';
import { loadKubeConfig, openKubeClient } from '../controller/kube/index.ts';
import { systemClock } from '../controller/lib/index.ts';
import { openKubeStore, openStore, type Store } from '../controller/store/index.ts';
import { up } from '../test/lab/kube/index.ts';
import { type Cost, costOf } from './cost.ts';

/** An operator as a process of its own, and what it publishes, seen from outside. */
export interface Desk {
  store: Pick<Store, 'objects'>;
  /** What was asked of the operator's store so far: objects and artifacts written. */
  writes(): Promise<number>;
  /** Of the operator so far. */
  cost(): Cost;
  close(): Promise<void>;
}

export interface DeskOptions {
  folder: string;
  repository: string;
  secrets: string;
  intervalSeconds: number;
}

const plumb = join(import.meta.dirname, '..', 'bin', 'plumb');

/** `plumb up` with a new store of SQLite. */
export async function openLocalDesk({ folder, repository, secrets, intervalSeconds }: DeskOptions): Promise<Desk> {
  const storeFolder = join(folder, 'store');
  const store = await openStore(storeFolder);
  const places = ['--store', storeFolder, '--secrets', secrets, '--port', '0'];
  const intervals = ['--interval', String(intervalSeconds), '--git-interval', '3600'];
  const operator = start(['up', `file://${repository}`, ...places, ...intervals]);
  const db = new DatabaseSync(join(storeFolder, 'plumbline.db'), { readOnly: true });
  return {
    store,
    writes: () => Promise.resolve(Number(db.prepare('SELECT value FROM sequence').get()?.['value'] ?? 0)),
    cost: () => costOfRunning(operator),
    close: async () => {
      await end(operator);
      db.close();
      store.close();
    },
  };
}

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
  const operator = start(['operator', '-n', namespace, '--host', '127.0.0.1', '--port', String(port), ...places]);
  return {
    store,
    writes: () => countRequests(port),
    cost: () => costOfRunning(operator),
    close: async () => {
      await end(operator);
      await client.close();
      await lab.down();
    },
  };
}

function start(words: readonly string[]): ChildProcess {
  return spawn(plumb, words, { stdio: ['ignore', 'ignore', 'ignore'] });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

function costOfRunning({ pid, exitCode }: ChildProcess): Cost {
  const cost = costOf(pid);
  if (!cost) throw new Error(`the operator ended with ${exitCode}`);
  return cost;
}

/** Requests of the operator that write, by its own count. Before it leads there are none. */
async function countRequests(port: number): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`).catch(() => undefined);
  const lines = (await answer?.text())?.split('\n') ?? [];
  const writing = lines.filter((line) => line.startsWith('rest_client_requests_total{') && !line.includes('method="GET"'));
  return writing.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

/** Resolves when the condition holds; asks twenty times a second. */
export async function until(what: string, limitMs: number, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited ${limitMs / 1000} s in vain: ${what}`);
    await wait(50);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address ? address.port : 0;
}

function namespaceNamed(name: string): string {
  return stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}
