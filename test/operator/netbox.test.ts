import { describe, test, vi } from 'vitest';
import { FleetSpec } from '../../controller/api/index.ts';
import { type FakeNetBox, startFakeNetBox } from '../netbox/fake.ts';
import { type DeskOptions, openOperatorDesk, type OperatorDesk } from './desk.ts';

const file = 'sites/site0000/r00000.yaml';

/** A NetBox that knows one router, and what people do there. */
interface Beside {
  fake: FakeNetBox;
  /** Id of the router. */
  device: number;
  /** One router whose serial number Git knows, beside this NetBox. */
  deskWith: (options?: DeskOptions & { seconds?: number; serial?: string; authority?: object }) => Promise<OperatorDesk>;
  /** As somebody in NetBox does it. */
  changeDevice: (fields: Record<string, unknown>) => void;
}

async function besideNetBox({ onTestFinished }: { onTestFinished: (end: () => Promise<void>) => void }): Promise<Beside> {
  const fake = await startFakeNetBox();
  onTestFinished(() => fake.close());
  const maker = fake.insert('dcim/manufacturers', { name: 'Maker', slug: 'maker' });
  const type = fake.insert('dcim/device-types', { manufacturer: maker, model: 'Box', slug: 'box' });
  const site = fake.insert('dcim/sites', { name: 'Site 0', slug: 'site0000' });
  const role = fake.insert('dcim/device-roles', { name: 'Router', slug: 'router' });
  fake.insert('dcim/platforms', { name: 'FRR', slug: 'frr' });
  const device = fake.insert('dcim/devices', { name: 'r00000', site, role, device_type: type, serial: '' });
  return {
    fake,
    device,
    deskWith: async (options = {}) => {
      const { seconds = 3600, serial = '"serial": "SN-1", ', authority = {}, ...rest } = options;
      const netbox = FleetSpec.shape.netbox.parse({ url: fake.url, secretRef: { name: 'netbox' }, intervalSeconds: seconds, authority });
      const desk = await openOperatorDesk({ devices: 1, patience: 60, ...rest });
      onTestFinished(() => desk.stop());
      desk.giveSecret('netbox', 'netbox for lab', { token: fake.token });
      desk.commit({ [file]: desk.edited(file, '"platform": "frr"', `${serial}"platform": "frr"`) });
      await desk.allJudged();
      await desk.setFleet((spec) => void (spec.netbox = netbox));
      return desk;
    },
    changeDevice: (fields) => fake.alter('dcim/devices', { ...fields, id: device }),
  };
}

const recorded = async (desk: OperatorDesk) => (await desk.drift('r00000'))?.status;

