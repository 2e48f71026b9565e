import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { printOrder, printResumed, resumedAnnotation, rolloutAnnotation } from '../../controller/operator/index.ts';
import { type LabApi, type LabApiError, type LabUser, openLabApi } from '../lab/kube/index.ts';
import { tryRun, until } from '../lab/shell.ts';
import { installChart } from './chart.ts';
import { caOf, issueToken } from './pod.ts';
import { describeWithChart } from './testing.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const deviceSpec = {
  platform: 'frr',
  management: { address: '192.0.2.1', hostKeys: [`SHA256:${'A'.repeat(43)}`] },
  credentials: { observe: { name: 'routers-observe' } },
};
const planSpec = {
  planId: 'plan-aaaaaaaaaaaa',
  plan: 'b'.repeat(64),
  mode: 'Approve',
  cause: 'Desired',
  revision: `main@sha1:${'c'.repeat(40)}`,
  devices: 1,
  sets: 1,
  risk: 'low',
  groups: [
    { effectDigest: digest, devices: 1, examples: ['edge1'], risk: 'low', commands: ['router bgp 64500 > timers bgp 5 15'], total: 1 },
  ],
  groupCount: 1,
};

describeWithChart('approvals in a cluster', (kube, tools) => {
  let namespace: string;
  let operator: LabApi;
  let plan: string;
  let count = 0;

  const ours = (rest: string) => `/apis/plumbline.dev/v1alpha1/namespaces/${namespace}/${rest}`;
  const object = (kind: string, name: string, spec: object, metadata: object = {}) => ({
    apiVersion: 'plumbline.dev/v1alpha1',
    kind,
    metadata: { name, ...metadata },
    spec,
  });
  const merge = (api: LabApi, rest: string, body: object) => api.ask('PATCH', ours(rest), body, 'application/merge-patch+json');
  const makePlan = (api: LabApi, name: string) => api.ask('POST', ours('changeplans'), object('ChangePlan', name, planSpec));
  /** What somebody says, in a name that the object gives. */
  const say = async (api: LabApi, spec: object, metadata: object = {}): Promise<string> => {
    const name = `said-${++count}`;
    const said = { plan, effectDigests: [digest], decision: 'Approve', ...spec };
    await api.ask('POST', ours('changeapprovals'), object('ChangeApproval', name, said, metadata));
    return name;
  };
  const as = (user: LabUser) => kube().api(user);
  const at = '2030-01-02T12:00:00.000Z';
  const order = (given: Parameters<typeof printOrder>[0]) => ({ metadata: { annotations: { [rolloutAnnotation]: printOrder(given) } } });

  beforeAll(async () => {
    namespace = await kube().namespace('net');
    await installChart(tools(), {
      kubeconfig: kube().kubeconfig('admin'),
      namespace,
      values: { artifacts: { namespace: `${namespace}-artifacts` } },
    });
    operator = openLabApi({ url: kube().url, caFile: caOf(kube()), token: await issueToken(kube(), namespace, 'plumbline') });
    // The controller that gathers roles into view, edit and admin does not run here, so people get the parts by name.
    const rights: [user: string, role: string][] = [
      ['alice', 'approve'],
      ['bob', 'approve'],
      ['bob', 'edit'],
      ['carol', 'view'],
    ];
    for (const [user, role] of rights) {
      await kube().apply(
        `{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: ${user}-${role}},
          roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ${namespace}-plumbline-${role}},
          subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: ${user}}]}`,
        namespace,
      );
    }
    plan = 'plan-aaaaaaaaaaaa';
    await makePlan(operator, plan);
    const approval = { rules: [{ count: 2, groups: ['plumbline:approvers', 'security'] }] };
    const fleet = object('Fleet', 'network', { git: { url: 'https://git.example.net/net.git' }, approval });
    await as('admin').ask('POST', ours('fleets'), fleet);
    const isRefused = (asked: Promise<unknown>) =>
      asked.then(
        () => false,
        (error: unknown) => (error as LabApiError).status === 403,
      );
    await until('the policies to be in force', async () => {
      const spoofed = object('ChangeApproval', 'x', { plan, effectDigests: [digest], decision: 'Approve', approver: 'nobody' });
      return (
        (await isRefused(as('admin').ask('POST', `${ours('changeapprovals')}?dryRun=All`, spoofed))) &&
        (await isRefused(merge(as('admin'), `changeplans/${plan}?dryRun=All`, { metadata: { labels: { a: 'b' } } })))
      );
    });
  });
  afterAll(() => operator?.close());

  const refused = async (asked: Promise<unknown>, says: string | RegExp) => {
    await expect(asked).rejects.toThrow(says);
    await expect(asked).rejects.toMatchObject({ status: expect.toSatisfy((status) => status === 403 || status === 422) as number });
  };

  describe('people', () => {
    it('with the right to approve do so in their own name, with groups that they are in', async () => {
      await say(as('alice'), { approver: 'alice' });
      await say(as('alice'), { approver: 'alice', groups: ['plumbline:approvers', 'system:authenticated'] });
      await say(as('bob'), { approver: 'bob', decision: 'Reject', reason: 'not today' });
      await say(as('bob'), { approver: 'bob', override: { windows: true }, reason: 'case 4711' });
    });

    it.each<{ name: string; user: LabUser; spec: object; metadata?: object; says: string }>([
      { name: 'in the name of another', user: 'alice', spec: { approver: 'bob' }, says: 'nobody approves in the name of another' },
      {
        name: 'in the name of another, as administrator of the cluster',
        user: 'admin',
        spec: { approver: 'alice' },
        says: 'write spec.approver: admin',
      },
      {
        name: 'for a group that they are not in',
        user: 'alice',
        spec: { approver: 'alice', groups: ['plumbline:approvers', 'security', 'system:masters'] },
        says: 'you are not a member of security, system:masters',
      },
      {
        name: 'with annotations that say how it is read',
        user: 'alice',
        spec: { approver: 'alice' },
        metadata: { annotations: { 'plumbline.dev/exact': '{"name":"another"}' } },
        says: 'no annotations of plumbline.dev',
      },
      {
        name: 'with an override without a reason',
        user: 'alice',
        spec: { approver: 'alice', override: { windows: true } },
        says: 'write reason',
      },
      { name: 'without the right', user: 'viewer', spec: { approver: 'carol' }, says: 'cannot create resource "changeapprovals"' },
    ])('never approve $name', async ({ user, spec, metadata, says }) => {
      await refused(say(as(user), spec, metadata), says);
    });

    it.each<{ name: string; user: LabUser; spec: object; says: string }>([
      { name: 'who may approve', user: 'alice', spec: { decision: 'Reject' }, says: 'cannot patch' },
      { name: 'the administrator of the cluster', user: 'admin', spec: { decision: 'Reject' }, says: 'cannot be edited' },
      { name: 'the administrator, to name another plan', user: 'admin', spec: { plan: 'plan-bbbbbbbbbbbb' }, says: 'cannot be edited' },
      {
        name: 'the administrator, to name more effects',
        user: 'admin',
        spec: { effectDigests: [digest, `sha256:${'d'.repeat(64)}`] },
        says: 'cannot be edited',
      },
      { name: 'the administrator, to hold longer', user: 'admin', spec: { expires: '2099-01-01T00:00:00Z' }, says: 'cannot be edited' },
    ])('never edit an approval: $name', async ({ user, spec, says }) => {
      const name = await say(as('alice'), { approver: 'alice' });
      await refused(merge(as(user), `changeapprovals/${name}`, { spec }), says);
    });

    it('never write an approval again that another made, under its name or under one of their own', async () => {
      const name = await say(as('alice'), { approver: 'alice', groups: ['plumbline:approvers'] });
      const made = await as('bob').ask<{ spec: object }>('GET', ours(`changeapprovals/${name}`));
      await refused(say(as('bob'), made.spec), 'write spec.approver: bob');
      await as('alice').ask('DELETE', ours(`changeapprovals/${name}`));
      await refused(as('bob').ask('POST', ours('changeapprovals'), object('ChangeApproval', name, made.spec)), 'write spec.approver: bob');
    });

    it('take back what they said themselves; who makes the rules takes back anything', async () => {
      const rejected = await say(as('bob'), { approver: 'bob', decision: 'Reject' });
      await refused(as('alice').ask('DELETE', ours(`changeapprovals/${rejected}`)), 'this was said by bob, who may take it back');
      await as('bob').ask('DELETE', ours(`changeapprovals/${rejected}`));
      const another = await say(as('bob'), { approver: 'bob', decision: 'Reject' });
      await as('admin').ask('DELETE', ours(`changeapprovals/${another}`));
    });
  });

  describe('plumb approve', () => {
    const plumb = (user: LabUser, ...words: string[]) =>
      tryRun([
        join(import.meta.dirname, '../../bin/plumb'),
        ...words,
        `--kubeconfig=${kube().kubeconfig(user)}`,
        `--namespace=${namespace}`,
        `--artifact-namespace=${namespace}-artifacts`,
      ]);

    it('asks the API server who one is, and tells of groups those that a rule names', async () => {
      const name = 'plan-of-the-command-line';
      await makePlan(operator, name);
      const said = await plumb('alice', 'approve', name, '--yes');
      expect(said).toMatchObject({ rc: 0, stdout: expect.stringContaining('timers bgp 5 15') as string });
      expect(said.stderr).toMatch(
        /approved by alice, until .*\nit waits: one more person of plumbline:approvers or security must approve beside alice\n/,
      );
      const rejected = await plumb('bob', 'reject', name, '--yes', '--reason', 'not today');
      expect(rejected).toMatchObject({ rc: 0 });
      interface Approvals {
        items: { spec: { plan: string } }[];
      }
      const { items } = await as('admin').ask<Approvals>('GET', ours('changeapprovals'));
      expect(items.map(({ spec }) => spec).filter((spec) => spec.plan === name)).toMatchObject([
        { approver: 'alice', groups: ['plumbline:approvers'], decision: 'Approve', effectDigests: [digest] },
        { approver: 'bob', groups: ['plumbline:approvers'], decision: 'Reject' },
      ]);
    });

    it('shows what the object holds to whoever may not read artifacts, and says so', async () => {
      const shown = await plumb('alice', 'plan', 'show', plan);
      expect(shown).toMatchObject({ rc: 0, stdout: expect.stringContaining('timers bgp 5 15') as string });
      expect(shown.stderr).toContain(`its full text is in namespace ${namespace}-artifacts, where you may not read Secrets`);
    });

    it('gives orders in the name that the API server knows', async () => {
      expect(await plumb('bob', 'pause', plan, '--reason', 'case "4711"')).toMatchObject({ rc: 0 });
      const { metadata } = await as('bob').ask<{ metadata: { annotations: Record<string, string> } }>('GET', ours(`changeplans/${plan}`));
      expect(JSON.parse(metadata.annotations[rolloutAnnotation] ?? '')).toMatchObject({ by: 'bob', ask: 'Pause', reason: 'case "4711"' });
      expect(await plumb('alice', 'pause', plan)).toMatchObject({ rc: 1, stderr: expect.stringContaining('ClusterForbidden') as string });
      await merge(as('bob'), `changeplans/${plan}`, { metadata: { annotations: null } });
    });

    it('says which right is missing', async () => {
      expect(await plumb('viewer', 'approve', plan, '--yes')).toMatchObject({
        rc: 1,
        stderr: expect.stringMatching(/^error ClusterForbidden: .*cannot create resource "changeapprovals"/) as string,
      });
    });
  });

  describe('a plan', () => {
    it.each<{ name: string; write: () => Promise<unknown>; says: string }>([
      { name: 'made', write: () => makePlan(as('admin'), 'plan-mine'), says: 'only the operator makes plans' },
      {
        name: 'changed',
        write: () => merge(as('admin'), `changeplans/${plan}`, { spec: { mode: 'Enforce' } }),
        says: 'a plan never changes',
      },
      {
        name: 'said to be approved in its status',
        write: () => merge(as('admin'), `changeplans/${plan}/status`, { status: { approvedBy: ['alice'] } }),
        says: 'only the operator writes status',
      },
      {
        name: 'said to be anything in the status of an approval',
        write: async () =>
          merge(as('admin'), `changeapprovals/${await say(as('alice'), { approver: 'alice' })}/status`, { status: { conditions: [] } }),
        says: 'only the operator writes status',
      },
      {
        name: 'given another annotation',
        write: () => merge(as('bob'), `changeplans/${plan}`, { metadata: { annotations: { 'plumbline.dev/hold': '{}' } } }),
        says: 'people write only these annotations: plumbline.dev/rollout',
      },
      {
        name: 'ordered about by who may only approve',
        write: () => merge(as('alice'), `changeplans/${plan}`, order({ by: 'alice', ask: 'Pause', at })),
        says: 'cannot patch',
      },
    ])('is never $name by people', async ({ write, says }) => {
      await refused(write(), says);
    });

    it('never changes, for the operator either', async () => {
      const made = await operator.ask<{ spec: object }>('GET', ours(`changeplans/${plan}`));
      const other = { ...made, spec: { ...made.spec, devices: 2 } };
      await refused(operator.ask('PUT', ours(`changeplans/${plan}`), other), 'a plan never changes; another change is another plan');
      await operator.ask('PUT', ours(`changeplans/${plan}/status`), { ...made, status: { phase: 'Proposed' } });
    });

    it.each([
      { at, by: 'bob', ask: 'Pause' },
      { reason: 'she said "no" \\ ä {}\n', by: 'bob', ask: 'Stop', at },
      { by: 'bob', ask: 'Rollback', at },
    ] as const)('takes orders in one’s own name: $ask', async (given) => {
      await merge(as('bob'), `changeplans/${plan}`, order(given));
      await merge(as('bob'), `changeplans/${plan}`, { metadata: { annotations: null } });
    });

    it.each([
      { name: 'of another', text: '{"by":"alice","ask":"Stop","at":"2030-01-02T12:00:00Z"}' },
      { name: 'that name two', text: '{"by":"bob","ask":"Stop","at":"2030-01-02T12:00:00Z","by":"alice"}' },
      {
        name: 'that name two, one in other letters',
        text: String.raw`{"by":"bob","ask":"Stop","at":"2030-01-02T12:00:00Z","\u0062y":"alice"}`,
      },
      {
        name: 'that name two, one behind a reason',
        text: '{"by":"bob","ask":"Stop","at":"2030-01-02T12:00:00Z","reason":"x","by":"alice"}',
      },
      { name: 'that name nobody', text: '{"ask":"Stop","at":"2030-01-02T12:00:00Z"}' },
      { name: 'of something else', text: '{"by":"bob","ask":"Approve","at":"2030-01-02T12:00:00Z"}' },
      { name: 'that are none', text: 'stop' },
    ])('takes no orders $name', async ({ text }) => {
      const ordered = merge(as('bob'), `changeplans/${plan}`, { metadata: { annotations: { [rolloutAnnotation]: text } } });
      await refused(ordered, 'in your own name: bob');
    });
  });

  describe('a device that is held', () => {
    const letGo = (text: string) => merge(as('bob'), 'devices/edge1', { metadata: { annotations: { [resumedAnnotation]: text } } });
    beforeAll(() => operator.ask('POST', ours('devices'), object('Device', 'edge1', deviceSpec)));

    it('is let go in one’s own name, and held as before by anything else', async () => {
      await letGo(printResumed({ by: 'bob', at }));
      for (const text of [printResumed({ by: 'alice', at }), `{"by":"bob","at":"${at}","by":"alice"}`, at, `{"at":"${at}"}`])
        await refused(letGo(text), 'a device is let go with plumb resume, in your own name: bob');
      await merge(as('bob'), 'devices/edge1', { metadata: { annotations: null } });
    });
  });

  describe('a device', () => {
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: '6c0f6d2e-0000-4000-8000-000000000000' };

    it.each([
      ['a finalizer', { finalizers: ['example.net/keep'] }],
      ['an owner', { ownerReferences: [owner] }],
    ])('is given %s by nobody but the operator, and may lose it to anybody who cleans up', async (_, metadata) => {
      await refused(merge(as('bob'), 'devices/edge1', { metadata }), 'with a finalizer the object could not go when its file does');
      const found = await operator.ask<{ metadata: object }>('GET', ours('devices/edge1'));
      await operator.ask('PUT', ours('devices/edge1'), { ...found, metadata: { ...found.metadata, ...metadata } });
      await merge(as('bob'), 'devices/edge1', { metadata: { finalizers: null, ownerReferences: null } });
    });
  });

  describe('the account of the operator', () => {
    it('neither approves nor rejects, whatever right somebody gives it', async () => {
      await refused(
        say(operator, { approver: `system:serviceaccount:${namespace}:plumbline` }),
        'cannot create resource "changeapprovals"',
      );
      await kube().apply(
        `{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: too-much},
          roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin},
          subjects: [{kind: ServiceAccount, name: plumbline, namespace: ${namespace}}]}`,
        namespace,
      );
      const rejected = await say(as('bob'), { approver: 'bob', decision: 'Reject' });
      const says = 'the operator neither approves nor takes an approval back';
      const account = `system:serviceaccount:${namespace}:plumbline`;
      await until('the right', () =>
        say(operator, { approver: account }).then(
          () => expect.unreachable(),
          (error: unknown) => (error as Error).message.includes(says),
        ),
      );
      await refused(say(operator, { approver: 'alice' }), says);
      await refused(
        merge(operator, `changeapprovals/${rejected}`, { spec: { decision: 'Approve' } }),
        /the operator neither approves|cannot be edited/,
      );
      await refused(operator.ask('DELETE', ours(`changeapprovals/${rejected}`)), says);
      await refused(operator.ask('DELETE', ours('changeapprovals')), says);
      await refused(
        merge(operator, 'fleets/network', { spec: { approval: { rules: [] } } }),
        'people write a Fleet, the operator only its status',
      );
    });
  });
});
