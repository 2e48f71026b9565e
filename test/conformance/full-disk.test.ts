import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceStatus } from '../../controller/api/index.ts';
import { logFile } from '../../controller/cli/log.ts';
import { systemClock } from '../../controller/lib/index.ts';
import { openStore } from '../../controller/store/index.ts';
import { newRepository } from '../git/repository.ts';
import { plumbPath } from '../lab/example-network.ts';
import { until } from '../lab/shell.ts';
import { type FleetProcess, startFleetProcess } from '../simulator/process.ts';

const root = mkdtempSync(join(tmpdir(), 'plumb-full-'));
const disk = join(root, 'store');
const mount = () => {
  mkdirSync(disk, { recursive: true, mode: 0o700 });
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=6m,mode=700', 'tmpfs', disk]).status === 0;
};
const unmount = () => spawnSync('umount', ['-l', disk]);
const isPossible = mount();
if (isPossible) unmount();
else process.stderr.write('skipped, plumb up on a full disk: it needs root to mount one\n');

describe.skipIf(!isPossible)('plumb up whose disk is full', () => {
  let routers: FleetProcess;
  let up: ChildProcess;
  let said = '';

  beforeEach(async () => {
    mount();
    routers = await startFleetProcess(join(root, 'routers'), { devices: 3, sessionsPerDevice: 2 });
    newRepository(routers.desiredState).commit();
    const words = ['up', routers.desiredState, '--interval', '2', '--git-interval', '5', '--port', '0'];
    const env = { ...process.env, NO_COLOR: '1', PLUMB_STORE: disk, PLUMB_SECRETS: routers.secrets };
    up = spawn(plumbPath, words, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    up.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  });
  afterEach(async () => {
    up.kill('SIGKILL');
    await routers.close();
    unmount();
    rmSync(root, { recursive: true, force: true });
  });

  const verdicts = async () => {
    const store = await openStore(disk, systemClock);
    try {
      return (await store.objects.list<never, DeviceStatus>('Device')).map(({ status }) => status?.verdict ?? '');
    } finally {
      store.close();
    }
  };
  /** To the last byte. */
  const fill = () => {
    for (const bytes of [65_536, 4096, 1]) {
      try {
        for (let i = 0; ; i++) writeFileSync(join(disk, `fill-${bytes}-${i}`), Buffer.alloc(bytes));
      } catch {
        // No room for one more of this size.
      }
    }
    expect(statfsSync(disk).bfree).toBe(0);
    // The last page of the log has room for some lines, and the disk is full for those who need another.
    const log = logFile(disk);
    appendFileSync(log, '\n'.repeat(-statSync(log).size & 4095));
  };
  const isUnpublished = async () => {
    const url = /metrics and health at (\S+?)\/?;/.exec(said)?.[1] ?? '';
    return /^plumbline_device_unpublished\{device="r00001"\} 1$/m.test(await (await fetch(`${url}/metrics`)).text());
  };

  it('says so on the terminal and in a metric with an alert, goes on when there is room, and ends when it is told to', async () => {
    await until('every router to be in sync', async () => (await verdicts().catch(() => [])).join() === 'InSync,InSync,InSync', 60_000);
    fill();
    await routers.edit('r00001', ['router bgp 64500', ' address-family ipv4 unicast', '  no network 198.18.3.0/24']);
    await until('the metric', isUnpublished, 60_000);
    expect(said).toMatch(/warning: \S+plumb\.log cannot be written \(ENOSPC/);

    for (const name of readdirSync(disk)) if (name.startsWith('fill-')) rmSync(join(disk, name));
    await until('the drift to be told', async () => (await verdicts()).join() === 'InSync,Drifted,InSync', 120_000);
    const ended = once(up, 'close');
    up.kill('SIGINT');
    expect((await ended)[0]).toBe(1);
  });
});
