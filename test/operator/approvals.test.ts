import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ChangeApprovalSpec, ChangePlanSpec, type DevicePlan, FleetSpec, type PlanPhase } from '../../controller/api/index.ts';
import { groupByEffect } from '../../controller/change/index.ts';
import { openStore, type Store } from '../../controller/store/index.ts';
import { plumbAt } from '../e2e/desk.ts';

const me = `${userInfo().username}@${hostname()}`;
const [first, second] = ['9c1d', 'f00d'].map((start) => `sha256:${start.padEnd(64, '0')}`) as [string, string];

let folder: string;
let store: Store;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plumbline-approvals-'));
  store = await openStore(folder);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const plumb = (...argv: string[]) => plumbAt({ repository: folder, store: folder }, argv);
const approvals = async () => (await store.objects.list<ChangeApprovalSpec>('ChangeApproval')).map(({ name, spec }) => ({ name, ...spec }));

const group = (effectDigest: string, devices: string[], more: object = {}) => ({
  effectDigest,
  devices: devices.length,
  examples: devices,
  risk: 'low',
  commands: ['router bgp 64500 > timers bgp 5 15'],
  total: 1,
  ...more,
});

async function makePlan(name: string, phase: PlanPhase | undefined, more: object = {}): Promise<void> {
  const spec = ChangePlanSpec.parse({
    planId: name,
    plan: 'b'.repeat(64),
    mode: 'Approve',
    cause: 'Desired',
    revision: `main@sha1:${'c'.repeat(40)}`,
    authors: ['alice'],
    devices: 3,
    sets: 3,
    risk: 'high',
    groups: [
      group(first, ['edge1-fra', 'edge2-fra'], {
        risk: 'high',
        riskReasons: ['it resets a session'],
        resets: ['192.0.2.1: it is removed'],
        total: 30,
      }),
      group(second, ['edge3-lon']),
    ],
    groupCount: 2,
    ...more,
  });
  await store.objects.create({ kind: 'ChangePlan', name, spec, ...(phase && { status: { phase, conditions: [] } }) });
}

async function declareFleet(approval: object = {}): Promise<void> {
  await store.objects.create({ kind: 'Fleet', name: 'local', spec: FleetSpec.parse({ git: { url: 'file:///net' }, approval }) });
}

