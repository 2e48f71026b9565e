import { afterAll, afterEach, beforeAll, expect, it, onTestFailed } from 'vitest';
import { describeWithKube } from '../../lab/kube/index.ts';
import { until } from '../../lab/shell.ts';
import { changedSince, commitEdit, lastReads, type Network, readyOf, startNetwork, untilAllReady, versionsOf } from './network.ts';
import type { Replica } from './replica.ts';

/** The lease expires 15 s after the last renewal and is looked at every 2 s; the rest is for a busy machine. */
const takeOverMs = 20_000;

describeWithKube('two hundred devices under replicas of the operator', (kube) => {
  let network: Network;
  let replicas: Replica[] = [];
  let started = 0;

  beforeAll(async () => {
    // What is not read for three intervals is told as Stale: a busy machine must be able to keep them.
    network = await startNetwork(kube(), { devices: 200, sessionsPerDevice: 3, reads: { intervalSeconds: 15 } });
  });
  // A change of the policies touches every device; whatever becomes of a test, the next one begins in sync.
  let takeBack: (() => void) | undefined;
  const editPolicy = (from: string, to: string) => {
    commitEdit(network, 'policies.yaml', from, to);
    takeBack = () => commitEdit(network, 'policies.yaml', to, from);
  };
  afterEach(() => {
    takeBack?.();
    takeBack = undefined;
  });
  afterAll(() => network?.close());

  /** One that leads, others that wait, and every device judged. */
  async function run(count: number): Promise<{ leader: Replica; others: Replica[] }> {
    replicas = replicas.filter((each) => each.isRunning());
    while (replicas.length < count) replicas.push(await network.start(`operator-${started++}`));
    const leader = await until('a leader', () => replicas.find((each) => each.leads()), 60_000);
    const others = replicas.filter((each) => each !== leader);
    await until('the others to wait', () => others.every((each) => each.identity() !== undefined), 60_000);
    await untilAllReady(network);
    return { leader, others };
  }

  /** Does something to the leader, and waits until another leads and has read every device. */
  async function takeOver(others: readonly Replica[], act: () => void): Promise<{ next: Replica; tookMs: number }> {
    const since = performance.now();
    act();
    const next = await until('another leader', () => others.find((each) => each.leads()), 3 * takeOverMs);
    const tookMs = performance.now() - since;
    await until('every device to be read by it', async () => (await lastReads(next)).size === network.names.length, 180_000);
    expect(await network.holder()).toBe(next.identity());
    return { next, tookMs };
  }

  it('three: when the leader is killed another leads within 20 s, reads every device, and has nothing to write', async () => {
    const { leader, others } = await run(3);
    expect(await Promise.all(others.map((each) => each.readiness()))).toEqual([200, 200]);
    const before = await versionsOf(network);
    const { next, tookMs } = await takeOver(others, () => leader.signal('SIGKILL'));
    expect(tookMs).toBeLessThan(takeOverMs);
    expect(await network.holder()).toBe(next.identity());
    expect(await changedSince(network, before)).toEqual([]);
  });

  it('two: when the leader is frozen amid its writes another ends them, and the first writes nothing when it wakes', async () => {
    const { leader, others } = await run(2);
    onTestFailed(async () => {
      leader.signal('SIGKILL');
      await leader.ended();
    });
    // Reports are written before the devices that they are about.
    const judgedBy = ({ name }: Replica) =>
      network.lab.writes(network.namespace).filter(({ pod, code, resource }) => pod === name && code < 300 && resource === 'devices/status')
        .length;
    const judgedBefore = judgedBy(leader);
    editPolicy('198.18.0.0/15', '198.18.0.0/16');
    await until('the leader to write', () => judgedBy(leader) > judgedBefore + 10, 90_000);
    const { next, tookMs } = await takeOver(others, () => leader.signal('SIGSTOP'));
    expect(tookMs).toBeLessThan(takeOverMs);
    const everyReason = async () => (await network.objects('devices')).map((device) => readyOf(device)?.reason);
    await until('every device to be Pending', async () => (await everyReason()).every((reason) => reason === 'Pending'), 180_000);
    expect(judgedBy(next)).toBeGreaterThan(0);
    expect(judgedBy(next)).toBeLessThan(network.names.length);

    const before = await versionsOf(network);
    const wokenAt = new Date();
    leader.signal('SIGCONT');
    await until('it to end', () => !leader.isRunning(), 30_000);
    expect(await leader.ended()).toBe(1);
    const asked = network.lab.writes(network.namespace).filter(({ pod, at }) => pod === leader.name && at >= wokenAt);
    expect(asked).toEqual([]);
    expect(await changedSince(network, before)).toEqual([]);
    expect(await network.holder()).toBe(next.identity());
  });

  it('two: when the leader is told to go it hands over at once', async () => {
    const { leader, others } = await run(2);
    const { tookMs } = await takeOver(others, () => leader.signal('SIGTERM'));
    expect(tookMs).toBeLessThan(6_000);
    expect(await leader.ended()).toBe(0);
  });

  it('an unchanged fleet causes no write but renewals of the lease, and no event', async () => {
    const { leader } = await run(1);
    const [before, events] = [await versionsOf(network), await network.events()];
    const from = new Date();
    const reads = async () => (await network.routers.counts()).reads;
    const readBefore = await reads();
    const rounds = 3;
    await until('three more looks at every device', async () => (await reads()) >= readBefore + rounds * network.names.length, 180_000);
    const places = [network.namespace, network.artifactNamespace];
    const writes = places.flatMap((place) => network.lab.writes(place)).filter(({ at }) => at >= from);
    expect(new Set(writes.map(({ verb, resource, pod }) => `${verb} ${resource} by ${pod}`))).toEqual(
      new Set([`update leases by ${leader.name}`]),
    );
    expect(await changedSince(network, before)).toEqual([]);
    expect(await network.events()).toEqual(events);
  });
});
