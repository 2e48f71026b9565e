import { createHmac } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { FleetSpec, type FleetStatus } from '../../controller/api/index.ts';
import { type DeskOptions, openOperatorDesk, type OperatorDesk } from './desk.ts';

async function deskWith(options: DeskOptions = {}): Promise<OperatorDesk> {
  const desk = await openOperatorDesk(options);
  onTestFinished(() => desk.stop());
  await desk.allJudged();
  return desk;
}

const readyOf = async (desk: OperatorDesk, fleet: string) =>
  (await desk.fleet(fleet))?.status?.conditions.find(({ type }) => type === 'Ready');
const secondFleet = (desk: OperatorDesk) =>
  desk.store.objects.create<FleetSpec, FleetStatus>({
    kind: 'Fleet',
    name: 'second',
    spec: FleetSpec.parse({ git: { url: 'https://git.example.net/other.git' } }),
  });

test('a second Fleet in the namespace is refused, and changes nothing, neither when it comes nor when it goes', async () => {
  const desk = await deskWith();
  await secondFleet(desk);
  await desk.until('the refusal', async () => (await readyOf(desk, 'second'))?.reason === 'FleetRefused');
  expect((await desk.fleet('second'))?.status?.conditions).toMatchObject([
    { type: 'Ready', status: 'False', message: expect.stringContaining('lab is in charge') as string },
    { type: 'Stalled', status: 'True', reason: 'FleetRefused' },
  ]);
  expect(desk.notices.filter(({ name }) => name === 'second')).toMatchObject([{ type: 'Warning', reason: 'FleetRefused' }]);
  await desk.store.objects.delete('Fleet', 'second');
  await desk.until('the operator to see it', () => desk.operator.fleets().length === 1);
  expect((await desk.lookAtFleet()).status?.conditions).toMatchObject([{ type: 'Ready', status: 'True', reason: 'InForce' }]);
  expect((await desk.look('r00000')).status?.verdict).toBe('InSync');
});

test('what a person asks of the Fleet is asked of the one in charge, whatever the second is called', async () => {
  const desk = await deskWith();
  const spec = FleetSpec.parse({ git: { url: 'https://git.example.net/other.git' } });
  await desk.store.objects.create<FleetSpec, FleetStatus>({ kind: 'Fleet', name: 'a-second', spec });
  await desk.until('the refusal', async () => (await readyOf(desk, 'a-second'))?.reason === 'FleetRefused');
  expect((await desk.plumb('suspend')).stderr).toMatch(/^Fleet lab is suspended/);
  await desk.deviceReady('r00000', 'Suspended');
  expect((await desk.fleet('a-second'))?.spec.suspend).toBe(false);
  await desk.plumb('unsuspend');
  await desk.deviceReady('r00000', 'InSync');
});

test('the second Fleet is in charge as soon as the first is gone', async () => {
  const desk = await deskWith();
  await secondFleet(desk);
  await desk.until('the refusal', async () => (await readyOf(desk, 'second'))?.reason === 'FleetRefused');
  await desk.store.objects.delete('Fleet', 'lab');
  await desk.until('it to be tried', async () => !['FleetRefused', undefined].includes((await readyOf(desk, 'second'))?.reason));
  await desk.until('the mirrors to go', async () => (await desk.store.objects.list('Device')).length === 0);
});

const mirrors = async ({ store }: OperatorDesk) =>
  (await Promise.all(['Device', 'BGPSession', 'DriftReport'].map((kind) => store.objects.list(kind)))).flat().map(({ name }) => name);

test.each([
  { name: 'while it is watched', deleteIt: (desk: OperatorDesk) => desk.store.objects.delete('Fleet', 'lab') },
  {
    name: 'while nobody watches',
    deleteIt: async (desk: OperatorDesk) => {
      await desk.pause();
      await desk.store.objects.delete('Fleet', 'lab');
      await desk.resume();
    },
  },
])('a Fleet deleted $name takes its mirrors along, and nothing that is known of its devices', async ({ deleteIt }) => {
  const desk = await deskWith();
  await desk.routers.edit('r00001', ['router bgp 64500', ' address-family ipv4 unicast', '  no network 198.18.0.0/24']);
  await desk.look('r00001');
  await desk.until('sessions to be published', async () => (await desk.store.objects.list('BGPSession')).length === 5);
  const spec = (await desk.fleet())?.spec;
  const baseline = await desk.store.baselines.get('r00001');
  await deleteIt(desk);
  await desk.until('the mirrors to go', async () => (await mirrors(desk)).length === 0);
  expect(await desk.store.baselines.get('r00001')).toEqual(baseline);
  expect(await desk.metric('plumbline_device_info', { device: 'r00001' })).toBeUndefined();

  await desk.store.objects.create({ kind: 'Fleet', name: 'lab', spec });
  await desk.deviceReady('r00001', 'Drifted'); // with its baseline: not first contact
});

