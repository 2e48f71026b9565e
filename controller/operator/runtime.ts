import type { Registry } from 'prom-client';
import type { Corridor } from '../pipeline/index.ts';
import type { Log } from '../lib/index.ts';
import type { ObjectStore } from '../store/index.ts';
import type { OperatorMetrics } from './metrics.ts';

/** Something that people should see beside an object: on transitions only. `reason` is a code of the closed list. */
export interface Notice {
  kind: 'Fleet' | 'Device' | 'ChangePlan';
  name: string;
  uid: string;
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
}

/** Where notices go: Kubernetes Events in a cluster, objects of the store under `plumb up`. Never throws, never waits. */
export type NoticeSink = (notice: Notice) => void;

/** What the operator stands on, in a cluster and on one machine alike. */
export interface Runtime {
  /** Baselines, journal and history; secrets; drivers; the clock. */
  corridor: Corridor;
  /** The objects that people see. */
  objects: ObjectStore;
  notify: NoticeSink;
  log: Log;
  metrics: OperatorMetrics;
  /** Where all of them are read from. */
  registry: Registry;
  /** Folder for mirrors of repositories. */
  cacheFolder: string;
}
