import { describe, expect, onTestFinished, test } from 'vitest';
import { type DeskOptions, openOperatorDesk } from './desk.ts';

const byHand = ['router bgp 64500', ' neighbor 172.16.0.0 description by hand'];

async function deskWith(options: DeskOptions = {}) {
  const desk = await openOperatorDesk(options);
  onTestFinished(() => desk.stop());
  await desk.allJudged();
  let probes = 0;
  /** Numbers every write to the store, of whatever kind: one of our own tells how many there were. */
  const writes = async () => {
    const { resourceVersion } = await desk.store.objects.create({ kind: 'Probe', name: `probe-${probes++}`, spec: {} });
    return Number(resourceVersion) - probes;
  };
  const readAgain = async (times: number) => {
    const devices = (await desk.store.objects.list('Device')).length;
    const { reads } = await desk.routers.counts();
    await desk.until('more reads', async () => (await desk.routers.counts()).reads >= reads + times * devices);
  };
  return { desk, writes, readAgain };
}

/** Short, and yet long enough that a busy machine does not miss three of them. */
const often = { reads: { intervalSeconds: 2 } };

describe('a network that stands still', () => {
  test('is read again and again, and nothing at all is written or told', async () => {
    const { desk, writes, readAgain } = await deskWith({ devices: 3, fleet: often });
    await desk.fleetReady('InForce');
    await readAgain(1);
    const [written, told] = [await writes(), desk.notices.length];
    await readAgain(2);
    expect(await writes()).toBe(written);
    expect(desk.notices).toHaveLength(told);
  });

  test('also while a router differs, another one cannot be read, and a third one has a new line of nobody', async () => {
    const { desk, writes, readAgain } = await deskWith({ devices: 4, fleet: often });
    await desk.routers.edit('r00000', byHand);
    await desk.routers.edit('r00001', ['access-list MGMT seq 5 permit 192.0.2.0/24']);
    await desk.routers.setFault('r00002', { kind: 'half-read' });
    for (const name of ['r00000', 'r00001', 'r00002']) await desk.look(name);
    await readAgain(1);
    const [written, told] = [await writes(), desk.notices.length];
    await readAgain(2);
    expect(await writes()).toBe(written);
    expect(desk.notices).toHaveLength(told);
  });

  test('another operator that takes it over reads every router and writes nothing but its epoch', async () => {
    const { desk, writes } = await deskWith({ devices: 3 });
    await desk.routers.edit('r00000', byHand);
    await desk.look('r00000');
    await desk.until('the sessions', async () => (await desk.store.objects.list('BGPSession')).length === 9);
    await desk.pause();
    const [written, told, { reads }] = [await writes(), desk.notices.length, await desk.routers.counts()];
    await desk.resume();
    await desk.allJudged();
    await desk.pause();
    expect((await desk.routers.counts()).reads).toBe(reads + 3);
    // Its epoch, and nothing else.
    expect(await writes()).toBe(written + 1);
    expect(desk.notices).toHaveLength(told);
  });
});

describe('a judgement', () => {
  test('that nobody can renew decays: a new operator without Git lets no old one stand', async () => {
    let isGitThere = true;
    const { desk } = await deskWith({
      fleet: { reads: { intervalSeconds: 1 }, git: { intervalSeconds: 5 } },
      openSource: (_fleet, git) => {
        if (!isGitThere) throw new Error('no route to the host of Git');
        return git();
      },
    });
    await desk.routers.edit('r00000', byHand);
    await desk.look('r00000');
    const report = await desk.drift('r00000');
    await desk.pause();
    isGitThere = false;
    await desk.resume();

    expect(await desk.deviceReady('r00001', 'Stale')).toMatchObject({
      status: 'Unknown',
      message: expect.stringContaining('Next: ') as string,
    });
    await desk.deviceReady('r00000', 'Stale');
    expect((await desk.device('r00001'))?.status).toMatchObject({
      verdict: 'Unknown',
      appliedRevision: (await desk.device('r00001'))?.status?.revision,
    });
    await desk.until(
      'the session to be Stale',
      async () => (await desk.session('r00000-r00001'))?.status?.conditions[0]?.reason === 'Stale',
    );
    // What was seen is not gone because nobody looks.
    expect(await desk.drift('r00000')).toEqual(report);
    expect(await desk.metric('plumbline_device_info', { device: 'r00001', verdict: 'Unknown', reason: 'Stale' })).toBe(1);
    expect(await desk.metric('plumbline_drift_lines', { device: 'r00000' })).toBe(1);
    expect(
      desk.notices
        .filter(({ reason }) => reason === 'Stale')
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(['r00000', 'r00001']);

    isGitThere = true;
    await desk.deviceReady('r00001', 'InSync');
    await desk.deviceReady('r00000', 'Drifted');
    await desk.until(
      'the session to be known',
      async () => (await desk.session('r00000-r00001'))?.status?.conditions[0]?.reason === 'Established',
    );
    expect((await desk.drift('r00000'))?.status?.since).toBe(report?.status?.since);
  });

  test('holds while the router is read as often as the Fleet says, and is renewed at once when it is to be read more often', async () => {
    const { desk } = await deskWith({ fleet: { reads: { intervalSeconds: 3600 } } });
    const { reads } = await desk.routers.counts();
    await desk.setFleet((spec) => void (spec.reads.intervalSeconds = 2));
    await desk.until('more reads', async () => (await desk.routers.counts()).reads >= reads + 4);
    expect(desk.notices.filter(({ kind }) => kind === 'Device')).toEqual([]);
  });
});

test('an operator that is told to end in the middle of a look says nothing false about the router', async () => {
  const { desk } = await deskWith();
  const before = await desk.device('r00000');
  await desk.pause();
  await desk.routers.setFault('r00000', { kind: 'silent' });
  const { connections } = await desk.routers.counts();
  await desk.resume();
  await desk.until('the look to begin', async () => (await desk.routers.counts()).connections > connections);
  await desk.pause();
  expect(await desk.device('r00000')).toEqual(before);
  expect(await desk.store.observations.get('r00000')).toBeUndefined();
  expect(await desk.store.history.list('r00000')).toEqual([]);
  await desk.routers.setFault('r00000');
});

test('a router that is Planned is not contacted, and is not called in sync', async () => {
  const { desk } = await deskWith({ devices: 1 });
  await desk.pause();
  const file = 'sites/site0000/r00000.yaml';
  desk.commit({ [file]: desk.edited(file, '"platform": "frr"', '"lifecycle": "Planned", "platform": "frr"') });
  const { connections } = await desk.routers.counts();
  await desk.resume();
  expect(await desk.deviceReady('r00000', 'Unverified')).toMatchObject({
    status: 'Unknown',
    message: expect.stringContaining('is Planned: it is not contacted') as string,
  });
  expect((await desk.routers.counts()).connections).toBe(connections);
  expect(desk.notices.filter(({ reason }) => reason === 'Unverified')).toEqual([]);
});