test.each<{ name: string; change: (spec: FleetSpec) => unknown; says: RegExp }>([
  { name: 'a field that is not known', change: (spec) => ({ ...spec, colour: 'red' }), says: /Fleet lab cannot be used: .*colour/ },
  { name: 'an interval of no time', change: (spec) => void (spec.reads.intervalSeconds = 0), says: /spec\.reads\.intervalSeconds .*1/ },
  { name: 'no source', change: (spec) => void delete spec.git, says: /no source, or two; write git or sourceRef/ },
  { name: 'a path out of the repository', change: (spec) => void (spec.path = '../etc'), says: /spec\.path leads out of the repository/ },
  {
    name: 'a pin that names no commit',
    change: (spec) => void (spec.revision = 'v1.2'),
    says: /spec\.revision write it as status\.revision shows it/,
  },
  {
    name: 'signers of what Flux brings',
    change: ({ git: _git, ...spec }) => ({
      ...spec,
      sourceRef: { kind: 'GitRepository', name: 'net' },
      verify: { commits: 'Head', secretRef: { name: 'signers' } },
    }),
    says: /verify and revision are of git/,
  },
  {
    name: 'a proxy that nobody would ask',
    change: (spec) => ({ ...spec, git: { ...spec.git, proxy: 'http://proxy.example.net:3128' } }),
    says: /spec\.git\.proxy is for https, and would not be asked/,
  },
  {
    name: 'a password in the address',
    change: (spec) => ({ ...spec, git: { ...spec.git, url: 'https://u:p@git.example.net/net' } }),
    says: /spec\.git\.url write https:\/\/HOST\/PATH/,
  },
])('a Fleet with $name says so, and what was in force stays', async ({ change, says }) => {
  const desk = await deskWith();
  const { revision } = (await desk.fleet())?.status ?? {};
  const good = (await desk.fleet())?.spec;
  await desk.setFleet(change);
  const ready = await desk.fleetReady('FleetInvalid');
  expect(ready).toMatchObject({ status: 'False', message: expect.stringMatching(says) as string });
  expect((await desk.fleet())?.status).toMatchObject({ revision });
  expect((await desk.look('r00000')).status?.verdict).toBe('InSync');
  await desk.setFleet(() => good);
  await desk.fleetReady('InForce');
});

test('a Secret that is not there, may not be used, or does not fit is said by its name', async () => {
  const desk = await deskWith();
  const { git } = (await desk.fleet())?.spec ?? {};
  const { revision } = (await desk.fleet())?.status ?? {};
  await desk.setFleet((spec) => ({ ...spec, git: { ...git, url: 'ssh://git@127.0.0.1:1/net.git', secretRef: { name: 'git-key' } } }));
  expect((await desk.fleetReady('SecretMissing')).message).toContain('secret git-key/identity has no value');
  await desk.setFleet((spec) => ({ ...spec, git: { ...git, url: 'https://127.0.0.1:1/net.git', secretRef: { name: 'git-token' } } }));
  expect((await desk.fleetReady('SecretMissing', 'git-token/password')).message).toContain(`${revision} stays in force`);
  await desk.setFleet((spec) => ({ ...spec, git, verify: { secretRef: { name: 'people' } } }));
  await desk.fleetReady('SecretMissing', 'people/allowed_signers');
  await desk.setFleet(({ verify: _verify, ...spec }) => ({
    ...spec,
    git: { ...git, url: 'ssh://git@127.0.0.1:1/net.git', secretRef: { name: 'git-key' } },
  }));
  desk.giveSecret('git-key', 'bgp-password for *', { identity: 'x', known_hosts: 'y' });
  await desk.lookAtFleet();
  expect((await desk.fleetReady('SecretNotAllowed')).message).toContain('git-key/identity');
  desk.giveSecret('git-key', 'git for lab', { identity: 'not a key', known_hosts: '127.0.0.1 ssh-ed25519 AAAA' });
  await desk.lookAtFleet();
  const { reason, message } = (await desk.fleet())?.status?.conditions[0] ?? {};
  expect(reason).toMatch(/^Source/);
  expect(message).toContain(`${revision} stays in force`);
  expect(message).not.toContain('not a key');
  await desk.setFleet((spec) => ({ ...spec, git }));
  await desk.fleetReady('InForce');
});

