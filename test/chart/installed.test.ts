import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LabApi, type LabApiError, type LabUser, openLabApi } from '../lab/kube/index.ts';
import { type Ran, run, tryRun, until } from '../lab/shell.ts';
import { type Cluster, openCluster } from './cluster.ts';
import { whyNoImages } from './image.ts';
import { caOf, issueToken, type Pod } from './pod.ts';
import { describeWithChart } from './testing.ts';

const trial = mkdtempSync(join(tmpdir(), 'plumbline-image-'));
const missing = await whyNoImages(trial);
rmSync(trial, { recursive: true });
if (missing !== undefined) process.stderr.write(`skipped, no image can be built: ${missing}\n`);

describe.skipIf(missing !== undefined)('on this machine', () => {
  describeWithChart('the chart in a cluster', (kube, tools) => {
    let cluster: Cluster;
    let pod: Pod;
    const ours = (rest: string) => `/apis/plumbline.dev/v1alpha1/namespaces/${cluster.namespace}/${rest}`;
    const patch = (as: LabUser, rest: string, body: object) =>
      kube().api(as).ask('PATCH', ours(rest), body, 'application/merge-patch+json');
    const plumb = (as: LabUser, ...words: string[]): Promise<Ran> =>
      tryRun([
        join(import.meta.dirname, '../../bin/plumb'),
        ...words,
        `--kubeconfig=${kube().kubeconfig(as)}`,
        `--namespace=${cluster.namespace}`,
        `--artifact-namespace=${cluster.artifactNamespace}`,
      ]);
    const allow = (user: string, role: string, namespace = cluster.namespace) =>
      kube().apply(
        `{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: ${user}-${role.split(':').at(-1)}},
          roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: '${role}'},
          subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: ${user}}]}`,
        namespace,
      );

    beforeAll(async () => {
      cluster = await openCluster(kube(), tools(), { devices: 3 });
      pod = await cluster.startPod('plumbline-0');
      // The controller that gathers these roles into view and edit does not run here, so people get the parts by name.
      const chartRole = (role: string) => `${cluster.namespace}-plumbline-${role}`;
      for (const role of ['edit', 'view'].map(chartRole)) await allow('alice', role);
      for (const role of [chartRole('view'), 'system:aggregate-to-view']) await allow('carol', role);
      await until('the policy to be in force', () =>
        patch('admin', 'devices/r00000?dryRun=All', { spec: { lifecycle: 'Maintenance' } }).then(
          () => false,
          (error: unknown) => (error as LabApiError).status === 403,
        ),
      );
    });
    afterAll(() => cluster?.close());

    describe('the image', () => {
      it('is what runs: neither sources nor tests, and nothing that builds', () => {
        const home = join(cluster.image.layer, 'opt/plumbline');
        expect(readdirSync(home).toSorted()).toEqual([
          'CHANGELOG.md',
          'LICENSE',
          'README.md',
          'bin',
          'crds',
          'dist',
          'node_modules',
          'package.json',
          'templates',
        ]);
        expect(readdirSync(join(home, 'dist'), { recursive: true, encoding: 'utf8' }).filter((file) => file.includes('.test.'))).toEqual(
          [],
        );
        const builders = ['typescript', 'vitest', 'oxlint', 'esbuild'];
        expect(builders.filter((name) => existsSync(join(home, 'node_modules', name)))).toEqual([]);
        expect(['npm', 'gcc', 'make'].filter((tool) => existsSync(join(cluster.image.layer, 'usr/bin', tool)))).toEqual([]);
      });

      it('runs as a number that is not root, for a kubelet to see', () => {
        expect(cluster.image.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
      });
    });

    describe('a pod', () => {
      it('publishes the verdict of every router, with the account, the login of Git and the rights that it was given', async () => {
        for (const router of ['r00000', 'r00001', 'r00002']) await cluster.reason(router, 'InSync');
        const fleet = await cluster.get('fleets', 'network');
        expect(fleet.status).toMatchObject({ revision: `main@sha1:${cluster.repository.git('rev-parse', 'HEAD')}` });
      });

      it('reports drift as an object and an Event', async () => {
        await cluster.routers.edit('r00000', ['router bgp 64500', ' neighbor 10.200.0.1 timers 5 15'], 'mallory');
        await cluster.reason('r00000', 'Drifted');
        expect((await cluster.get('driftreports', 'r00000')).status).toMatchObject({ total: 1, verdict: 'Drifted' });
        interface Events {
          items: { reason: string; regarding: { kind: string; name: string } }[];
        }
        const events = `/apis/events.k8s.io/v1/namespaces/${cluster.namespace}/events`;
        await until('an Event of the drift', async () =>
          (await kube().api().ask<Events>('GET', events)).items.some(
            ({ reason, regarding }) => reason === 'Drifted' && regarding.kind === 'Device' && regarding.name === 'r00000',
          ),
        );
      });

      it('keeps what it knows of the devices in the namespace for that', async () => {
        const path = `/apis/plumbline.dev/v1alpha1/namespaces/${cluster.artifactNamespace}/storerecords`;
        const { items } = await kube().api().ask<{ items: { metadata: { name: string } }[] }>('GET', path);
        expect(items.map(({ metadata }) => metadata.name)).toContain(`${cluster.namespace}.baseline.r00000`);
      });

      it('is refused nothing that it tries', () => {
        expect(pod.said()).not.toMatch(/[Ff]orbidden|EACCES|EROFS|EPERM|ModeTooOpen/);
        expect(
          pod
            .said()
            .split('\n')
            .filter((line) => /"level":"(error|fatal)"/.test(line)),
        ).toEqual([]);
      });
    });

    describe('the account of the operator', () => {
      let operator: LabApi;

      beforeAll(async () => {
        const token = await issueToken(kube(), cluster.namespace, 'plumbline');
        operator = openLabApi({ url: kube().url, caFile: caOf(kube()), token });
      });
      afterAll(() => operator?.close());

      it.each([
        { name: 'the Secrets of its namespace', path: () => `/api/v1/namespaces/${cluster.namespace}/secrets` },
        { name: 'the Secrets of others', path: () => '/api/v1/namespaces/default/secrets' },
        { name: 'devices of other namespaces', path: () => '/apis/plumbline.dev/v1alpha1/devices' },
        { name: 'nodes', path: () => '/api/v1/nodes' },
        { name: 'roles', path: () => `/apis/rbac.authorization.k8s.io/v1/namespaces/${cluster.namespace}/roles` },
      ])('does not see $name', async ({ path }) => {
        await expect(operator.ask('GET', path())).rejects.toMatchObject({ status: 403 });
      });

      it('asks for a look at a Fleet, and cannot change what it may do', async () => {
        const fleet = (body: object) => operator.ask('PATCH', ours('fleets/network'), body, 'application/merge-patch+json');
        await expect(fleet({ metadata: { annotations: { 'plumbline.dev/requestedAt': 'a webhook' } } })).resolves.toBeDefined();
        await expect(fleet({ spec: { ceiling: 'Enforce' } })).rejects.toThrow('people write a Fleet, the operator only its status');
      });
    });

    describe('people', () => {
      const hold = '{"by":"alice","reason":"a case"}';

      it('that may edit hold a device, resume it, ask for a look and acknowledge, with plumb and no other right', async () => {
        expect(await plumb('alice', 'hold', 'r00000', '--reason', 'a case')).toMatchObject({ rc: 0 });
        await cluster.reason('r00000', 'Held');
        expect(await plumb('alice', 'resume', 'r00000')).toMatchObject({ rc: 0 });
        await cluster.reason('r00000', 'Drifted');
        expect(await plumb('alice', 'ack', 'r00000', '--reason', 'known', '--for', '1h')).toMatchObject({ rc: 0 });
        await until('the acknowledgement', async () => (await cluster.get('driftreports', 'r00000')).status?.['acknowledged']);
        expect(await plumb('alice', 'reconcile', 'r00001', '--wait')).toMatchObject({ rc: 0 });
      });

      it.each([
        { words: 'get devices', shows: 'r00002' },
        { words: 'get driftreports', shows: 'r00000' },
        { words: 'get fleets', shows: 'network' },
        { words: 'status', shows: 'r00000' },
        { words: 'events', shows: 'Device/r00000' },
        { words: 'why r00000', shows: 'timers' },
      ])('that may view see: plumb $words', async ({ words, shows }) => {
        expect(await plumb('viewer', ...words.split(' '))).toMatchObject({ stdout: expect.stringContaining(shows) as string });
      });

      it('that may not see events are told which right is missing', async () => {
        expect(await plumb('alice', 'events')).toMatchObject({
          rc: 1,
          stderr: expect.stringMatching(/^error ClusterForbidden: .*cannot list resource "events"/) as string,
        });
      });

      it('see history with a right to view where it is kept, and are told so without', async () => {
        const [why, history] = [await plumb('viewer', 'why', 'r00000'), await plumb('viewer', 'history', 'r00000')];
        const place = cluster.artifactNamespace;
        expect(why.stderr).toContain(`history is in namespace ${place}, which you may not read`);
        expect(history).toMatchObject({ rc: 1, stderr: expect.stringContaining(`in the namespace "${place}"`) as string });
        await allow('carol', `${cluster.namespace}-plumbline-view`, place);
        await until('history', async () => (await plumb('viewer', 'history', 'r00000')).stdout.includes('Drifted'));
        await expect(kube().api('viewer').ask('GET', `/api/v1/namespaces/${place}/secrets`)).rejects.toMatchObject({ status: 403 });
      });

      it.each<{ name: string; as: LabUser; write: () => Promise<unknown>; says: string }>([
        {
          name: 'the spec of a device',
          as: 'alice',
          write: () => patch('alice', 'devices/r00001', { spec: { lifecycle: 'Maintenance' } }),
          says: 'the spec comes from Git: change the file there',
        },
        {
          name: 'the spec of a session',
          as: 'admin',
          write: () => patch('admin', 'bgpsessions/r00000-transit', { spec: { description: 'mine' } }),
          says: 'the spec comes from Git: change the file there',
        },
        {
          name: 'a label',
          as: 'alice',
          write: () => patch('alice', 'devices/r00001', { metadata: { labels: { role: 'lab' } } }),
          says: 'the labels come from Git: change the file there',
        },
        {
          name: 'another annotation',
          as: 'alice',
          write: () => patch('alice', 'devices/r00001', { metadata: { annotations: { 'plumbline.dev/exact': 'x' } } }),
          says: 'people write only these annotations: plumbline.dev/hold,',
        },
        {
          name: 'the device of a report',
          as: 'alice',
          write: () => patch('alice', 'driftreports/r00000', { spec: { device: 'r00001' } }),
          says: 'people write only spec.acknowledgement, with plumb ack',
        },
        {
          name: 'a status, even as administrator of the cluster',
          as: 'admin',
          write: () => patch('admin', 'devices/r00001/status', { status: { verdict: 'InSync' } }),
          says: 'only the operator writes status',
        },
        {
          name: 'a device of their own',
          as: 'admin',
          write: async () => {
            const { spec } = await cluster.get('devices', 'r00001');
            const device = { apiVersion: 'plumbline.dev/v1alpha1', kind: 'Device', metadata: { name: 'new' }, spec };
            await kube().api('admin').ask('POST', ours('devices'), device);
          },
          says: 'only the operator makes these objects; add a file to the desired state in Git',
        },
      ])('never write $name', async ({ write, says }) => {
        const refused = write();
        await expect(refused).rejects.toThrow(says);
        await expect(refused).rejects.toMatchObject({ status: 403 });
      });

      it.each<[string, LabUser, () => Promise<unknown>]>([
        [
          'to view hold nothing',
          'viewer',
          () => patch('viewer', 'devices/r00001', { metadata: { annotations: { 'plumbline.dev/hold': hold } } }),
        ],
        ['to edit write no Fleet', 'alice', () => patch('alice', 'fleets/network', { spec: { ceiling: 'Enforce' } })],
        ['to edit delete no device', 'alice', () => kube().api('alice').ask('DELETE', ours('devices/r00001'))],
      ])('with the right %s', async (_, _user, write) => {
        await expect(write()).rejects.toMatchObject({ status: 403, message: expect.stringContaining('cannot') as string });
      });
    });

    describe('its going', () => {
      it('hands the lease over when the leader is told to end', async () => {
        const second = await cluster.startPod('plumbline-1');
        const lease = `/apis/coordination.k8s.io/v1/namespaces/${cluster.namespace}/leases/plumbline`;
        const holder = async () => (await kube().api().ask<{ spec: { holderIdentity: string } }>('GET', lease)).spec.holderIdentity;
        expect(await holder()).toMatch(/^plumbline-0_/);
        expect(await pod.end()).toBe(0);
        await until('the other to lead', async () => (await holder()).startsWith('plumbline-1_'));
        await cluster.routers.edit('r00002', ['router bgp 64500', ' neighbor 10.200.0.1 timers 5 15']);
        await cluster.reason('r00002', 'Drifted');
        expect(second.said()).not.toMatch(/[Ff]orbidden/);
      });

      it('leaves what is known of the devices, and their definitions, when the release is removed', async () => {
        const release = ['plumbline', '--namespace', cluster.namespace, '--kubeconfig', kube().kubeconfig('admin')];
        await run([tools().helm, 'uninstall', ...release]);
        expect(await cluster.get('devices', 'r00000')).toMatchObject({ metadata: { name: 'r00000' } });
        const { metadata } = await kube().api().ask<{ metadata: object }>('GET', `/api/v1/namespaces/${cluster.artifactNamespace}`);
        expect(metadata).not.toHaveProperty('deletionTimestamp');
        await expect(kube().api().ask('GET', `/apis/apps/v1/namespaces/${cluster.namespace}/deployments/plumbline`)).rejects.toMatchObject({
          status: 404,
        });
      });
    });
  });
});
