import { createRequire } from 'node:module';
import type * as Prom from 'prom-client';
import type { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** One row of a folder's metric table. The key of the row is the metric's name, unit last. */
export interface MetricRow {
  type: 'counter' | 'gauge' | 'histogram';
  help: string;
  /** Labels from closed sets, never a message. */
  labels?: readonly string[];
  /** Upper bounds of a histogram. */
  buckets?: readonly number[];
  /** A gauge that is worked out when somebody looks: see `onScrape`. */
  computed?: boolean;
  /** A gauge of so many series that they are not kept: they are gone through when somebody looks. */
  listed?: boolean;
}

type LabelOf<Row> = Row extends { labels: readonly (infer Label extends string)[] } ? Label : never;
/** A gauge that keeps no series. */
export interface ListedGauge<Label extends string> {
  /** From now on these are its series, each time that somebody looks. */
  list(series: () => Iterable<{ labels: Record<Label, string>; value: number }>): void;
}

type MetricOf<Row> = Row extends { type: 'counter' }
  ? Counter<LabelOf<Row>>
  : Row extends { listed: true }
    ? ListedGauge<LabelOf<Row>>
    : Row extends { type: 'gauge' }
      ? Gauge<LabelOf<Row>>
      : Histogram<LabelOf<Row>>;

/** A folder's metrics on one registry. */
export type Metrics<Rows> = { readonly [Name in keyof Rows]: MetricOf<Rows[Name]> } & {
  /** Calls `fill` before the `computed` gauges are read. The answer takes it away again. */
  readonly onScrape: (fill: () => void) => () => void;
};

/** A folder's metric table: `on` a registry to count, `rows` for the printed reference. */
export interface MetricTable<Rows> {
  readonly rows: Rows;
  /** The same metrics for the same registry, however often it is asked. Without a registry nobody ever reads them. */
  readonly on: (registry?: Registry) => Metrics<Rows>;
}

const require = createRequire(import.meta.url);

/**
 * Declares the metrics of one folder.
 * @example
 * export const metrics = defineMetrics({
 *   plumbline_git_fetches_total: { type: 'counter', help: 'Fetches of the desired state.', labels: ['result'] },
 * });
 * metrics.on(registry).plumbline_git_fetches_total.inc({ result: 'ok' });
 */
export function defineMetrics<const Rows extends Record<string, MetricRow>>(rows: Rows): MetricTable<Rows> {
  const known = new WeakMap<Registry, Metrics<Rows>>();
  return {
    rows,
    on: (registry) => {
      // Loaded when somebody counts: a command that serves no metrics does not pay for the library.
      const prom = require('prom-client') as typeof Prom;
      const register = registry ?? new prom.Registry();
      const metrics = known.get(register) ?? registerRows(prom, register, rows);
      known.set(register, metrics);
      return metrics;
    },
  };
}

function registerRows<Rows extends Record<string, MetricRow>>(prom: typeof Prom, registry: Registry, rows: Rows): Metrics<Rows> {
  const fills = new Set<() => void>();
  const onScrape = (fill: () => void) => {
    fills.add(fill);
    return () => void fills.delete(fill);
  };
  const fillAll = () => {
    for (const fill of fills) fill();
  };
  const metrics: Record<string, unknown> = { onScrape };
  for (const [name, row] of Object.entries(rows)) {
    const base = { name, help: row.help, labelNames: [...(row.labels ?? [])], registers: [registry] };
    if (row.type === 'counter') metrics[name] = new prom.Counter(base);
    else if (row.listed) metrics[name] = listSeries(new prom.Gauge(base), base);
    else if (row.type === 'gauge') metrics[name] = new prom.Gauge(row.computed ? { ...base, collect: fillAll } : base);
    else metrics[name] = new prom.Histogram(row.buckets ? { ...base, buckets: [...row.buckets] } : base);
  }
  return metrics as Metrics<Rows>;
}

/** The library makes its lines from whatever can be gone through. */
function listSeries(gauge: Gauge, { name, help }: { name: string; help: string }): ListedGauge<string> {
  let list: () => Iterable<{ labels: Record<string, string>; value: number }> = () => [];
  const get = () => Promise.resolve({ name, help, type: 'gauge', aggregator: 'sum', values: list() });
  Object.assign(gauge, { get });
  return { list: (series) => void (list = series) };
}
