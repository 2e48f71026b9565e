import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { git, waitForSessions } from '../lab/example-network.ts';
import { whyNot } from '../lab/frr.ts';
import { until } from '../lab/shell.ts';
import { deadline, type KillStage, openKillStage } from './kill-stage.ts';

const missing = whyNot();
if (missing !== undefined) process.stderr.write(`skipped, no real routers: kills on a router in mid-apply: ${missing}\n`);

describe.skipIf(missing !== undefined)('a router on which something dies in mid-apply', () => {
  let stage: KillStage;
  beforeAll(async () => {
    stage = await openKillStage('krt');
  });
  afterEach(() => stage.comeBack());
  afterAll(() => stage?.example.lab.down());

  it('plumb, killed and never started again: the router restores itself', async () => {
    const { child, heard, ended } = stage.begin('left alone');
    await heard('reading back');
    child.kill('SIGKILL');
    await ended;
    expect(await stage.verdict()).toBe('DeviceSettling');
    await until('the old configuration', async () => (await stage.running()) === stage.old, 60_000);
    await until('a verdict', async () => (await stage.verdict()) === 'Pending', 20_000);
  });

  it('sshd, killed after the commands were sent: rolled back by the router, and said', async () => {
    const { said, heard, ended } = stage.begin('sshd killed');
    await heard('reading back');
    await stage.example.lab.killSshd(stage.router);
    await until('the old configuration', async () => (await stage.running()) === stage.old, 70_000);
    await stage.example.lab.startSshd(stage.router);
    const code = await ended;
    expect(said()).toMatch(/edge1-fra: (RolledBack|OutcomeUnknown)/);
    expect(code).toBe(said().includes('OutcomeUnknown') ? 2 : 1);
  });

  it('the management link, cut for good: OutcomeUnknown, loud, and resolved when it is back', async () => {
    const { said, heard, ended } = stage.begin('link cut');
    await heard('reading back');
    await stage.example.lab.setLink(stage.router, 'mgmt0', 'down');
    const code = await ended;
    await stage.example.lab.setLink(stage.router, 'mgmt0', 'up');
    expect([code, said()]).toEqual([2, expect.stringContaining('edge1-fra: OutcomeUnknown')]);
    expect(await stage.running()).toBe(stage.old);
    const next = await stage.plumb('apply', stage.router, '--yes', '--retry', ...deadline);
    expect(next.stderr).toContain('left by an earlier run: edge1-fra: RolledBack');
    expect(next.code).toBe(0);
  });

  it('bgpd, killed after the commands were sent: never confirmed, and found when it is back', async () => {
    const { said, heard, ended } = stage.begin('bgpd killed');
    await heard('reading back');
    await stage.example.lab.killDaemon(stage.router, 'bgpd');
    const code = await ended;
    expect(said()).toMatch(/edge1-fra: (RollbackIncomplete|RolledBack|OutcomeUnknown)/);
    expect(said()).not.toContain('edge1-fra: Confirmed');
    expect(code).not.toBe(0);
    expect(await stage.verdict()).toBe('DaemonDown');
    await stage.example.lab.respawnEmpty(stage.router, 'bgpd');
    expect(await stage.verdict()).toBe('DeviceSettling');
    await stage.example.lab.loadStartup(stage.router);
    await waitForSessions(stage.example.lab);
    await until('a verdict', async () => (await stage.verdict()) === 'Pending', 30_000);
    expect(await stage.running()).toBe(stage.old);
  });

  it('a full disk on the router: refused before anything is sent, or rolled back', async () => {
    await stage.example.lab.fillDisk(stage.router);
    const early = stage.begin('disk full');
    expect(await early.ended).toBe(1);
    expect(early.said()).toMatch(/NothingWritten[\s\S]*TargetDisk/);
    expect(await stage.running()).toBe(stage.old);
    await stage.example.lab.freeDisk(stage.router);
    await git(stage.example, 'checkout', '-q', '.');

    const { heard, ended } = stage.begin('disk filled on the way');
    await heard('sending the commands');
    await stage.example.lab.fillDisk(stage.router);
    const code = await ended;
    const config = await stage.running();
    expect(stage.isNew(config, 'disk filled on the way')).toBe(code === 0);
    expect(config === stage.old).toBe(code !== 0);
  });
});
