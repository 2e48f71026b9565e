import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { DeviceSpec, type DeviceVerdict, type Difference, type NeighborState, type News } from '../../api/index.ts';
import { operatorMetrics } from '../metrics.ts';
import { type DeviceFigures, fillDeviceMetrics, figuresOf, recallFigures } from './device-figures.ts';
import { describeDevice } from './device-status.ts';
import { describeDrift, reportedOf } from './drift-report.ts';

const at = new Date('2026-11-21T10:00:00.000Z');
const seconds = (iso: string) => Date.parse(iso) / 1000;
const spec = DeviceSpec.parse({
  platform: 'frr',
  management: { address: '192.0.2.1', hostKeys: [`SHA256:${'a'.repeat(43)}`] },
  credentials: { observe: { name: 'routers' } },
});
const object = { metadata: { name: 'edge1-fra', labels: { site: 'fra' }, annotations: {} }, spec };

type Judged = Exclude<DeviceVerdict, { verdict: 'Unknown' }>;

const inSync: Judged = {
  device: 'edge1-fra',
  verdict: 'InSync',
  at: at.toISOString(),
  revision: 'main@sha1:1',
  differences: [],
  counts: { owned: 40, inSync: 40, unmanaged: 3 },
};
const description: Difference = {
  path: ['router bgp 64500', 'neighbor 192.0.2.2 description'],
  verdict: 'Drifted',
  desired: 'description transit',
  baseline: 'description transit',
  live: 'description by hand',
  severity: 'warning',
  since: '2026-11-21T09:50:00.000Z',
};
const rogue: Difference = {
  path: ['router bgp 64500', 'neighbor 203.0.113.9 remote-as'],
  verdict: 'Drifted',
  live: 'neighbor 203.0.113.9 remote-as 64510',
  severity: 'critical',
  since: '2026-11-21T09:40:00.000Z',
};
const merged: Difference = { ...description, verdict: 'Pending', severity: 'info', since: '2026-11-21T09:00:00.000Z' };
const user: News = { path: ['username guest'], live: 'username guest', severity: 'warning', since: '2026-11-21T09:45:00.000Z' };
const drifted = (...differences: Difference[]): Judged => ({ ...inSync, verdict: 'Drifted', differences, news: [user] });
const unreachable: DeviceVerdict = {
  device: 'edge1-fra',
  verdict: 'Unknown',
  at: at.toISOString(),
  revision: 'main@sha1:1',
  reason: 'Unreachable',
  message: 'edge1-fra does not answer',
  next: 'Look at the way to it',
};
const neighbor: NeighborState = {
  address: '192.0.2.2',
  vrf: 'default',
  family: 'ipv4-unicast',
  remoteAs: 64496,
  state: 'Established',
  upSeconds: 60,
  accepted: 20,
  advertised: 4,
};

/** What is known after looks that ended so, one after another. */
function after(outcomes: readonly DeviceVerdict[], { who = ['mona'], acknowledged = false } = {}): Known {
  let known: Known = { figures: undefined, status: undefined };
  for (const outcome of outcomes) {
    const status = describeDevice({
      device: 'edge1-fra',
      last: known.status,
      generation: 1,
      at,
      outcome,
      digest: 'sha256:1',
      revision: 'main@sha1:1',
      signers: undefined,
      mode: 'Report',
      standing: undefined,
      receipt: undefined,
      held: undefined,
      version: '8.4.4',
      requestedAt: undefined,
    });
    const observed = { state: 'Read', neighbors: [neighbor] } as unknown as Parameters<typeof figuresOf>[2]['observed'];
    const standing = outcome.verdict === 'Unknown' ? undefined : { acknowledged, who: who.map((each) => ({ who: each })) };
    known = { figures: figuresOf({ object }, status, { outcome, observed }, standing, known.figures), status };
  }
  return known;
}

interface Known {
  figures: DeviceFigures | undefined;
  status: Parameters<typeof figuresOf>[1];
}

