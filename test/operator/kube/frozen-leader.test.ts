import { afterEach, expect, it } from 'vitest';
import { describeWithKube } from '../../lab/kube/index.ts';
import { until } from '../../lab/shell.ts';
import { overlaps, policy } from '../plan-desk.ts';
import { commitEdit, type Network, startNetwork, untilAllReady } from './network.ts';

describeWithKube('a leader that is frozen while it changes a router', (kube) => {
  let network: Network | undefined;
  afterEach(() => network?.close());

  it('is followed by another, which undoes what was left and asks a person; when it wakes it writes nothing, neither there nor on a router', async () => {
    network = await startNetwork(kube(), { devices: 4, sessionsPerDevice: 2, reads: { intervalSeconds: 3 } });
    const { lab, routers, namespace } = network;
    const plans = async () => (await network?.objects('changeplans')) ?? [];
    const steps = () => routers.changes();
    const preferences = async () =>
      (await Promise.all(['r00000', 'r00001', 'r00002', 'r00003'].map((name) => routers.running(name)))).map((config) =>
        config.includes('set local-preference 95') ? 95 : 90,
      );
    await network.patch('fleets', 'network', { spec: { ceiling: 'Enforce' } });
    network.git.commit({ 'reconcile.yaml': policy('Enforce', { canary: 1, bakeSeconds: 0 }) });
    const replicas = [await network.start('one'), await network.start('other')];
    const leader = await until('a leader', () => replicas.find((each) => each.leads()), 60_000);
    const [next] = replicas.filter((each) => each !== leader);
    if (!next) throw new Error('there is one replica');
    await untilAllReady(network);
    commitEdit(network, 'policies.yaml', '"localPreference": 90', '"localPreference": 95');
    await until('commands sent', async () => (await steps()).some(({ step }) => step === 'applied'), 60_000);
    leader.signal('SIGSTOP');

    await until('another leader', () => next.leads(), 60_000);
    await until('what was left to be undone', async () => (await steps()).some(({ step }) => step === 'restored'), 60_000);
    expect(await preferences()).toEqual([90, 90, 90, 90]);
    const asking = await until(
      'a plan for a person',
      async () => (await plans()).find(({ spec, status }) => spec.devices === 4 && status?.phase === 'Proposed'),
      60_000,
    );
    expect((await plans()).find(({ status }) => status?.phase === 'Failed')?.status?.progress).toBe('r...');

    const [before, wokenAt] = [await steps(), new Date()];
    leader.signal('SIGCONT');
    await until('it to end', () => !leader.isRunning(), 30_000);
    expect(await leader.ended()).toBe(1);
    expect(lab.writes(namespace).filter(({ pod, at, code }) => pod === leader.name && at >= wokenAt && code < 300)).toEqual([]);
    const sinceThen = (await steps()).slice(before.length);
    expect(sinceThen.filter(({ why = '' }) => !why.startsWith('StaleEpoch'))).toEqual([]);

    const { name } = asking.metadata;
    await lab.api().ask('POST', `/apis/plumbline.dev/v1alpha1/namespaces/${namespace}/changeapprovals`, {
      apiVersion: 'plumbline.dev/v1alpha1',
      kind: 'ChangeApproval',
      metadata: { name: `${name}-mona` },
      spec: {
        plan: name,
        effectDigests: asking.spec.groups.map(({ effectDigest }) => effectDigest),
        decision: 'Approve',
        approver: 'mona',
        groups: [],
      },
    });
    await until('the rest', async () => (await plans()).some(({ status }) => status?.phase === 'Succeeded'), 120_000);
    expect(await preferences()).toEqual([95, 95, 95, 95]);
    const all = await steps();
    expect(overlaps(all)).toEqual([]);
    const [first, ...later] = [...new Set(all.filter(({ step }) => step === 'armed').map(({ epoch }) => epoch))];
    expect(later).toHaveLength(1);
    expect(later[0]).toBeGreaterThan(first ?? Infinity);
  });
});