describe.concurrent('NetBox beside an operator', { timeout: 120_000 }, () => {
  test('is compared with each device, and a change in it is reported within an interval, with what is safe to do', async ({
    expect,
    ...t
  }) => {
    const { fake, deskWith, changeDevice } = await besideNetBox(t);
    const desk = await deskWith({ seconds: 5 });
    await desk.until('the device to be compared', async () => (await desk.device('r00000'))?.status?.record !== undefined);
    changeDevice({ serial: 'SN-2' });
    await desk.until('the serial number', async () => (await recorded(desk))?.records?.some(({ field }) => field === 'serial'));
    const status = await recorded(desk);
    expect(status?.records?.find(({ field }) => field === 'serial')).toMatchObject({
      record: 'Behind',
      object: 'device r00000',
      desired: 'SN-1',
      recorded: 'SN-2',
      source: { file },
      command: 'plumb netbox record r00000',
    });
    expect((await desk.device('r00000'))?.status).toMatchObject({ verdict: 'InSync', record: status?.record });
    expect(await desk.metric('plumbline_record_differences', { device: 'r00000', record: 'Behind' })).toBeGreaterThan(0);
    expect(fake.requests.filter((each) => !each.startsWith('GET'))).toEqual([]);
    const why = await desk.plumb('why', 'r00000');
    expect(why.stdout).toContain('Behind  device r00000: serial  (sites/site0000/r00000.yaml:');
    expect(why.stdout).toContain('plumb netbox record r00000');
    expect((await desk.plumb('status')).stdout).toMatch(/1 device: 1 InSync; in NetBox 1 \w+/);

    changeDevice({ serial: 'SN-1' });
    await desk.until(
      'the serial number to be right',
      async () => !(await recorded(desk))?.records?.some(({ field }) => field === 'serial'),
    );
  });

  test('that stands still is read again and again, and nothing is written', async ({ expect, ...t }) => {
    const { fake, deskWith } = await besideNetBox(t);
    const desk = await deskWith({ seconds: 5 });
    await desk.until('the device to be compared', async () => (await desk.device('r00000'))?.status?.record !== undefined);
    await desk.lookAtFleet();
    let probes = 0;
    const writes = async () => {
      const { resourceVersion } = await desk.store.objects.create({ kind: 'Probe', name: `probe-${probes++}`, spec: {} });
      return Number(resourceVersion) - probes;
    };
    const before = await writes();
    const reads = () => fake.requests.filter((each) => each === 'GET status').length;
    const seen = reads();
    await desk.until('two more looks', () => reads() >= seen + 2);
    expect(await writes()).toBe(before);
    expect(fake.requests.filter((each) => !each.startsWith('GET'))).toEqual([]);
  });

  test('is Ahead, Conflict or Behind as the device says, of what the device tells', async ({ expect, ...t }) => {
    const { fake, device, deskWith } = await besideNetBox(t);
    const port = fake.insert('dcim/interfaces', { device, name: 'to-transit', type: 'other', description: 'transit' });
    const set = (description: string) => fake.alter('dcim/interfaces', { description, id: port });
    const desk = await deskWith({ seconds: 5 });
    const profile = { kind: 'DeviceProfile', metadata: { name: 'interfaces' }, spec: { platform: 'frr', renderInterfaces: true } };
    desk.commit({
      'profile.yaml': JSON.stringify({ apiVersion: 'plumbline.dev/v1alpha1', ...profile }),
      [file]: desk
        .edited(file, '"platform": "frr"', '"profile": "interfaces", "platform": "frr"')
        .replace('"name": "to-transit"', '"name": "to-transit", "description": "transit"'),
    });
    await desk.deviceReady('r00000', 'Pending');
    const wanted = (await desk.drift('r00000'))?.status?.differences ?? [];
    for (const { path, desired } of wanted) if (path.length > 1) await desk.routers.edit('r00000', [path[0] ?? '', ` ${desired ?? ''}`]);
    await desk.look('r00000');
    await desk.deviceReady('r00000', 'InSync');
    const found = async () =>
      (await recorded(desk))?.records?.find(({ object, field }) => object.endsWith('to-transit') && field === 'description');
    const by = async (record: string | undefined) =>
      desk.until(`the description to be ${record}`, async () => (await found())?.record === record);

    await desk.routers.edit('r00000', ['interface to-transit', ' description moved']);
    set('moved');
    await desk.look('r00000');
    await by('Ahead');
    expect(await found()).toMatchObject({ desired: 'transit', recorded: 'moved', live: 'moved', baseline: 'transit', severity: 'warning' });
    set('something else');
    await by('Conflict');
    expect(await desk.metric('plumbline_record_differences', { device: 'r00000', record: 'Conflict', severity: 'warning' })).toBe(1);
    const ack = await desk.plumb('ack', 'r00000', '--reason', 'a new transit', '--for', '1h', '--owner', 'mona');
    expect([ack.code, ack.stderr]).toEqual([0, expect.stringMatching(/of NetBox acknowledged by mona until/)]);
    await desk.until('the acknowledgement', async () => (await recorded(desk))?.recordAcknowledged);
    expect(await desk.metric('plumbline_record_acknowledged', { device: 'r00000' })).toBe(1);
    await desk.routers.edit('r00000', ['interface to-transit', ' description transit']);
    await desk.look('r00000');
    await by('Behind');
    await desk.until('it to be void for what differs now', async () => !(await recorded(desk))?.recordAcknowledged);
    set('transit');
    await by(undefined);
  });

  test('that hints is asked at once, and not for what was written from here', async ({ expect, ...t }) => {
    const { fake, deskWith, changeDevice } = await besideNetBox(t);
    const desk = await deskWith();
    await desk.until('the device to be compared', async () => (await desk.device('r00000'))?.status?.record !== undefined);
    const before = fake.requests.length;
    desk.operator.world.netbox.written.add('ours');
    desk.operator.hintNetBox('ours');
    changeDevice({ serial: 'SN-2' });
    desk.operator.hintNetBox('of-somebody');
    await desk.until('the serial number', async () => (await recorded(desk))?.records?.some(({ field }) => field === 'serial'));
    expect(fake.requests.slice(before).filter((each) => each === 'GET status')).toHaveLength(1);
  });

  test('that is away leaves everything as it was, and the Fleet says so', async ({ expect, ...t }) => {
    const { fake, deskWith, changeDevice } = await besideNetBox(t);
    const desk = await deskWith({ seconds: 5 });
    changeDevice({ serial: 'SN-2' });
    await desk.until('the serial number', async () => (await recorded(desk))?.records?.some(({ field }) => field === 'serial'));
    const before = await recorded(desk);
    fake.fault = ({ path }, response) => {
      if (path === 'status') return false;
      response
        .writeHead(403, { 'content-type': 'application/json' })
        .end('{"detail":"You do not have permission to perform this action."}');
      return true;
    };
    changeDevice({ serial: 'SN-3' });
    const condition = async () => (await desk.fleet())?.status?.conditions.find(({ type }) => type === 'NetBoxRead');
    await desk.until('the Fleet to say so', condition);
    expect(await condition()).toMatchObject({
      status: 'False',
      reason: 'NetBoxForbidden',
      message: expect.stringContaining('stands, and nothing'),
    });
    await desk.look('r00000');
    expect(await recorded(desk)).toEqual(before);
    expect(await desk.metric('plumbline_netbox_info', { reason: 'NetBoxForbidden' })).toBe(1);
    expect((await desk.fleet())?.status?.conditions[0]).toMatchObject({ type: 'Ready', status: 'True' });
  });

  test('of which the token may not view a list is compared by all others, and the Fleet says which is missing', async ({
    expect,
    ...t
  }) => {
    const { fake, deskWith, changeDevice } = await besideNetBox(t);
    fake.fault = ({ path }, response) => {
      if (path !== 'ipam/ip-addresses') return false;
      response
        .writeHead(403, { 'content-type': 'application/json' })
        .end('{"detail":"You do not have permission to perform this action."}');
      return true;
    };
    changeDevice({ serial: 'SN-3' });
    const desk = await deskWith({ seconds: 5 });
    const condition = async () => (await desk.fleet())?.status?.conditions.find(({ type }) => type === 'NetBoxRead');
    await desk.until('the Fleet to say so', condition);
    expect(await condition()).toMatchObject({
      status: 'False',
      reason: 'NetBoxPartly',
      message: expect.stringContaining('ipam/ip-addresses'),
    });
    await desk.until('the serial number', async () => (await recorded(desk))?.records?.some(({ field }) => field === 'serial'));
    fake.fault = undefined;
    await desk.until('the Fleet to say no more of it', async () => (await condition()) === undefined);
  });

  test('is Unknown where the device cannot be read, also one that never was', async ({ expect, ...t }) => {
    const { deskWith, changeDevice } = await besideNetBox(t);
    const desk = await deskWith({ seconds: 5 });
    await desk.routers.setFault('r00000', { kind: 'down' });
    await desk.look('r00000');
    changeDevice({ name: 'r99999' });
    await desk.until('the device to be missing', async () => (await recorded(desk))?.records?.some(({ record }) => record === 'Missing'));
    expect((await desk.device('r00000'))?.status?.verdict).toBe('Unknown');
  });

  test('that the Fleet names no more leaves nothing behind', async ({ expect, ...t }) => {
    const { deskWith } = await besideNetBox(t);
    const desk = await deskWith();
    await desk.until('the device to be compared', async () => (await desk.device('r00000'))?.status?.record !== undefined);
    await desk.setFleet((spec) => void delete spec.netbox);
    await desk.until('the record to be gone', async () => (await desk.device('r00000'))?.status?.record === undefined);
    expect(await desk.drift('r00000')).toBeUndefined();
    expect(await desk.metric('plumbline_netbox_info')).toBeUndefined();
  });
});

