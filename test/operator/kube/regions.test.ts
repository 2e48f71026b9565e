import { afterAll, beforeAll, expect, it } from 'vitest';
import { printRelease, releaseAnnotation } from '../../../controller/operator/index.ts';
import { describeWithKube } from '../../lab/kube/index.ts';
import { until } from '../../lab/shell.ts';
import { changedSince, commitEdit, type Network, readyOf, startNetwork, untilAllReady, versionsOf } from './network.ts';
import type { Replica } from './replica.ts';

/** Two sites of twenty, each with an operator. */
describeWithKube('regions with an operator each', (kube) => {
  let network: Network;
  let north: Replica;
  let south: Replica;
  const [inNorth, inSouth] = [0, 20].map((from) => Array.from({ length: 20 }, (_, i) => `r${String(from + i).padStart(5, '0')}`));

  beforeAll(async () => {
    network = await startNetwork(kube(), { devices: 40, sessionsPerDevice: 3, reads: { intervalSeconds: 5 } });
    north = await network.start('north', { argv: ['--selector', 'site=site0000'] });
    south = await network.start('south', { argv: ['--selector', 'site=site0001'] });
    await untilAllReady(network);
  });
  afterAll(() => network?.close());

  const shownBy = async (replica: Replica) =>
    (await replica.metrics())
      .filter(({ name }) => name === 'plumbline_device_info')
      .map(({ labels }) => labels['device'] ?? '')
      .toSorted((a, b) => a.localeCompare(b));
  /** Waits until both have asked Git so many times more. */
  const lookAtGit = async (times: number) => {
    const asked = async (replica: Replica) =>
      (await replica.metrics()).find(({ name, labels }) => name === 'plumbline_git_fetches_total' && labels['result'] === 'ok')?.value ?? 0;
    const before = await Promise.all([north, south].map(asked));
    const isDone = async () => (await Promise.all([north, south].map(asked))).every((now, i) => now >= (before[i] ?? 0) + times);
    await until(`${times} more looks at Git`, isDone, 60_000);
  };
  const writersOf = (resource: string, name: string) =>
    new Set(
      network.lab
        .writes(network.namespace)
        .filter((write) => write.resource === resource && write.name === name && write.code < 300)
        .map(({ pod }) => pod),
    );

  it('both lead, each its own devices', async () => {
    expect([north, south].map((each) => each.leads())).toEqual([true, true]);
    expect(await shownBy(north)).toEqual(inNorth);
    expect(await shownBy(south)).toEqual(inSouth);
    expect(new Set((await north.metrics()).map(({ labels }) => labels['region']))).toEqual(new Set(['site=site0000']));
    expect(writersOf('devices/status', 'r00000')).toEqual(new Set(['north']));
    expect(writersOf('devices/status', 'r00020')).toEqual(new Set(['south']));
  });

  it('a session between two regions is reported by the operator of its first end', async () => {
    expect((await network.object('bgpsessions', 'r00019-r00020'))?.status?.ends).toMatchObject([{ device: 'r00019' }]);
    expect(writersOf('bgpsessions/status', 'r00019-r00020')).toEqual(new Set(['north']));
    expect(writersOf('bgpsessions/status', 'r00039-r00000')).toEqual(new Set(['south']));
  });

  it("a device that becomes another region's keeps its mirror, and what people said on it", async () => {
    await network.patch('devices', 'r00018', { metadata: { annotations: { 'plumbline.dev/hold': '{"by":"bob","reason":"case 4711"}' } } });
    const mirror = () => network.object('devices', 'r00018');
    await until('the hold', async () => (await mirror())?.status?.held?.by === 'bob', 20_000);
    const uid = (await mirror())?.metadata.uid;
    commitEdit(network, 'sites/site0000/r00018.yaml', '"site": "site0000"', '"site": "site0001"');
    await until('the south to write it', () => writersOf('devices', 'r00018').has('south'), 30_000);
    await lookAtGit(2);
    expect(await mirror()).toMatchObject({ metadata: { uid, labels: { site: 'site0001' } }, status: { held: { by: 'bob' } } });
    expect(await shownBy(north)).toEqual(inNorth?.filter((name) => name !== 'r00018'));
    expect(await shownBy(south)).toContain('r00018');
    expect(readyOf(await network.object('fleets', 'network'))?.status).toBe('True');
  });

  it('devices of one region that left Git wait in the Fleet, and the operators do not undo each other', async () => {
    const gone = (inNorth ?? []).slice(0, 8);
    const files = gone.flatMap((name) => [`sites/site0000/${name}.yaml`, `sites/site0000/${name}-sessions.yaml`]);
    // Sessions of others that end on them go with them.
    network.git.git('rm', '-q', ...files, 'sites/site0001/r00039-sessions.yaml');
    const commit = network.git.commit();
    const fleet = () => network.object('fleets', 'network');
    await until('the Fleet to say so', async () => readyOf(await fleet())?.reason === 'ApprovalRequired', 30_000);
    expect((await fleet())?.status?.releasing).toEqual(gone);
    // What follows from the commit comes to rest, though both write the Fleet.
    const rest = async () => {
      const before = await versionsOf(network);
      await lookAtGit(2);
      return (await changedSince(network, before)).length === 0;
    };
    await until('nothing to be written any more', rest, 60_000);
    expect((await fleet())?.status?.releasing).toEqual(gone);

    await network.patch('fleets', 'network', {
      metadata: { annotations: { [releaseAnnotation]: printRelease({ revision: `main@sha1:${commit}`, devices: gone }) } },
    });
    await until('them to be let go', async () => (await network.objects('devices')).length === 32, 30_000);
    await until('the Fleet to be Ready', async () => readyOf(await fleet())?.status === 'True', 30_000);
    expect((await fleet())?.status?.releasing).toEqual([]);
  });
});
