import { expect, onTestFinished, test } from 'vitest';
import { openOperatorDesk } from './desk.ts';

const hour = 3_600_000;
const network = ['router bgp 64500', ' address-family ipv4 unicast', '  no network 198.18.0.0/24'];
const byHand = ['router bgp 64500', ' neighbor 172.16.0.0 description by hand'];

/** Four routers that are read every two seconds: in sync, changed by hand, changed and acknowledged for a day, and away. */
async function standingNetwork() {
  const desk = await openOperatorDesk({ devices: 4, fleet: { reads: { intervalSeconds: 2 } } });
  onTestFinished(() => desk.stop());
  await desk.allJudged();
  await desk.routers.edit('r00001', network);
  await desk.routers.edit('r00002', network);
  await desk.routers.setFault('r00003', { kind: 'half-read' });
  await desk.deviceReady('r00001', 'Drifted');
  await desk.deviceReady('r00002', 'Drifted');
  await desk.deviceReady('r00003', 'PartialRead');
  expect(await desk.plumb('ack', 'r00002', '--reason', 'case 4711', '--for', '1d', '--owner', 'mona')).toMatchObject({ code: 0 });
  await desk.until('the acknowledgement', async () => (await desk.drift('r00002'))?.status?.acknowledged === true);
  let probes = 0;
  /** Writes to the store so far, of whatever kind. */
  const writes = async () => {
    const { resourceVersion } = await desk.store.objects.create({ kind: 'Probe', name: `probe-${probes++}`, spec: {} });
    return Number(resourceVersion) - probes;
  };
  const reads = async () => (await desk.routers.counts()).reads;
  /** Every router is read so often again, and the source is asked once. */
  const goOn = async (times: number) => {
    const before = await reads();
    const fetched = (await desk.metric('plumbline_git_fetches_total', { result: 'ok' })) ?? 0;
    desk.operator.hint();
    await desk.until('more reads', async () => (await reads()) >= before + 4 * times);
    await desk.until('a look at Git', async () => ((await desk.metric('plumbline_git_fetches_total', { result: 'ok' })) ?? 0) > fetched);
  };
  await goOn(1);
  return { desk, writes, goOn };
}

test.each([
  { name: 'forward', first: hour, second: -hour },
  { name: 'back', first: -hour, second: hour },
])(
  'a clock that jumps an hour $name, and back to where it was, makes nothing stale, nothing new, and writes nothing',
  async ({ first, second }) => {
    const { desk, writes, goOn } = await standingNetwork();
    const [written, told] = [await writes(), desk.notices.length];
    for (const ms of [first, second]) {
      desk.passTime(ms);
      await goOn(3);
      expect(desk.notices.slice(told)).toEqual([]);
      expect(await writes()).toBe(written);
      expect(await desk.metric('plumbline_acknowledged', { device: 'r00002' })).toBe(1);
    }
  },
);

test('a clock that jumps ahead of an acknowledgement ends it, once, and what happens meanwhile is seen', async () => {
  const { desk, writes, goOn } = await standingNetwork();
  desk.passTime(25 * hour);
  await desk.until('it to expire', async () => (await desk.drift('r00002'))?.status?.acknowledged === undefined);
  await goOn(1);
  const written = await writes();
  await goOn(2);
  expect(await writes()).toBe(written);

  desk.passTime(-25 * hour);
  await desk.until('it to hold again', async () => (await desk.drift('r00002'))?.status?.acknowledged === true);
  await desk.routers.edit('r00000', byHand);
  await desk.deviceReady('r00000', 'Drifted');
  const told = desk.notices.filter(({ name, reason }) => name === 'r00000' && reason === 'Drifted');
  expect(told).toHaveLength(1);
  expect(desk.notices.filter(({ reason }) => reason === 'Stale')).toEqual([]);
});
