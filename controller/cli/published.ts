import { hostname, userInfo } from 'node:os';
import type { KubeClient } from '../kube/index.ts';
import { type Clock, systemClock } from '../lib/index.ts';
import { openStore, type Store, storeFolder } from '../store/index.ts';
import { isStoreWatched } from './operator-lock.ts';

/** Where an operator publishes: the store of this machine under `plumb up`, or a namespace of a cluster. */
export interface PlaceOptions {
  store?: string;
  namespace?: string;
  kubeconfig?: string;
  context?: string;
  artifactNamespace: string;
}

export interface Published {
  store: Omit<Store, 'folder'>;
  /** The namespace, or the folder of the store: for messages. */
  where: string;
  /** Set in a cluster. */
  cluster: { namespace: string; client: KubeClient } | undefined;
}

/**
 * What is to be said ahead of verdicts that nobody renews: an InSync of a store whose operator has ended is one of back then. Undefined while
 * an operator works there, and where whoever asks may not see whether one does.
 */
export async function sayUnwatched(
  { where, cluster }: Pick<Published, 'where' | 'cluster'>,
  clock: Pick<Clock, 'now' | 'sleep'> = systemClock,
): Promise<string | undefined> {
  const [isWatched, next] = cluster
    ? [await hasLeader(cluster, clock), 'kubectl get pods -A -l app.kubernetes.io/name=plumbline']
    : [isStoreWatched(where), 'plumb up'];
  if (isWatched) return undefined;
  return `No operator works on ${where}: what stands here was found before, and may not be so any more. Next: ${next}`;
}

/** Where the clock here says that nobody leads, a lease that is renewed meanwhile says that the clock is wrong. */
async function hasLeader({ client, namespace }: NonNullable<Published['cluster']>, clock: Pick<Clock, 'now' | 'sleep'>): Promise<boolean> {
  const { lastLed } = await import('../kube/index.ts');
  const led = await lastLed(client, namespace, 'plumbline');
  if (led === undefined || clock.now().getTime() - led.getTime() < leadsWithinMs) return true;
  if (led.getTime() === 0) return false; // handed back
  await clock.sleep(renewedWithinMs);
  return (await lastLed(client, namespace, 'plumbline'))?.getTime() !== led.getTime();
}

/** The clocks of people and clusters differ a little. */
const leadsWithinMs = 120_000;
/** Whoever leads renews the lease every two seconds. */
const renewedWithinMs = 5_000;

/** True when the command line names a cluster. */
export function meansCluster({ namespace, kubeconfig, context }: PlaceOptions): boolean {
  return namespace !== undefined || kubeconfig !== undefined || context !== undefined;
}

/**
 * Opens what an operator published, for one command. A namespace, a kubeconfig or a context on the command line means the cluster; without
 * one it is the store of this machine.
 */
export async function withPublished<Result>(options: PlaceOptions, work: (published: Published) => Promise<Result>): Promise<Result> {
  const { namespace, kubeconfig, context } = options;
  if (!meansCluster(options)) {
    const folder = options.store ?? storeFolder(process.env);
    const store = await openStore(folder);
    try {
      return await work({ store, where: folder, cluster: undefined });
    } finally {
      store.close();
    }
  }
  const { explainApiError, isApiError, loadKubeConfig, namespaceOf, openKubeClient } = await import('../kube/index.ts');
  const { openKubeStore } = await import('../store/index.ts');
  const config = await loadKubeConfig({ file: kubeconfig, context });
  const client = openKubeClient(config, { manager: 'plumb' });
  const space = namespace ?? namespaceOf(config);
  try {
    const store = await openKubeStore({ client, namespace: space, artifactNamespace: options.artifactNamespace });
    try {
      return await work({ store, where: `namespace ${space}`, cluster: { namespace: space, client } });
    } finally {
      store.close();
    }
  } catch (error) {
    throw isApiError(error) ? explainApiError(error) : error;
  } finally {
    await client.close();
  }
}

/**
 * What the store says, or undefined where whoever asks may not look: in a cluster objects lie in one namespace, history and full reports in
 * another, which is closed to most.
 */
export async function readIfAllowed<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ClusterForbidden') return undefined;
    throw error;
  }
}

/** Who runs a command. */
export interface Person {
  user: string;
  groups: readonly string[];
}

/** Who the API server says one is; on one machine the user there, of whom no groups are known. */
export async function identify({ cluster }: Pick<Published, 'cluster'>): Promise<Person> {
  if (!cluster) return { user: whoami(), groups: [] };
  const resource = { group: 'authentication.k8s.io', version: 'v1', plural: 'selfsubjectreviews', kind: 'SelfSubjectReview' };
  const { status } = await cluster.client.create(resource, { metadata: { name: '' } });
  const { username = '', groups = [] } = (status as { userInfo?: { username?: string; groups?: string[] } } | undefined)?.userInfo ?? {};
  return { user: username, groups };
}

/** The same as objects take a name. One that is longer, as that of an account of a workload may be, could not be read back. */
export async function whoAsks(published: Pick<Published, 'cluster'>): Promise<string> {
  return (await identify(published)).user.slice(0, 200);
}

/** Who gives an order, as far as this machine knows. In a cluster the audit log knows better. */
export function whoami(): string {
  return `${userName()}@${hostname()}`;
}

/** In a container one may be a number that no file gives a name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.()}`;
  }
}
