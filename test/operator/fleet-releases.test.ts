import { expect, onTestFinished, test } from 'vitest';
import { type DeskOptions, openOperatorDesk, type OperatorDesk } from './desk.ts';

/** Without sessions between routers, so that a file can go without the others naming it. */
async function deskWith(devices: number, options: DeskOptions = {}): Promise<OperatorDesk> {
  const desk = await openOperatorDesk({ devices, sessionsPerDevice: 2, ...options });
  onTestFinished(() => desk.stop());
  await desk.allJudged();
  return desk;
}

const names = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, k) => `r${String(from + k).padStart(5, '0')}`);
const filesOf = (device: string) => [`sites/site0000/${device}.yaml`, `sites/site0000/${device}-sessions.yaml`];
const without = (devices: readonly string[]) => Object.fromEntries(devices.flatMap(filesOf).map((file) => [file, undefined]));
const takeBack = (desk: OperatorDesk) => (desk.repository.git('revert', '--no-edit', 'HEAD'), desk.commit({}));
const network = ['router bgp 64500', ' address-family ipv4 unicast', '  network 203.0.113.0/24'];
const watched = async ({ store }: OperatorDesk) => (await store.objects.list('Device')).map(({ name }) => name);

test('a device whose file goes away is let go: its objects go, its baseline stays, and nothing on it is touched', async () => {
  const desk = await deskWith(3);
  await desk.routers.edit('r00001', network);
  await desk.look('r00001');
  await desk.until('its report', () => desk.drift('r00001'));
  const [held, asked] = [await desk.routers.running('r00001'), await desk.routers.counts()];
  const revision = desk.commit(without(['r00001']));
  await desk.fleetReady('InForce', revision);
  expect(await watched(desk)).toEqual(['r00000', 'r00002']);
  expect(await desk.drift('r00001')).toBeUndefined();
  await desk.until('its sessions to go', async () => (await desk.session('r00001-transit')) === undefined);
  await desk.sessionReady('r00000-transit', 'Established');
  expect(await desk.metric('plumbline_device_info', { device: 'r00001' })).toBeUndefined();
  expect(await desk.routers.running('r00001')).toBe(held);
  expect((await desk.routers.counts()).commands).toBe(asked.commands);
  expect((await desk.plumb('history', 'r00001')).stdout).toMatch(/Released {2}Git no longer has the device: .*nothing on it was touched/);

  takeBack(desk);
  // Not first contact: what somebody changed while it was away is known for what it is.
  await desk.deviceReady('r00001', 'Drifted');
});

test('a device that was held, went by mistake and comes back is held as it was', async () => {
  const desk = await deskWith(3);
  await desk.plumb('hold', 'r00001', '--reason', 'case 4711', '--by', 'mona');
  await desk.until('the hold', async () => (await desk.device('r00001'))?.status?.held?.by === 'mona');
  await desk.fleetReady('InForce', desk.commit(without(['r00001'])));
  await desk.pause();
  await desk.resume();
  await desk.allJudged();
  takeBack(desk);
  await desk.until('it to be looked at', async () => (await desk.device('r00001'))?.status?.verdict === 'InSync');
  expect((await desk.device('r00001'))?.status?.held).toEqual({ by: 'mona', reason: 'case 4711', where: 'Object' });

  await desk.plumb('resume', 'r00001');
  await desk.look('r00001');
  await desk.store.objects.delete('Device', 'r00001');
  await desk.until('the mirror to come back', async () => (await desk.device('r00001'))?.status?.verdict === 'InSync');
  expect((await desk.device('r00001'))?.status).not.toHaveProperty('held');
});

test('many that go at once wait for a person, and are watched meanwhile', async () => {
  const desk = await deskWith(12);
  const gone = names(0, 5);
  const revision = desk.commit(without(gone));
  const ready = await desk.fleetReady('ApprovalRequired');
  expect(ready).toMatchObject({
    status: 'False',
    message: `${revision} no longer has 6 devices (r00000, r00001, r00002, r00003, r00004, …): they stay watched as they were. Next: put them back into Git, or plumb reconcile --release`,
  });
  expect((await desk.fleet())?.status?.releasing).toEqual(gone);
  expect(await desk.metric('plumbline_releases_waiting', { fleet: 'lab' })).toBe(6);
  expect(await watched(desk)).toHaveLength(12);
  await desk.routers.edit('r00003', network);
  await desk.look('r00003');
  await desk.deviceReady('r00003', 'Drifted');

  const { stdout, stderr, code } = await desk.plumb('reconcile', '--release', '--wait');
  expect([code, stderr]).toEqual([0, `Fleet lab: let go by ${revision}: ${gone.join(', ')}\nFleet lab: asked to fetch now\n`]);
  expect(stdout).toMatch(/^lab {2}InForce {2}/);
  expect(await watched(desk)).toEqual(names(6, 11));
  expect((await desk.fleet())?.status?.releasing).toEqual([]);
});

