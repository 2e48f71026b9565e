import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import { findCondition } from '../../controller/api/index.ts';
import { newKey } from '../git/ssh-host.ts';
import type { DeskOptions } from './desk.ts';
import { type ChangePlan, openPlanDesk } from './plan-desk.ts';

/** Two routers, and one line of a route-map that a commit moves on both. */
async function deskWith(t: Parameters<typeof openPlanDesk>[0], options: DeskOptions = {}) {
  const desk = await openPlanDesk(t, options);
  await desk.follow(options.mode ?? 'Approve');
  return Object.assign(desk, {
    waitsFor: ({ name }: ChangePlan, words: RegExp) =>
      desk.planWhen(name, `to say ${words}`, ({ conditions }) => words.test(findCondition(conditions, 'Ready')?.message ?? '')),
  });
}

test.concurrent('one approval is one change: what somebody undoes on the router afterwards is not done again without another', async ({
  expect,
  ...t
}) => {
  // Whether somebody undid it before or after the approval is asked of two clocks, of which a desk hurries one.
  const desk = await deskWith(t, { speed: 1 });
  desk.prefer(90, 95);
  const plan = await desk.planIn('Proposed');
  await desk.say(plan, { approver: 'alice' });
  await desk.planIn('Succeeded');
  await desk.deviceReady('r00000', 'InSync');

  const entry = /^route-map \S+ permit \d+(?=\n(?: .*\n)* set local-preference 95$)/m.exec(await desk.routers.running('r00000'))?.[0] ?? '';
  await desk.routers.edit('r00000', [entry, ' set local-preference 90'], 'mona');
  await desk.look('r00000');
  const again = await desk.planIn('Proposed', ({ name }) => name !== plan.name);
  expect(again.spec.groups.map(({ effectDigest }) => effectDigest)).toEqual(plan.spec.groups.map(({ effectDigest }) => effectDigest));
  await desk.waitsFor(again, /one person must approve/);
  expect((await desk.deviceReady('r00000', 'ApprovalRequired')).message).toContain(again.name);
  await desk.say(again, { approver: 'alice' });
  expect((await desk.planIn('Succeeded', ({ name }) => name !== plan.name)).name).toBe(again.name);
}, 300_000);

const frozen = { freezes: [{ intervals: [{ from: '2020-01-01T00:00:00Z', to: '2099-01-01T00:00:00Z' }] }] };

test.concurrent('an enforced plan that waits for a freeze begins when somebody overrides that', async ({ expect, ...t }) => {
  const desk = await deskWith(t, { mode: 'Enforce', fleet: { changes: frozen } });
  desk.prefer(90, 95);
  const plan = await desk.planIn('Waiting');
  await desk.say(plan, { approver: 'alice' });
  await desk.waitsFor(plan, /freeze/);
  await desk.say(plan, { approver: 'bob', override: { windows: true }, reason: 'case 4711' });
  expect((await desk.planIn('Succeeded')).status).toMatchObject({ confirmed: 2, approvedBy: ['alice', 'bob'] });
}, 300_000);

test.concurrent('an enforced plan that somebody rejects while it waits does not begin', async ({ expect, ...t }) => {
  const desk = await deskWith(t, { mode: 'Enforce', fleet: { changes: frozen } });
  desk.prefer(90, 95);
  const plan = await desk.planIn('Waiting');
  await desk.say(plan, { approver: 'alice', decision: 'Reject', reason: 'not now' });
  await desk.say(plan, { approver: 'bob', override: { windows: true }, reason: 'case 4711' });
  expect((await desk.deviceReady('r00000', 'Rejected')).message).toContain('not now');
  expect((await desk.plans()).map(({ status }) => status?.confirmed ?? 0)).toEqual([0]);
}, 300_000);

test.concurrent('a rule against the author holds everything back while nobody knows who that is', async ({ expect, ...t }) => {
  const desk = await deskWith(t, { fleet: { approval: { rules: [{ notAuthor: true }] } } });
  desk.prefer(90, 95);
  const plan = await desk.planIn('Proposed');
  expect(plan.spec).not.toHaveProperty('authors');
  await desk.say(plan, { approver: 'alice' });
  await desk.say(plan, { approver: 'bob' });
  await desk.waitsFor(plan, /the author is not known: sign commits, verify them/);
}, 300_000);

test.skipIf(!existsSync('/usr/bin/ssh-keygen')).concurrent(
  'whoever signed a commit does not approve it, also after somebody else committed',
  async ({ expect, ...t }) => {
    const desk = await deskWith(t);
    const { folder, repository } = desk;
    for (const name of ['alice', 'bob']) newKey(join(folder, name));
    const signAs = (name: string) => repository.git('config', 'user.signingKey', join(folder, name));
    for (const [key, value] of [
      ['gpg.format', 'ssh'],
      ['commit.gpgSign', 'true'],
    ] as const)
      repository.git('config', key, value);
    signAs('alice');
    const signed = desk.commit({ 'notes.md': 'signed from now on\n' });
    await desk.until('it in force', () => desk.operator.world.inForce?.revision === signed);
    const keys = ['alice', 'bob'].map((name) => `${name}@example.net ${readFileSync(join(folder, `${name}.pub`), 'utf8')}`);
    desk.giveSecret('signers', 'git for lab', { allowed_signers: keys.join('') });
    const authors = ['alice', 'bob'].map((user) => ({ signer: `${user}@example.net`, user }));
    await desk.setFleet((spec) => ({
      ...spec,
      verify: { commits: 'Every', secretRef: { name: 'signers' } },
      approval: { ...spec.approval, rules: [{ risk: 'low', count: 1, groups: [], notAuthor: true }], authors },
    }));
    desk.prefer(90, 95);
    const plan = await desk.planIn('Proposed');
    expect(plan.spec.authors).toEqual(['alice']);
    signAs('bob');
    const later = desk.commit({ 'notes.md': 'by somebody else\n' });
    await desk.until('it in force', () => desk.operator.world.inForce?.revision === later);
    await desk.say(plan, { approver: 'alice' });
    await desk.waitsFor(plan, /one person must approve, not alice, who wrote it/);
    await desk.say(plan, { approver: 'bob' });
    expect((await desk.planIn('Succeeded')).status?.approvedBy).toEqual(['bob']);
    await desk.deviceReady('r00000', 'InSync');
    await desk.until('nobody to be its author any more', async () => (await desk.device('r00000'))?.status?.signers?.length === 0);
  },
  300_000,
);

test.concurrent('a rule with groups holds everything back on one machine, and says why', async (t) => {
  const desk = await deskWith(t, { fleet: { approval: { rules: [{ groups: ['netops'] }] } } });
  desk.prefer(90, 95);
  const plan = await desk.planIn('Proposed');
  await desk.say(plan, { approver: 'alice', groups: ['netops'] });
  await desk.waitsFor(plan, /groups are known in a cluster only: no approval counts here/);
}, 300_000);
