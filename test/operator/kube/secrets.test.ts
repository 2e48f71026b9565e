import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { describeWithKube } from '../../lab/kube/index.ts';
import { until } from '../../lab/shell.ts';
import { policy } from '../plan-desk.ts';
import { findSecrets, secretsIn, textsBelow } from '../secret-search.ts';
import { type Network, startNetwork, untilAllReady } from './network.ts';

describeWithKube('an operator that changes passwords in a cluster', (kube) => {
  let network: Network | undefined;
  afterEach(() => network?.close());

  it('leaves none of them, and no key, in any byte of etcd, of the audit log and of its own log', async () => {
    network = await startNetwork(kube(), { devices: 4, sessionsPerDevice: 3, reads: { intervalSeconds: 3 } });
    const { lab, routers, folder } = network;
    // Tests before this one gave the same API server Secrets of their own, of which some are the same: those say nothing of us.
    const earlier = textsBelow(join(lab.dir, 'etcd'));
    const before = secretsIn(routers.secrets).filter((secret) => findSecrets(earlier, [secret]).length === 0);
    expect(before).not.toEqual([]);
    await network.patch('fleets', 'network', { spec: { ceiling: 'Enforce' } });
    network.git.commit({ 'reconcile.yaml': policy('Enforce', { canary: 1, bakeSeconds: 0 }) });
    const replica = await network.start('one');
    await until('a leader', () => replica.leads(), 60_000);
    await untilAllReady(network);
    const password = 'canary-5d11e0-of-the-new-password';
    writeFileSync(join(routers.secrets, 'ibgp', 'password'), password);
    const plans = async () => (await network?.objects('changeplans')) ?? [];
    await until('the passwords', async () => (await plans()).some(({ status }) => status?.phase === 'Succeeded'), 180_000);
    expect(await routers.running('r00000')).toContain(`password ${password}`);

    const logs = [
      { place: 'log', text: JSON.stringify(replica.log) },
      { place: 'audit', text: readFileSync(join(lab.dir, 'audit.log'), 'utf8') },
    ];
    // Of the operator; the simulator beside it keeps keys of its own.
    const written = [...[join(lab.dir, 'etcd'), join(folder, 'cache-one')].flatMap(textsBelow), ...logs];
    expect(written.some(({ place, text }) => place.startsWith('member/') && text.includes('<secret:hmac-'))).toBe(true);
    expect(findSecrets(written, [...before, password])).toEqual([]);
  });
});
