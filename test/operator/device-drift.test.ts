import { describe, expect, onTestFinished, test } from 'vitest';
import { storeErrors } from '../../controller/store/index.ts';
import { type DeskOptions, openOperatorDesk } from './desk.ts';

/** Two routers that hold what Git says, and were looked at once. */
async function deskWith(options: DeskOptions = {}) {
  const desk = await openOperatorDesk(options);
  onTestFinished(() => desk.stop());
  await desk.allJudged();
  const toldOf = (name: string) => desk.notices.filter((each) => each.name === name).map(({ type, reason }) => `${type} ${reason}`);
  const readyOf = async (name: string) => (await desk.device(name))?.status?.conditions.find(({ type }) => type === 'Ready');
  return { ...desk, toldOf, readyOf };
}

const transit = '172.16.0.0';
const inBgp = (...lines: string[]) => ['router bgp 64500', ...lines.map((line) => ` ${line}`)];
const byHand = inBgp(`neighbor ${transit} description by hand`);
const putBack = inBgp(`neighbor ${transit} description r00000-transit`);
const rogue = inBgp('neighbor 203.0.113.66 remote-as 64510');

describe('a router that is what Git says', () => {
  test('is Ready at first contact, without a report and without a word about it', async () => {
    const desk = await deskWith();
    const revision = (await desk.fleet())?.status?.revision;
    expect((await desk.device('r00000'))?.status).toMatchObject({
      verdict: 'InSync',
      differences: 0,
      mode: 'Report',
      version: '8.4.4',
      revision,
      appliedRevision: revision,
      conditions: [{ type: 'Ready', status: 'True', reason: 'InSync', message: `r00000 is what Git says at ${revision}` }],
    });
    expect(await desk.drift('r00000')).toBeUndefined();
    await desk.fleetReady('InForce');
    expect(desk.notices.map(({ kind, reason }) => `${kind} ${reason}`)).toEqual(['Fleet InForce']);
  });

  test('stays so while an external session of it is down: that is no drift', async () => {
    const desk = await deskWith();
    await desk.routers.setSession('r00000', transit, 'Active');
    expect((await desk.look('r00000')).status?.verdict).toBe('InSync');
    expect(await desk.sessionReady('r00000-transit', 'Down')).toMatchObject({ status: 'False' });
    expect(desk.toldOf('r00000')).toEqual([]);
  });
});

