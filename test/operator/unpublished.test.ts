import { expect, onTestFinished, test } from 'vitest';
import { kubeErrors } from '../../controller/kube/index.ts';
import type { ObjectStore } from '../../controller/store/index.ts';
import { openOperatorDesk } from './desk.ts';

/** A store that refuses some objects, as an API server does with what its rules do not allow; or that is away for all. */
function refusingStore() {
  const store = { refused: new Set<string>(), isAway: false };
  const check = ({ kind, name }: { kind: string; name: string }) => {
    if (store.isAway && kind !== 'Notice') throw kubeErrors.ClusterUnreachable({ why: 'connection refused' });
    if (store.refused.has(`${kind}/${name}`)) throw kubeErrors.ClusterRefused({ why: `${kind} "${name}" is invalid` });
  };
  const objects = (of: ObjectStore): ObjectStore => ({
    ...of,
    create: async (object) => (check(object), of.create(object)),
    update: async (object) => (check(object), of.update(object)),
    updateStatus: async (object) => (check(object), of.updateStatus(object)),
  });
  return Object.assign(store, { objects });
}

async function deskWith(options: { refused: readonly string[] }) {
  const store = refusingStore();
  options.refused.forEach((name) => store.refused.add(name));
  const desk = await openOperatorDesk({ devices: 3, objects: store.objects });
  onTestFinished(() => desk.stop());
  const condition = async (of: string) => (await desk.fleet())?.status?.conditions.find(({ type }) => type === of);
  const told = () => desk.notices.filter(({ reason }) => reason === 'NotPublished' || reason === 'NotMirrored');
  return { desk, store, said: () => condition('DevicesPublished'), saidOfMirrors: () => condition('MirrorsPublished'), told };
}

test('a device that can never be published is told of in the Fleet, once, and in a metric; the others go on', async () => {
  const { desk, store, said, told } = await deskWith({ refused: ['Device/r00001'] });
  await desk.until('the Fleet to say so', async () => (await said()) !== undefined);
  expect(await said()).toMatchObject({
    status: 'False',
    reason: 'NotPublished',
    message: expect.stringMatching(
      /^1 device \(r00001\) cannot be published: .*Device "r00001" is invalid.*\. Nothing that is shown/,
    ) as string,
  });
  expect(await desk.fleetReady('InForce')).toMatchObject({ status: 'True' });
  expect(await desk.metric('plumbline_device_unpublished', { device: 'r00001' })).toBe(1);
  expect(await desk.metric('plumbline_device_unpublished', { device: 'r00000' })).toBeUndefined();
  expect((await desk.look('r00000')).status?.verdict).toBe('InSync');
  const { code, stdout } = await desk.plumb('status');
  expect(stdout).toMatch(
    /^Fleet lab {2}main@sha1:[0-9a-f]{40} is in force\nFleet lab {2}DevicesPublished: 1 device \(r00001\) cannot be published/,
  );
  expect(code).toBe(1);
  const before = await desk.fleet();
  await desk.until('more tries', async () => ((await desk.metric('workqueue_retries_total', { name: 'device' })) ?? 0) >= 8);
  expect(await desk.fleet()).toEqual(before);
  expect(told()).toMatchObject([{ kind: 'Fleet', name: 'lab', type: 'Warning' }]);

  store.refused.clear();
  await desk.until('it to be gone', async () => (await said()) === undefined);
  expect((await desk.device('r00001'))?.status?.verdict).toBe('InSync');
  expect(await desk.metric('plumbline_device_unpublished', { device: 'r00001' })).toBeUndefined();
  expect(told()).toHaveLength(1);
});

test('a store that is away for all is no trouble of its devices', async () => {
  const { desk, store, said, told } = await deskWith({ refused: [] });
  await desk.allJudged();
  await desk.fleetReady('InForce');
  await desk.routers.edit('r00000', ['router bgp 64500', ' neighbor 172.16.0.0 description by hand']);
  store.isAway = true;
  const failures = async () => (await desk.metric('workqueue_retries_total', { name: 'device' })) ?? 0;
  const found = await desk.store.objects.get('Device', 'r00000');
  await desk.store.objects.update({ ...found!, annotations: { 'plumbline.dev/requestedAt': 'now' } });
  await desk.until('more tries', async () => (await failures()) >= 5);
  store.isAway = false;
  await desk.deviceReady('r00000', 'Drifted');
  expect([await said(), told()]).toEqual([undefined, []]);
});

test('a device that leaves Git takes what was said of it along', async () => {
  const { desk, said } = await deskWith({ refused: ['Device/r00002'] });
  await desk.until('the Fleet to say so', async () => (await said()) !== undefined);
  const files = ['r00000-sessions', 'r00001-sessions', 'r00002-sessions', 'r00002'].map((name) => `sites/site0000/${name}.yaml`);
  desk.commit(Object.fromEntries(files.map((file) => [file, undefined])));
  await desk.until('it to be gone', async () => (await said()) === undefined);
  expect(await desk.metric('plumbline_device_unpublished', { device: 'r00002' })).toBeUndefined();
});

test('sessions that can never be published are told of in the Fleet, in one event for all and in a metric; their devices are judged', async () => {
  const names = ['r00000-transit', 'r00001-transit', 'r00002-transit'];
  const { desk, store, said, saidOfMirrors, told } = await deskWith({ refused: names.map((name) => `BGPSession/${name}`) });
  const unpublished = () => desk.metric('plumbline_mirrors_unpublished');
  expect(Object.values(await desk.allJudged())).toEqual(['InSync', 'InSync', 'InSync']);
  await desk.until('all three to be refused for good', async () => (await unpublished()) === 3);
  await desk.lookAtFleet();
  expect(await saidOfMirrors()).toMatchObject({
    status: 'False',
    reason: 'NotMirrored',
    message: expect.stringMatching(
      /^3 objects \(BGPSession\/r00000-transit, .*\) cannot be published: .*BGPSession "r00000-transit" is invalid.*\. What is shown/,
    ) as string,
  });
  expect(await desk.fleetReady('InForce')).toMatchObject({ status: 'True' });
  expect(await said()).toBeUndefined();
  expect((await desk.session('r00000-customer'))?.status?.conditions).toMatchObject([{ reason: 'Established' }]);
  const { code, stdout } = await desk.plumb('status');
  expect([code, stdout]).toEqual([1, expect.stringContaining('Fleet lab  MirrorsPublished: 3 objects')]);
  const before = await desk.fleet();
  await desk.until('more tries', async () => ((await desk.metric('workqueue_retries_total', { name: 'session' })) ?? 0) >= 20);
  expect(await desk.fleet()).toEqual(before);
  expect(told()).toMatchObject([{ kind: 'Fleet', name: 'lab', type: 'Warning', reason: 'NotMirrored' }]);

  // Two are taken, the last one leaves Git.
  store.refused.delete('BGPSession/r00000-transit');
  store.refused.delete('BGPSession/r00001-transit');
  await desk.until('two to be there', async () => (await unpublished()) === 1);
  desk.commit({ 'sites/site0000/r00002-sessions.yaml': undefined });
  await desk.until('it to be gone', async () => (await saidOfMirrors()) === undefined);
  expect(await unpublished()).toBe(0);
  expect(told()).toHaveLength(1);
});