test('many that go at once and come back were never away', async () => {
  const desk = await deskWith(4);
  const before = await desk.device('r00001');
  desk.commit(without(names(0, 1)));
  await desk.fleetReady('ApprovalRequired');
  takeBack(desk);
  await desk.fleetReady('InForce');
  expect((await desk.fleet())?.status?.releasing).toEqual([]);
  expect((await desk.device('r00001'))?.uid).toBe(before?.uid);
});

test('a release of one revision is not one of the next', async () => {
  const desk = await deskWith(6);
  desk.commit(without(names(0, 1)));
  await desk.fleetReady('ApprovalRequired');
  expect((await desk.plumb('reconcile', '--release', '--wait')).code).toBe(0);
  desk.commit(without(names(2, 3)));
  await desk.fleetReady('ApprovalRequired');
  expect(await watched(desk)).toEqual(names(2, 5));
});

test('a release is of the devices that a person was shown: another path of the same commit lacks others', async () => {
  const desk = await deskWith(6);
  const moved = names(4, 5).map((name) => filesOf(name)[0] ?? '');
  const inPart = moved.flatMap((file): [string, string | undefined][] => [
    [file, undefined],
    [`part/${file}`, desk.edited(file, '', '')],
  ]);
  const revision = desk.commit({ ...without(names(0, 1)), ...Object.fromEntries(inPart) });
  await desk.fleetReady('ApprovalRequired');
  expect((await desk.plumb('reconcile', '--release', '--wait')).stdout).toMatch(/InForce/);
  expect(await watched(desk)).toEqual(names(2, 5));
  await desk.setFleet((spec) => ({ ...spec, path: 'part' }));
  await desk.fleetReady('ApprovalRequired');
  expect((await desk.fleet())?.status).toMatchObject({ revision, releasing: names(2, 3) });
  expect(await watched(desk)).toEqual(names(2, 5));
});

test('where nobody waits to be let go, asking for it says so and lets nobody go later', async () => {
  const desk = await deskWith(4);
  const { stderr } = await desk.plumb('reconcile', '--release', '--wait');
  expect(stderr).toBe('Fleet lab: no device waits to be let go\nFleet lab: asked to fetch now\n');
  desk.commit(without(names(0, 1)));
  await desk.fleetReady('ApprovalRequired');
});

test('what waits to be let go is written to no more, whatever mode it had', async () => {
  const desk = await deskWith(4, { mode: 'Enforce', fleet: { ceiling: 'Enforce' } });
  expect((await desk.device('r00000'))?.status?.mode).toBe('Enforce');
  desk.commit(without(names(0, 1)));
  await desk.fleetReady('ApprovalRequired');
  await desk.routers.edit('r00000', network);
  const { status } = await desk.look('r00000');
  expect(status).toMatchObject({ verdict: 'Drifted', mode: 'Report', conditions: [{ reason: 'Drifted' }] });
  await desk.routers.edit('r00002', network);
  await desk.look('r00002');
  // What a look proposes is what may be planned.
  const { judgements } = desk.operator.world;
  expect(['r00000', 'r00002'].map((name) => judgements.get(name)?.proposal !== undefined)).toEqual([false, true]);
  takeBack(desk);
  await desk.until('it to be enforced again', async () => (await desk.device('r00000'))?.status?.mode === 'Enforce');
});

test('one by one is at once too: what went in the last day counts, also after a restart', async () => {
  const desk = await deskWith(4);
  await desk.fleetReady('InForce', desk.commit(without(['r00000'])));
  await desk.pause();
  await desk.resume();
  await desk.allJudged();
  desk.commit(without(['r00001']));
  await desk.fleetReady('ApprovalRequired');
  expect(await watched(desk)).toEqual(names(1, 3));
  desk.passTime(25 * 3600_000);
  await desk.lookAtFleet();
  await desk.fleetReady('InForce');
  expect(await watched(desk)).toEqual(names(2, 3));
});

test('a release that was noted by a process which died before it let the device go is one device, and no accident', async () => {
  const desk = await deskWith(4);
  await desk.pause();
  await desk.store.objects.create({ kind: 'Release', name: 'r00000', spec: { at: desk.clock.now().toISOString() } });
  const revision = desk.commit(without(['r00000']));
  await desk.resume();
  await desk.fleetReady('InForce', revision);
  expect(await watched(desk)).toEqual(names(1, 3));
});

test('the full report on a device goes with the device', async () => {
  const desk = await deskWith(3);
  const many = Array.from({ length: 60 }, (_, k) => `ip prefix-list BY-HAND seq ${k + 1} permit 10.${k}.0.0/16`);
  await desk.routers.edit('r00001', many);
  await desk.look('r00001');
  const report = (await desk.drift('r00001'))?.status?.report ?? '';
  expect(await desk.store.objects.getArtifact(report)).toContain('BY-HAND');
  await desk.fleetReady('InForce', desk.commit(without(['r00001'])));
  expect(await desk.store.objects.getArtifact(report)).toBeUndefined();
});