test('where commits must be signed, one without a signature changes nothing', async () => {
  const desk = await deskWith();
  desk.giveSecret('signers', 'git for lab', { allowed_signers: `alice@example.net ssh-ed25519 ${'A'.repeat(43)}=\n` });
  await desk.setFleet((spec) => ({ ...spec, verify: { commits: 'Head', secretRef: { name: 'signers' } } }));
  const ready = await desk.fleetReady('CommitNotVerified');
  expect(ready.message).toMatch(/commit [0-9a-f]{40}: .*stays in force/);
  expect((await desk.look('r00000')).status?.verdict).toBe('InSync');
});

test('a suspended Fleet is neither fetched nor read, and says so of itself and of every device', async () => {
  const desk = await deskWith();
  const said = await desk.plumb('suspend');
  expect([said.code, said.stderr]).toEqual([0, 'Fleet lab is suspended: nothing is fetched or read until plumb unsuspend\n']);
  expect(await desk.fleetReady('Suspended')).toMatchObject({ status: 'Unknown' });
  expect(await desk.deviceReady('r00000', 'Suspended')).toMatchObject({ status: 'Unknown' });
  await desk.deviceReady('r00001', 'Suspended');
  const { reads } = await desk.routers.counts();
  await desk.routers.edit('r00000', ['router bgp 64500', ' address-family ipv4 unicast', '  no network 198.18.0.0/24']);
  const revision = desk.commit({ 'notes.md': 'while suspended\n' });
  await desk.look('r00000');
  expect((await desk.routers.counts()).reads).toBe(reads);
  expect((await desk.lookAtFleet()).status?.revision).not.toBe(revision);

  expect((await desk.plumb('unsuspend')).stderr).toBe('Fleet lab goes on: every device is read again\n');
  await desk.fleetReady('InForce', revision);
  await desk.deviceReady('r00000', 'Drifted');
  await desk.deviceReady('r00001', 'InSync');
});

test('an operator that starts while the Fleet is suspended says so of every device', async () => {
  const desk = await deskWith();
  await desk.pause();
  expect((await desk.plumb('suspend')).code).toBe(0);
  await desk.resume();
  await desk.fleetReady('Suspended');
  expect(await desk.deviceReady('r00000', 'Suspended')).toMatchObject({ status: 'Unknown' });
  await desk.deviceReady('r00001', 'Suspended');
});

test('what somebody writes over a mirror, or deletes, is put right', async () => {
  const desk = await deskWith();
  const before = await desk.device('r00000');
  const found = await desk.store.objects.get<object>('Device', 'r00000');
  await desk.store.objects.update({ ...found!, spec: { ...found!.spec, lifecycle: 'Planned' }, labels: { site: 'nowhere' } });
  await desk.until('the mirror to be put right', async () => (await desk.device('r00000'))?.spec.lifecycle === before?.spec.lifecycle);
  expect((await desk.device('r00000'))?.labels).toEqual(before?.labels);
  await desk.store.objects.delete('Device', 'r00000');
  await desk.until('the mirror to come back', async () => (await desk.device('r00000'))?.status?.verdict === 'InSync');
  expect((await desk.device('r00000'))?.uid).not.toBe(before?.uid);
  await desk.routers.edit('r00001', ['router bgp 64500', ' address-family ipv4 unicast', '  no network 198.18.0.0/24']);
  await desk.look('r00001');
  await desk.store.objects.delete('DriftReport', 'r00001');
  await desk.until('the report to come back', async () => (await desk.drift('r00001'))?.status?.total === 1);
});

