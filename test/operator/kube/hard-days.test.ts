import { renameSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { describeWithKube, type KubeLab, up } from '../../lab/kube/index.ts';
import { until } from '../../lab/shell.ts';
import { commitEdit, keepRunning, lastReads, type Network, readyOf, type Running, startNetwork, untilAllReady } from './network.ts';

/** Thirty devices and two replicas that are started again when they end, as a Deployment does. The API server is of this file alone. */
describeWithKube('on a hard day', () => {
  let lab: KubeLab;
  let network: Network;
  let operators: Running;

  beforeAll(async () => {
    lab = await up();
    network = await startNetwork(lab, { devices: 30, sessionsPerDevice: 3, reads: { intervalSeconds: 3 } });
    operators = await keepRunning(network, 2);
    await untilAllReady(network);
  });
  afterEach(() => untilAllReady(network, 120_000));
  afterAll(async () => {
    operators?.stop();
    await network?.close();
    await lab?.down();
  });

  const takeAway = (name: string) => type(name, '  no network 198.18.3.0/24');
  const putBack = (name: string) => type(name, '  network 198.18.3.0/24');
  const type = (name: string, line: string) => network.routers.edit(name, ['router bgp 64500', ' address-family ipv4 unicast', line]);
  const untilReason = (name: string, reason: string, limitMs = 60_000) =>
    until(`${name} to be ${reason}`, async () => readyOf(await network.object('devices', name))?.reason === reason, limitMs);
  const fleetReason = async () => readyOf(await network.object('fleets', 'network'))?.reason;

  it('an API server that does not answer for a minute is found again, and what happened meanwhile is told', async () => {
    lab.freezeApiServer();
    try {
      await takeAway('r00001');
      await delay(60_000); // the hard day itself
    } finally {
      lab.thawApiServer();
    }
    await untilReason('r00001', 'Drifted');
    await putBack('r00001');
  });

  it('an API server that is killed, and forgets what was watched, is listed anew', async () => {
    await lab.compact();
    await lab.killApiServer();
    await takeAway('r00002');
    await lab.startApiServer();
    await untilReason('r00002', 'Drifted');
    // What people ask on objects is seen again as well.
    await network.patch('devices', 'r00003', { metadata: { annotations: { 'plumbline.dev/requestedAt': 'after the kill' } } });
    const answered = async () => (await network.object('devices', 'r00003'))?.status?.lastHandledReconcileAt === 'after the kill';
    await until('an answer', answered, 20_000);
    await putBack('r00002');
  });

  it('a Git host that is gone changes nothing, and devices are still judged by what it last said', async () => {
    const away = `${network.git.folder}-away`;
    renameSync(network.git.folder, away);
    await until('the Fleet to say so', async () => (await fleetReason()) !== 'InForce', 30_000);
    const fleet = await network.object('fleets', 'network');
    expect(readyOf(fleet)).toMatchObject({ status: 'False', message: expect.stringContaining('stays in force') as string });
    await takeAway('r00004');
    await untilReason('r00004', 'Drifted');
    expect(await network.objects('devices')).toHaveLength(network.names.length);

    renameSync(away, network.git.folder);
    const commit = commitEdit(network, 'sites/site0000/r00005.yaml', '"role": "edge"', '"role": "other"');
    const isInForce = async () => (await network.object('fleets', 'network'))?.status?.revision === `main@sha1:${commit}`;
    await until('the newest revision to be in force', isInForce, 60_000);
    await putBack('r00004');
  });

  it('a slow device keeps no other waiting', async () => {
    await network.routers.setFault('r00006', { kind: 'slow', ms: 2_000 });
    const leader = operators.leader();
    const others = network.names.filter((name) => name !== 'r00006');
    for (let round = 0; round < 3; round++) {
      const before = await lastReads(leader);
      const isRead = async () => {
        const now = await lastReads(leader);
        return others.every((name) => (now.get(name) ?? 0) > (before.get(name) ?? 0));
      };
      await until('the others to be read once more', isRead, 12_000);
    }
    expect(readyOf(await network.object('devices', 'r00006'))?.reason).toBe('InSync');
    await network.routers.setFault('r00006');
  });

  it('a flapping device is never called drifted, disturbs no other, and is told in a few events that count', async () => {
    const ofFlapping = async () => (await network.events()).filter(({ regarding }) => regarding.name === 'r00007');
    const before = (await ofFlapping()).length;
    await network.routers.setFault('r00007', { kind: 'flapping', upMs: 4_000, downMs: 4_000 });
    const seen = new Map<string, string[]>();
    const look = async () => {
      for (const device of await network.objects('devices')) {
        const reasons = seen.get(device.metadata.name) ?? [];
        const reason = readyOf(device)?.reason ?? '';
        if (reasons.at(-1) !== reason) seen.set(device.metadata.name, [...reasons, reason]);
      }
      return (seen.get('r00007') ?? []).length >= 8;
    };
    await until('eight standings, one after the other', look, 120_000);
    await network.routers.setFault('r00007');
    expect(new Set(seen.get('r00007'))).toEqual(new Set(['InSync', 'Unreachable']));
    seen.delete('r00007');
    expect(new Set([...seen.values()].flat())).toEqual(new Set(['InSync']));
    expect((await ofFlapping()).length - before).toBeLessThan(5);
  });

  it('another writer of the same objects delays nothing for long, and keeps what is its own', async () => {
    const stormy = network.names.slice(8, 18);
    let writes = 0;
    const over = new AbortController();
    const storm = Promise.all(
      stormy.map(async (name) => {
        while (!over.signal.aborted)
          await network.patch('devices', name, { metadata: { annotations: { 'example.net/count': String(++writes) } } });
      }),
    );
    for (const name of stormy) await takeAway(name);
    try {
      for (const name of stormy) await untilReason(name, 'Drifted', 30_000);
    } finally {
      over.abort();
    }
    await storm;
    expect(writes).toBeGreaterThan(100);
    const marked = (await network.objects('devices')).filter(({ metadata }) => metadata.annotations?.['example.net/count'] !== undefined);
    expect(marked.map(({ metadata }) => metadata.name)).toEqual(stormy);
    for (const name of stormy) await putBack(name);
  });
});
