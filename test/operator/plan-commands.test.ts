import { hostname, userInfo } from 'node:os';
import { describe, test } from 'vitest';
import { type DeviceStatus, findCondition } from '../../controller/api/index.ts';
import type { DeskOptions } from './desk.ts';
import { openPlanDesk } from './plan-desk.ts';

const me = `${userInfo().username}@${hostname()}`;

/** Routers that may be changed; each change is one line of a route-map, everywhere. Time passes as for the commands that people start. */
async function deskWith(
  t: Parameters<typeof openPlanDesk>[0],
  { policy = 'Approve', rollout, ...options }: DeskOptions & { policy?: 'Approve' | 'Enforce'; rollout?: object } = {},
) {
  const desk = await openPlanDesk(t, { speed: 1, ...options });
  await desk.follow(policy, rollout);
  return desk;
}

describe.concurrent('plumb plan show, approve, pause, continue and stop', () => {
  test('lead a change from the plan to its end', async ({ expect, ...t }) => {
    const desk = await deskWith(t);
    desk.prefer(90, 95);
    const { name } = await desk.planIn('Proposed');

    const proposed = await desk.plumb('plan', 'show', name);
    expect(proposed.stdout).toMatch(new RegExp(`^${name} {2}Proposed {2}2 devices, 1 distinct change, mode Approve, risk low\n`));
    expect(proposed.stdout).toMatch(/^ {2}stands +ApprovalRequired: /m);
    expect(proposed.stdout).toMatch(/^ {2}waits for +one person must approve/m);
    expect(proposed.stdout).toMatch(/^ {2}waves +canary: 1 set\n +wave 1: 1 set\n/m);
    expect(proposed.stdout).toMatch(/^r00000, r00001 {2}risk low\n(.*\n)* {2}commands\n.*\n +set local-preference 95\n/m);
    expect(proposed.stdout).toMatch(/ {2}way back\n.*\n +set local-preference 90\n$/);
    expect([proposed.code, proposed.stderr]).toEqual([0, '']);

    const status = await desk.plumb('status');
    expect(status.stdout).toMatch(
      new RegExp(`^PLAN .*\n${name} +proposed +2 +low +\\d+s +Canary: 0 of 2 sets confirmed; 1 waits: r0000\\d: `, 'm'),
    );

    const paused = await desk.plumb('pause', name, '--reason', 'case 4711', '--wait');
    expect([paused.code, paused.stderr]).toEqual([0, expect.stringContaining(`To go on: plumb continue ${name}`)]);
    expect(paused.stdout).toMatch(new RegExp(`^${name} {2}Paused {2}Paused by a person`));
    expect((await desk.plumb('approve', name, '--yes')).code).toBe(0);
    const waiting = await desk.plumb('plan', 'show', name);
    expect(waiting.stdout).toMatch(new RegExp(`^ {2}asked +Pause by ${me}, 20\\S+: case 4711$`, 'm'));
    expect(waiting.stdout).toMatch(new RegExp(`^ {2}said +${me} approved all of it, 20`, 'm'));
    expect(waiting.stdout).not.toContain('waits for');

    expect(await desk.plumb('continue', name)).toMatchObject({ code: 0, stderr: `${name}: goes on\n` });
    await desk.planIn('Succeeded');
    const done = await desk.plumb('plan', 'show', name);
    expect(done.stdout).toMatch(/^ {2}waves +canary: 1 confirmed\n +wave 1: 1 confirmed\n {2}began +20\S+, ended 20/m);
    expect(done.stdout).toMatch(/^ {2}confirmed: r00000, r00001$/m);

    const json = JSON.parse((await desk.plumb('plan', 'show', name, '-o', 'json')).stdout) as object;
    expect(json).toMatchObject({
      name,
      status: { phase: 'Succeeded', confirmed: 2 },
      plan: { devices: [{ effect: { device: 'r00000' } }, { effect: { device: 'r00001' } }] },
      approvals: [{ approver: me, decision: 'Approve' }],
    });
    const markdown = (await desk.plumb('plan', 'show', name, '-o', 'markdown')).stdout;
    expect(markdown).toMatch(new RegExp(`^## ${name}: Succeeded\n\n\\| \\| \\|\n\\|---\\|---\\|\n\\| stands \\| All of 2 sets confirmed`));
    expect(markdown).toContain('set local-preference 95');
    expect(markdown).toContain(`effect ${done.stdout.match(/effect (sha256:\w+)/)?.[1]}`);

    const history = (await desk.plumb('history', 'r00001', '--since', '2h')).stdout;
    expect(history).toMatch(new RegExp(`^20\\S+ {2}Confirmed {2}plumbline ${name}, approved by ${me} {2}`, 'm'));
    expect((await desk.plumb('status')).stdout).not.toContain('PLAN');

    for (const verb of ['pause', 'continue', 'stop']) {
      const late = await desk.plumb(verb, name);
      expect([late.code, late.stderr]).toEqual([1, expect.stringMatching(/PlanEnded.*has ended: Succeeded/)]);
    }
  }, 300_000);

  test('keep a plan that was stopped before it began away, until what would be done moves or somebody lets it go', async ({
    expect,
    ...t
  }) => {
    const desk = await deskWith(t, {
      policy: 'Enforce',
      fleet: { changes: { freezes: [{ intervals: [{ from: '2020-01-01T00:00:00Z', to: '2099-01-01T00:00:00Z' }] }] } },
    });
    desk.prefer(90, 95);
    const { name } = await desk.planIn('Waiting');
    const stopped = await desk.plumb('stop', name, '--reason', 'not this one', '--wait');
    expect(stopped).toMatchObject({ code: 0, stdout: expect.stringMatching(new RegExp(`^${name} {2}Stopped {2}`)) as string });
    const ready = await desk.deviceReady('r00000', 'Stopped');
    expect(ready.message).toContain(`${me} stopped ${name} before it began`);
    await desk.look('r00000');
    expect((await desk.plans()).map((each) => each.name)).toEqual([name]);

    expect((await desk.plumb('continue', name)).stderr).toBe(`${name}: what it would do may be proposed again\n`);
    const again = await desk.planIn('Waiting');
    expect(again.spec).toMatchObject({ planId: name, mode: 'Enforce' });
    expect((await desk.plumb('stop', again.name)).code).toBe(0);
    await desk.deviceReady('r00000', 'Stopped');
    desk.prefer(95, 96);
    expect((await desk.planIn('Waiting')).spec.planId).not.toBe(name);
  }, 300_000);
});

