import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { bareEnvironment, until } from '../../lab/shell.ts';

const plumb = join(import.meta.dirname, '../../../bin/plumb.js');

/** A line of the operator's log. */
export interface Line {
  level: string;
  msg: string;
  [field: string]: unknown;
}

/** One sample of `/metrics`. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** `plumb operator` as a process, the way a pod runs it. */
export interface Replica {
  readonly name: string;
  readonly log: readonly Line[];
  /** True from the moment it works as the leader, also when it is dead by now. */
  leads(): boolean;
  /** As it stands in the lease; known once it has begun to wait for it. */
  identity(): string | undefined;
  /** Of its HTTP server; known once it has begun to wait for the lease. */
  url(): string | undefined;
  metrics(): Promise<Sample[]>;
  /** 200 or 503. */
  readiness(): Promise<number>;
  signal(signal: NodeJS.Signals): void;
  /** Resolves when the process has ended, with its exit code, or null when a signal ended it. */
  ended(): Promise<number | null>;
  isRunning(): boolean;
}

export interface ReplicaOptions {
  name: string;
  kubeconfig: string;
  namespace: string;
  artifactNamespace: string;
  secrets: string;
  cache: string;
  /** More words of the command line. */
  argv?: readonly string[];
  /** More of the environment. */
  environment?: Readonly<Record<string, string>>;
}

export function startReplica(options: ReplicaOptions): Replica {
  const { name, kubeconfig, namespace, artifactNamespace, secrets, cache, argv = [], environment = {} } = options;
  const words = ['operator', '--kubeconfig', kubeconfig, '-n', namespace, '--artifact-namespace', artifactNamespace];
  const places = ['--secrets', secrets, '--cache', cache, '--allow-local', '--host', '127.0.0.1', '--port', '0'];
  // Gone with the test run, also when that is killed and this one is stopped.
  const bound = existsSync('/usr/bin/setpriv') ? ['/usr/bin/setpriv', '--pdeathsig', 'KILL'] : [];
  const [program = '', ...rest] = [...bound, process.execPath, plumb, ...words, ...places, ...argv];
  const child: ChildProcess = spawn(program, rest, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...bareEnvironment(), HOME: cache, NODE_NO_WARNINGS: '1', ...environment },
  });
  const log: Line[] = [];
  if (child.stderr) createInterface({ input: child.stderr }).on('line', (line) => log.push(parseLine(line)));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const find = (message: string) => log.find(({ msg }) => msg === message);
  const url = () => find('Waiting for the lease')?.['url'] as string | undefined;
  const ask = async (path: string) => {
    const listening = await until(`${name} to listen`, url);
    return await fetch(`${listening}${path}`, { signal: AbortSignal.timeout(10_000) });
  };
  return {
    name,
    log,
    leads: () => find('Leading') !== undefined,
    identity: () => find('Waiting for the lease')?.['identity'] as string | undefined,
    url,
    metrics: async () => parseMetrics(await (await ask('/metrics')).text()),
    readiness: async () => (await ask('/readyz')).status,
    signal: (signal) => void child.kill(signal),
    ended: () => ended,
    isRunning: () => child.exitCode === null && child.signalCode === null,
  };
}

function parseLine(line: string): Line {
  try {
    return JSON.parse(line) as Line;
  } catch {
    return { level: 'stderr', msg: line };
  }
}

function parseMetrics(text: string): Sample[] {
  return [...text.matchAll(/^([a-z_][\w:]*)(?:\{(.*)\})? (\S+)$/gim)].map(([, name = '', labels = '', value = '']) => ({
    name,
    labels: Object.fromEntries([...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', word = '']) => [key, word])),
    value: Number(value),
  }));
}
