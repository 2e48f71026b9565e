import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, closeSync, mkdirSync, openSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeLab } from '../lab/kube/index.ts';
import { run, until } from '../lab/shell.ts';
import type { PodSpec } from './chart.ts';
import { type Image, overlay } from './image.ts';

export interface Pod {
  /** Of its HTTP port. */
  url: string;
  /** Everything that it wrote. */
  said(): string;
  /** Asks it to end, as Kubernetes does, and gives its exit code; an error when it takes longer than it has. */
  end(): Promise<number | null>;
  /** It is gone at once. */
  kill(): Promise<void>;
}

/**
 * Runs a pod without a kubelet, as near as that goes: the image as a read-only root, user, groups and capabilities of its security
 * context, its volumes as the kubelet writes them, a token of its ServiceAccount, processes and a host name of its own. Not so: the
 * network, seccomp and limits. The port is given, for the network is shared.
 */
export async function startPod(
  spec: PodSpec,
  place: { name: string; namespace: string; image: Image; folder: string; kube: KubeLab; port: number },
): Promise<Pod> {
  const { name, namespace, image, kube, port } = place;
  const folder = join(place.folder, name);
  mkdirSync(folder);
  const [container] = spec.containers;
  if (!container) throw new Error('a pod without a container');
  const { runAsUser: user, runAsGroup: group, fsGroup } = spec.securityContext;
  const mounts = [];
  for (const { name: volume, mountPath } of container.volumeMounts) {
    const given = spec.volumes.find((each) => each.name === volume);
    if (given?.secret) {
      const files = await readSecret(kube, namespace, given.secret.secretName);
      mounts.push(mountFiles(mountPath, writeVolume(join(folder, volume), files, { mode: given.secret.defaultMode, fsGroup })));
    } else mounts.push(`mkdir -p "$new${mountPath}"; mount -t tmpfs -o mode=2777,gid=${fsGroup} tmpfs "$new${mountPath}"`);
  }
  const token = {
    token: await issueToken(kube, namespace, spec.serviceAccountName),
    'ca.crt': readFileSync(caOf(kube), 'utf8'),
    namespace,
  };
  mounts.push(mountFiles('/run/secrets/kubernetes.io/serviceaccount', writeVolume(join(folder, 'token'), token, { mode: 0o644, fsGroup })));

  const api = new URL(kube.url);
  const environment = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ...image.environment,
    ...Object.fromEntries((container.env ?? []).map(({ name, value }) => [name, value])),
    KUBERNETES_SERVICE_HOST: api.hostname,
    KUBERNETES_SERVICE_PORT: api.port,
  };
  // Of links, not a third layer: those may not lie in one another.
  await run(['cp', '-al', image.layer, join(folder, 'layer')]);
  const script = [
    overlay(join(folder, 'layer')),
    ...mounts,
    'hostname "$0"',
    ...(container.securityContext.readOnlyRootFilesystem ? ['mount -o remount,bind,ro "$new"'] : []),
    'exec chroot "$new" /usr/bin/setpriv "$@"',
  ].join('\n');
  const rights = [
    `--reuid=${user}`,
    `--regid=${group}`,
    `--groups=${fsGroup}`,
    ...(container.securityContext.allowPrivilegeEscalation ? [] : ['--no-new-privs']),
    ...container.securityContext.capabilities.drop.flatMap((each) => {
      const gone = each === 'ALL' ? '-all' : `-${each.toLowerCase()}`;
      return [`--inh-caps=${gone}`, `--bounding-set=${gone}`];
    }),
  ];
  const variables = Object.entries(environment).map(([key, value]) => `${key}=${value}`);
  const command = ['/usr/bin/env', '-i', ...variables, ...image.entrypoint, ...container.args, `--port=${port}`];
  const log = join(folder, 'log');
  const output = openSync(log, 'a');
  const isolation = ['-m', '-p', '-u', '--fork', '--kill-child', 'sh', '-euc', script, name];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', ...isolation, ...rights, ...command], {
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  return handle(child, { url: `http://127.0.0.1:${port}`, log, graceMs: (spec.terminationGracePeriodSeconds ?? 30) * 1000 });
}

function handle(child: ChildProcess, { url, log, graceMs }: { url: string; log: string; graceMs: number }): Pod {
  const ended = once(child, 'close');
  const said = () => readFileSync(log, 'utf8');
  return {
    url,
    said,
    end: async () => {
      // Process 1 of the pod is the only child of unshare, which ends with its exit code.
      const first = Number.parseInt(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8'), 10);
      process.kill(first, 'SIGTERM');
      await until(`the pod to end:\n${said()}`, () => child.exitCode !== null || child.signalCode !== null, graceMs);
      return child.exitCode;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** The files of a volume as the kubelet writes them: links to a folder that is swapped as a whole, root's, readable to the group of the pod. */
function writeVolume(
  folder: string,
  files: Readonly<Record<string, string>>,
  { mode, fsGroup }: { mode: number; fsGroup: number },
): string {
  const version = '..2026_11_21_12_00_00.123456789';
  mkdirSync(join(folder, version), { recursive: true, mode: 0o755 });
  symlinkSync(version, join(folder, '..data'));
  for (const [key, value] of Object.entries(files)) {
    const path = join(folder, version, key);
    writeFileSync(path, value, { mode: mode | 0o040 });
    chownSync(path, 0, fsGroup);
    symlinkSync(`..data/${key}`, join(folder, key));
  }
  return folder;
}

function mountFiles(mountPath: string, folder: string): string {
  const target = `"$new${mountPath}"`;
  return `mkdir -p ${target}; mount -t tmpfs -o mode=3777 tmpfs ${target}; cp -a ${folder}/. ${target}/; mount -o remount,bind,ro ${target}`;
}

async function readSecret(kube: KubeLab, namespace: string, name: string): Promise<Record<string, string>> {
  const { data } = await kube.api().ask<{ data: Record<string, string> }>('GET', `/api/v1/namespaces/${namespace}/secrets/${name}`);
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
}

/** A token of the ServiceAccount, which therefore must be there. */
export async function issueToken(kube: KubeLab, namespace: string, serviceAccount: string): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`;
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 } };
  return (await kube.api().ask<{ status: { token: string } }>('POST', path, request)).status.token;
}

/** PEM file of the authority of the API server. */
export function caOf({ dir }: KubeLab): string {
  return join(dir, 'certs', 'apiserver.crt');
}
