/**
 * A network under `plumb operator`: simulated routers, their desired state in Git, a Fleet on a real API server, and replicas of the operator
 * as processes with nothing but the rights of the chart.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  BGPSessionSpec,
  BGPSessionStatus,
  ChangePlanSpec,
  ChangePlanStatus,
  Condition,
  DeviceSpec,
  DeviceStatus,
  DriftReportSpec,
  DriftReportStatus,
  FleetSpec,
  FleetStatus,
} from '../../../controller/api/index.ts';
import { newRepository, type People } from '../../git/repository.ts';
import { type KubeLab, LabApiError } from '../../lab/kube/index.ts';
import { until } from '../../lab/shell.ts';
import { nameOf } from '../../simulator/identity.ts';
import { type FleetProcess, startFleetProcess } from '../../simulator/process.ts';
import { brokenInvariants } from '../invariants.ts';
import { makeAccount, makePod } from './pods.ts';
import { type Replica, type ReplicaOptions, startReplica } from './replica.ts';

interface Kinds {
  devices: [DeviceSpec, DeviceStatus];
  driftreports: [DriftReportSpec, DriftReportStatus];
  bgpsessions: [BGPSessionSpec, BGPSessionStatus];
  fleets: [FleetSpec, FleetStatus];
  changeplans: [ChangePlanSpec, ChangePlanStatus];
}

/** An object as the API server has it. */
export interface Published<Spec = unknown, Status = unknown> {
  metadata: {
    name: string;
    uid: string;
    resourceVersion: string;
    generation: number;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  spec: Spec;
  status?: Status;
}

export interface NetworkOptions {
  devices: number;
  /** Default 5. */
  sessionsPerDevice?: number;
  reads: Partial<FleetSpec['reads']>;
  /** Default 5. */
  gitIntervalSeconds?: number;
}

export interface Network {
  readonly lab: KubeLab;
  readonly folder: string;
  readonly namespace: string;
  readonly artifactNamespace: string;
  readonly routers: FleetProcess;
  readonly git: People;
  /** Names of the devices of the first desired state. */
  readonly names: readonly string[];
  /** How many sessions it has. */
  readonly sessions: number;
  start(name: string, options?: Pick<ReplicaOptions, 'argv' | 'environment'>): Promise<Replica>;
  objects<Kind extends keyof Kinds>(kind: Kind): Promise<Published<Kinds[Kind][0], Kinds[Kind][1]>[]>;
  object<Kind extends keyof Kinds>(kind: Kind, name: string): Promise<Published<Kinds[Kind][0], Kinds[Kind][1]> | undefined>;
  /** JSON merge patch, as admin. */
  patch(kind: keyof Kinds, name: string, patch: object): Promise<void>;
  events(): Promise<{ metadata: { resourceVersion: string }; reason: string; note: string; regarding: { kind: string; name: string } }[]>;
  /** Who leads, as the lease says. */
  holder(lease?: string): Promise<string>;
  /** Gives the lease of a process that is known to be dead to whoever comes first, instead of waiting until it expires. */
  freeLease(holder: string): Promise<void>;
  /** Ends every replica and the routers, and removes the folder, after every object has been held to the rules of conditions. */
  close(): Promise<void>;
}

export async function startNetwork(lab: KubeLab, options: NetworkOptions): Promise<Network> {
  const folder = mkdtempSync(join(tmpdir(), 'plumb-network-'));
  const routers = await startFleetProcess(folder, options);
  const git = newRepository(routers.desiredState);
  git.commit();
  const [namespace, artifactNamespace] = await Promise.all([lab.namespace('network'), lab.namespace('artifacts')]);
  await makeAccount(lab, namespace, artifactNamespace);
  const of = (kind: keyof Kinds, name = '') => `/apis/plumbline.dev/v1alpha1/namespaces/${namespace}/${kind}/${name}`.replace(/\/$/, '');
  await lab.api().ask('POST', of('fleets'), {
    apiVersion: 'plumbline.dev/v1alpha1',
    kind: 'Fleet',
    metadata: { name: 'network' },
    spec: { git: { url: `file://${routers.desiredState}`, intervalSeconds: options.gitIntervalSeconds ?? 5 }, reads: options.reads },
  });
  const replicas: Replica[] = [];
  const leaseAt = (name: string) => `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${name}`;
  const holderOf = async (name: string) =>
    (await lab.api().ask<{ spec: { holderIdentity?: string } }>('GET', leaseAt(name))).spec.holderIdentity ?? '';
  return {
    lab,
    folder,
    namespace,
    artifactNamespace,
    routers,
    git,
    sessions: options.devices * (options.sessionsPerDevice ?? 5),
    names: Array.from({ length: options.devices }, (_, i) => nameOf(i)),
    start: async (name, more = {}) => {
      const kubeconfig = await makePod(lab, namespace, name, folder);
      const cache = join(folder, `cache-${name}`);
      const replica = startReplica({ name, kubeconfig, namespace, artifactNamespace, secrets: routers.secrets, cache, ...more });
      replicas.push(replica);
      return replica;
    },
    objects: async (kind) => (await lab.api().ask<{ items: never[] }>('GET', of(kind))).items,
    object: async (kind, name) => {
      try {
        return await lab.api().ask<never>('GET', of(kind, name));
      } catch (error) {
        if (error instanceof LabApiError && error.status === 404) return undefined;
        throw error;
      }
    },
    patch: async (kind, name, patch) => void (await lab.api().ask('PATCH', of(kind, name), patch, 'application/merge-patch+json')),
    events: async () => (await lab.api().ask<{ items: never[] }>('GET', `/apis/events.k8s.io/v1/namespaces/${namespace}/events`)).items,
    holder: (lease = 'plumbline') => holderOf(lease),
    freeLease: async (holder) => {
      if ((await holderOf('plumbline')) !== holder) return;
      await lab.api().ask('PATCH', leaseAt('plumbline'), { spec: { holderIdentity: '' } }, 'application/merge-patch+json');
    },
    close: async () => {
      try {
        if (replicas.some((replica) => replica.isRunning())) await holdsInvariants(lab, of);
      } finally {
        for (const replica of replicas) {
          replica.signal('SIGKILL');
          await replica.ended();
        }
        await routers.close();
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

const published = { fleets: 'Fleet', devices: 'Device', bgpsessions: 'BGPSession', driftreports: 'DriftReport', changeplans: 'ChangePlan' };

/** By the next look each status speaks of its spec again. */
async function holdsInvariants(lab: KubeLab, of: (kind: keyof Kinds) => string): Promise<void> {
  let broken: string[] = [];
  const holds = async () => {
    const kinds = Object.entries(published) as [keyof Kinds, string][];
    const all = await Promise.all(
      kinds.map(async ([resource, kind]) => {
        const { items } = await lab.api().ask<{ items: Published[] }>('GET', of(resource));
        return items.map(({ metadata: { name, generation }, status }) => ({ kind, name, generation, status }));
      }),
    );
    broken = all.flat().flatMap(brokenInvariants);
    return broken.length === 0;
  };
  await until('every object to hold to the rules', holds, 60_000).catch((error: unknown) => {
    throw new Error(broken.join('\n'), { cause: error });
  });
}

export interface Running {
  /** The one that works; throws when none does. */
  leader(): Replica;
  /** From now on none is started any more. */
  stop(): void;
}

/** So many replicas, each of which is followed by another when it ends, as in a Deployment. */
export async function keepRunning(network: Network, count: number): Promise<Running> {
  let isStopped = false;
  let started = 0;
  const running = new Set<Replica>();
  const startOne = async (): Promise<void> => {
    const replica = await until('a pod', () => network.start(`kept-${started++}`).catch(() => undefined), 60_000);
    running.add(replica);
    void replica.ended().then(async () => {
      running.delete(replica);
      if (!isStopped) await startOne();
    });
  };
  for (let i = 0; i < count; i++) await startOne();
  return {
    leader: () => {
      const found = [...running].find((each) => each.leads());
      if (!found) throw new Error('no replica leads');
      return found;
    },
    stop: () => {
      isStopped = true;
    },
  };
}

/** The condition Ready of an object, or undefined while it has none. */
export function readyOf(object: Published<unknown, { conditions: Condition[] }> | undefined): Condition | undefined {
  return object?.status?.conditions.find(({ type }) => type === 'Ready');
}

/** Waits until every device is published and is what Git says, and every session is published and established. */
export async function untilAllReady(network: Network, limitMs = 180_000): Promise<void> {
  const count = async (kind: 'devices' | 'bgpsessions') =>
    (await network.objects(kind)).filter((object) => readyOf(object as Published<unknown, DeviceStatus>)?.status === 'True').length;
  const { names, sessions } = network;
  await until(
    `${names.length} devices and ${sessions} sessions to be Ready`,
    async () => (await count('devices')) === names.length && (await count('bgpsessions')) === sessions,
    limitMs,
  );
}

/** When each device was last read whole, as a replica's metrics say, in milliseconds. */
export async function lastReads(replica: Replica): Promise<Map<string, number>> {
  const samples = await replica.metrics();
  const reads = samples.filter(({ name }) => name === 'plumbline_last_read_timestamp_seconds');
  return new Map(reads.map(({ labels, value }) => [labels['device'] ?? '', value * 1000]));
}

/** Replaces text in a file of the desired state, where it must stand, and commits. Gives the commit. */
export function commitEdit({ git }: Network, file: string, from: string, to: string): string {
  const text = readFileSync(join(git.folder, file), 'utf8');
  if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`);
  return git.commit({ [file]: text.replaceAll(from, to) });
}

/** Every object that people see, by its version. */
export type Versions = ReadonlyMap<string, string>;

export async function versionsOf(network: Network): Promise<Versions> {
  const kinds = ['fleets', 'devices', 'driftreports', 'bgpsessions'] as const;
  const all = await Promise.all(
    kinds.map(async (kind) =>
      (await network.objects(kind)).map(({ metadata }): [string, string] => [`${kind}/${metadata.name}`, metadata.resourceVersion]),
    ),
  );
  return new Map(all.flat());
}

/** Objects that were made, written or taken away since. */
export async function changedSince(network: Network, before: Versions): Promise<string[]> {
  const now = await versionsOf(network);
  return [...new Set([...before.keys(), ...now.keys()])].filter((key) => before.get(key) !== now.get(key));
}
