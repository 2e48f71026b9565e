import { describe, expect, onTestFinished, test } from 'vitest';
import { adoptAnnotation, printAdoption } from '../../controller/operator/index.ts';
import { type DeskOptions, openOperatorDesk } from './desk.ts';

async function deskWith(options: DeskOptions = {}) {
  const desk = await openOperatorDesk(options);
  onTestFinished(() => desk.stop());
  await desk.allJudged();
  const readyOf = async (name: string) => (await desk.device(name))?.status?.conditions[0];
  const drifts = async () => {
    await desk.routers.edit('r00000', ['router bgp 64500', ' neighbor 172.16.0.0 description by hand'], 'mona');
    return desk.look('r00000');
  };
  /** What a person may write by hand, beside `plumb hold`. */
  const annotate = async (text: string) => {
    const device = await desk.device('r00000');
    if (!device) throw new Error('no device r00000');
    await desk.store.objects.update({ ...device, annotations: { ...device.annotations, 'plumbline.dev/hold': text } });
    await desk.until('the hold to be seen', async () => (await desk.device('r00000'))?.status?.held !== undefined);
  };
  return { ...desk, readyOf, drifts, annotate };
}

const hour = 3_600_000;

describe('a hold', () => {
  test('is seen at once, and a router in sync stays Ready under it', async () => {
    const desk = await deskWith();
    await desk.plumb('hold', 'r00000', '--reason', 'case 4711', '--by', 'mona');
    await desk.until('the hold', async () => (await desk.device('r00000'))?.status?.held !== undefined);
    expect((await desk.device('r00000'))?.status).toMatchObject({
      held: { by: 'mona', reason: 'case 4711', where: 'Object' },
      conditions: [{ status: 'True', reason: 'InSync' }],
    });
    expect(await desk.metric('plumbline_device_info', { device: 'r00000', held: 'true' })).toBe(1);
  });

  test('of a router that differs: it is still read and reported, with who holds it and why, until somebody resumes', async () => {
    const desk = await deskWith();
    await desk.plumb('hold', 'r00000', '--reason', 'case 4711', '--by', 'mona');
    await desk.drifts();
    const ready = await desk.deviceReady('r00000', 'Held');
    expect(ready).toMatchObject({
      status: 'False',
      message: expect.stringMatching(/^Held by mona \(case 4711\)\. 1 line differs/) as string,
    });
    expect((await desk.drift('r00000'))?.status?.total).toBe(1);
    await desk.plumb('resume', 'r00000');
    await desk.deviceReady('r00000', 'Drifted');
    expect((await desk.device('r00000'))?.status).not.toHaveProperty('held');
    expect((await desk.device('r00000'))?.annotations).not.toHaveProperty('plumbline.dev/hold');
  });

  test('with an end is over at its end', async () => {
    const desk = await deskWith();
    await desk.plumb('hold', 'r00000', '--reason', 'case 4711', '--for', '2h');
    await desk.drifts();
    await desk.deviceReady('r00000', 'Held');
    desk.passTime(2 * hour);
    await desk.look('r00000');
    expect(await desk.readyOf('r00000')).toMatchObject({ reason: 'Drifted' });
  });

  test('that ends before the next look is looked at when it ends', async () => {
    const desk = await deskWith();
    await desk.drifts();
    await desk.annotate(JSON.stringify({ by: 'mona', reason: 'a moment', until: new Date(Date.now() + 2000).toISOString() }));
    await desk.deviceReady('r00000', 'Held');
    await desk.deviceReady('r00000', 'Drifted');
  });

  test.each(['please do not touch', '{"by":"mona"}', '{"by":"mona","reason":"x","until":"on Friday"}'])(
    'that cannot be read holds all the same: %s',
    async (text) => {
      const desk = await deskWith();
      await desk.annotate(text);
      expect((await desk.device('r00000'))?.status?.held).toEqual({ by: 'unknown', reason: text, where: 'Object' });
    },
  );

  test('by a file on the router holds until the file is gone, also while nobody can see it', async () => {
    const desk = await deskWith();
    await desk.drifts();
    await desk.routers.hold('r00000', 'luis: line card is being swapped');
    await desk.look('r00000');
    const held = (await desk.device('r00000'))?.status?.held;
    expect(held).toEqual({ by: 'luis', reason: 'line card is being swapped', where: 'Device' });
    expect(await desk.readyOf('r00000')).toMatchObject({ reason: 'Held' });

    await desk.routers.setFault('r00000', { kind: 'half-read' });
    await desk.look('r00000');
    expect((await desk.device('r00000'))?.status).toMatchObject({ verdict: 'Unknown', held });

    await desk.routers.setFault('r00000');
    await desk.routers.hold('r00000');
    await desk.look('r00000');
    expect(await desk.readyOf('r00000')).toMatchObject({ reason: 'Drifted' });
    expect((await desk.device('r00000'))?.status).not.toHaveProperty('held');
  });
});

