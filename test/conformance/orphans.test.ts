import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../controller/store/index.ts';
import { killGuards } from '../driver/setup.ts';
import { corePassword, edit, type Example, git, plumb, plumbPath, upExample, writeSecret } from '../lab/example-network.ts';
import { whyNot } from '../lab/frr.ts';
import { until } from '../lab/shell.ts';

const missing = whyNot();
if (missing !== undefined) process.stderr.write(`skipped, no real routers: what plumb apply takes over and settles: ${missing}\n`);

describe.skipIf(missing !== undefined)('plumb apply', { timeout: 120_000 }, () => {
  let example: Example;
  /** Knows every router as adopted, and nothing of what was done from the other store. */
  let elsewhere: string;

  const verdictOf = async (router: string): Promise<string> => {
    const { devices } = JSON.parse((await plumb(example, ['drift', router, '-o', 'json'])).stdout) as {
      devices: { verdict: string; reason?: string }[];
    };
    return devices[0]?.reason ?? devices[0]?.verdict ?? 'no verdict';
  };
  const running = (router: string) => example.lab.vtysh(router, 'show running-config no-header');
  const knownOf = async (router: string): Promise<readonly string[]> => {
    const store = await openStore(example.store);
    const known = Object.values((await store.baselines.get(router))?.items ?? {});
    store.close();
    return known;
  };
  /** An apply, its process and its dead-man die after the commands were sent; Git takes the change back. */
  const leaveOrphan = async (router: string) => {
    const child = spawn(plumbPath, ['apply', router, '--yes'], {
      cwd: example.repository,
      env: { ...process.env, PLUMB_STORE: example.store, PLUMB_SECRETS: example.secrets, NO_COLOR: '1' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    await until('commands sent', () => said.includes('reading back'), 60_000);
    child.kill('SIGKILL');
    await once(child, 'close');
    await killGuards(example.lab, router);
    await git(example, 'checkout', '-q', '.');
  };

  beforeAll(async () => {
    example = await upExample(`orp${process.pid.toString(36)}`);
    elsewhere = join(example.lab.facts.dir, 'another-store');
    await until('a settled router', async () => (await verdictOf('edge1-fra')) === 'InSync', 60_000);
    for (const store of [elsewhere, example.store]) {
      await until('a baseline', async () => (await plumb(example, ['drift', '--store', store])).stdout.includes('4 InSync'), 60_000);
    }
  }, 120_000);
  afterEach(async () => {
    await git(example, 'checkout', '-q', '.');
  });
  afterAll(async () => example?.lab.down());

  it('takes nothing over when the answer is no, and what was approved when it is yes', async () => {
    const agreed = 'ip route 198.51.100.0/24 blackhole';
    await example.lab.byHand('edge1-fra', 'configure terminal', agreed, 'end', 'write');
    edit(example, 'sessions/external.yaml', 'relationship: Transit', 'relationship: Transit\n  description: asked for');
    edit(example, 'devices/edge1-fra.yaml', 'staticRoutes:', 'staticRoutes:\n    - {prefix: 198.51.100.0/24, blackhole: true}');
    const declined = await plumb(example, ['apply', 'edge1-fra']);
    expect([declined.code, declined.stdout]).toEqual([1, expect.stringContaining('Nothing was applied')]);
    expect(await knownOf('edge1-fra')).not.toContain(agreed);
    const approved = await plumb(example, ['apply', 'edge1-fra', '--yes']);
    expect([approved.code, approved.stdout]).toEqual([0, expect.stringContaining('Confirmed')]);
    expect(await knownOf('edge1-fra')).toEqual(expect.arrayContaining([agreed, 'neighbor 192.0.2.0 description asked for']));
    await git(example, 'commit', '-qam', 'Descriptions');
    await plumb(example, ['adopt', 'edge1-fra', '--yes', '--store', elsewhere]);
  });

  it('finds a change that nobody works on any more, says what it is, and lets the router go back when the answer is yes', async () => {
    const before = await running('edge1-fra');
    edit(example, 'sessions/external.yaml', 'asked for', 'left half-way');
    await leaveOrphan('edge1-fra');
    expect(await running('edge1-fra')).toContain('left half-way');

    const declined = await plumb(example, ['apply', 'edge1-fra', '--store', elsewhere]);
    expect([declined.code, declined.stdout]).toEqual([
      2,
      expect.stringMatching(/^edge1-fra: change plan-\S+ by .* was left there, applied: its dead-man is dead/),
    ]);
    expect(await running('edge1-fra')).toContain('left half-way');

    edit(example, 'reconcile.yaml', 'mode: Approve', 'mode: Report');
    const refused = await plumb(example, ['apply', 'edge1-fra', '--yes', '--store', elsewhere]);
    expect([refused.code, refused.stdout]).toEqual([2, expect.stringContaining('ReportOnly: edge1-fra')]);
    await git(example, 'checkout', '-q', '.');

    const settled = await plumb(example, ['apply', 'edge1-fra', '--yes', '--store', elsewhere]);
    expect([settled.code, settled.stdout]).toEqual([
      0,
      expect.stringMatching(/edge1-fra: RolledBack: change plan-\S+ by .*: undone[\s\S]*Nothing to change. 1 device: 1 InSync/),
    ]);
    expect(await running('edge1-fra')).toBe(before);
    // The store that began it finds its own record, and the router says how that ended.
    const first = await plumb(example, ['apply', 'edge1-fra', '--yes']);
    expect([first.code, first.stderr]).toEqual([0, expect.stringContaining('left by an earlier run: edge1-fra: RolledBack')]);
  });

  it('settles the other end of a session too, before both change', async () => {
    edit(example, 'sessions/internal.yaml', 'between the sites', 'left half-way');
    await leaveOrphan('core1-lon');
    writeSecret(example, 'ibgp-cores', 'password', 'another-password-of-the-cores', 'bgp-password for role=core');
    const { code, stdout, stderr } = await plumb(example, ['apply', 'core1-fra', '--yes', '--store', elsewhere]);
    expect([stderr, code, stdout]).toEqual([
      expect.any(String),
      0,
      expect.stringMatching(/core1-lon: RolledBack: [\s\S]*core1-fra \+ core1-lon: Confirmed/),
    ]);
    for (const router of ['core1-fra', 'core1-lon']) expect(await running(router)).not.toContain(corePassword);
  });
});