/** The lines of /metrics that speak of devices. */
async function scrape(figures: ReadonlyMap<string, DeviceFigures>): Promise<string[]> {
  const registry = new Registry();
  fillDeviceMetrics(operatorMetrics.on(registry), figures);
  return (await registry.metrics()).split('\n').filter((line) => /^plumbline_\w+\{.*device="/.test(line));
}

/** The series of some metrics of one device, without its name. */
async function told(figures: DeviceFigures | undefined, ...names: string[]): Promise<string[]> {
  const lines = await scrape(new Map(figures ? [['edge1-fra', figures]] : []));
  return lines
    .filter((line) => names.includes(line.slice(0, line.indexOf('{'))))
    .map((line) => line.replace('plumbline_', '').replace('device="edge1-fra"', '').replace('{,', '{'));
}

describe('what the metrics tell of a device', () => {
  it('is one series of lines, the worst severity and the likeliest person, while somebody changed it', async () => {
    const { figures } = after([drifted(description, rogue, merged)]);
    expect(await told(figures, 'plumbline_drift_lines', 'plumbline_drift_since_timestamp_seconds')).toEqual([
      'drift_lines{site="fra",reason="Drifted",severity="critical",who="mona"} 2',
      `drift_since_timestamp_seconds{} ${seconds(rogue.since)}`,
    ]);
    expect(await told(figures, 'plumbline_differences')).toEqual([
      'differences{site="fra",verdict="Drifted",severity="warning"} 1',
      'differences{site="fra",verdict="Drifted",severity="critical"} 1',
      'differences{site="fra",verdict="Pending",severity="info"} 1',
      'differences{site="fra",verdict="New",severity="warning"} 1',
    ]);
  });

  it.each([
    { who: [], says: 'unknown' },
    { who: ['mona', 'mona', 'pete'], says: 'mona or pete' },
    { who: ['mona', 'pete', 'kim', 'lee'], says: 'mona or pete or kim or others' },
    { who: ['x'.repeat(200)], says: 'x'.repeat(60) },
  ])('names $who.length candidates as one short label', async ({ who, says }) => {
    expect((await told(after([drifted(rogue)], { who }).figures, 'plumbline_drift_lines')).join()).toContain(`who="${says}"`);
  });

  it('has the first lines that were changed, the worst first, short and without what moves a terminal', async () => {
    const lines = (...all: Difference[]) => told(after([drifted(...all)]).figures, 'plumbline_drift_line_info');
    const gone: Difference = { ...description, path: ['router bgp 64500', 'bgp router-id'], desired: 'bgp router-id 192.0.2.1' };
    delete gone.live;
    expect(await lines(description, gone, rogue, merged)).toEqual([
      'drift_line_info{n="1",line="router bgp 64500 > neighbor 203.0.113.9 remote-as 64510"} 1',
      'drift_line_info{n="2",line="router bgp 64500 > description by hand"} 1',
      'drift_line_info{n="3",line="router bgp 64500 > gone: bgp router-id 192.0.2.1"} 1',
    ]);
    const many = Array.from({ length: 9 }, (_, k) => ({ ...description, path: [`line ${k}`] }));
    expect(await lines(...many)).toHaveLength(5);
    const [odd = ''] = await lines({ ...description, live: `a\u001b[2J${'x'.repeat(500)}` });
    expect(odd).toMatch(/a \[2Jx+…"\} 1$/);
    expect(odd.length).toBeLessThan(220);
  });

  it('is nothing of drift when what differs is Git that moved', async () => {
    const { figures } = after([{ ...inSync, verdict: 'Pending', differences: [merged] }]);
    expect(await told(figures, 'plumbline_drift_lines', 'plumbline_drift_since_timestamp_seconds')).toEqual([]);
  });

  it('keeps what was last known of its lines while it is Unknown, and says so', async () => {
    const known = after([drifted(description)]);
    const dark = after([drifted(description), unreachable]);
    const lines = ['plumbline_drift_lines', 'plumbline_last_read_timestamp_seconds', 'plumbline_owned_lines'];
    expect(await told(dark.figures, ...lines)).toEqual(await told(known.figures, ...lines));
    expect((await told(dark.figures, 'plumbline_device_info')).join()).toMatch(/verdict="Unknown",reason="Unreachable"/);
    expect(await told(dark.figures, 'plumbline_not_ready_since_timestamp_seconds')).toHaveLength(1);
  });

  it('forgets the drift when it was put back', async () => {
    const { figures } = after([drifted(description), unreachable, inSync]);
    expect(await told(figures, 'plumbline_drift_lines', 'plumbline_differences', 'plumbline_not_ready_since_timestamp_seconds')).toEqual(
      [],
    );
  });

  it('is the same from a replica that takes over and has read nothing yet', async () => {
    const judged = drifted(rogue, description);
    const { figures, status } = after([judged], { acknowledged: true });
    const reported = reportedOf(judged);
    const who = [{ who: 'mona', how: 'command log' }];
    const report = describeDrift({
      judged,
      reported,
      last: undefined,
      generation: 1,
      at,
      revision: 'main@sha1:1',
      acknowledged: true,
      who,
      report: undefined,
    });
    const mirror = { kind: 'Device', name: 'edge1-fra', labels: { site: 'fra' }, spec, status } as unknown as Parameters<
      typeof recallFigures
    >[0];
    const recalled = recallFigures(mirror, report);
    const alerting = [
      'plumbline_device_info',
      'plumbline_drift_lines',
      'plumbline_drift_since_timestamp_seconds',
      'plumbline_acknowledged',
      'plumbline_not_ready_since_timestamp_seconds',
    ];
    expect(await told(recalled, ...alerting)).toEqual(await told(figures, ...alerting));
    expect(new Set(await told(recalled, 'plumbline_differences'))).toEqual(new Set(await told(figures, 'plumbline_differences')));
    // It does not claim a read that it did not do.
    expect(await told(recalled, 'plumbline_last_read_timestamp_seconds', 'plumbline_owned_lines')).toEqual([]);
  });

  it('tells neighbors of the same address in two VRFs apart', async () => {
    const { figures } = after([inSync]);
    const twice = { ...figures!, read: { ...figures!.read!, neighbors: [neighbor, { ...neighbor, vrf: 'red', accepted: 7 }] } };
    expect(await told(twice, 'plumbline_bgp_neighbor_accepted_prefixes')).toEqual([
      'bgp_neighbor_accepted_prefixes{vrf="default",neighbor="192.0.2.2",family="ipv4-unicast"} 20',
      'bgp_neighbor_accepted_prefixes{vrf="red",neighbor="192.0.2.2",family="ipv4-unicast"} 7',
    ]);
  });
});

describe('the metrics of 1,000 devices', () => {
  const { figures } = after([drifted(description, rogue, merged)]);
  const neighbors = Array.from({ length: 8 }, (_, i) =>
    ['ipv4-unicast', 'ipv6-unicast'].map((family) => ({ ...neighbor, address: `192.0.2.${i}`, family })),
  ).flat();
  const fleet = (who: string, version: string): Map<string, DeviceFigures> =>
    new Map(
      Array.from({ length: 1_000 }, (_, i): [string, DeviceFigures] => [
        `edge${i}`,
        { ...figures!, info: { ...figures!.info, version }, drift: { ...figures!.drift!, who }, read: { ...figures!.read!, neighbors } },
      ]),
    );

  it('are at most 20 series a device and 3 for each neighbor and family, and are read in a second of CPU', async () => {
    const registry = new Registry();
    const metrics = operatorMetrics.on(registry);
    const devices = fleet('mona', '8.4.4');
    const stop = metrics.onScrape(() => fillDeviceMetrics(metrics, devices));
    await registry.metrics();
    const started = process.cpuUsage();
    const text = await registry.metrics();
    const { user: inUs, system } = process.cpuUsage(started);
    stop();
    const series = text.split('\n').filter((line) => line.includes('device="'));
    const ofNeighbors = series.filter((line) => line.includes('neighbor="')).length;
    expect(ofNeighbors).toBe(1_000 * neighbors.length * 3);
    expect(series.length - ofNeighbors).toBeLessThanOrEqual(20 * 1_000);
    expect((inUs + system) / 1000).toBeLessThan(1_000);
  });

  it('do not grow when people, versions and revisions come and go, nor when devices leave', async () => {
    const registry = new Registry();
    const metrics = operatorMetrics.on(registry);
    const count = async (devices: ReadonlyMap<string, DeviceFigures>) => {
      fillDeviceMetrics(metrics, devices);
      return (await registry.metrics()).split('\n').filter((line) => line.includes('device="')).length;
    };
    const before = await count(fleet('mona', '8.4.4'));
    expect(await count(fleet('pete', '8.5.0'))).toBe(before);
    expect(await count(new Map())).toBe(0);
  });
});