describe('an acknowledgement', () => {
  const seenTo = ['ack', 'r00000', '--reason', 'moved on Friday', '--for', '3d', '--owner', 'mona'];

  test('is kept with the report and told to whoever alerts, and the router stays what it is', async () => {
    const desk = await deskWith();
    await desk.drifts();
    expect(await desk.plumb(...seenTo)).toMatchObject({ code: 0 });
    await desk.until('the acknowledgement', async () => (await desk.drift('r00000'))?.status?.acknowledged === true);
    expect((await desk.drift('r00000'))?.spec.acknowledgement).toMatchObject({ owner: 'mona', reason: 'moved on Friday' });
    expect(await desk.metric('plumbline_acknowledged', { device: 'r00000' })).toBe(1);
    expect(await desk.readyOf('r00000')).toMatchObject({ status: 'False', reason: 'Drifted' });
  });

  test('holds while nothing else differs, and survives another operator', async () => {
    const desk = await deskWith();
    await desk.drifts();
    await desk.plumb(...seenTo);
    await desk.until('the acknowledgement', async () => (await desk.drift('r00000'))?.status?.acknowledged === true);
    await desk.pause();
    await desk.resume();
    expect(await desk.metric('plumbline_acknowledged', { device: 'r00000' })).toBe(1);
    await desk.look('r00000');
    expect((await desk.drift('r00000'))?.status?.acknowledged).toBe(true);
  });

  test('ends when it expires', async () => {
    const desk = await deskWith();
    await desk.drifts();
    await desk.plumb(...seenTo);
    await desk.until('the acknowledgement', async () => (await desk.drift('r00000'))?.status?.acknowledged === true);
    desk.passTime(73 * hour);
    await desk.look('r00000');
    expect((await desk.drift('r00000'))?.status).not.toHaveProperty('acknowledged');
    expect(await desk.metric('plumbline_acknowledged', { device: 'r00000' })).toBeUndefined();
  });

  test('ends when it expires, though nobody can read the router then', async () => {
    const desk = await deskWith();
    await desk.drifts();
    await desk.plumb(...seenTo);
    await desk.until('the acknowledgement', async () => (await desk.drift('r00000'))?.status?.acknowledged === true);
    await desk.routers.setFault('r00000', { kind: 'half-read' });
    await desk.look('r00000');
    const before = (await desk.drift('r00000'))?.status;
    expect(before?.acknowledged).toBe(true);
    desk.passTime(73 * hour);
    await desk.look('r00000');
    const { acknowledged: _over, conditions: _said, ...rest } = before ?? {};
    const after = (await desk.drift('r00000'))?.status;
    expect(after).toMatchObject({
      ...rest,
      conditions: [{ reason: 'Drifted', message: expect.stringContaining('the first since') as string }],
    });
    expect(after).not.toHaveProperty('acknowledged');
    expect(await desk.metric('plumbline_acknowledged', { device: 'r00000' })).toBeUndefined();
    expect(await desk.metric('plumbline_drift_lines', { device: 'r00000' })).toBe(1);
  });

  test.each<[string, string[]]>([
    ['another line differs', ['router bgp 64500', ' neighbor 172.16.0.2 description by hand']],
    ['the same line says something else', ['router bgp 64500', ' neighbor 172.16.0.0 description by another hand']],
    ['a line of nobody is new', ['access-list MGMT seq 5 permit 192.0.2.0/24']],
  ])('is void when %s', async (_, lines) => {
    const desk = await deskWith();
    await desk.drifts();
    await desk.plumb(...seenTo);
    await desk.until('the acknowledgement', async () => (await desk.drift('r00000'))?.status?.acknowledged === true);
    await desk.routers.edit('r00000', lines, 'luis');
    await desk.look('r00000');
    expect((await desk.drift('r00000'))?.status).not.toHaveProperty('acknowledged');
  });

  test('has nothing to hold on to where nothing differs', async () => {
    const desk = await deskWith();
    expect(await desk.plumb(...seenTo)).toMatchObject({ code: 1, stderr: expect.stringContaining('nothing to acknowledge') as string });
  });
});

