import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWithKube } from '../../lab/kube/index.ts';
import { bareEnvironment, type Ran, tryRun, until } from '../../lab/shell.ts';
import { type Network, readyOf, startNetwork, untilAllReady } from './network.ts';
import type { Replica } from './replica.ts';

const plumbJs = join(import.meta.dirname, '../../../bin/plumb.js');
const kubectlPath = ['/usr/bin/kubectl', '/usr/local/bin/kubectl'].find(existsSync);

describeWithKube('people at a cluster', (kube) => {
  let network: Network;
  let operator: Replica;

  beforeAll(async () => {
    network = await startNetwork(kube(), { devices: 12, sessionsPerDevice: 3, reads: { intervalSeconds: 3 } });
    operator = await network.start('operator');
    await untilAllReady(network);
  });
  afterAll(() => network?.close());

  const plumb = (...argv: string[]): Promise<Ran> => {
    const where = ['--kubeconfig', kube().kubeconfig(), '-n', network.namespace, '--artifact-namespace', network.artifactNamespace];
    return tryRun([process.execPath, plumbJs, ...argv, ...where], { timeoutMs: 60_000, env: { ...bareEnvironment(), NO_COLOR: '1' } });
  };
  /** Somebody takes a network away from a router, or puts it back. */
  const type = (name: string, words: 'no ' | '') =>
    network.routers.edit(name, ['router bgp 64500', ' address-family ipv4 unicast', `  ${words}network 198.18.3.0/24`], 'mona');
  const reasonOf = async (name: string) => readyOf(await network.object('devices', name))?.reason;
  const untilReason = (name: string, reason: string) =>
    until(`${name} to be ${reason}`, async () => (await reasonOf(name)) === reason, 30_000);

  it('see devices and what differs, acknowledge it, and are told when it is over', async () => {
    expect((await plumb('status')).stdout).toContain('12 devices: 12 InSync');
    await type('r00003', 'no ');
    await untilReason('r00003', 'Drifted');

    const got = await plumb('get', 'devices', 'r00003');
    expect(got.stdout.split('\n').map((line) => line.split(/\s+/).slice(0, 5).join(' '))).toEqual([
      'NAME READY VERDICT DIFFERS REASON',
      'r00003 False Drifted 1 Drifted',
      '',
    ]);
    const status = await plumb('status');
    expect(status).toMatchObject({ rc: 1, stdout: expect.stringMatching(/12 devices: .*1 Drifted/) as string });
    expect(status.stdout).toMatch(/r00003 +site0000 +Drifted .* mona/);
    expect((await plumb('why', 'r00003')).stdout).toContain('198.18.3.0/24');
    expect((await plumb('get', 'drift', 'r00003', '-o', 'yaml')).stdout).toContain('network 198.18.3.0/24');

    const acked = await plumb('ack', 'r00003', '--reason', 'case 4711', '--owner', 'bob');
    expect(acked).toMatchObject({ rc: 0, stderr: expect.stringContaining('1 line acknowledged by bob') as string });
    await until(
      'the report to say so',
      async () => (await network.object('driftreports', 'r00003'))?.status?.acknowledged === true,
      20_000,
    );
    await type('r00003', '');
    await untilReason('r00003', 'InSync');
    expect(await network.object('driftreports', 'r00003')).toBeUndefined();

    // A router that came up just now may also be settling for a look or two.
    const told = (words: readonly (string | undefined)[]) => words.filter((word) => word === 'Drifted' || word === 'InSync');
    const events = (await plumb('events', 'r00003')).stdout.split('\n').map((line) => line.split(/ {2,}/)[2]);
    expect(told(events)).toEqual(['Drifted', 'InSync']);
    const history = (await plumb('history', 'r00003')).stdout.split('\n').map((line) => line.split('  ')[1]);
    expect(told(history)).toEqual(['Drifted', 'InSync']);
  });

  it('ask for a look, hold and resume a device, and stop and start the whole network', async () => {
    const looked = await plumb('reconcile', 'r00004', '--wait');
    expect(looked).toMatchObject({ rc: 0, stdout: expect.stringContaining('r00004  InSync') as string });
    const fetched = await plumb('reconcile', '--wait');
    expect(fetched).toMatchObject({ rc: 0, stdout: expect.stringContaining('network  InForce') as string });

    expect((await plumb('hold', 'r00004', '--reason', 'case 4712', '--by', 'bob')).rc).toBe(0);
    await until('the hold', async () => (await network.object('devices', 'r00004'))?.status?.held?.by === 'bob', 20_000);
    expect((await plumb('status')).stdout).toMatch(/r00004 .*bob: case 4712/);
    expect((await plumb('resume', 'r00004')).rc).toBe(0);
    await until('the end of the hold', async () => (await network.object('devices', 'r00004'))?.status?.held === undefined, 20_000);

    expect((await plumb('suspend')).rc).toBe(0);
    await untilReason('r00004', 'Suspended');
    expect((await plumb('unsuspend')).rc).toBe(0);
    await untilAllReady(network);
  });

  it('get an answer for what is not there', async () => {
    expect(await plumb('get', 'devices', 'r99999')).toMatchObject({ rc: 1, stderr: expect.stringContaining('Device r99999') as string });
    expect(await plumb('reconcile', 'r99999')).toMatchObject({ rc: 1, stderr: expect.stringContaining('r99999') as string });
    expect(await plumb('ack', 'r00005', '--reason', 'none')).toMatchObject({
      rc: 1,
      stderr: expect.stringContaining('nothing to acknowledge') as string,
    });
  });

  describe.skipIf(kubectlPath === undefined)('with kubectl', () => {
    const kubectl = (...argv: string[]) =>
      tryRun([kubectlPath ?? '', '--kubeconfig', kube().kubeconfig(), '-n', network.namespace, ...argv], { timeoutMs: 60_000 });

    it('wait until a device is what Git says', async () => {
      const all = await kubectl('wait', '--for=condition=Ready', 'devices', '--all', '--timeout=20s');
      expect(all.stdout.match(/condition met/g)).toHaveLength(12);
      await type('r00006', 'no ');
      await untilReason('r00006', 'Drifted');
      const waiting = kubectl('wait', '--for=condition=Ready', 'device/r00006', '--timeout=40s');
      await type('r00006', '');
      expect(await waiting).toMatchObject({ rc: 0 });
      expect(await reasonOf('r00006')).toBe('InSync');
    });

    it('see at a glance what on-call asks first, and in full why', async () => {
      await type('r00007', 'no ');
      await untilReason('r00007', 'Drifted');
      const [head, row] = (await kubectl('get', 'devices', 'r00007')).stdout.split('\n').map((line) => line.split(/\s{2,}/));
      expect(head).toEqual(['NAME', 'READY', 'VERDICT', 'DIFFERS', 'REASON', 'MODE', 'HELD', 'WANTED', 'APPLIED', 'AGE']);
      expect(row?.slice(0, 6)).toEqual(['r00007', 'False', 'Drifted', '1', 'Drifted', 'Report']);
      const said = (await kubectl('describe', 'device', 'r00007')).stdout;
      expect(said).toMatch(/1 line differs: 1 Drifted; first: .*network 198\.18\.3\.0\/24.*Next: /);
      expect(said).toMatch(/Warning +Drifted .* plumbline\.dev\/operator/);
      const report = (await kubectl('describe', 'driftreport', 'r00007')).stdout;
      expect(report).toContain('network 198.18.3.0/24');
      expect(report).toContain('mona');
      const sessions = (await kubectl('get', 'bgpsessions')).stdout;
      expect(sessions.trim().split('\n')).toHaveLength(1 + network.sessions);
      await type('r00007', '');
    });
  });

  it('and the operator did all of its part with the rights of the chart', async () => {
    const answers = (await operator.metrics()).filter(({ name }) => name === 'rest_client_requests_total');
    expect(new Set(answers.map(({ labels }) => labels['code']))).not.toContain('403');
    expect(answers.length).toBeGreaterThan(0);
    const places = [network.namespace, network.artifactNamespace];
    const refused = places.flatMap((place) => network.lab.writes(place)).filter(({ pod, code }) => pod === 'operator' && code === 403);
    expect(refused).toEqual([]);
  });

  it('learn that nobody works there any more, once the operator has handed the lease back', async () => {
    expect((await plumb('status')).stdout).not.toContain('No operator works');
    operator.signal('SIGTERM');
    await operator.ended();
    const says = expect.stringMatching(/^No operator works on namespace \S+: what stands here was found before/m) as string;
    expect(await plumb('status')).toMatchObject({ rc: 2, stdout: says });
    expect(await plumb('why', 'r00003')).toMatchObject({ rc: 2, stderr: says });
    expect(await plumb('get', 'devices')).toMatchObject({ rc: 0, stderr: says });
  });
});