test.concurrent('plumb up tells which plans wait for people', async ({ expect, ...t }) => {
  const desk = await deskWith(t);
  desk.prefer(90, 95);
  await desk.planIn('Proposed');
  await desk.pause();
  const where = ['--port', '0', '--secrets', desk.secretsFolder, '--ceiling', 'Approve', '--once'];
  const { code, stdout } = await desk.plumb('up', desk.repository.folder, ...where);
  expect(stdout).toMatch(/^(plan-\w+-2) {2}Proposed {2}2 devices, risk low: Canary: .* Next: plumb approve \1$/m);
  expect(stdout).toMatch(/^2 devices: 2 Pending \(main@sha1:\w+\); plans: 1 to be approved$/m);
  expect(code).toBe(1);
}, 300_000);

// Alone: how often it is told of depends on how fast it goes.
test('a rollout writes a device when its own turn comes, however many go before it', async ({ expect, ...t }) => {
  const told = new Map<string, string[]>();
  const desk = await deskWith(t, {
    devices: 4,
    policy: 'Enforce',
    rollout: { bakeSeconds: 0, atOnce: 1 },
    objects: (objects) => ({
      ...objects,
      updateStatus: (object) => {
        const ready = findCondition((object.status as DeviceStatus).conditions, 'Ready');
        if (object.kind === 'Device') told.set(object.name, [...(told.get(object.name) ?? []), ready?.reason ?? '']);
        return objects.updateStatus(object);
      },
    }),
  });
  told.clear();
  desk.prefer(90, 95);
  const progress = async () => (await desk.plans())[0]?.status?.progress ?? '';
  await desk.until(
    'three of four routers',
    async () => (await progress()).split('c').length === 4,
    () => '',
    90,
  );
  const [waiting = []] = [...told.values()].toSorted((a, b) => Number(a.includes('InSync')) - Number(b.includes('InSync')));
  // What it needs, and that the plan has begun; perhaps that its turn has come.
  expect(waiting.length, waiting.join(', ')).toBeLessThanOrEqual(4);
  const changed = [...told.values()].filter((reasons) => reasons.includes('InSync'));
  for (const reasons of changed) expect(reasons.slice(-2)).toEqual(['Reconciling', 'InSync']);
}, 300_000);