describe('a line that somebody changed on the router', () => {
  test('is reported with its place in Git, its age, its weight and whoever was there', async () => {
    const desk = await deskWith();
    await desk.routers.edit('r00000', byHand, 'mona');
    const { status } = await desk.look('r00000');
    expect(status).toMatchObject({ verdict: 'Drifted', differences: 1, conditions: [{ status: 'False', reason: 'Drifted' }] });
    expect(status?.conditions[0]?.message).toMatch(
      /^1 line differs: 1 Drifted; first: router bgp 64500 > neighbor 172.16.0.0 description. Next: .*: plumb apply r00000$/,
    );
    const report = (await desk.drift('r00000'))?.status;
    expect(report).toMatchObject({
      verdict: 'Drifted',
      revision: status?.revision,
      total: 1,
      worst: 'warning',
      differences: [
        {
          verdict: 'Drifted',
          severity: 'warning',
          desired: `neighbor ${transit} description r00000-transit`,
          baseline: `neighbor ${transit} description r00000-transit`,
          live: `neighbor ${transit} description by hand`,
          source: { file: 'sites/site0000/r00000-sessions.yaml', line: expect.any(Number) as number },
          since: report?.since,
        },
      ],
      who: [{ who: 'mona', how: 'command log', what: expect.stringContaining(`neighbor ${transit} description`) as string }],
    });
    expect(desk.toldOf('r00000')).toEqual(['Warning Drifted']);
  });

  test('keeps its age and is told once, however often it is looked at; another line is told anew', async () => {
    const desk = await deskWith();
    await desk.routers.edit('r00000', byHand, 'mona');
    await desk.look('r00000');
    const first = (await desk.drift('r00000'))?.status;
    desk.passTime(3_600_000);
    await desk.look('r00000');
    expect((await desk.drift('r00000'))?.status).toEqual(first);
    expect(desk.toldOf('r00000')).toEqual(['Warning Drifted']);

    await desk.routers.edit('r00000', rogue, 'luis');
    await desk.look('r00000');
    const second = (await desk.drift('r00000'))?.status;
    expect(second).toMatchObject({ total: 2, worst: 'critical', since: first?.since });
    expect(second?.differences.map(({ severity, live }) => [severity, live])).toEqual([
      ['critical', 'neighbor 203.0.113.66 remote-as 64510'],
      ['warning', `neighbor ${transit} description by hand`],
    ]);
    // The log of a router reaches back only so far: whoever was named before stays named.
    expect(second?.who.map(({ who }) => who).toSorted()).toEqual(['luis', 'mona']);
    expect(desk.toldOf('r00000')).toEqual(['Warning Drifted', 'Warning Drifted']);
  });

  test('whose line in the log of the router comes late is looked for once more, and written in without a word', async () => {
    const desk = await deskWith();
    await desk.routers.setFault('r00000', { kind: 'late-log' });
    await desk.routers.edit('r00000', byHand, 'mona');
    await desk.look('r00000');
    const first = await desk.drift('r00000');
    expect(first?.status?.who).toEqual([]);
    await desk.routers.setFault('r00000');
    await desk.look('r00000');
    const second = await desk.drift('r00000');
    expect(second?.status).toEqual({ ...first?.status, who: [expect.objectContaining({ who: 'mona', how: 'command log' })] });
    expect(await desk.metric('plumbline_drift_lines', { device: 'r00000', who: 'mona' })).toBe(1);
    expect(desk.toldOf('r00000')).toEqual(['Warning Drifted']);
    await desk.look('r00000');
    expect(await desk.drift('r00000')).toEqual(second);
  });

  test.each([{ aheadMs: 400 * 86_400_000 }, { aheadMs: -400 * 86_400_000 }])(
    'on a router whose clock is wrong by $aheadMs ms is told with the person and the right time',
    async ({ aheadMs }) => {
      const desk = await deskWith();
      await desk.routers.setFault('r00000', { kind: 'wrong-clock', aheadMs });
      await desk.routers.edit('r00000', byHand, 'mona');
      const typedMs = Date.now();
      await desk.look('r00000');
      const who = (await desk.drift('r00000'))?.status?.who ?? [];
      expect(who).toMatchObject([{ who: 'mona', how: 'command log' }]);
      expect(Math.abs(Date.parse(who[0]?.at ?? '') - typedMs)).toBeLessThan(5000);
    },
  );

  test('of which nobody is known is asked for twice, and not at every look', async () => {
    const desk = await deskWith();
    await desk.routers.setFault('r00000', { kind: 'late-log' });
    await desk.routers.edit('r00000', byHand, 'mona');
    await desk.look('r00000');
    await desk.look('r00000');
    await desk.routers.setFault('r00000');
    await desk.look('r00000');
    expect((await desk.drift('r00000'))?.status?.who).toEqual([]);
  });

  test('put back as it was: the report goes, and the router is Ready again', async () => {
    const desk = await deskWith();
    await desk.routers.edit('r00000', byHand, 'mona');
    await desk.look('r00000');
    await desk.routers.edit('r00000', putBack, 'mona');
    const { status } = await desk.look('r00000');
    expect(status).toMatchObject({ verdict: 'InSync', differences: 0, conditions: [{ status: 'True', reason: 'InSync' }] });
    expect(await desk.drift('r00000')).toBeUndefined();
    expect(desk.toldOf('r00000')).toEqual(['Warning Drifted', 'Normal InSync']);
    expect((await desk.store.history.list('r00000')).map(({ event }) => event)).toEqual(['Drifted', 'InSync']);
  });

  test('names everybody who was in at the same time, and says that they are candidates', async () => {
    const desk = await deskWith();
    await Promise.all([desk.routers.edit('r00000', byHand, 'mona'), desk.routers.edit('r00000', rogue, 'luis')]);
    await desk.look('r00000');
    const who = (await desk.drift('r00000'))?.status?.who ?? [];
    expect(who.map((each) => each.who).toSorted()).toEqual(['luis', 'mona']);
    expect(who.map(({ how }) => how)).toEqual(Array.from({ length: 2 }, () => 'command log, one of 2 who were logged in'));
  });

  test('of which there are many: the object shows the first, the report has all, and nothing of it is left behind', async () => {
    const desk = await deskWith();
    const networks = Array.from({ length: 60 }, (_, k) => `  network 203.0.113.${k}/32`);
    await desk.routers.edit('r00000', ['router bgp 64500', ' address-family ipv4 unicast', ...networks], 'mona');
    await desk.look('r00000');
    const report = (await desk.drift('r00000'))?.status;
    expect([report?.total, report?.differences.length]).toEqual([60, 50]);
    const full = await desk.store.objects.getArtifact(report?.report ?? '');
    expect((JSON.parse(full ?? '{}') as { differences: unknown[] }).differences).toHaveLength(60);

    await desk.routers.edit('r00000', [
      'router bgp 64500',
      ' address-family ipv4 unicast',
      ...networks.map((line) => line.replace('network', 'no network')),
    ]);
    await desk.look('r00000');
    expect(await desk.drift('r00000')).toBeUndefined();
    expect(await desk.store.objects.getArtifact(report?.report ?? '')).toBeUndefined();
  });

  test('of which there are many is told also while no full report can be kept, and that it is not all', async () => {
    let isFull = true;
    const full = () => storeErrors.ArtifactsFull({ where: 'artifacts', usedMb: 256, neededMb: 1, maxMb: 256 });
    const desk = await deskWith({
      objects: (of) => ({ ...of, putArtifact: async (text) => (isFull ? Promise.reject(full()) : of.putArtifact(text)) }),
    });
    const networks = Array.from({ length: 60 }, (_, k) => `  network 203.0.113.${k}/32`);
    await desk.routers.edit('r00000', ['router bgp 64500', ' address-family ipv4 unicast', ...networks], 'mona');
    expect((await desk.look('r00000')).status).toMatchObject({ verdict: 'Drifted', conditions: [{ reason: 'Drifted' }] });
    const report = (await desk.drift('r00000'))?.status;
    expect([report?.total, report?.differences.length, report?.report]).toEqual([60, 50, undefined]);
    expect(report?.conditions[0]?.message).toMatch(/^r00000: 60 lines .*; only some are shown, the full report could not be kept/);
    expect((await desk.plumb('why', 'r00000')).stdout).toMatch(/\n {2}and 10 more: the full report is not kept/);

    isFull = false;
    await desk.look('r00000');
    const kept = (await desk.drift('r00000'))?.status;
    expect(kept?.conditions[0]?.message).not.toContain('could not be kept');
    expect((await desk.plumb('why', 'r00000')).stdout).toContain('network 203.0.113.59/32');
    // Somebody else loses it: the first lines are told all the same.
    await desk.store.objects.deleteArtifact(kept?.report ?? '');
    expect(await desk.plumb('why', 'r00000')).toMatchObject({ code: 1, stdout: expect.stringMatching(/and 10 more: /) as string });
  });

  test('is reported, not undone, on a router that is enforced', async () => {
    const desk = await deskWith({ mode: 'Enforce', fleet: { ceiling: 'Enforce' } });
    await desk.routers.edit('r00000', inBgp(`neighbor ${transit} shutdown`), 'mona');
    const { status } = await desk.look('r00000');
    expect(status).toMatchObject({ verdict: 'Drifted', mode: 'Enforce' });
    expect(status?.conditions[0]?.message).toContain('Held by plumbline (somebody changed the device by hand');
    expect(await desk.routers.running('r00000')).toContain(`neighbor ${transit} shutdown`);
  });
});

