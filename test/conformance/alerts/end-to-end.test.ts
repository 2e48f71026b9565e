import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dashboard, listQueries } from '../../alerts/dashboard.ts';
import { commit, type Example, git, plumb, plumbPath, upExample } from '../../lab/example-network.ts';
import { whyNot } from '../../lab/frr.ts';
import { type Monitoring, upMonitoring, whyNoPrometheus } from '../../lab/prometheus.ts';
import { run, until } from '../../lab/shell.ts';

const missing = whyNot() ?? whyNoPrometheus();
if (missing !== undefined) process.stderr.write(`skipped, drift from a router to a person: ${missing}\n`);

/** One story: each test begins where the one before ended. */
describe.skipIf(missing !== undefined)('from a router to a person', { timeout: 60_000 }, () => {
  let example: Example;
  let operator: Operator;
  let monitoring: Monitoring;

  /** Typed by a person who logged in to the router: with a terminal, so that the router notes the login. */
  const byHand = async (...lines: string[]) => {
    const { users, dir } = example.lab.facts;
    const options = ['-tt', '-o', 'StrictHostKeyChecking=no', '-o', `UserKnownHostsFile=${dir}/known`, '-o', 'LogLevel=ERROR'];
    const to = ['-i', users.human.key, '-p', String(example.lab.router('edge1-fra').port), `${users.human.user}@127.0.0.1`];
    await run(['ssh', ...options, ...to, ['vtysh', ...['configure terminal', ...lines].map((line) => `-c '${line}'`)].join(' ')]);
  };
  const told = () =>
    monitoring.notices.map(({ receiver, status, labels }) => `${receiver}: ${status} ${labels['alertname']} ${labels['device']}`);

  beforeAll(async () => {
    example = await upExample(`alr${process.pid.toString(36)}`);
    // A log of logins of its own, not that of the machine which runs the lab.
    await example.lab.inside('edge1-fra', ['sh', '-c', 'mount -t tmpfs none /var/log && touch /var/log/wtmp']);
    operator = await startOperator(example);
    monitoring = await upMonitoring(operator.address);
    await until(
      'every router in sync',
      async () => (await monitoring.query('plumbline_device_info{verdict="InSync"}')).length === 4,
      60_000,
    );
  }, 120_000);
  afterAll(async () => {
    await operator?.end('SIGINT');
    await monitoring?.down();
    await example?.lab.down();
  });

  it('a rogue neighbor is one page with device, reason, who and the next command', async () => {
    expect(await monitoring.firing()).toEqual([]);
    await byHand('router bgp 64500', 'neighbor 203.0.113.9 remote-as 64510');
    await until('a page', () => monitoring.notices.length > 0, 30_000);

    const firing = await monitoring.firing();
    expect(firing).toEqual([
      {
        labels: { alertname: 'DriftCritical', device: 'edge1-fra', site: 'fra', reason: 'Drifted', severity: 'page' },
        annotations: {
          summary: 'edge1-fra (fra): changed on the device by plumb-human; lines that differ: 1',
          verdict: 'Drifted',
          who: 'plumb-human',
          lines: 'router bgp 64500 > neighbor 203.0.113.9 remote-as 64510',
          traffic: expect.stringMatching(/^BGP sessions of the device that are down, by family: \d+$/) as string,
          plan: '',
          since: expect.stringMatching(/^20\d\d-\d\d-\d\d \d\d:\d\d/) as string,
          next: 'plumb why edge1-fra',
          runbook_url: expect.stringMatching(/\/alerts\/DriftCritical\.md$/) as string,
        },
        mutedBy: 0,
      },
    ]);
    expect(told()).toEqual(['on-call: firing DriftCritical edge1-fra']);

    const [, ...next] = firing[0]?.annotations['next']?.split(' ') ?? [];
    const { code, stdout } = await plumb(example, next);
    expect([code, stdout]).toEqual([1, expect.stringMatching(/203\.0\.113\.9[\s\S]*plumb-human/)]);
  });

  it('the dashboard has an answer to every question, also while a plan waits for people', async () => {
    const file = join(example.repository, 'sessions/external.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('limit: 300000', 'limit: 310000'));
    await commit(example, 'sessions: more IPv6 prefixes of the transit');
    const waiting = 'plumbline_plan_info{phase="Proposed", reason="ApprovalRequired"}';
    await until('a plan', async () => (await monitoring.query(waiting)).length === 1, 60_000);
    const answers = await Promise.all(
      listQueries(dashboard).map(async ({ row, panel, expr }) => ({ row, panel, expr, series: (await monitoring.query(expr)).length })),
    );
    // There is no cluster, and no revision came while we looked.
    const mayBeEmpty = new Set(['Kubernetes', 'annotations', 'Changes without an end']);
    expect(answers.filter(({ row, panel, series }) => series === 0 && !mayBeEmpty.has(row) && !mayBeEmpty.has(panel))).toEqual([]);

    // It waits no more.
    await git(example, 'revert', '--no-edit', 'HEAD');
    await until('no plan', async () => (await monitoring.query('plumbline_plan_info')).length === 0, 60_000);
  });

  it('the operator is killed and another takes over: nobody hears of it', async () => {
    const started = (await monitoring.query('process_start_time_seconds'))[0]?.value ?? Infinity;
    await operator.end('SIGKILL');
    await until('the silence', async () => (await monitoring.query('up == 0')).length === 1);
    operator = await startOperator(example, operator.address);
    await until(
      'reads of the new one',
      async () => {
        const since = `process_start_time_seconds > ${started}`;
        return (await monitoring.query(`plumbline_last_read_timestamp_seconds > on () group_left () (${since})`)).length === 4;
      },
      30_000,
    );
    expect(await monitoring.query('ALERTS{alertname="DriftCritical"}')).toHaveLength(1);
    expect(told()).toEqual(['on-call: firing DriftCritical edge1-fra']);
  });

  it('put back, the page resolves', async () => {
    await byHand('router bgp 64500', 'no neighbor 203.0.113.9');
    await until('the end of the page', () => monitoring.notices.length > 1, 30_000);
    expect(told()).toEqual(['on-call: firing DriftCritical edge1-fra', 'on-call: resolved DriftCritical edge1-fra']);
    expect(await monitoring.query('ALERTS')).toEqual([]);
  });
});

interface Operator {
  /** Host and port of its metrics. */
  address: string;
  end(signal: NodeJS.Signals): Promise<void>;
}

/** `plumb up` on the example, at an address of before or a free one. */
async function startOperator({ repository, store, secrets }: Example, address = '127.0.0.1:0'): Promise<Operator> {
  const child = spawn(
    plumbPath,
    ['up', '.', '--port', address.split(':')[1] ?? '0', '--interval', '5', '--git-interval', '5', '--ceiling', 'Approve'],
    {
      cwd: repository,
      env: { ...process.env, PLUMB_STORE: store, PLUMB_SECRETS: secrets, NO_COLOR: '1' },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  return {
    address: await addressOf(child),
    end: async (signal) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      await once(child, 'exit');
    },
  };
}

/** Where `plumb up` says that its metrics are. Goes on reading, so that it never waits for us. */
async function addressOf(operator: ChildProcess): Promise<string> {
  const lines = createInterface({ input: operator.stderr! });
  return new Promise((resolve, reject) => {
    operator.once('exit', (code) => reject(new Error(`plumb up ended with ${code}`)));
    lines.on('line', (line) => {
      const [, address] = /metrics and health at http:\/\/(\S+?);/.exec(line) ?? [];
      if (address !== undefined) resolve(address);
    });
  });
}
