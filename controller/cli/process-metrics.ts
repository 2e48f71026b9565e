import { collectDefaultMetrics, Registry } from 'prom-client';
import { defineMetrics } from '../lib/index.ts';
import { version } from './version.ts';

/** What every process of Plumbline says of itself, also one that waits for the lease. */
export const processMetrics = defineMetrics({
  plumbline_build_info: { type: 'gauge', help: 'Always 1: the version that runs.', labels: ['version'] },
});

/**
 * A registry with the figures of the process in it: memory, CPU, event loop, under the names that Node dashboards know. An operator of
 * a region says so on every metric, so that none stands in for another.
 */
export function openRegistry(region = ''): Registry {
  const registry = new Registry();
  if (region !== '') registry.setDefaultLabels({ region });
  collectDefaultMetrics({ register: registry });
  processMetrics.on(registry).plumbline_build_info.set({ version: version() }, 1);
  return registry;
}