test('a status that somebody emptied, or that an older version wrote with less in it, is written anew', async () => {
  const desk = await deskWith();
  await desk.routers.edit('r00001', ['router bgp 64500', ' address-family ipv4 unicast', '  no network 198.18.0.0/24']);
  await desk.look('r00001');
  const objects = [
    ['Fleet', 'lab'],
    ['Device', 'r00001'],
    ['DriftReport', 'r00001'],
    ['BGPSession', 'r00001-transit'],
  ] as const;
  await desk.until('them to be there', async () => (await desk.session('r00001-transit')) && (await desk.drift('r00001')));
  await desk.pause();
  for (const [kind, name] of objects) {
    const found = await desk.store.objects.get(kind, name);
    if (found) await desk.store.objects.updateStatus({ ...found, status: {} });
  }
  await desk.resume();
  await desk.allJudged();
  await desk.fleetReady('InForce');
  await desk.deviceReady('r00001', 'Drifted');
  await desk.until('the report', async () => (await desk.drift('r00001'))?.status?.total === 1);
  await desk.until('the session', async () => (await desk.session('r00001-transit'))?.status?.ends?.length === 1);
});

test('devices are read within the time and the number that the Fleet allows', async () => {
  const desk = await deskWith({ devices: 4, fleet: { reads: { intervalSeconds: 3600, timeoutSeconds: 1, atOnce: 1 } } });
  for (const name of ['r00000', 'r00001']) await desk.routers.setFault(name, { kind: 'silent' });
  const began = performance.now();
  await Promise.all(['r00000', 'r00001'].map((name) => desk.look(name)));
  // One second each, one after the other.
  expect(performance.now() - began).toBeGreaterThan(1900);
  expect((await desk.device('r00000'))?.status?.verdict).toBe('Unknown');
});

test('what the Fleet says of reads is worked out when it says something else, not at every look', async () => {
  const desk = await deskWith();
  await desk.fleetReady('InForce');
  const { world } = desk.operator;
  const before = world.reads();
  await desk.look('r00000');
  await desk.lookAtFleet();
  expect(world.reads()).toBe(before);
  await desk.setFleet((spec) => ({ ...spec, reads: { ...spec.reads, timeoutSeconds: 7 } }));
  expect(world.reads()).toMatchObject({ intervalSeconds: 3600, timeoutSeconds: 7 });
});

/** A webhook as Gitea sends it, to the path that the Fleet shows. */
test('a webhook path is shown once its Secret is good, and a Secret that is not says so beside Ready', async () => {
  const desk = await deskWith();
  await desk.setFleet((spec) => ({ ...spec, webhook: { secretRef: { name: 'hook' } } }));
  const deaf = async () => (await desk.fleet())?.status?.conditions.find(({ type }) => type === 'WebhookReady');
  await desk.until('the Fleet to be deaf', async () => (await deaf())?.reason === 'SecretMissing');
  expect(await desk.fleetReady('InForce')).toMatchObject({ status: 'True' });
  desk.giveSecret('hook', 'webhook for lab', { token: 'short' });
  await desk.lookAtFleet();
  expect(await deaf()).toMatchObject({ reason: 'WebhookSecretWeak', status: 'False' });
  const token = createHmac('sha256', 'a test').update('token').digest('hex');
  desk.giveSecret('hook', 'webhook for lab', { token });
  await desk.lookAtFleet();
  expect(await deaf()).toBeUndefined();
  expect((await desk.fleet())?.status?.webhookPath).toMatch(/^\/hooks\/[0-9a-f]{64}$/);
});

test('a baseline that the store lost is not first contact: it is said, alerted, and nothing is made of it', async () => {
  const desk = await deskWith();
  await desk.pause();
  const pointer = await desk.store.objects.get<{ inline?: string }>('Baseline', 'r00000');
  await desk.store.objects.update({ ...pointer!, spec: { ...pointer!.spec, inline: 'AAAA' } });
  const kept = (await desk.store.objects.get('Baseline', 'r00000'))?.resourceVersion;
  await desk.resume();
  const ready = await desk.deviceReady('r00000', 'Unverified');
  expect(ready).toMatchObject({
    status: 'Unknown',
    message: expect.stringContaining('the baseline of r00000 was lost or changed') as string,
  });
  expect(await desk.metric('plumbline_artifacts_lost', { device: 'r00000' })).toBe(1);
  expect(await desk.metric('plumbline_artifacts_lost', { device: 'r00001' })).toBeUndefined();
  await desk.look('r00000');
  expect((await desk.store.objects.get('Baseline', 'r00000'))?.resourceVersion).toBe(kept);
  expect((await desk.look('r00001')).status?.verdict).toBe('InSync');
});
