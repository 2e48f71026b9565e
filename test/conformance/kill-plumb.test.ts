import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { git, waitForSessions } from '../lab/example-network.ts';
import { whyNot } from '../lab/frr.ts';
import { type KillStage, openKillStage } from './kill-stage.ts';

const missing = whyNot();
if (missing !== undefined) process.stderr.write(`skipped, no real routers: kills of plumb in mid-apply: ${missing}\n`);

/** The lines of progress, one per state of a change, as a person sees them. */
const steps = [
  'reading the device once more',
  'arming the dead-man',
  'sending the commands',
  'reading back',
  'waiting until it takes effect',
  'confirming and saving',
] as const;

describe.skipIf(missing !== undefined)('plumb that dies in mid-apply', () => {
  let stage: KillStage;
  beforeAll(async () => {
    stage = await openKillStage('kpl');
  });
  afterEach(() => stage.comeBack());
  afterAll(() => stage?.example.lab.down());

  it.each(steps.map((step, index) => ({ step, words: `killed at step ${index}` })))(
    'plumb, killed while $step, is resolved by the next run',
    async ({ step, words }) => {
      const { child, heard, ended } = stage.begin(words);
      await heard(step);
      child.kill('SIGKILL');
      expect(await ended).toBe('SIGKILL');
      const seen = await stage.verdict();
      const config = await stage.running();
      // Nothing is called in sync or drifted while the router may still restore itself.
      expect(['DeviceSettling', ...(stage.isNew(config, words) ? ['InSync'] : ['Pending'])]).toContain(seen);
      await stage.resolve(words);
    },
  );

  it('plumb killed, its store lost and the router restarted: the next run with another store finds out what became of it', async () => {
    const { child, heard, ended } = stage.begin('store lost');
    await heard('reading back');
    child.kill('SIGKILL');
    await ended;
    await stage.example.lab.reboot(stage.router);
    await waitForSessions(stage.example.lab);
    await git(stage.example, 'checkout', '-q', '.');
    expect(await stage.running()).toBe(stage.old);
    const next = await stage.plumb('apply', stage.router, '--yes', '--store', `${stage.example.store}-new`);
    expect([next.code, next.stdout]).toEqual([0, expect.stringContaining('Nothing to change. 1 device: 1 InSync')]);
  });
});
