import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HttpsHost, startHttpsHost } from '../git/https-host.ts';
import { newRepository, type People } from '../git/repository.ts';
import { freePort } from '../lab/free-ports.ts';
import type { KubeLab } from '../lab/kube/index.ts';
import { until } from '../lab/shell.ts';
import { type FleetProcess, startFleetProcess } from '../simulator/process.ts';
import { installChart, podOf } from './chart.ts';
import { buildImage, type Image } from './image.ts';
import { type Pod, startPod } from './pod.ts';
import type { ChartTools } from './tools.ts';

/** What an object of ours says, for tests. */
export interface Published {
  metadata: { name: string; uid: string; resourceVersion: string; labels: Record<string, string>; annotations?: Record<string, string> };
  spec: Record<string, unknown>;
  status?: { conditions: { type: string; status: string; reason: string; message: string }[]; [key: string]: unknown };
}

/** The chart installed on an API server, with pods of its image, a Git host and simulated routers. */
export interface Cluster {
  namespace: string;
  artifactNamespace: string;
  image: Image;
  routers: FleetProcess;
  repository: People;
  /** Runs one more pod of the Deployment; ready when this returns. */
  startPod(name: string): Promise<Pod>;
  /** An object of `plumbline.dev`, as admin sees it. */
  get(plural: string, name: string): Promise<Published>;
  /** Waits until the device's Ready has this reason. */
  reason(device: string, reason: string): Promise<Published>;
  close(): Promise<void>;
}

/** Installs the chart with helm, and gives it what it needs: Secrets, a repository behind a login, a Fleet. */
export async function openCluster(kube: KubeLab, tools: ChartTools, options: { devices: number }): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-cluster-'));
  const pods: Pod[] = [];
  let routers: FleetProcess | undefined;
  let host: HttpsHost | undefined;
  const close = async () => {
    await Promise.all(pods.map((pod) => pod.kill()));
    await Promise.all([routers?.close(), host?.close()]);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const image = await buildImage(folder, (line) => process.stderr.write(`» image: ${line}\n`));
    routers = await startFleetProcess(join(folder, 'routers'), options);
    const repository = newRepository(join(folder, 'git', 'network'));
    cpSync(routers.desiredState, repository.folder, { recursive: true });
    repository.commit();
    host = await startHttpsHost(join(folder, 'git'), join(folder, 'certificates'));
    host.manner.login = 'plumbline:s3cr3t';

    const namespace = await kube.namespace('net');
    const artifactNamespace = `${namespace}-artifacts`;
    const git = { username: 'plumbline', password: 's3cr3t', 'ca.crt': host.authority, '.use': 'git for *\n' };
    const secrets = { ...readFolders(routers.secrets), git };
    for (const [name, files] of Object.entries(secrets)) await createSecret(kube, namespace, name, files);
    const values = {
      secrets: Object.keys(secrets),
      artifacts: { namespace: artifactNamespace },
      operator: { env: [{ name: 'PLUMB_LOG', value: 'debug' }] },
    };
    await installChart(tools, { kubeconfig: kube.kubeconfig('admin'), namespace, values });
    const kinds = `/apis/plumbline.dev/v1alpha1/namespaces/${namespace}`;
    await kube.api().ask('POST', `${kinds}/fleets`, {
      apiVersion: 'plumbline.dev/v1alpha1',
      kind: 'Fleet',
      metadata: { name: 'network' },
      spec: {
        git: { url: `${host.url}/network/.git`, secretRef: { name: 'git' }, intervalSeconds: 5 },
        reads: { intervalSeconds: 2 },
      },
    });
    const get = (plural: string, name: string) => kube.api().ask<Published>('GET', `${kinds}/${plural}/${name}`);
    mkdirSync(join(folder, 'pods'));
    return {
      namespace,
      artifactNamespace,
      image,
      routers,
      repository,
      get,
      close,
      startPod: async (name) => {
        const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments/plumbline`;
        const spec = podOf([await kube.api().ask('GET', deployments)]);
        const pod = await startPod(spec, { name, namespace, image, folder: join(folder, 'pods'), kube, port: await freePort() });
        pods.push(pod);
        const isReady = () =>
          fetch(`${pod.url}/readyz`).then(
            ({ status }) => status === 200,
            () => false,
          );
        await until('the pod to be ready', isReady, 60_000).catch((cause: unknown) => {
          throw new Error(pod.said(), { cause });
        });
        return pod;
      },
      reason: (device, reason) =>
        until(
          `${device} to be ${reason}`,
          async () => {
            const found = await get('devices', device).catch(() => undefined);
            return found?.status?.conditions.some((each) => each.type === 'Ready' && each.reason === reason) ? found : undefined;
          },
          30_000,
        ),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Folders of files, as `--secrets` takes them. */
function readFolders(folder: string): Record<string, Record<string, string>> {
  const read = (name: string) => readdirSync(join(folder, name)).map((key) => [key, readFileSync(join(folder, name, key), 'utf8')]);
  return Object.fromEntries(readdirSync(folder).map((name) => [name, Object.fromEntries(read(name))]));
}

async function createSecret(kube: KubeLab, namespace: string, name: string, stringData: Record<string, string>): Promise<void> {
  await kube.api().ask('POST', `/api/v1/namespaces/${namespace}/secrets`, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    stringData,
  });
}