describe.concurrent('NetBox that may be written', { timeout: 120_000 }, () => {
  test('says who made it what it is, and is written where it is behind, once, with the plan in the history before', async ({
    expect,
    ...t
  }) => {
    const { fake, device, deskWith, changeDevice } = await besideNetBox(t);
    const change = { changed_object_type: 'dcim.device', changed_object_id: device, user_name: 'mona', message: 'new hardware' };
    const data = { prechange_data: { serial: 'SN-1' }, postchange_data: { serial: 'SN-2' } };
    fake.insert('core/object-changes', { ...change, ...data, action: { value: 'update' }, time: '2026-11-01T08:00:00Z' });
    changeDevice({ serial: 'SN-2' });
    const desk = await deskWith({ seconds: 5 });
    await desk.until(
      'who did it',
      async () => (await recorded(desk))?.records?.find(({ field }) => field === 'serial')?.who?.who === 'mona',
    );
    expect((await desk.plumb('why', 'r00000')).stdout).toContain('in NetBox by mona, 2026-11-01T08:00:00Z: new hardware');
    const writes = () => fake.requests.filter((each) => !each.startsWith('GET'));
    expect(writes()).toEqual([]);

    await desk.setFleet((spec) => void (spec.netbox && (spec.netbox.record = 'Enforce')));
    const serial = () => fake.tables.get('dcim/devices')?.get(device)?.['serial'];
    await desk.until('the serial number to be written', () => serial() === 'SN-1');
    await desk.until('the report to be without it', async () => !(await recorded(desk))?.records?.some(({ field }) => field === 'serial'));
    const events = (await desk.store.history.list('r00000')).filter(({ event }) => event.startsWith('Record'));
    expect(events.map(({ event }) => event).slice(0, 2)).toEqual(['RecordPlanned', 'RecordWritten']);
    expect(events.map(({ message }) => message).join()).toContain('serial "SN-2" → "SN-1"');
    expect(await desk.metric('plumbline_netbox_writes_total', { result: 'ok' })).toBeGreaterThan(0);

    const [before, reads] = [writes().length, () => fake.requests.filter((each) => each === 'GET status').length];
    const seen = reads();
    await desk.until('two more snapshots', () => reads() >= seen + 2);
    expect(writes()).toHaveLength(before);
  });

  test('is written although somebody saved the object without a change, of which the change log knows nothing', async (t) => {
    const { fake, device, deskWith, changeDevice } = await besideNetBox(t);
    changeDevice({ serial: 'SN-2' });
    const desk = await deskWith({ seconds: 5 });
    await desk.until('the serial number', async () => (await recorded(desk))?.records?.some(({ field }) => field === 'serial'));
    const row = fake.tables.get('dcim/devices')?.get(device);
    if (row) row.last_updated = '2026-11-02T00:00:00.000123Z';
    await desk.setFleet((spec) => void (spec.netbox && (spec.netbox.record = 'Enforce')));
    await desk.until('the serial number to be written', () => fake.tables.get('dcim/devices')?.get(device)?.['serial'] === 'SN-1');
  });

  test('and refuses is not asked again before Git moves, and the Fleet says so', async ({ expect, ...t }) => {
    const { fake, deskWith, changeDevice } = await besideNetBox(t);
    changeDevice({ serial: 'SN-2' });
    const desk = await deskWith({ seconds: 5 });
    fake.fault = ({ method }, response) => {
      if (method === 'GET') return false;
      response
        .writeHead(403, { 'content-type': 'application/json' })
        .end('{"detail":"You do not have permission to perform this action."}');
      return true;
    };
    await desk.setFleet((spec) => void (spec.netbox && (spec.netbox.record = 'Enforce')));
    const condition = async () => (await desk.fleet())?.status?.conditions.find(({ type }) => type === 'NetBoxWritten');
    await desk.until('the Fleet to say so', condition);
    expect((await condition())?.message).toContain('could not be written; first:');
    expect((await recorded(desk))?.records?.find(({ field }) => field === 'serial')).toMatchObject({ record: 'Behind' });
  });
});