test('an operator that starts while devices wait to be let go says that nobody looks at them', async () => {
  const desk = await deskWith(4);
  desk.commit(without(names(0, 1)));
  await desk.fleetReady('ApprovalRequired');
  await desk.pause();
  await desk.resume();
  const ready = await desk.deviceReady('r00000', 'ApprovalRequired');
  expect(ready).toMatchObject({ status: 'Unknown', message: expect.stringContaining('plumb reconcile --release') });
  expect((await desk.device('r00000'))?.status?.verdict).toBe('Unknown');
  expect((await desk.look('r00002')).status?.verdict).toBe('InSync');
});

/** r00001 becomes edge1-fra in one commit, with its sessions. */
function rename(desk: OperatorDesk): void {
  const [device = '', sessions = ''] = filesOf('r00001');
  const named = desk.edited(device, '"name": "r00001"', '"name": "edge1-fra"').replace('"platform"', '"movedFrom": "r00001", "platform"');
  desk.commit({
    [device]: undefined,
    [sessions]: undefined,
    'sites/site0000/edge1-fra.yaml': named,
    'sites/site0000/edge1-fra-sessions.yaml': desk
      .edited(sessions, '"r00001"', '"edge1-fra"')
      .replaceAll('"device": "r00001"', '"device": "edge1-fra"'),
  });
}

test('a device that was renamed keeps its baseline and its history', async () => {
  const desk = await deskWith(3);
  await desk.routers.edit('r00001', ['router bgp 64500', ' address-family ipv4 unicast', '  no network 198.18.0.0/24']);
  await desk.look('r00001');
  await desk.deviceReady('r00001', 'Drifted');
  const before = (await desk.drift('r00001'))?.status;
  rename(desk);
  await desk.until('the old name to go', async () => (await desk.device('r00001')) === undefined);
  // Without a baseline the line would be Unadopted, and new today.
  expect((await desk.look('edge1-fra')).status?.verdict).toBe('Drifted');
  const after = (await desk.drift('edge1-fra'))?.status;
  expect(after).toMatchObject({ since: before?.since, total: 1, differences: [{ verdict: 'Drifted', desired: 'network 198.18.0.0/24' }] });
  expect(after?.differences[0]?.source?.file).toBe('sites/site0000/edge1-fra.yaml');
  expect(await desk.device('r00001')).toBeUndefined();
  expect(await desk.drift('r00001')).toBeUndefined();
  expect((await desk.fleetReady('InForce')).status).toBe('True');
  const { stdout } = await desk.plumb('history', 'edge1-fra');
  expect(stdout).toMatch(/Drifted {2}person {2}1 line differs.*\n.*Renamed {2}Known as r00001 before; its baseline came along/);
});

test('a device that was renamed stays held and seen to: what people said of it is of the device, not of its name', async () => {
  const desk = await deskWith(3);
  await desk.routers.edit('r00001', network, 'mona');
  await desk.look('r00001');
  await desk.pause();
  await desk.store.pins.put({ device: 'r00001', plan: 'plan-1', by: 'luis', reason: 'sessions flap', at: desk.clock.now().toISOString() });
  await desk.resume();
  await desk.allJudged();
  await desk.plumb('hold', 'r00001', '--reason', 'case 4711', '--by', 'mona');
  await desk.plumb('ack', 'r00001', '--reason', 'moved on Friday', '--for', '3d', '--owner', 'mona');
  await desk.until(
    'both',
    async () => (await desk.drift('r00001'))?.status?.acknowledged && (await desk.device('r00001'))?.status?.held?.by === 'mona',
  );
  const before = (await desk.drift('r00001'))?.status;
  const told = desk.notices.length;
  rename(desk);
  await desk.until('the old name to go', async () => (await desk.device('r00001')) === undefined);
  await desk.look('edge1-fra');
  expect((await desk.device('edge1-fra'))?.status).toMatchObject({
    verdict: 'Drifted',
    held: { by: 'mona', reason: 'case 4711', where: 'Object' },
    conditions: [{ reason: 'Held' }],
  });
  const after = await desk.drift('edge1-fra');
  expect(after?.spec).toMatchObject({ device: 'edge1-fra', acknowledgement: { owner: 'mona', reason: 'moved on Friday' } });
  expect(after?.status).toMatchObject({ acknowledged: true, since: before?.since, who: before?.who });
  expect(await desk.metric('plumbline_acknowledged', { device: 'edge1-fra' })).toBe(1);
  expect(desk.notices.slice(told).filter(({ kind }) => kind === 'Device')).toEqual([]);

  await desk.plumb('resume', 'edge1-fra');
  await desk.look('edge1-fra');
  expect((await desk.device('edge1-fra'))?.status?.held).toMatchObject({ by: 'luis', where: 'Rollback' });
  expect((await desk.store.pins.list()).map(({ device }) => device)).toEqual(['edge1-fra']);
});