describe('a mirror', () => {
  test('that somebody edits is put right at once', async () => {
    const desk = await deskWith();
    const device = await desk.device('r00000');
    if (!device) throw new Error('no device');
    await desk.store.objects.update({ ...device, labels: {}, spec: { ...device.spec, lifecycle: 'Maintenance' } });
    await desk.until('the spec of Git', async () => (await desk.device('r00000'))?.spec.lifecycle === 'Active');
    expect((await desk.device('r00000'))?.labels).toEqual(device.labels);
  });

  test('or a report that somebody deletes comes back', async () => {
    const desk = await deskWith();
    await desk.drifts();
    const since = (await desk.drift('r00000'))?.status?.since;
    await desk.store.objects.delete('Device', 'r00000');
    await desk.store.objects.delete('DriftReport', 'r00000');
    await desk.deviceReady('r00000', 'Drifted');
    await desk.until('the report', async () => (await desk.drift('r00000'))?.status !== undefined);
    expect((await desk.drift('r00000'))?.status?.since).toBe(since);
  });
});

describe('an adoption', () => {
  /** Of what the report shows now, as `plumb adopt -n NAMESPACE` writes it. */
  async function askToAdopt(desk: Awaited<ReturnType<typeof deskWith>>, changes: Partial<{ digest: string; since: string }> = {}) {
    const { digest = '', since = '' } = (await desk.drift('r00000'))?.status ?? {};
    const device = await desk.device('r00000');
    if (!device) throw new Error('no device r00000');
    const text = printAdoption({ by: 'mona', digest, since, ...changes });
    await desk.store.objects.update({ ...device, annotations: { ...device.annotations, [adoptAnnotation]: text } });
  }
  const adopted = async (desk: Awaited<ReturnType<typeof deskWith>>) =>
    (await desk.store.history.list('r00000')).filter(({ event }) => event === 'Adopted').map(({ message }) => message);

  test('of what a person saw makes it the baseline: from then on Git wins', async () => {
    const desk = await deskWith();
    await desk.drifts();
    await desk.deviceReady('r00000', 'Drifted');
    await askToAdopt(desk);
    await desk.deviceReady('r00000', 'Pending');
    expect(await adopted(desk)).toEqual([expect.stringMatching(/^\d+ items taken as baseline from the device, asked by mona$/)]);
  });

  test('happens once: the same lines on another day are drift again', async () => {
    const desk = await deskWith();
    await desk.drifts();
    await askToAdopt(desk);
    await desk.deviceReady('r00000', 'Pending');
    await desk.routers.edit('r00000', ['router bgp 64500', ' neighbor 172.16.0.0 description r00000-transit'], 'mona');
    await desk.look('r00000');
    await desk.deviceReady('r00000', 'InSync');
    await desk.drifts();
    await desk.deviceReady('r00000', 'Drifted');
    expect(await adopted(desk)).toHaveLength(1);
  });

  test.each([{ digest: 'sha256:of-something-else' }, { since: '2026-01-01T00:00:00.000Z' }])(
    'of anything else than what stands is none: %o',
    async (changes) => {
      const desk = await deskWith();
      await desk.drifts();
      await askToAdopt(desk, changes);
      await desk.look('r00000');
      expect(await desk.readyOf('r00000')).toMatchObject({ reason: 'Drifted' });
      expect(await adopted(desk)).toEqual([]);
    },
  );
});
