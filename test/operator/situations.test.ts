import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linkOf } from '../simulator/desired-state.ts';
import { openOperatorDesk, type OperatorDesk } from './desk.ts';

/**
 * The nights of whoever is on call, a row each: what happens on a router, and what is said of it to them and to whoever alerts. Which of
 * these standings wakes somebody is the rules' business: `test/conformance/alerts/rules.test.ts`, also for a dark site, one that is quiet on
 * purpose, and a store that was lost. More ways of not being known are in `device-unknown.test.ts`; a judgement that nobody renews is in `device-quiet.test.ts`, an enforced router in `plans.test.ts`,
 * and the verdict on each line in `controller/pipeline/situations.test.ts`.
 */
interface Situation {
  name: string;
  happens: (router: Router) => Promise<unknown>;
  ready: [status: 'True' | 'False' | 'Unknown', reason: string, says: RegExp];
  /** The lines of the report, the worst first. Default: there is none. */
  report?: readonly string[];
  who?: string;
  /** Severity by which drift is told to Prometheus. Default: there is none to tell. */
  drift?: 'critical' | 'warning';
  told: readonly string[];
}

interface Router {
  desk: OperatorDesk;
  name: string;
  /** Its neighbor at the transit provider. */
  transit: string;
  byHand: (...lines: string[]) => Promise<void>;
}

const inBgp = (...lines: string[]) => ['router bgp 64500', ...lines.map((line) => ` ${line}`)];
const nothingToDo = /is what Git says at main@sha1:/;

const situations: readonly Situation[] = [
  {
    name: 'it restarted, and bgpd runs without its configuration so far',
    happens: async ({ desk, name }) => {
      await desk.routers.reboot(name);
      await desk.routers.respawnEmpty(name, 'bgpd');
    },
    ready: ['Unknown', 'DeviceSettling', /bgpd is up for 0 s.*Next: The read is repeated/],
    told: ['Warning DeviceSettling'],
  },
  {
    name: 'it restarted, and bgpd is not there so far',
    happens: async ({ desk, name }) => {
      await desk.routers.reboot(name);
      await desk.routers.killDaemon(name, 'bgpd');
    },
    ready: ['Unknown', 'DeviceSettling', /the router is up for 0 s, and bgpd does not run/],
    told: ['Warning DeviceSettling'],
  },
  {
    name: 'bgpd died',
    happens: ({ desk, name }) => desk.routers.killDaemon(name, 'bgpd'),
    ready: ['Unknown', 'DaemonDown', /bgpd does not run\. Next: Start the daemon on the device/],
    told: ['Warning DaemonDown'],
  },
  {
    name: 'another box answers at its address',
    happens: ({ desk, name }) => desk.routers.setFault(name, { kind: 'other-machine' }),
    ready: ['Unknown', 'WrongDevice', /another machine answers: its machine id is .*Nothing was written.*write it into the Device/],
    told: ['Warning WrongDevice'],
  },
  {
    name: 'its answer has no end',
    happens: ({ desk, name }) => desk.routers.setFault(name, { kind: 'half-read' }),
    ready: ['Unknown', 'PartialRead', /has no end.*Nothing is concluded from half a read/],
    told: ['Warning PartialRead'],
  },
  {
    name: 'somebody put a term into our route-map',
    happens: ({ byHand }) => byHand('route-map transit-in permit 15', ' set local-preference 999'),
    ready: ['False', 'Drifted', /^2 lines differ: 2 Drifted; .*Somebody changed the device.*: plumb apply r\d+$/],
    report: ['critical Drifted route-map transit-in permit 15', 'critical Drifted set local-preference 999'],
    who: 'mona',
    drift: 'critical',
    told: ['Warning Drifted'],
  },
  {
    name: 'a neighbor appeared that nobody asked for',
    happens: ({ byHand }) => byHand(...inBgp('neighbor 203.0.113.66 remote-as 64510')),
    ready: ['False', 'Drifted', /no apply removes it\. Remove it on the device, or declare it in Git$/],
    report: ['critical Drifted neighbor 203.0.113.66 remote-as 64510'],
    who: 'mona',
    drift: 'critical',
    told: ['Warning Drifted'],
  },
  {
    name: 'somebody wrote a description into our route-map, which wakes nobody',
    happens: ({ byHand }) => byHand('route-map transit-in permit 20', ' description ask mona'),
    ready: ['False', 'Drifted', /^1 line differs/],
    report: ['warning Drifted description ask mona'],
    who: 'mona',
    drift: 'warning',
    told: ['Warning Drifted'],
  },
  {
    name: 'a user and an access-list appeared beside what is ours',
    happens: ({ byHand }) => byHand('username eve nopassword', 'access-list MGMT seq 5 permit 192.0.2.0/24'),
    ready: ['True', 'InSync', nothingToDo],
    report: ['warning New username eve nopassword', 'warning New access-list MGMT seq 5 permit 192.0.2.0/24'],
    who: 'mona',
    told: ['Warning New'],
  },
  {
    name: 'on-call shut a neighbor of ours',
    happens: ({ byHand, transit }) => byHand(...inBgp(`neighbor ${transit} shutdown`)),
    ready: ['False', 'Drifted', /neighbor \S+ shutdown\. Next: Somebody changed the device/],
    report: ['critical Drifted neighbor TRANSIT shutdown'],
    who: 'mona',
    drift: 'critical',
    told: ['Warning Drifted'],
  },
  {
    name: 'on-call shut all of BGP',
    happens: ({ byHand }) => byHand(...inBgp('bgp shutdown')),
    ready: ['False', 'Drifted', /bgp shutdown\. Next: Somebody put on the device what nobody in Git asked for, and no apply removes it/],
    report: ['critical Drifted bgp shutdown'],
    who: 'mona',
    drift: 'critical',
    told: ['Warning Drifted'],
  },
  {
    name: 'a merge moves the line that on-call changed',
    happens: async ({ desk, name, byHand }) => {
      const own = `10.200.0.${Number(name.slice(1))}`;
      await byHand(...inBgp('bgp router-id 10.200.9.9'));
      await desk.look(name);
      const file = `sites/site0000/${name}.yaml`;
      desk.commit({ [file]: desk.edited(file, `"routerId": "${own}"`, '"routerId": "10.200.7.7"') });
      await desk.deviceReady(name, 'Diverged');
    },
    ready: ['False', 'Diverged', /nothing is applied until a person decides.*: plumb adopt r\d+$/],
    report: ['warning Diverged bgp router-id 10.200.9.9'],
    who: 'mona',
    drift: 'warning',
    told: ['Warning Drifted', 'Warning Diverged'],
  },
  {
    name: 'its software was upgraded, to a release that prints what it holds as before',
    happens: ({ desk, name }) => upgrade(desk, name, '8.5.1'),
    ready: ['True', 'InSync', nothingToDo],
    told: [],
  },
  {
    name: 'its software was upgraded, to a release that prints a line more',
    happens: async ({ desk, name, transit }) => {
      const held = await desk.routers.running(name);
      const line = ` neighbor ${transit} remote-as 64496\n`;
      await desk.routers.replace(name, held.replace(line, `${line} neighbor ${transit} capability dynamic\n`));
      await upgrade(desk, name, '8.5.1');
    },
    ready: ['False', 'Drifted', /It ran 8\.4 when it was last as Git says, and runs 8\.5, .*: plumb why r\d+ && plumb adopt r\d+$/],
    report: ['warning Drifted neighbor TRANSIT capability dynamic'],
    drift: 'warning',
    told: ['Warning Drifted'],
  },
  {
    name: 'its transit is down',
    happens: ({ desk, name, transit }) => desk.routers.setSession(name, transit, 'Active'),
    ready: ['True', 'InSync', nothingToDo],
    told: [],
  },
  {
    name: 'its transit sent more prefixes than are allowed',
    happens: ({ desk, name, transit }) => desk.routers.setSession(name, transit, 'Idle (PfxCt)'),
    ready: ['True', 'InSync', nothingToDo],
    told: [],
  },
];

