/**
 * Real Prometheus and Alertmanager as plain processes on loopback, with the rules of `alerts/` and the example of an Alertmanager
 * configuration, told to hurry: they look every second. Pages and tickets arrive in `notices`. `whyNoPrometheus` says what is missing.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { freePorts } from './free-ports.ts';
import { endAll, until } from './shell.ts';

const alerts = join(import.meta.dirname, '../../alerts');
const programs = ['/usr/bin/prometheus', '/usr/bin/promtool', '/usr/bin/prometheus-alertmanager', '/usr/bin/amtool'];

export interface Alert {
  labels: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
}

/** One alert in a message to people. */
export interface Notice extends Alert {
  receiver: string;
  status: 'firing' | 'resolved';
}

export interface Sample {
  labels: Readonly<Record<string, string>>;
  value: number;
}

export interface Monitoring {
  /** Everything that people were told, the oldest first. */
  readonly notices: readonly Notice[];
  /** Instant query; throws with Prometheus' words when the expression is refused. */
  query(expr: string): Promise<Sample[]>;
  /** What Alertmanager holds as firing. */
  firing(): Promise<(Alert & { mutedBy: number })[]>;
  /** Gives an alert to Alertmanager as Prometheus would. */
  raise(labels: Readonly<Record<string, string>>): Promise<void>;
  down(): Promise<void>;
}

/** Why they cannot run here, or undefined when they can. */
export function whyNoPrometheus(): string | undefined {
  const missing = programs.filter((path) => !existsSync(path));
  return missing.length === 0 ? undefined : `not installed: ${missing.join(', ')} (test/lab/install-prometheus.sh)`;
}

/** Starts both. `target` is scraped: the address of a `/metrics`; absent: nothing is. On failure nothing stays behind. */
export async function upMonitoring(target?: string): Promise<Monitoring> {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-prometheus-'));
  const pids: number[] = [];
  const notices: Notice[] = [];
  const people = createServer((request, response) => {
    void (async () => {
      const { receiver, alerts } = JSON.parse(await text(request)) as { receiver: string; alerts: Omit<Notice, 'receiver'>[] };
      notices.push(...alerts.map(({ status, labels, annotations }) => ({ receiver, status, labels, annotations })));
      response.end();
    })();
  });
  const down = async () => {
    people.close();
    people.closeAllConnections();
    await endAll(pids);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await new Promise<void>((resolve) => people.listen(0, '127.0.0.1', resolve));
    const [prometheus, alertmanager] = (await freePorts(2)).map((port) => `127.0.0.1:${port}`) as [string, string];
    writeFileSync(join(folder, 'alertmanager.yml'), hurried((people.address() as AddressInfo).port));
    writeFileSync(join(folder, 'prometheus.yml'), prometheusConfig(alertmanager, target));
    const start = (program: string, ...argv: string[]) => {
      const log = openSync(join(folder, 'log'), 'a');
      pids.push(spawn(program, argv, { cwd: folder, stdio: ['ignore', log, log] }).pid ?? 0);
    };
    start(
      '/usr/bin/prometheus-alertmanager',
      '--config.file=alertmanager.yml',
      '--storage.path=alerts',
      `--web.listen-address=${alertmanager}`,
      '--cluster.listen-address=',
    );
    start('/usr/bin/prometheus', '--config.file=prometheus.yml', '--storage.tsdb.path=series', `--web.listen-address=${prometheus}`);
    await until(
      'Prometheus and Alertmanager',
      async () => {
        const ready = await Promise.all([prometheus, alertmanager].map((each) => fetch(`http://${each}/-/ready`).catch(() => undefined)));
        return ready.every((each) => each?.ok);
      },
      20_000,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}:\n${readFileSync(join(folder, 'log'), 'utf8')}`);
    });
    return { notices, ...clientOf(prometheus, alertmanager), down };
  } catch (error) {
    await down();
    throw error;
  }
}

function clientOf(prometheus: string, alertmanager: string): Pick<Monitoring, 'query' | 'firing' | 'raise'> {
  return {
    query: async (expr) => {
      const answer = await fetch(`http://${prometheus}/api/v1/query`, { method: 'POST', body: new URLSearchParams({ query: expr }) });
      const said = (await answer.json()) as {
        error?: string;
        data?: { resultType: string; result: { metric: Record<string, string>; value: [number, string] }[] };
      };
      if (said.error !== undefined || said.data?.resultType !== 'vector') throw new Error(`${expr}: ${said.error ?? 'not a vector'}`);
      return said.data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
    },
    firing: async () => {
      const answer = await fetch(`http://${alertmanager}/api/v2/alerts`);
      const said = (await answer.json()) as (Alert & { status: { inhibitedBy: string[] } })[];
      return said.map(({ labels, annotations, status }) => ({ labels, annotations, mutedBy: status.inhibitedBy.length }));
    },
    raise: async (labels) => {
      const body = JSON.stringify([{ labels }]);
      const answer = await fetch(`http://${alertmanager}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      if (!answer.ok) throw new Error(`Alertmanager: ${answer.status} ${await answer.text()}`);
    },
  };
}

/** The example as people get it, with its messages to us and without its patience. */
function hurried(port: number): string {
  return readFileSync(join(alerts, 'alertmanager.example.yaml'), 'utf8')
    .replaceAll(/https:\/\/\S+\/hook/g, `http://127.0.0.1:${port}/`)
    .replaceAll(/(group_wait|group_interval): \S+/g, '$1: 1s');
}

function prometheusConfig(alertmanager: string, target: string | undefined): string {
  return stringify({
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [join(alerts, 'plumbline.rules.yaml')],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
    scrape_configs: target === undefined ? [] : [{ job_name: 'plumbline', static_configs: [{ targets: [target] }] }],
  });
}

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
