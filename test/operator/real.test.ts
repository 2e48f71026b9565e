import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BGPSessionStatus, type DeviceStatus, type DriftReportStatus, findCondition } from '../../controller/api/index.ts';
import { type Example, plumb, plumbPath, type Said, upExample } from '../lab/example-network.ts';
import { whyNot } from '../lab/frr.ts';
import { stateFolder } from '../lab/people.ts';
import { run, until } from '../lab/shell.ts';

const missing = whyNot();
if (missing !== undefined) process.stderr.write(`skipped, no real routers: plumb up on the example network: ${missing}\n`);

/** What `plumb get` prints, by what it is asked for. */
interface Statuses {
  devices: DeviceStatus;
  bgpsessions: BGPSessionStatus;
  driftreports: DriftReportStatus;
}

interface Published<Status> {
  metadata: { name: string };
  status?: Status;
}

/** One network for all of it; every test begins in sync and leaves it so. */
describe.skipIf(missing !== undefined)('plumb up over real routers', { timeout: 90_000 }, () => {
  let example: Example;
  let operator: ChildProcess;
  let said = '';

  beforeAll(async () => {
    example = await upExample(`upr${process.pid.toString(36)}`, {
      changeInitial: (router, config) =>
        router === 'edge1-lon' ? config.replace(/(neighbor 192\.0\.2\.2 description ).*/, '$1ask before touching') : config,
    });
    // A router that keeps notes: what was typed in FRR's log, who was in as sshd tells it.
    await inside('edge1-fra', 'mount -t tmpfs none /var/log && mkdir /var/log/frr && chown frr:frr /var/log/frr && touch /var/log/wtmp');
    await example.lab.vtysh('edge1-fra', 'configure terminal', 'log file /var/log/frr/frr.log', 'log commands', 'end', 'write');
    operator = spawn(plumbPath, ['up', example.repository, '--interval', '1', '--git-interval', '5', '--port', '0'], {
      env: { ...process.env, PLUMB_STORE: example.store, PLUMB_SECRETS: example.secrets, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [operator.stdout, operator.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (said += text));
    await until('every router to be judged', async () => (await get('devices')).filter(({ status }) => known(status)).length === 4, 60_000);
  }, 120_000);
  afterAll(async () => {
    operator?.kill('SIGKILL');
    await example?.lab.down();
  });

  const inside = async (router: string, script: string) => {
    const { rc, stderr } = await example.lab.inside(router, ['sh', '-c', script]);
    if (rc !== 0) throw new Error(stderr);
  };
  const byHand = (router: string, ...lines: string[]) => example.lab.vtysh(router, 'configure terminal', ...lines);
  const ask = async (...argv: string[]): Promise<Said> => plumb(example, argv);
  const get = async <Kind extends keyof Statuses>(kind: Kind): Promise<Published<Statuses[Kind]>[]> =>
    JSON.parse((await ask('get', kind, '-o', 'json')).stdout || '[]') as Published<Statuses[Kind]>[];
  const statusOf = async <Kind extends keyof Statuses>(kind: Kind, name: string): Promise<Statuses[Kind] | undefined> =>
    (await get(kind)).find(({ metadata }) => metadata.name === name)?.status;
  const known = (status: DeviceStatus | undefined) => status?.verdict !== undefined && status.verdict !== 'Unknown';
  /** Waits until Ready has the reason, and gives the status that says so. */
  const reason = <Kind extends keyof Statuses>(kind: Kind, name: string, wanted: string) =>
    until(
      `${kind} ${name} to be ${wanted}`,
      async () => {
        const status = await statusOf(kind, name);
        return findCondition(status?.conditions, 'Ready')?.reason === wanted ? status : undefined;
      },
      40_000,
    );
  const device = (name: string, wanted: string) => reason('devices', name, wanted);
  const session = (name: string, wanted: string) => reason('bgpsessions', name, wanted);

  test('first contact is told as such; adopted beside it and put right by plumb apply, it is in sync', async () => {
    await device('edge1-fra', 'InSync');
    await device('edge1-lon', 'Unadopted');
    expect((await ask('adopt', 'edge1-lon', '--yes')).code).toBe(0);
    await device('edge1-lon', 'Pending');
    expect((await ask('apply', 'edge1-lon', '--yes')).code).toBe(0);
    await device('edge1-lon', 'InSync');
    expect(await get('driftreports')).toEqual([]);
  });

  test('what a person changes by hand is reported with the person, the lines they typed and the place in Git, until it is put back', async () => {
    await asPerson("vtysh -c 'configure terminal' -c 'router bgp 64500' -c 'neighbor 192.0.2.0 timers 20 60'");
    await device('edge1-fra', 'Drifted');
    expect(await statusOf('driftreports', 'edge1-fra')).toMatchObject({
      total: 1,
      worst: 'warning',
      differences: [
        {
          verdict: 'Drifted',
          desired: 'neighbor 192.0.2.0 timers 3 9',
          live: 'neighbor 192.0.2.0 timers 20 60',
          source: { file: 'sessions/external.yaml', line: expect.any(Number) as number },
        },
      ],
      who: [{ who: 'plumb-human', how: 'command log', what: 'router bgp 64500; neighbor 192.0.2.0 timers 20 60' }],
    });
    expect((await ask('status')).stdout).toMatch(/^edge1-fra .*Drifted.* warning .*plumb-human/m);
    await byHand('edge1-fra', 'router bgp 64500', 'neighbor 192.0.2.0 timers 3 9');
    await device('edge1-fra', 'InSync');
    expect(await get('driftreports')).toEqual([]);
    expect((await ask('history', 'edge1-fra')).stdout).toMatch(/Drifted[^]*InSync/);
  });

  test('a neighbor that is shut on our side is drift and a session that is down; on their side it is only the latter', async () => {
    await session('customer-a-v4', 'Established');
    await byHand('edge1-lon', 'router bgp 64500', 'neighbor 192.0.2.2 shutdown');
    await device('edge1-lon', 'Drifted');
    const shut = await session('customer-a-v4', 'Shutdown');
    expect(shut.ends).toMatchObject([
      { device: 'edge1-lon', neighbor: '192.0.2.2', families: [{ family: 'ipv4-unicast', state: 'Shutdown' }] },
    ]);
    await byHand('edge1-lon', 'router bgp 64500', 'no neighbor 192.0.2.2 shutdown');
    await device('edge1-lon', 'InSync');
    await session('customer-a-v4', 'Established');

    await byHand('customer-a', 'router bgp 64511', 'neighbor 192.0.2.3 shutdown');
    await session('customer-a-v4', 'Down');
    expect(findCondition((await statusOf('devices', 'edge1-lon'))?.conditions, 'Ready')?.reason).toBe('InSync');
    await byHand('customer-a', 'router bgp 64511', 'no neighbor 192.0.2.3 shutdown');
    await session('customer-a-v4', 'Established');
  });

  test('a neighbor beyond its prefix limit is told as that until somebody clears it, also when the limit is right again', async () => {
    const inFamily = ['router bgp 64500', 'address-family ipv4 unicast'];
    const [limit = ''] = /neighbor 192\.0\.2\.0 maximum-prefix .*/.exec(await example.lab.vtysh('edge1-fra', 'show running-config')) ?? [];
    await byHand('edge1-fra', ...inFamily, 'neighbor 192.0.2.0 maximum-prefix 1');
    await device('edge1-fra', 'Drifted');
    await session('transit-a-v4', 'PrefixLimit');
    await byHand('edge1-fra', ...inFamily, limit);
    await device('edge1-fra', 'InSync');
    expect(findCondition((await statusOf('bgpsessions', 'transit-a-v4'))?.conditions, 'Ready')?.reason).toBe('PrefixLimit');
    await example.lab.vtysh('edge1-fra', 'clear bgp 192.0.2.0');
    await session('transit-a-v4', 'Established');
  });

  test('all of BGP that somebody shuts is critical drift, and its sessions say so', async () => {
    await byHand('edge1-lon', 'router bgp 64500', 'bgp shutdown');
    await device('edge1-lon', 'Drifted');
    expect(await statusOf('driftreports', 'edge1-lon')).toMatchObject({ worst: 'critical', differences: [{ live: 'bgp shutdown' }] });
    await session('customer-a-v4', 'Shutdown');
    await byHand('edge1-lon', 'router bgp 64500', 'no bgp shutdown');
    await device('edge1-lon', 'InSync');
    await session('customer-a-v4', 'Established');
  });

  test('a hold file on the router is told with its words as long as it lies there', async () => {
    await inside('core1-fra', `echo 'mona: fibre work until six' > ${stateFolder}/hold`);
    const held = await until('the hold', async () => (await statusOf('devices', 'core1-fra'))?.held);
    expect(held).toMatchObject({ by: 'mona', reason: 'fibre work until six', where: 'Device' });
    await inside('core1-fra', `rm ${stateFolder}/hold`);
    await until('no hold', async () => (await statusOf('devices', 'core1-fra'))?.held === undefined);
  });

  test('a bgpd that dies, and comes back without its configuration, is never drift and never in sync', async () => {
    const { lab } = example;
    await lab.killDaemon('core1-lon', 'bgpd');
    await device('core1-lon', 'DaemonDown');
    await lab.respawnEmpty('core1-lon', 'bgpd');
    await device('core1-lon', 'DeviceSettling');
    await lab.loadStartup('core1-lon');
    await device('core1-lon', 'InSync');
    expect((await ask('history', 'core1-lon')).stdout).not.toMatch(/Drifted|Pending|Diverged/);
  });

  test('Ctrl-C ends it, and what it said stands', async () => {
    // The sessions of the test before this one come back one after the other, and each that does is told.
    await until(
      'the network at rest',
      async () => {
        const all = [...(await get('devices')), ...(await get('bgpsessions'))];
        return all.every(({ status }) => findCondition(status?.conditions, 'Ready')?.status === 'True');
      },
      60_000,
    );
    const before = await get('devices');
    const closed = once(operator, 'close');
    operator.kill('SIGINT');
    expect(await closed).toEqual([0, null]);
    expect(said).toContain('4 InSync');
    expect(await get('devices')).toEqual(before);
  });

  /**
   * A person over ssh, who types once sshd's words about the login stand where syslog would put them: the lab's sshd writes to a file of its
   * own, and the next read may come at any moment.
   */
  async function asPerson(command: string): Promise<void> {
    const { users, dir } = example.lab.facts;
    const { port, dir: folder } = example.lab.router('edge1-fra');
    const options = ['-o', 'StrictHostKeyChecking=no', '-o', `UserKnownHostsFile=${dir}/known`, '-o', 'LogLevel=ERROR'];
    const begun = `until [ -e /var/log/auth.log ]; do sleep 0.1; done; ${command}`;
    const typed = run(['ssh', ...options, '-i', users.human.key, '-p', String(port), `${users.human.user}@127.0.0.1`, begun]);
    const login = await until('the login', () =>
      readFileSync(join(folder, 'sshd.log'), 'utf8')
        .split('\n')
        .find((line) => line.startsWith(`Accepted publickey for ${users.human.user} `)),
    );
    const stamped = `${new Date().toISOString().replace('Z', '+00:00')} edge1-fra sshd[7]: ${login}`;
    // Whole and readable from the first moment on.
    const write = 'printf "%s\\n" "$1" > /var/log/new && chmod 644 /var/log/new && mv /var/log/new /var/log/auth.log';
    await example.lab.inside('edge1-fra', ['sh', '-c', write, 'sh', stamped]);
    await typed;
  }
});