describe('a line that nothing in Git claims', () => {
  const list = 'access-list MGMT seq 5 permit 192.0.2.0/24';

  test('is reported as new, told once, and leaves the router Ready', async () => {
    const desk = await deskWith();
    await desk.routers.edit('r00000', [list], 'mona');
    const { status } = await desk.look('r00000');
    expect(status).toMatchObject({ verdict: 'InSync', differences: 0, conditions: [{ status: 'True' }] });
    expect((await desk.drift('r00000'))?.status).toMatchObject({
      verdict: 'InSync',
      worst: 'warning',
      conditions: [{ status: 'True', reason: 'InSync' }],
      differences: [{ verdict: 'New', severity: 'warning', live: list }],
      who: [{ who: 'mona' }],
    });
    await desk.look('r00000');
    expect(desk.notices.filter(({ name }) => name === 'r00000')).toMatchObject([
      { type: 'Warning', reason: 'New', message: expect.stringContaining(list) as string },
    ]);
  });

  test('that was adopted with the router and says something else now is reported with what it was', async () => {
    const desk = await deskWith();
    await desk.routers.edit('r00000', [list], 'mona');
    await desk.look('r00000');
    expect(await desk.plumb('adopt', 'r00000', '--yes', '--secrets', desk.secretsFolder)).toMatchObject({ code: 0 });
    await desk.look('r00000');
    expect(await desk.drift('r00000')).toBeUndefined();

    const other = list.replace('192.0.2.0/24', '198.51.100.0/24');
    await desk.routers.edit('r00000', [other], 'luis');
    await desk.look('r00000');
    expect((await desk.drift('r00000'))?.status?.differences).toMatchObject([{ verdict: 'New', baseline: list, live: other }]);
  });
});