describe('plumb approve', () => {
  test('shows what would be done, and says yes to all of it', async () => {
    await declareFleet();
    await makePlan('plan-one', 'Proposed');
    const said = await plumb('approve', 'plan-one', '--yes', '--reason', 'reviewed');
    expect(said.stdout).toBe(
      `plan-one  Proposed  3 devices, 2 distinct changes, mode Approve, risk high
  Git moved: main@sha1:${'c'.repeat(40)}, by alice

edge1-fra, edge2-fra  risk high
  resets the session with 192.0.2.1: it is removed
  risk: it resets a session
  effect sha256:9c1d00000000
  commands
    router bgp 64500
      timers bgp 5 15
    … and 29 more: plumb plan show plan-one

edge3-lon  risk low
  effect sha256:f00d00000000
  commands
    router bgp 64500
      timers bgp 5 15
`,
    );
    expect(said.stderr).toMatch(new RegExp(`^plan-one: approved by ${me}, until \\S+Z\n$`));
    expect(said.code).toBe(0);
    const made = await approvals();
    expect(made).toMatchObject([
      { plan: 'plan-one', effectDigests: [first, second], decision: 'Approve', approver: me, groups: [], reason: 'reviewed' },
    ]);
    expect(made[0]?.name).toMatch(/^plan-one-[a-z0-9-]+-[0-9a-f]{8}$/);
    expect(made[0]).not.toHaveProperty('expires');
  });

  test('approves nothing that nobody was asked about', async () => {
    await makePlan('plan-one', 'Proposed');
    const said = await plumb('approve', 'plan-one');
    expect([said.code, said.stderr]).toEqual([1, 'Nothing was approved. Answer yes, or pass --yes in a script.\n']);
    expect(await approvals()).toEqual([]);
  });

  test('takes one change by the first digits of its effect, and holds as long as it is told', async () => {
    await makePlan('plan-one', 'Proposed');
    const said = await plumb('approve', 'plan-one', '--group', 'sha256:F00', '--expires', '2h', '--yes');
    expect(said.stdout).not.toContain('edge1-fra');
    const [made] = await approvals();
    expect(made?.effectDigests).toEqual([second]);
    expect(Date.parse(made?.expires ?? '') - Date.now()).toBeGreaterThan(7_100_000);
  });

  test('speaks of changes that the object has no room for where the full plan can be read, and of them alone', async () => {
    const effect = (device: string) => ({ device, commands: [{ path: [], text: 'hostname x' }] });
    const devices = [{ effect: effect('edge1-fra') }] as unknown as DevicePlan[];
    const [digest = ''] = groupByEffect(devices).keys();
    const text = await store.objects.putArtifact(JSON.stringify({ devices }));
    await makePlan('plan-one', 'Proposed', { groupCount: 4, plan: text });
    expect((await plumb('approve', 'plan-one', '--yes')).stdout).toContain(
      '\n… and 1 distinct change more: plumb plan show plan-one\n\n1 distinct change more cannot be shown here, and this is no answer to it\n',
    );
    expect((await approvals())[0]?.effectDigests).toEqual([first, second, digest]);
    await makePlan('plan-two', 'Proposed', { groupCount: 4 });
    expect((await plumb('approve', 'plan-two', '--yes')).stdout).toContain('\n2 distinct changes more cannot be shown here');
    expect((await plumb('approve', 'plan-two', '--group', '9', '--yes')).stdout).not.toContain('cannot be shown');
  });

  test('says what the rules of the Fleet ask for beside it', async () => {
    await declareFleet({ rules: [{ count: 2 }, { risk: 'high', notAuthor: true, groups: ['netops'] }] });
    await makePlan('plan-one', 'Proposed');
    const said = await plumb('approve', 'plan-one', '--yes');
    expect(said.stderr.split('\n').slice(1, -1)).toEqual([
      `it waits: one more person must approve beside ${me}; the Fleet wants somebody of netops, and groups are known in a cluster only: no approval counts here`,
      `it waits: one more person must approve beside ${me}`,
    ]);
  });

  test('may be said twice, in an object each', async () => {
    await makePlan('plan-one', 'Proposed');
    for (let i = 0; i < 2; i++) expect((await plumb('approve', 'plan-one', '--yes')).code).toBe(0);
    expect(await approvals()).toHaveLength(2);
  });

  test('lets a change begin outside of windows, with a reason', async () => {
    await makePlan('plan-one', 'Waiting', { mode: 'Enforce' });
    const refused = await plumb('approve', 'plan-one', '--override-windows', '--yes');
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('needs a reason') as string]);
    expect((await plumb('approve', 'plan-one', '--override-windows', '--reason', 'case 4711', '--yes')).code).toBe(0);
    expect(await approvals()).toMatchObject([{ override: { windows: true }, reason: 'case 4711' }]);
  });

  test('is not needed by a plan that is enforced', async () => {
    await makePlan('plan-one', 'Waiting', { mode: 'Enforce' });
    const said = await plumb('approve', 'plan-one', '--yes');
    expect([said.code, said.stderr]).toEqual([1, expect.stringContaining('ApprovalNotNeeded') as string]);
  });

  test.each<{ name: string; argv: string[]; says: RegExp }>([
    {
      name: 'a plan that is none, with the nearest name',
      argv: ['plan-tow'],
      says: /there is no ChangePlan plan-tow.*\n.*Did you mean plan-two\?/s,
    },
    { name: 'a plan that is far from all', argv: ['x'], says: /Did you mean plan-three, plan-two\?/ },
    {
      name: 'a plan that another took the place of',
      argv: ['plan-one'],
      says: /plan-one has ended: Superseded.*\n.*took its place: plan-two\./s,
    },
    {
      name: 'a change that the plan does not have',
      argv: ['plan-two', '--group', 'abc'],
      says: /shows no effect "abc".*\n.*9c1d00000000, f00d00000000/s,
    },
    { name: 'changes that begin alike', argv: ['plan-three', '--group', 'f'], says: /"f" begins 2 effects of plan-three/ },
    { name: 'a time that is none', argv: ['plan-two', '--expires', 'soon'], says: /"soon" is no duration/ },
  ])('refuses $name', async ({ argv, says }) => {
    await makePlan('plan-one', 'Superseded');
    await makePlan('plan-two', 'Proposed');
    const groups = [group(second, ['edge1-fra']), group(second.replace('f00d', 'f11d'), ['edge2-fra'])];
    await makePlan('plan-three', undefined, { mode: 'Enforce', groups });
    const said = await plumb('approve', ...argv, '--yes', '--override-windows', '--reason', 'x');
    expect([said.code, said.stderr]).toEqual([1, expect.stringMatching(says) as string]);
    expect(await approvals()).toEqual([]);
  });
});

test('plumb get shows plans and what people said to them', async () => {
  await makePlan('plan-one', 'Proposed');
  await plumb('approve', 'plan-one', '--group', '9', '--yes');
  const row = async (kind: string) => (await plumb('get', kind)).stdout.split('\n')[1]?.split(/ {3,}/);
  expect((await row('changeplans'))?.slice(0, 5)).toEqual(['plan-one', 'Proposed', '3', '2', 'high']);
  expect((await row('approval'))?.slice(1, 4)).toEqual(['plan-one', 'Approve', me]);
});

describe('plumb reject', () => {
  test('says no, with a reason', async () => {
    await makePlan('plan-one', 'Running');
    expect((await plumb('reject', 'plan-one', '--yes')).stderr).toContain('--reason');
    const said = await plumb('reject', 'plan-one', '--reason', 'wrong site', '--yes');
    expect([said.code, said.stderr]).toEqual([0, `plan-one: rejected by ${me}\n`]);
    expect(await approvals()).toMatchObject([{ decision: 'Reject', reason: 'wrong site', effectDigests: [first, second] }]);
  });
});
