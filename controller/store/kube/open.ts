import type { Registry } from 'prom-client';
import type { KubeClient } from '../../kube/index.ts';
import { type Clock, type Log, systemClock } from '../../lib/index.ts';
import type { ObjectStore } from '../contract.ts';
import { type Artifacts, defaultMaxBytes } from './artifacts.ts';
import { openFolderArtifacts } from './folder-artifacts.ts';
import { openBelievable } from './identity.ts';
import { openSecretArtifacts } from './secret-artifacts.ts';
import type { Places } from './resources.ts';

export interface KubeStoreOptions extends Places {
  /** Stays open when the store is closed. */
  client: KubeClient;
  clock?: Clock;
  /** Told of watches that broke. */
  log?: Log | undefined;
  /** Counts lists, events and restarts of watches. */
  registry?: Registry | undefined;
  /** Default: Secrets in `artifactNamespace`. A folder must be on a volume that all replicas share. */
  artifacts?: { folder: string };
  /** What artifacts may take in all, compressed. Default 256 MB. */
  maxArtifactBytes?: number;
}

/** See `openKubeStore`. */
export function openKubeObjects(options: KubeStoreOptions): ObjectStore {
  const {
    client,
    namespace,
    artifactNamespace,
    clock = systemClock,
    log,
    registry,
    maxArtifactBytes: maxBytes = defaultMaxBytes,
  } = options;
  const places: Places = { namespace, artifactNamespace };
  const objects = openBelievable({ client, places, clock, log, registry });
  const artifacts: Artifacts = options.artifacts
    ? openFolderArtifacts(options.artifacts.folder, clock, maxBytes)
    : openSecretArtifacts({ client, objects, places, clock, maxBytes });
  const closed = new AbortController();
  return {
    ...objects,
    ...artifacts,
    watch: (kind, signal, labels) => objects.watch(kind, AbortSignal.any([signal, closed.signal]), labels),
    close: () => closed.abort(),
  };
}
