import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { run, tryRun } from '../lab/shell.ts';
import { chartFolder, type Manifest, manifestsOf, podOf, renderChart } from './chart.ts';
import { writeSchemas } from './schemas.ts';
import { parse } from 'yaml';
import { describeWithChart } from './testing.ts';

/** Everything switched on. */
const everything = {
  fullnameOverride: 'plumb',
  commonLabels: { owner: 'network' },
  secrets: ['routers', 'git'],
  extraVolumes: [{ name: 'vault', csi: { driver: 'secrets-store.csi.k8s.io', readOnly: true } }],
  extraVolumeMounts: [{ name: 'vault', mountPath: '/etc/plumbline/secrets/cores', readOnly: true }],
  artifacts: { limitMb: 1024, claim: 'reports' },
  reads: { secret: 'reads' },
  regions: [
    { name: 'eu', selector: 'region=eu' },
    { name: 'us', selector: 'region=us,role=edge' },
  ],
  fluxSources: { namespaces: ['flux-system'] },
  metrics: { serviceMonitor: { enabled: true }, rules: { enabled: true } },
  operator: { env: [{ name: 'PLUMB_LOG', value: 'debug' }] },
  image: { repository: 'registry.example.net/plumbline', digest: `sha256:${'a'.repeat(64)}` },
  imagePullSecrets: [{ name: 'registry.example.net' }],
  resources: { requests: { cpu: '0.5', memory: '512Mi' }, limits: { cpu: '2', memory: '2G' } },
  podAnnotations: { 'example.net/a': 'b' },
  podLabels: { team: 'network' },
  nodeSelector: { disk: 'ssd' },
  tolerations: [{ key: 'a', operator: 'Exists' }],
  affinity: { nodeAffinity: {} },
  priorityClassName: 'high',
  networkPolicy: {
    ingressFrom: [{ namespaceSelector: { matchLabels: { a: 'b' } } }],
    extraEgress: [{ ports: [{ port: 2222, protocol: 'TCP' }], to: [{ ipBlock: { cidr: '192.0.2.0/24' } }] }],
  },
};