describe.concurrent('plumb resume', () => {
  test('lets a router go that somebody changed by hand: it is put right at once, and held again for the next change', async ({
    expect,
    ...t
  }) => {
    const desk = await deskWith(t, { policy: 'Enforce' });
    const describePeer = (words: string) =>
      desk.routers.edit('r00000', ['router bgp 64500', ` neighbor 172.16.0.0 description ${words}`], 'mona');
    await describePeer('by hand');
    await desk.look('r00000');
    expect((await desk.deviceReady('r00000', 'Held')).message).toMatch(/Next: plumb resume r00000, to let it go$/);
    const { code, stderr } = await desk.plumb('resume', 'r00000');
    expect([code, stderr]).toEqual([0, 'r00000: no longer held\n']);
    expect((await desk.planIn('Succeeded')).spec).toMatchObject({ mode: 'Enforce', cause: 'Drift', devices: 1 });
    await desk.deviceReady('r00000', 'InSync');

    await describePeer('by hand again');
    await desk.look('r00000');
    expect((await desk.deviceReady('r00000', 'Held')).message).toContain('somebody changed the device by hand');
  }, 300_000);
});

describe.concurrent('plumb apply where an operator writes', () => {
  test('shows the ChangePlan of a device, approves it and follows it to its end', async ({ expect, ...t }) => {
    const desk = await deskWith(t);
    const idle = await desk.plumb('apply', 'r00000', '--yes');
    expect(idle.stdout).toMatch(
      /^r00000 {2}no plan changes it {2}InSync: r00000 is what Git says at main@sha1:\w+\nNothing was applied\.\n$/,
    );
    expect(idle.code).toBe(0);

    desk.prefer(90, 95);
    const { name } = await desk.planIn('Proposed');
    const unasked = await desk.plumb('apply', 'r00000');
    expect([unasked.code, unasked.stdout]).toEqual([1, expect.stringMatching(/set local-preference 95\nNothing was applied\.\n$/)]);
    expect((await desk.plumb('apply', 'r00000', '--retry')).stderr).toMatch(
      /OptionsConflict: --retry means nothing together with the operator/,
    );

    const applied = await desk.plumb('apply', 'r00000', 'r00001', '--yes');
    expect(applied.stdout).toMatch(
      new RegExp(`^${name} {2}Proposed {2}2 devices, .*\\n[^]*\nr00000 {2}confirmed\nr00001 {2}confirmed\n2 devices applied\\.\n$`),
    );
    expect(applied.stderr).toMatch(new RegExp(`^${name}: approved by ${me}, until .*\n${name}: the operator carries it out`));
    expect(applied.stderr).toMatch(new RegExp(`^ {2}${name}: Canary: .* at work`, 'm'));
    expect(applied.code).toBe(0);

    await desk.plumb('hold', 'r00001', '--reason', 'case 4711');
    desk.prefer(95, 96);
    await desk.deviceReady('r00001', 'Held');
    const held = await desk.plumb('apply', 'r00001', '--yes');
    expect([held.code, held.stdout]).toEqual([1, expect.stringMatching(/^r00001 {2}no plan changes it {2}Held: Held by .*case 4711/)]);
  }, 300_000);

  test('ends at once where others must approve too, and says so', async ({ expect, ...t }) => {
    const desk = await deskWith(t, { fleet: { approval: { rules: [{ count: 2 }] } } });
    desk.prefer(90, 95);
    await desk.planIn('Proposed');
    const { code, stdout, stderr } = await desk.plumb('apply', '-l', 'role=core', '--yes');
    expect([code, stdout]).toEqual([1, expect.stringMatching(/Nothing was applied: others must approve it too\.\n$/)]);
    expect(stderr).toContain(`it waits: one more person must approve beside ${me}`);
  }, 300_000);
});
