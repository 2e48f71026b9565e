import { expect, onTestFinished, test } from 'vitest';
import type { Fault } from '../simulator/faults.ts';
import { type DeskOptions, openOperatorDesk } from './desk.ts';

/** A router that drifted and was reported, and one beside it that is in order. */
async function deskWithDrift(options: DeskOptions = {}) {
  const desk = await openOperatorDesk({ fleet: { reads: { intervalSeconds: 3600, timeoutSeconds: 5 } }, ...options });
  onTestFinished(() => desk.stop());
  await desk.allJudged();
  await desk.routers.edit('r00000', ['router bgp 64500', ' neighbor 172.16.0.0 description by hand'], 'mona');
  await desk.look('r00000');
  return desk;
}

type Desk = Awaited<ReturnType<typeof deskWithDrift>>;
const fault = (kind: Extract<Fault, { kind: string }>['kind']) => (desk: Desk) => desk.routers.setFault('r00000', { kind } as Fault);

test.each<{ name: string; happens: (desk: Desk) => Promise<void>; reason: string; says: RegExp }>([
  { name: 'is down', happens: fault('down'), reason: 'Unreachable', says: /does not answer/ },
  { name: 'takes the connection and says nothing', happens: fault('silent'), reason: 'Unreachable', says: /does not answer/ },
  { name: 'refuses the login', happens: fault('refuses-login'), reason: 'AuthFailed', says: /login as plumb-observe was refused/ },
  { name: 'shows another host key', happens: fault('other-host-key'), reason: 'WrongDevice', says: /another machine answers: .*host key/ },
  { name: 'is another box at the same address', happens: fault('other-machine'), reason: 'WrongDevice', says: /another machine answers/ },
  { name: 'tells half of its configuration', happens: fault('half-read'), reason: 'PartialRead', says: /has no end/ },
  { name: 'breaks off in the middle', happens: fault('cut'), reason: 'Unreachable', says: /connection was lost/ },
  { name: 'has lost bgpd', happens: (desk) => desk.routers.killDaemon('r00000', 'bgpd'), reason: 'DaemonDown', says: /bgpd does not run/ },
  {
    name: 'has a bgpd that came back without its configuration',
    happens: (desk) => desk.routers.respawnEmpty('r00000', 'bgpd'),
    reason: 'DeviceSettling',
    says: /bgpd is up for/,
  },
])('a router that $name is not known: neither in sync nor drifted, and what differed stays', async ({ happens, reason, says }) => {
  const desk = await deskWithDrift();
  const report = await desk.drift('r00000');
  await happens(desk);
  // A connection that is open already would not ask for the host key or the login again.
  await desk.pause();
  await desk.resume();
  const { status } = await desk.look('r00000');
  expect(status).toMatchObject({ verdict: 'Unknown', conditions: [{ type: 'Ready', status: 'Unknown', reason }] });
  expect(status?.conditions[0]?.message).toMatch(says);
  expect(status?.conditions[0]?.message).toMatch(/ Next: /);
  expect(status).not.toHaveProperty('differences');
  expect(await desk.drift('r00000')).toEqual(report);
  expect(await desk.metric('plumbline_drift_lines', { device: 'r00000' })).toBe(1);
  expect(desk.notices.filter(({ name }) => name === 'r00000').map((each) => each.reason)).toEqual(['Drifted', reason]);
  // A look at it again tells nothing again, and the neighbor is not concerned.
  await desk.look('r00000');
  expect(desk.notices.filter(({ name }) => name === 'r00000')).toHaveLength(2);
  expect((await desk.look('r00001')).status?.verdict).toBe('InSync');
});

test('a session with an end that cannot be read is not known, and says which', async () => {
  const desk = await deskWithDrift();
  expect(await desk.sessionReady('r00000-r00001', 'Established')).toMatchObject({ status: 'True' });
  await desk.routers.setFault('r00000', { kind: 'half-read' });
  await desk.look('r00000');
  expect(await desk.sessionReady('r00000-r00001', 'Unverified')).toMatchObject({ status: 'Unknown', message: 'r00000 cannot be read' });
  expect((await desk.session('r00000-r00001'))?.status?.ends.map(({ device }) => device)).toEqual(['r00000', 'r00001']);
});

test('a router that Git cannot be rendered for keeps its report, and nothing is claimed of its sessions', async () => {
  const desk = await deskWithDrift();
  const report = await desk.drift('r00000');
  const file = 'sites/site0000/r00000.yaml';
  const sections = '"spec": {"sections": [{"name": "banner", "template": "sections/banner.njk"}],';
  desk.commit({
    'sections/banner.njk': 'banner motd line {{ device.greeting.words }}\n',
    [file]: desk.edited(file, '"spec": {', sections),
  });
  await desk.deviceReady('r00000', 'Invalid');
  expect(await desk.drift('r00000')).toEqual(report);
  await desk.until('the sessions', async () =>
    (await Promise.all(['r00000-r00001', 'r00000-transit'].map((name) => desk.session(name)))).every(
      (each) => each?.status?.conditions[0]?.status === 'Unknown',
    ),
  );
  await desk.sessionReady('r00001-transit', 'Established');
});

test('a router that cannot be read for a while and then can keeps the age of what differs', async () => {
  const desk = await deskWithDrift();
  const since = (await desk.drift('r00000'))?.status?.since;
  await desk.routers.setFault('r00000', { kind: 'half-read' });
  await desk.look('r00000');
  desk.passTime(3_600_000);
  await desk.routers.setFault('r00000');
  expect((await desk.look('r00000')).status?.verdict).toBe('Drifted');
  expect((await desk.drift('r00000'))?.status?.since).toBe(since);
});

test('a router whose baseline is lost is not known, says so, and is nobody’s to change', async () => {
  const desk = await deskWithDrift();
  const report = await desk.drift('r00000');
  const baseline = await desk.store.objects.get<Record<string, unknown>>('Baseline', 'r00000');
  if (!baseline) throw new Error('no baseline');
  const { inline: _lost, ...spec } = baseline.spec;
  await desk.store.objects.update({ ...baseline, spec });
  const { status } = await desk.look('r00000');
  expect(status).toMatchObject({ verdict: 'Unknown', conditions: [{ status: 'Unknown', reason: 'Unverified' }] });
  expect(status?.conditions[0]?.message).toContain('the baseline of r00000 was lost or changed');
  expect(await desk.metric('plumbline_artifacts_lost', { device: 'r00000' })).toBe(1);
  expect(await desk.drift('r00000')).toEqual(report);
});
