import { type ChildProcess, spawn } from 'node:child_process';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { edit, type Example, git, plumb as runPlumb, plumbPath, type Said, upExample, waitForSessions } from '../lab/example-network.ts';
import { whyNot } from '../lab/frr.ts';
import { until } from '../lab/shell.ts';

const missing = whyNot();
if (missing !== undefined) process.stderr.write(`skipped, no real routers: kills in mid-apply: ${missing}\n`);

/** Long enough to be probed, short enough to wait for: the least that apply accepts is 32 s. */
const deadline = ['--deadline', '40'];

/** The lines of progress, one per state of a change, as a person sees them. */
const steps = [
  'reading the device once more',
  'arming the dead-man',
  'sending the commands',
  'reading back',
  'waiting until it takes effect',
  'confirming and saving',
] as const;

interface Running {
  child: ChildProcess;
  /** Standard output and error so far. */
  said: () => string;
  ended: Promise<number | string>;
}

describe.skipIf(missing !== undefined)('whatever dies in mid-apply', () => {
  let example: Example;
  let old: string;
  const router = 'edge1-fra';

  const running = () => example.lab.vtysh(router, 'show running-config no-header');
  const plumb = (...argv: string[]): Promise<Said> => runPlumb(example, argv);
  const verdict = async (): Promise<string> => {
    const { stdout } = await plumb('drift', router, '-o', 'json');
    const { devices } = JSON.parse(stdout) as { devices: { verdict: string; reason?: string }[] };
    return devices[0]?.reason ?? devices[0]?.verdict ?? 'no verdict';
  };
  /** Begins to apply a change of a description, and gives what the router will hold. */
  const begin = (words: string): Running => {
    edit(example, 'sessions/external.yaml', 'relationship: Transit', `relationship: Transit\n  description: ${words}`);
    const child = spawn(plumbPath, ['apply', router, '--yes', ...deadline], {
      cwd: example.repository,
      env: { ...process.env, PLUMB_STORE: example.store, PLUMB_SECRETS: example.secrets, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    const ended = new Promise<number | string>((resolve) => child.on('close', (code, signal) => resolve(code ?? signal ?? 'no code')));
    return { child, said: () => said, ended };
  };
  const isNew = (config: string, words: string) => config === old.replace(/(neighbor 192\.0\.2\.0 description ).*/, `$1${words}`);
  /** What the next run makes of it: old or new, said as it is, and never anything between. */
  const resolve = async (words: string): Promise<'old' | 'new'> => {
    const next = await plumb('apply', router, '--yes', '--retry', ...deadline);
    const config = await running();
    expect([next.code, next.stdout, isNew(config, words)]).toEqual([0, expect.stringMatching(/Confirmed|Nothing to change/), true]);
    expect(await verdict()).toBe('InSync');
    return next.stdout.includes('Nothing to change') ? 'new' : 'old';
  };

  beforeAll(async () => {
    example = await upExample(`kil${process.pid.toString(36)}`);
    await until('a settled router', async () => (await verdict()) === 'InSync', 60_000);
    old = await running();
  });
  afterEach(async () => {
    await example.lab.freeDisk(router);
    await git(example, 'checkout', '-q', '.');
    // Back to where every test begins, through the front door: the router is changeable after whatever was done to it.
    if ((await running()) === old && (await verdict()) === 'InSync') return;
    const { code, stdout, stderr } = await plumb('apply', router, '--yes', '--retry', '--accept-unsaved', ...deadline);
    const now = [code, await running(), await verdict()];
    if (now[0] !== 0 || now[1] !== old || now[2] !== 'InSync')
      throw new Error(`the router did not come back: ${now.join('\n')}\n${stdout}${stderr}`);
  });
  afterAll(async () => example?.lab.down());

  it.each(steps.map((step, index) => ({ step, words: `killed at step ${index}` })))(
    'plumb, killed while $step, is resolved by the next run',
    async ({ step, words }) => {
      const { child, said, ended } = begin(words);
      await until(`plumb ${step}`, () => said().includes(step), 60_000);
      child.kill('SIGKILL');
      expect(await ended).toBe('SIGKILL');
      const seen = await verdict();
      const config = await running();
      // Nothing is called in sync or drifted while the router may still restore itself.
      expect(['DeviceSettling', ...(isNew(config, words) ? ['InSync'] : ['Pending'])]).toContain(seen);
      await resolve(words);
    },
  );

  it('plumb, killed and never started again: the router restores itself', async () => {
    const { child, said, ended } = begin('left alone');
    await until('commands sent', () => said().includes('reading back'), 60_000);
    child.kill('SIGKILL');
    await ended;
    expect(await verdict()).toBe('DeviceSettling');
    await until('the old configuration', async () => (await running()) === old, 60_000);
    await until('a verdict', async () => (await verdict()) === 'Pending', 20_000);
  });

  it('plumb killed, its store lost and the router restarted: the next run with another store finds out what became of it', async () => {
    const { child, said, ended } = begin('store lost');
    await until('commands sent', () => said().includes('reading back'), 60_000);
    child.kill('SIGKILL');
    await ended;
    await example.lab.reboot(router);
    await waitForSessions(example.lab);
    await git(example, 'checkout', '-q', '.');
    expect(await running()).toBe(old);
    const next = await plumb('apply', router, '--yes', '--store', `${example.store}-new`);
    expect([next.code, next.stdout]).toEqual([0, expect.stringContaining('Nothing to change. 1 device: 1 InSync')]);
  });

  it('sshd, killed after the commands were sent: rolled back by the router, and said', async () => {
    const { said, ended } = begin('sshd killed');
    await until('commands sent', () => said().includes('reading back'), 60_000);
    await example.lab.killSshd(router);
    await until('the old configuration', async () => (await running()) === old, 70_000);
    await example.lab.startSshd(router);
    const code = await ended;
    expect(said()).toMatch(/edge1-fra: (RolledBack|OutcomeUnknown)/);
    expect(code).toBe(said().includes('OutcomeUnknown') ? 2 : 1);
  });

  it('the management link, cut for good: OutcomeUnknown, loud, and resolved when it is back', async () => {
    const { said, ended } = begin('link cut');
    await until('commands sent', () => said().includes('reading back'), 60_000);
    await example.lab.setLink(router, 'mgmt0', 'down');
    const code = await ended;
    await example.lab.setLink(router, 'mgmt0', 'up');
    expect([code, said()]).toEqual([2, expect.stringContaining('edge1-fra: OutcomeUnknown')]);
    expect(await running()).toBe(old);
    const next = await plumb('apply', router, '--yes', '--retry', ...deadline);
    expect(next.stderr).toContain('left by an earlier run: edge1-fra: RolledBack');
    expect(next.code).toBe(0);
  });

  it('bgpd, killed after the commands were sent: never confirmed, and found when it is back', async () => {
    const { said, ended } = begin('bgpd killed');
    await until('commands sent', () => said().includes('reading back'), 60_000);
    await example.lab.killDaemon(router, 'bgpd');
    const code = await ended;
    expect(said()).toMatch(/edge1-fra: (RollbackIncomplete|RolledBack|OutcomeUnknown)/);
    expect(said()).not.toContain('edge1-fra: Confirmed');
    expect(code).not.toBe(0);
    expect(await verdict()).toBe('DaemonDown');
    await example.lab.respawnEmpty(router, 'bgpd');
    expect(await verdict()).toBe('DeviceSettling');
    await example.lab.loadStartup(router);
    await waitForSessions(example.lab);
    await until('a verdict', async () => (await verdict()) === 'Pending', 30_000);
    expect(await running()).toBe(old);
  });

  it('a full disk on the router: refused before anything is sent, or rolled back', async () => {
    await example.lab.fillDisk(router);
    const early = begin('disk full');
    expect(await early.ended).toBe(1);
    expect(early.said()).toMatch(/NothingWritten[\s\S]*TargetDisk/);
    expect(await running()).toBe(old);
    await example.lab.freeDisk(router);
    await git(example, 'checkout', '-q', '.');

    const { said, ended } = begin('disk filled on the way');
    await until('armed', () => said().includes('sending the commands'), 60_000);
    await example.lab.fillDisk(router);
    const code = await ended;
    const config = await running();
    expect(isNew(config, 'disk filled on the way')).toBe(code === 0);
    expect(config === old).toBe(code !== 0);
  });
});
