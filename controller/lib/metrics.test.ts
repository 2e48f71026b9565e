import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { defineMetrics } from './metrics.ts';

const table = defineMetrics({
  demo_reads_total: { type: 'counter', help: 'Reads.', labels: ['result'] },
  demo_depth: { type: 'gauge', help: 'Depth.', computed: true },
  demo_neighbors: { type: 'gauge', help: 'Neighbors.', labels: ['device'], listed: true },
  demo_read_seconds: { type: 'histogram', help: 'Time of a read.', buckets: [1, 2] },
});

describe('defineMetrics', () => {
  it('counts on the registry it was given', async () => {
    const registry = new Registry();
    table.on(registry).demo_reads_total.inc({ result: 'ok' });
    expect(await registry.metrics()).toContain('demo_reads_total{result="ok"} 1');
  });

  it('gives two users of one registry the same metrics', async () => {
    const registry = new Registry();
    table.on(registry).demo_reads_total.inc({ result: 'ok' });
    table.on(registry).demo_reads_total.inc({ result: 'ok' });
    expect(await registry.metrics()).toContain('demo_reads_total{result="ok"} 2');
  });

  it('keeps registries apart', async () => {
    const registry = new Registry();
    table.on().demo_reads_total.inc({ result: 'ok' });
    expect(await table.on(registry).demo_reads_total.get()).toMatchObject({ values: [] });
  });

  it('works out a computed gauge when it is read, until that is taken back', async () => {
    const registry = new Registry();
    const metrics = table.on(registry);
    let depth = 3;
    const stop = metrics.onScrape(() => metrics.demo_depth.set(depth));
    expect(await registry.metrics()).toContain('demo_depth 3');
    depth = 7;
    stop();
    expect(await registry.metrics()).toContain('demo_depth 3');
  });

  it('goes through the series of a listed gauge each time it is read, and keeps none', async () => {
    const registry = new Registry();
    const { demo_neighbors } = table.on(registry);
    expect(await registry.metrics()).toContain('# TYPE demo_neighbors gauge\n\n');
    const devices = ['a"b', 'c'];
    demo_neighbors.list(function* () {
      for (const [i, device] of devices.entries()) yield { labels: { device }, value: i };
    });
    expect(await registry.metrics()).toContain(
      '# TYPE demo_neighbors gauge\ndemo_neighbors{device="a\\"b"} 0\ndemo_neighbors{device="c"} 1\n',
    );
    devices.pop();
    expect((await registry.metrics()).match(/^demo_neighbors\{/gm)).toHaveLength(1);
  });

  it('uses the buckets of the row', async () => {
    const registry = new Registry();
    table.on(registry).demo_read_seconds.observe(1.5);
    expect(await registry.metrics()).toMatch(/le="1"\} 0\n.*le="2"\} 1\n/);
  });
});