test('another version of the software is told once, and is no drift', async () => {
  const desk = await deskWith();
  const running = await desk.routers.running('r00000');
  await desk.routers.replace('r00000', running.replace('frr version 8.4.4', 'frr version 8.5.1'));
  await desk.look('r00000');
  expect((await desk.look('r00000')).status).toMatchObject({ verdict: 'InSync', version: '8.5.1' });
  await desk.lookAtFleet();
  await desk.lookAtFleet();
  expect(desk.notices.filter(({ name, reason }) => name === 'r00000' || reason === 'VersionChanged')).toMatchObject([
    { kind: 'Fleet', type: 'Normal', reason: 'VersionChanged', message: 'r00000 runs 8.5.1, and ran 8.4.4' },
  ]);
});

describe('Git and the router', () => {
  const file = 'sites/site0000/r00000.yaml';

  test('Git moved: what is wanted is Pending, and what was last equal stays told', async () => {
    const desk = await deskWith();
    const before = (await desk.device('r00000'))?.status?.revision;
    const revision = desk.commit({
      [file]: desk.edited(file, '"routerId": "10.200.0.0"', '"routerId": "10.200.7.7"'),
    });
    expect((await desk.deviceReady('r00000', 'Pending')).message).toContain('plumb plan');
    expect((await desk.device('r00000'))?.status).toMatchObject({ verdict: 'Pending', revision, appliedRevision: before });
    // Nobody did that on the router, so nobody is named.
    expect((await desk.drift('r00000'))?.status?.who).toEqual([]);
    expect((await desk.device('r00001'))?.status).toMatchObject({ verdict: 'InSync', revision: before });
  });

  test('both moved the same line: Diverged, and nobody overwrites anybody', async () => {
    const desk = await deskWith({ mode: 'Enforce', fleet: { ceiling: 'Enforce' } });
    await desk.routers.edit('r00000', inBgp('bgp router-id 10.200.9.9'), 'mona');
    await desk.look('r00000');
    desk.commit({ [file]: desk.edited(file, '"routerId": "10.200.0.0"', '"routerId": "10.200.7.7"') });
    await desk.deviceReady('r00000', 'Diverged');
    expect((await desk.drift('r00000'))?.status).toMatchObject({
      verdict: 'Diverged',
      differences: [{ desired: 'bgp router-id 10.200.7.7', baseline: 'bgp router-id 10.200.0.0', live: 'bgp router-id 10.200.9.9' }],
      who: [{ who: 'mona' }],
    });
    expect(await desk.routers.running('r00000')).toContain('bgp router-id 10.200.9.9');
  });

  test('a commit that changes another router moves nothing in the report on this one', async () => {
    const desk = await deskWith();
    await desk.routers.edit('r00000', byHand, 'mona');
    await desk.look('r00000');
    const [device, report] = [await desk.device('r00000'), await desk.drift('r00000')];
    const other = 'sites/site0000/r00001.yaml';
    desk.commit({ [other]: desk.edited(other, '"routerId": "10.200.0.1"', '"routerId": "10.200.7.7"') });
    await desk.deviceReady('r00001', 'Pending');
    await desk.look('r00000');
    expect((await desk.drift('r00000'))?.resourceVersion).toBe(report?.resourceVersion);
    expect((await desk.device('r00000'))?.status?.revision).toBe(device?.status?.revision);
  });

  test('a rotated password waits for a person as Pending, by its version, on both routers, and is nowhere to be read', async () => {
    const desk = await deskWith();
    desk.giveSecret('ibgp', 'bgp-password for *', { password: 'password-of-tomorrow' });
    await desk.lookAtFleet();
    await desk.deviceReady('r00000', 'Pending');
    await desk.deviceReady('r00001', 'Pending');
    const report = await desk.drift('r00000');
    expect(report?.status?.differences).toMatchObject([
      {
        verdict: 'Pending',
        desired: expect.stringMatching(/password <secret:hmac-/) as string,
        live: expect.stringMatching(/password <secret:hmac-/) as string,
      },
    ]);
    const told = JSON.stringify([report, await desk.device('r00000'), desk.notices]);
    expect(told).not.toMatch(/password-of-(the-fleet|tomorrow)/);
  });
});
