import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Registry } from 'prom-client';
import { createEvents, createLease, type KubeClient, loadKubeConfig, namespaceOf, openKubeClient } from '../../kube/index.ts';
import { sha256, type Log, systemClock } from '../../lib/index.ts';
import {
  type NoticeSink,
  openArtifactSource,
  openGitSource,
  type Operator,
  operatorMetrics,
  operatorPool,
  regionOf,
  type Runtime,
  startOperator,
} from '../../operator/index.ts';
import { corridorOver, parseSelector } from '../../pipeline/index.ts';
import { openKubeStore, openSecrets } from '../../store/index.ts';
import { createReads, serveWeb } from '../../web/index.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exit-code.ts';
import { keepHeapSmall } from '../heap.ts';
import { readsToken } from '../reads-token.ts';
import { openRegistry } from '../process-metrics.ts';
import { openLog } from '../log.ts';
import { followHints } from './cluster-hints.ts';

export interface OperatorCommandOptions {
  namespace?: string;
  kubeconfig?: string;
  context?: string;
  artifactNamespace: string;
  artifacts?: string;
  artifactLimit: number;
  selector?: string;
  secrets?: string;
  allowLocal?: true;
  cache: string;
  host: string;
  port: number;
  workers: number;
}

/** `plumb operator`: the operator in a cluster. One of all replicas leads; a leader that lost its lease ends with an error. */
export async function operator(options: OperatorCommandOptions, { signal }: Context): Promise<ExitCode> {
  keepHeapSmall();
  const log = openLog();
  const place = { file: options.kubeconfig, context: options.context };
  const config = await loadKubeConfig(place);
  const namespace = options.namespace ?? namespaceOf(config);
  const selector = parseSelector(options.selector);
  const registry = openRegistry(regionOf(selector));
  const token = readsToken(process.env);
  const state: { leads: boolean; running?: Operator; lostAt?: number } = { leads: false };
  // A replica that waits for the lease is ready too: it can take over at any time.
  const leaseClient = openKubeClient(config, { manager: 'plumbline', reload: () => loadKubeConfig(place) });
  const metrics = operatorMetrics.on(registry);
  const ended = new AbortController();
  const hooks = followHints({ client: leaseClient, namespace, secretsFolder: options.secrets, metrics, log, signal: ended.signal });
  const web = await serveWeb({
    host: options.host,
    port: options.port,
    registry,
    ready: () => !state.leads || state.running !== undefined,
    // A leader of before that cannot end stands in the way of nobody but itself: it is to be killed.
    healthy: () => state.lostAt === undefined || systemClock.monotonicMs() - state.lostAt < endsWithinMs,
    mount: (app) => {
      app.route('/', hooks);
      // Only the leader looks at devices; what one of before knows is of before.
      const text = () => (state.lostAt === undefined ? state.running?.lastReads() : undefined);
      if (token !== undefined) app.route('/', createReads({ token, text }));
    },
  });
  try {
    const name = options.selector === undefined ? 'plumbline' : `plumbline-${sha256(options.selector).slice(0, 10)}`;
    const lease = createLease({ client: leaseClient, namespace, name, holder: hostname(), log, registry });
    log.info({ namespace, lease: name, identity: lease.identity, url: web.url }, 'Waiting for the lease');
    const leadership = await lease.acquire(signal);
    state.leads = true;
    leadership.lost.addEventListener('abort', () => (state.lostAt = systemClock.monotonicMs()), { once: true });
    const client = openKubeClient(config, {
      manager: 'plumbline',
      registry,
      reload: () => loadKubeConfig(place),
      beforeWrite: () => leadership.check(),
    });
    try {
      const running = AbortSignal.any([signal, leadership.lost]);
      const begun = (operator: Operator) => (state.running = operator);
      await lead({ options, client, namespace, selector, registry, log, keepsReads: token !== undefined, begun }, running);
    } finally {
      await client.close();
      await leadership.release();
    }
    if (leadership.lost.aborted && !signal.aborted) throw leadership.lost.reason;
    return 0;
  } finally {
    ended.abort();
    await leaseClient.close();
    await web.close();
  }
}

/** What a leader that lost its lease still does is done by then. */
const endsWithinMs = 60_000;

/** Of a read that no Fleet speaks for. */
const defaultReadMs = 60_000;

interface Lead {
  options: OperatorCommandOptions;
  client: KubeClient;
  namespace: string;
  selector: Readonly<Record<string, string>>;
  registry: Registry;
  log: Log;
  keepsReads: boolean;
  begun: (operator: Operator) => void;
}

/** Works as the leader until the signal is aborted. */
async function lead({ options, client, namespace, selector, registry, log, keepsReads, begun }: Lead, signal: AbortSignal): Promise<void> {
  const store = await openKubeStore({
    client,
    namespace,
    artifactNamespace: options.artifactNamespace,
    log,
    registry,
    maxArtifactBytes: options.artifactLimit * 2 ** 20,
    ...(options.artifacts !== undefined && { artifacts: { folder: options.artifacts } }),
  });
  const secrets = openSecrets({ environment: process.env, folder: options.secrets, versionKey: await store.versionKey() });
  const corridor = corridorOver({ store, secrets, timeoutMs: defaultReadMs, pool: operatorPool });
  const events = createEvents({ client, controller: 'plumbline.dev/operator', instance: hostname(), log, registry });
  try {
    // A target refuses a writer of a lower epoch: whoever led before cannot write any more.
    const epoch = await store.epochOf(regionOf(selector)).lead();
    log.info({ epoch }, 'Leading');
    const runtime: Runtime = {
      corridor,
      objects: store.objects,
      notify: noticesAsEvents(events, namespace),
      log,
      metrics: operatorMetrics.on(registry),
      registry,
      cacheFolder: join(options.cache, 'mirrors'),
    };
    const openSource = async (fleet: Parameters<Parameters<typeof startOperator>[1]['openSource']>[0]) =>
      fleet.spec.sourceRef
        ? openArtifactSource({ fleet: fleet.name, namespace, spec: fleet.spec, client, clock: corridor.clock })
        : openGitSource({
            fleet: fleet.name,
            spec: fleet.spec,
            cacheFolder: runtime.cacheFolder,
            secrets,
            clock: corridor.clock,
            allowLocal: options.allowLocal === true,
          });
    const { workers } = options;
    const running = await startOperator(runtime, { openSource, workers, selector, knowsGroups: true, epoch, keepsReads }, signal);
    begun(running);
    await running.done;
  } finally {
    await events.close();
    await corridor.close();
  }
}

function noticesAsEvents(events: ReturnType<typeof createEvents>, namespace: string): NoticeSink {
  return ({ kind, name, uid, type, reason, message }) =>
    events.record(
      { apiVersion: 'plumbline.dev/v1alpha1', kind, metadata: { name, namespace, uid } },
      { type, reason, action: actions[kind], note: message },
    );
}

const actions = { Fleet: 'Fetch', Device: 'Read', ChangePlan: 'Change' } as const;