describeWithChart('the chart', (kube, tools) => {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-chart-'));
  const only = (manifests: Manifest[], kind: string): Manifest[] => manifests.filter((each) => each.kind === kind);
  const render = async (values: object = {}) => manifestsOf(await renderChart(tools(), 'net', values));

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('passes helm lint', async () => {
    expect(await tryRun([tools().helm, 'lint', '--strict', chartFolder])).toMatchObject({ rc: 0 });
  });

  it.each<[name: string, values: object, says: string]>([
    ['a misspelt value', { replica: 3 }, "at '': additional properties 'replica' not allowed"],
    [
      'a misspelt value further in',
      { networkPolicy: { enable: false } },
      "at '/networkPolicy': additional properties 'enable' not allowed",
    ],
    ['a number in quotes', { replicas: '2' }, "at '/replicas': got string, want integer"],
    ['a region without a selector', { regions: [{ name: 'eu' }] }, "at '/regions/0': missing property 'selector'"],
    ['a secret that is not a name', { secrets: ['../etc'] }, "at '/secrets/0': '../etc' does not match"],
    ['a digest that is none', { image: { digest: 'latest' } }, "at '/image/digest': 'latest' does not match"],
    ['a quantity that is none', { resources: { limits: { memory: '1 GB' } } }, "at '/resources/limits/memory': '1 GB' does not match"],
    ['a pull secret without a key', { imagePullSecrets: ['pull'] }, "at '/imagePullSecrets/0': got string, want object"],
    ['a port in quotes', { networkPolicy: { egressPorts: ['22'] } }, "at '/networkPolicy/egressPorts/0': got string, want integer"],
    ['an interval without a unit', { metrics: { serviceMonitor: { interval: '30' } } }, "at '/metrics/serviceMonitor/interval'"],
    [
      'artifacts beside the Secrets of others',
      { artifacts: { namespace: 'net' } },
      'artifacts.namespace is net, the namespace of the release',
    ],
    [
      'an account that nobody names',
      { serviceAccount: { create: false } },
      'serviceAccount.create is false and serviceAccount.name is empty',
    ],
    [
      'two regions of one name',
      {
        regions: [
          { name: 'eu', selector: 'a=b' },
          { name: 'eu', selector: 'a=c' },
        ],
      },
      'two regions have the name eu: each needs its own',
    ],
    [
      'two regions of the same devices',
      {
        regions: [
          { name: 'eu', selector: 'a=b' },
          { name: 'us', selector: 'a=b' },
        ],
      },
      'two regions have the selector a=b: each needs its own',
    ],
    [
      'a label by which pods are found',
      { podLabels: { 'app.kubernetes.io/name': 'x' } },
      "podLabels has app.kubernetes.io/name, a label of the chart's own",
    ],
    ['a label that Helm writes', { commonLabels: { 'helm.sh/chart': 'x' } }, "commonLabels has helm.sh/chart, a label of the chart's own"],
    [
      'a label that gives rights',
      { commonLabels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' } },
      'commonLabels has rbac.authorization.k8s.io/aggregate-to-view, which gives rights',
    ],
    ['a name that no Service may have', { fullnameOverride: '1net' }, "at '/fullnameOverride': '1net' does not match"],
    ['a volume of the same name', { extraVolumes: [{ name: 'tmp', emptyDir: {} }] }, "extraVolumes has tmp, a volume of the chart's own"],
  ])('refuses %s, and says where', async (_, values, says) => {
    await expect(renderChart(tools(), 'net', values)).rejects.toThrow(says);
  });

  it.each([
    ['by itself', {}],
    ['with everything', everything],
  ])('is what the API server knows, to the last field, %s', async (_, values) => {
    const location = await writeSchemas(kube().api(), folder);
    const file = join(folder, 'rendered.yaml');
    const crds = readdirSync(join(chartFolder, 'crds')).map((name) => readFileSync(join(chartFolder, 'crds', name), 'utf8'));
    writeFileSync(file, [await renderChart(tools(), 'net', values), ...crds].join('\n---\n'));
    const skipped = 'ServiceMonitor,PrometheusRule'; // kinds of the Prometheus operator
    const said = await tryRun([tools().kubeconform, '-strict', '-summary', '-skip', skipped, '-schema-location', location, file]);
    expect(said, said.stdout).toMatchObject({ rc: 0, stdout: expect.stringContaining('Invalid: 0, Errors: 0') });
    writeFileSync(file, readFileSync(file, 'utf8').replace('runAsNonRoot', 'runAsNoRoot'));
    expect(await tryRun([tools().kubeconform, '-strict', '-schema-location', location, '-skip', skipped, file])).toMatchObject({ rc: 1 });
  });

  it('runs pods that the restricted level of pod security takes', async () => {
    const namespace = await kube().namespace('restricted');
    const enforce = { 'pod-security.kubernetes.io/enforce': 'restricted', 'pod-security.kubernetes.io/enforce-version': 'latest' };
    await kube()
      .api()
      .ask('PATCH', `/api/v1/namespaces/${namespace}`, { metadata: { labels: enforce } }, 'application/merge-patch+json');
    const admit = (spec: object) =>
      kube()
        .api()
        .ask('POST', `/api/v1/namespaces/${namespace}/pods?dryRun=All`, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'it' }, spec });
    for (const values of [{}, { ...everything, priorityClassName: '' }])
      await expect(admit(podOf(await render(values)))).resolves.toBeDefined();
    const loose = podOf(await render());
    for (const { securityContext } of loose.containers) securityContext.capabilities.drop = [];
    await expect(admit(loose)).rejects.toThrow(/violates PodSecurity "restricted:latest": unrestricted capabilities/);

    const pod = podOf(await render({ secrets: ['routers'] }));
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: 'RuntimeDefault' } });
    expect(pod.containers[0]?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod.volumes.flatMap((volume) => Object.keys(volume)).filter((key) => key !== 'name')).toEqual(['emptyDir', 'secret']);
  });

  it('mounts the named Secrets where the operator looks, for its group alone', async () => {
    const pod = podOf(await render({ secrets: ['routers'] }));
    expect(pod.containers[0]?.args).toContain('--secrets=/etc/plumbline/secrets');
    expect(pod.containers[0]?.volumeMounts[1]).toEqual({ name: 'secret-0', mountPath: '/etc/plumbline/secrets/routers', readOnly: true });
    expect(pod.volumes[1]).toEqual({ name: 'secret-0', secret: { secretName: 'routers', defaultMode: 0o400 } });
  });

  it('takes only flags that the operator knows', async () => {
    const [container] = podOf(await render(everything)).containers;
    const help = await run([join(import.meta.dirname, '../../bin/plumb'), 'operator', '--help']);
    const flags = (container?.args ?? []).flatMap((word) => /^--[a-z-]+/.exec(word)?.[0] ?? []);
    expect(flags).toContain('--selector');
    expect(flags.filter((flag) => !help.includes(flag))).toEqual([]);
  });

  it('gives each region a Deployment of its own, and pods that no other selects', async () => {
    const deployments = only(await render(everything), 'Deployment');
    expect(deployments.map(({ metadata }) => metadata.name)).toEqual(['plumb-eu', 'plumb-us']);
    const selected = deployments.map(({ spec }) => (spec as { selector: { matchLabels: object } }).selector.matchLabels);
    expect(selected).toMatchObject([{ 'plumbline.dev/region': 'eu' }, { 'plumbline.dev/region': 'us' }]);
  });

  it('lets the operator out to the source-controller where a Fleet may name Flux sources, and nowhere else by that', async () => {
    interface Egress {
      egress: { to?: object[]; ports: object[] }[];
    }
    const named = async (values: object) =>
      only(await render(values), 'NetworkPolicy').flatMap(({ spec }) => (spec as Egress).egress.filter(({ to }) => to));
    expect(await named({})).toEqual([]);
    expect(await named({ fluxSources: { namespaces: ['flux-system'] } })).toEqual([
      {
        to: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: 'source-controller' } } }],
        ports: [{ port: 9090, protocol: 'TCP' }],
      },
    ]);
  });

  it('gives the operator no right outside of its namespaces, and no right to everything', async () => {
    const manifests = await render(everything);
    expect(only(manifests, 'ClusterRoleBinding')).toEqual([]);
    const rules = only(manifests, 'Role').flatMap((role) => (role.rules ?? []).map((rule) => [...rule.resources, ...rule.verbs]));
    expect(rules.length).toBeGreaterThan(5);
    expect(rules.flat()).not.toContain('*');
    const secrets = only(manifests, 'Role').filter(({ rules }) => rules?.some(({ resources }) => resources.includes('secrets')));
    expect(secrets.map(({ metadata }) => metadata.namespace)).toEqual(['plumbline-artifacts']);
  });

  it('meets no release of another namespace outside of its own', async () => {
    const wide = (manifests: Manifest[]) =>
      manifests
        .filter(({ kind, metadata }) => metadata.namespace === undefined && kind !== 'Namespace')
        .map(({ metadata }) => metadata.name);
    const [ours, theirs] = await Promise.all(['net', 'lab'].map(async (place) => wide(manifestsOf(await renderChart(tools(), place)))));
    expect(ours?.length).toBe(10);
    expect(ours?.filter((name) => theirs?.includes(name))).toEqual([]);
  });

  it('keeps what is known of the devices when it is removed', async () => {
    const [namespace] = only(await render(), 'Namespace');
    expect(namespace?.metadata.annotations).toEqual({ 'helm.sh/resource-policy': 'keep' });
  });

  it('ships the rules of alerts/ word for word: their braces are for Prometheus, not for helm', async () => {
    const [rule, ...more] = only(await render(everything), 'PrometheusRule');
    const file = readFileSync(join(chartFolder, '../../alerts/plumbline.rules.yaml'), 'utf8');
    expect(file).toContain('{{ $labels.device }}');
    expect(rule?.spec).toEqual(parse(file));
    expect(more).toEqual([]);
  });

  it('lets alerts lead to the pages of whoever installs it', async () => {
    const [rule] = only(
      await render({ metrics: { rules: { enabled: true, runbooks: 'https://wiki.example.net/plumbline/' } } }),
      'PrometheusRule',
    );
    const links = [...JSON.stringify(rule?.spec).matchAll(/"runbook_url":"([^"]*)"/g)].map(([, link = '']) => link);
    expect(links.length).toBeGreaterThan(30);
    expect(links.filter((link) => !/^https:\/\/wiki\.example\.net\/plumbline\/\w+\.md$/.test(link))).toEqual([]);
  });

  it('looks for Secrets also where only volumes of others hold them', async () => {
    const { extraVolumes, extraVolumeMounts } = everything;
    const pod = podOf(await render({ extraVolumes, extraVolumeMounts }));
    expect(pod.containers[0]?.args).toContain('--secrets=/etc/plumbline/secrets');
    expect(pod.containers[0]?.volumeMounts).toContainEqual(extraVolumeMounts[0]);
    expect(pod.volumes).toContainEqual(extraVolumes[0]);
  });

  it.each([
    ['quantities as Kubernetes reads them', { resources: { limits: { memory: '1e9', cpu: '.5' }, requests: { memory: 536870912 } } }],
    ['nothing where a default is none', { podLabels: null, commonLabels: null, extraVolumes: null, extraVolumeMounts: null }],
  ])('takes %s', async (_, values) => {
    expect(only(await render(values), 'Deployment')).toHaveLength(1);
  });

  it('looks for no Secrets where a volume is mounted elsewhere', async () => {
    const mounts = { extraVolumes: [{ name: 'ca', emptyDir: {} }], extraVolumeMounts: [{ name: 'ca', mountPath: '/etc/ssl/own' }] };
    expect(podOf(await render(mounts)).containers[0]?.args).not.toContain('--secrets=/etc/plumbline/secrets');
  });

  it('has each label once: one for Prometheus wins over a common one', async () => {
    const watched = { enabled: true, labels: { release: 'prometheus' } };
    const manifests = await render({ commonLabels: { release: 'all' }, metrics: { serviceMonitor: watched, rules: watched } });
    const seen = [...only(manifests, 'ServiceMonitor'), ...only(manifests, 'PrometheusRule')].map(({ metadata }) => metadata.labels);
    expect(seen.length).toBeGreaterThan(1);
    for (const labels of seen) expect(labels).toMatchObject({ release: 'prometheus', 'app.kubernetes.io/name': 'plumbline' });
  });

  it('marks everything with the labels of whoever installs it, and names it as told', async () => {
    const manifests = await render(everything);
    const places = manifests.filter(({ kind }) => kind !== 'Namespace');
    expect(places.filter(({ metadata }) => !metadata.name.startsWith('plumb') && !metadata.name.startsWith('net-plumb'))).toEqual([]);
    const unmarked = manifests.filter(({ metadata }) => metadata.labels?.['owner'] !== 'network');
    expect(unmarked.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([]);
  });

  it('keeps artifacts on a volume when it is given one', async () => {
    const pod = podOf(await render({ artifacts: { claim: 'reports' } }));
    expect(pod.containers[0]?.args).toContain('--artifacts=/var/lib/plumbline/artifacts');
    expect(pod.containers[0]?.volumeMounts).toContainEqual({ name: 'artifacts', mountPath: '/var/lib/plumbline/artifacts' });
    expect(pod.volumes).toContainEqual({ name: 'artifacts', persistentVolumeClaim: { claimName: 'reports' } });
  });

  it('ships the definitions of this version', () => {
    const read = (of: string) => readdirSync(of).map((name) => [name, readFileSync(join(of, name), 'utf8')]);
    expect(read(join(chartFolder, 'crds'))).toEqual(read(join(chartFolder, '../../crds')));
  });
});
