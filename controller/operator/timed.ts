import type { Clock } from '../lib/index.ts';
import type { OperatorMetrics } from './metrics.ts';

/** Does the work and notes how long it took, whatever its end. */
export async function timed<T>(metrics: OperatorMetrics, clock: Clock, kind: 'Device' | 'Fleet', work: () => Promise<T>): Promise<T> {
  const started = clock.monotonicMs();
  const note = (result: 'success' | 'error') =>
    metrics.plumbline_reconcile_duration_seconds.observe({ kind, result }, (clock.monotonicMs() - started) / 1000);
  try {
    const done = await work();
    note('success');
    return done;
  } catch (error) {
    note('error');
    throw error;
  }
}