async function upgrade(desk: OperatorDesk, name: string, version: string): Promise<void> {
  const held = await desk.routers.running(name);
  await desk.routers.replace(name, held.replace('frr version 8.4.4', `frr version ${version}`));
}

describe('what is said of a router when', () => {
  let desk: OperatorDesk;
  beforeAll(async () => {
    desk = await openOperatorDesk({ devices: situations.length + 1, sessionsPerDevice: 2 });
    await desk.allJudged();
  }, 60_000);
  afterAll(() => desk.stop());

  test.each(situations.map((situation, k) => ({ ...situation, number: k })))(
    '$name',
    async ({ number, happens, ready, report, who, drift, told }) => {
      const name = `r${String(number).padStart(5, '0')}`;
      const transit = linkOf(number, 0, 0);
      const before = desk.notices.length;
      await happens({ desk, name, transit, byHand: (...lines) => desk.routers.edit(name, lines, 'mona') });
      const { status } = await desk.look(name);
      const [state, reason, says] = ready;
      expect(status?.conditions).toMatchObject([{ type: 'Ready', status: state, reason, message: expect.stringMatching(says) as string }]);
      const found = (await desk.drift(name))?.status;
      expect(found?.differences.map((each) => `${each.severity} ${each.verdict} ${each.live?.replaceAll(transit, 'TRANSIT')}`)).toEqual(
        report,
      );
      expect((found?.who ?? []).map((each) => each.who)).toEqual(who === undefined ? [] : [who]);
      expect(await desk.metric('plumbline_device_info', { device: name, reason, held: 'false' })).toBe(1);
      expect(await desk.metric('plumbline_drift_lines', { device: name })).toBe(drift && report?.length);
      if (drift) expect(await desk.metric('plumbline_drift_lines', { device: name, severity: drift, who: who ?? 'unknown' })).toBeDefined();
      // Once, however often it is looked at; and of nobody else.
      await desk.look(name);
      const since = desk.notices.slice(before).filter(({ kind }) => kind === 'Device');
      expect(since.map((each) => `${each.name} ${each.type} ${each.reason}`)).toEqual(told.map((each) => `${name} ${each}`));
    },
    60_000,
  );

  test('routers were upgraded: the Fleet tells it once for all that went the same way', async () => {
    await desk.lookAtFleet();
    await desk.lookAtFleet();
    const upgraded = situations.flatMap(({ name }, k) => (name.includes('upgraded') ? [`r${String(k).padStart(5, '0')}`] : []));
    expect(desk.notices.filter(({ reason }) => reason === 'VersionChanged').map(({ kind, message }) => `${kind} ${message}`)).toEqual([
      `Fleet ${upgraded.join(', ')} run 8.5.1, and ran 8.4.4`,
    ]);
  });

  test('nothing happened to it, whatever happens to the others', async () => {
    const name = `r${String(situations.length).padStart(5, '0')}`;
    const { status } = await desk.look(name);
    expect(status).toMatchObject({ verdict: 'InSync', conditions: [{ status: 'True' }] });
    expect(desk.notices.filter((each) => each.name === name)).toEqual([]);
  });
});