describe.concurrent('NetBox that has the word on serial numbers', { timeout: 120_000 }, () => {
  const options = { seconds: 5, serial: '', authority: { serial: 'NetBox' }, mode: 'Enforce', fleet: { ceiling: 'Enforce' } } as const;
  const status = async (desk: OperatorDesk) => (await desk.device('r00000'))?.status;

  test('are handed over to the new name of a device before its old mirror goes: a crash between the two loses none', async ({
    expect,
    ...t
  }) => {
    const { deskWith, changeDevice } = await besideNetBox(t);
    changeDevice({ serial: 'SN-7' });
    const desk = await deskWith(options);
    await desk.until('the serial number to be fed', async () => (await status(desk))?.fed?.includes('serial'));
    const { objects } = desk.operator.world.runtime;
    const remove = objects.delete.bind(objects);
    const found: unknown[] = [];
    const spy = vi.spyOn(objects, 'delete').mockImplementation(async (kind, name, ...rest) => {
      if (kind === 'Device' && name === 'r00000') found.push(await objects.get('Device', 'edge1-fra'));
      return remove(kind, name, ...rest);
    });
    t.onTestFinished(() => spy.mockRestore());
    const sessions = 'sites/site0000/r00000-sessions.yaml';
    const named = desk.edited(file, '"name": "r00000"', '"name": "edge1-fra"').replace('"platform"', '"movedFrom": "r00000", "platform"');
    desk.commit({
      [file]: undefined,
      [sessions]: undefined,
      'sites/site0000/edge1-fra.yaml': named,
      'sites/site0000/edge1-fra-sessions.yaml': desk
        .edited(sessions, '"r00000"', '"edge1-fra"')
        .replaceAll('"device": "r00000"', '"device": "edge1-fra"'),
    });
    await desk.until('the old mirror to go', async () => found.length > 0 && (await desk.device('r00000')) === undefined);
    expect(found[0]).toMatchObject({ spec: { serial: 'SN-7' }, status: { fed: ['serial'] } });
  });

  test('feeds them into devices, which are Approve at most from then on, and goes on feeding while it is away', async ({
    expect,
    ...t
  }) => {
    const { fake, deskWith, changeDevice } = await besideNetBox(t);
    changeDevice({ serial: 'SN-7' });
    const desk = await deskWith(options);
    await desk.until('the serial number to be fed', async () => (await status(desk))?.fed?.includes('serial'));
    expect(await desk.device('r00000')).toMatchObject({ spec: { serial: 'SN-7' }, status: { mode: 'Approve', fed: ['serial'] } });
    const why = await desk.plumb('why', 'r00000');
    expect(why.stdout).toContain('serial; so Approve at most');

    await desk.pause();
    fake.fault = (_request, response) => {
      response.writeHead(502).end('<html>bad gateway</html>');
      return true;
    };
    await desk.resume();
    await desk.allJudged();
    expect(await desk.device('r00000')).toMatchObject({ spec: { serial: 'SN-7' }, status: { mode: 'Approve', fed: ['serial'] } });
  });

  test('and says nothing of one any more, or contradicts Git, stops the device and no other', async ({ expect, ...t }) => {
    const { deskWith, changeDevice } = await besideNetBox(t);
    changeDevice({ serial: 'SN-7' });
    const desk = await deskWith(options);
    await desk.until('the serial number to be fed', async () => (await status(desk))?.fed?.includes('serial'));
    changeDevice({ serial: '' });
    const vanished = await desk.deviceReady('r00000', 'Invalid');
    expect(vanished.message).toContain('NetBox has the word on serial, said "SN-7", and says nothing of it any more');
    await desk.lookAtFleet();
    await desk.look('r00000');
    expect((await status(desk))?.conditions[0]).toMatchObject({ reason: 'Invalid' });

    changeDevice({ serial: 'SN-8' });
    await desk.deviceReady('r00000', 'InSync');
    desk.commit({ [file]: desk.edited(file, '"platform": "frr"', '"serial": "SN-9", "platform": "frr"') });
    expect((await desk.deviceReady('r00000', 'Invalid')).message).toContain('Git says serial is "SN-9", NetBox says "SN-8"');
    changeDevice({ serial: 'SN-9' });
    await desk.deviceReady('r00000', 'InSync');
    expect(await status(desk)).not.toHaveProperty('fed');
  });
});
