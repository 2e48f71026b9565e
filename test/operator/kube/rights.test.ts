import { createHmac } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { parse } from 'yaml';
import { describeWithKube, type KubeLab, up } from '../../lab/kube/index.ts';
import { until } from '../../lab/shell.ts';
import { policy } from '../plan-desk.ts';
import { commitEdit, type Network, readyOf, startNetwork, untilAllReady } from './network.ts';
import { rulesOfChart } from './pods.ts';

interface Rule {
  resources: string[];
  verbs: string[];
}

describeWithKube('the rights of the operator', () => {
  let lab: KubeLab | undefined;
  let network: Network | undefined;
  afterEach(async () => {
    await network?.close();
    await lab?.down();
  });

  it('are enough for all that it does, and it uses each of them', async () => {
    lab = await up({ auditReads: true });
    network = await startNetwork(lab, { devices: 6, sessionsPerDevice: 2, reads: { intervalSeconds: 2 } });
    const { routers, git } = network;
    const reason = async (name: string) => readyOf(await network?.object('devices', name))?.reason;
    const untilReason = (name: string, wanted: string) =>
      until(`${name} to be ${wanted}`, async () => (await reason(name)) === wanted, 60_000);

    const token = 'a-token-of-the-git-host-0123456789';
    mkdirSync(join(routers.secrets, 'hook'), { mode: 0o700 });
    for (const [key, text] of Object.entries({ token, '.use': 'webhook for network\n' }))
      writeFileSync(join(routers.secrets, 'hook', key), text, { mode: 0o600 });
    await network.patch('fleets', 'network', { spec: { ceiling: 'Enforce', webhook: { secretRef: { name: 'hook' } } } });
    git.commit({ 'reconcile.yaml': policy('Enforce', { canary: 1, bakeSeconds: 0 }) });
    const replica = await network.start('one');
    await untilAllReady(network);

    // A webhook, a change, drift that comes and goes, a router that is away twice, a device that leaves Git.
    const path = await until('a path', async () => (await network?.object('fleets', 'network'))?.status?.webhookPath, 60_000);
    const body = '{"ref":"refs/heads/main"}';
    const signature = `sha256=${createHmac('sha256', token).update(body).digest('hex')}`;
    await until(
      'the webhook',
      async () => {
        const headers = { 'x-hub-signature-256': signature, 'x-github-event': 'push', 'content-type': 'application/json' };
        return (await fetch(`${replica.url()}${path}`, { method: 'POST', headers, body })).ok;
      },
      60_000,
    );
    commitEdit(network, 'policies.yaml', '"localPreference": 90', '"localPreference": 95');
    const plans = async () => (await network?.objects('changeplans')) ?? [];
    await until('the change', async () => (await plans()).some(({ status }) => status?.phase === 'Succeeded'), 120_000);
    for (let round = 0; round < 2; round++) {
      await routers.setFault('r00001', { kind: 'down' });
      await untilReason('r00001', 'Unreachable');
      await routers.setFault('r00001');
      await untilReason('r00001', 'InSync');
    }
    commitEdit(network, 'sites/site0000/r00005.yaml', '"role": "edge"', '"role": "other"');
    await until('its label', async () => (await network?.object('devices', 'r00005'))?.metadata.labels?.['role'] === 'other', 60_000);
    // Somebody else writes the Fleet in the same moment, again and again.
    let writes = 0;
    const refusedAt = () => lab!.requests(network!.namespace).some(({ resource, code }) => resource === 'fleets/status' && code === 409);
    while (!refusedAt()) {
      if (++writes > 2000) throw new Error('never at the same time');
      await network.patch('fleets', 'network', { metadata: { annotations: { 'plumbline.dev/requestedAt': `${writes}` } } });
    }
    await network.patch('devices', 'r00002', { metadata: { annotations: { 'plumbline.dev/hold': '{"by":"bob","reason":"case 4711"}' } } });
    // More than the object of a report has room for: the whole of it is an artifact, which goes with the report.
    const typed = Array.from({ length: 120 }, (_, i) => `network 198.19.${i}.0/24`);
    const type = (no: string) =>
      routers.edit('r00002', ['router bgp 64500', ' address-family ipv4 unicast', ...typed.map((line) => `  ${no}${line}`)]);
    await type('');
    await until('a report', async () => (await network?.object('driftreports', 'r00002'))?.status?.report, 60_000);
    await type('no ');
    await until('no report', async () => (await network?.object('driftreports', 'r00002')) === undefined, 60_000);
    const gone = ['r00004.yaml', 'r00004-sessions.yaml', 'r00003-sessions.yaml'].map((file) => `sites/site0000/${file}`);
    git.git('rm', '-q', ...gone);
    git.commit();
    await until('it to be let go', async () => (await network?.object('devices', 'r00004')) === undefined, 60_000);
    replica.signal('SIGTERM');
    expect(await replica.ended()).toBe(0);

    const places = [network.namespace, network.artifactNamespace];
    const asked = places.map((place) => lab!.requests(place).filter(({ pod }) => pod === 'one'));
    expect(asked.flat().filter(({ code }) => code === 403)).toEqual([]);
    const unused = rulesOfChart()
      .slice(0, 2)
      .flatMap((text, place) =>
        (parse(text) as { rules: Rule[] }).rules.flatMap(({ resources, verbs }) =>
          // What is done to one kind of a rule is done to each by the same code.
          verbs
            .filter((verb) => !asked[place]?.some((one) => one.verb === verb && resources.includes(one.resource)))
            .map((verb) => `${verb} ${resources.join(', ')}`),
        ),
      );
    expect(unused).toEqual([]);
  });
});
