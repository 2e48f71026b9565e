import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { freePorts } from '../free-ports.ts';
import { endAll, isAlive, readPid, until } from '../shell.ts';
import { type LabApi, openLabApi } from './api.ts';
import { applyManifests } from './apply.ts';
import { auditPolicy, type LabRequest, readRequests, readWrites } from './audit.ts';
import { type Binaries, build } from './build.ts';

/** Who may come in, and as a member of which group. Only `admin` may do anything before roles are bound. */
const users = {
  admin: { name: 'admin', group: 'system:masters' },
  operator: { name: 'plumbline-operator', group: 'plumbline:operators' },
  alice: { name: 'alice', group: 'plumbline:approvers' },
  bob: { name: 'bob', group: 'plumbline:approvers' },
  viewer: { name: 'carol', group: 'plumbline:viewers' },
} as const;

export type LabUser = keyof typeof users;

interface Facts {
  dir: string;
  url: string;
  binaries: Binaries;
  ports: { api: number; etcd: number; peer: number };
}

/** An API server that stands. */
export interface KubeLab {
  readonly dir: string;
  readonly url: string;
  /** Path of a kubeconfig. `KubeConfig.loadFromFile` and kubectl take it. */
  kubeconfig(user?: LabUser): string;
  /** The API as a user, past the client under test. Closed with the lab handle. */
  api(user?: LabUser): LabApi;
  /** Makes a namespace with a name of its own. It is not removed: the server goes as a whole. */
  namespace(prefix?: string): Promise<string>;
  /** Applies YAML documents as admin, in their order; CRDs among them are served on return. */
  apply(yaml: string, namespace?: string): Promise<void>;
  /** Every request in a namespace that may have changed something, refused ones too, in the order of their ends. */
  writes(namespace: string): LabRequest[];
  /** The same with what was only read, on a server that notes that. */
  requests(namespace: string): LabRequest[];
  /** Makes etcd forget every revision but the newest. The API server still answers from its own cache until it is restarted. */
  compact(): Promise<void>;
  /** The process goes at once, as if killed; etcd keeps what it has. Only on a server of the test's own. */
  killApiServer(): Promise<void>;
  /** Stops the process for a while: connections stay and nobody answers. */
  freezeApiServer(): void;
  thawApiServer(): void;
  /** Starts it again on the same port and waits until it is ready. */
  startApiServer(): Promise<void>;
  /** Closes the connections of this handle. */
  close(): Promise<void>;
  /** Ends the processes and removes the folder. */
  down(): Promise<void>;
}

const prefix = 'plumbline-kube-';

/**
 * Starts etcd and the API server on free ports of loopback (3 to 4 s; built first when they are not in the cache), and applies the CRDs
 * of this repository. They end with this process unless `keep`. On failure nothing stays behind. `auditReads`: it notes who read what, too.
 */
export async function up(options: { keep?: boolean; auditReads?: boolean; say?: (line: string) => void } = {}): Promise<KubeLab> {
  await sweep();
  const binaries = await build(options.say ?? (() => undefined));
  const dir = mkdtempSync(join(tmpdir(), prefix));
  writeFileSync(join(dir, options.keep ? 'keep' : 'owner.pid'), String(process.pid));
  try {
    const [api = 0, etcd = 0, peer = 0] = await freePorts(3);
    const facts: Facts = { dir, url: `https://127.0.0.1:${api}`, binaries, ports: { api, etcd, peer } };
    writeFileSync(join(dir, 'lab.json'), JSON.stringify(facts));
    writeFileSync(join(dir, 'tokens.csv'), userNames().map(tokenLine).join('\n'), { mode: 0o600 });
    writeFileSync(join(dir, 'sa.key'), signingKey(), { mode: 0o600 });
    writeFileSync(join(dir, 'audit.yaml'), auditPolicy(options.auditReads ?? false));
    startEtcd(facts);
    await startApiServer(facts);
    for (const user of userNames()) writeKubeconfig(facts, user);
    const lab = handle(facts);
    await lab.apply(readCrds());
    return lab;
  } catch (error) {
    await down(dir);
    throw error;
  }
}

/** Finds a server that stands by its folder. */
export function attach(dir: string): KubeLab {
  return handle(JSON.parse(readFileSync(join(dir, 'lab.json'), 'utf8')) as Facts);
}

/** Folders of all servers on this machine, half ones too. */
export function list(): string[] {
  return readdirSync(tmpdir())
    .filter((name) => name.startsWith(prefix))
    .map((name) => join(tmpdir(), name));
}

/** Ends the processes of one folder and removes it. */
export async function down(dir: string): Promise<void> {
  await endAll(ownPids(dir, ['kube-apiserver', 'etcd']));
  rmSync(dir, { recursive: true, force: true });
}

/** Removes servers whose owner died without taking them down. */
async function sweep(): Promise<void> {
  for (const dir of list()) {
    const owner = readPid(join(dir, 'owner.pid'));
    if (owner !== undefined && !isAlive(owner)) await down(dir);
  }
}

function handle(facts: Facts): KubeLab {
  const { dir, url } = facts;
  const apis = new Map<LabUser, LabApi>();
  const api = (user: LabUser = 'admin'): LabApi => {
    let open = apis.get(user);
    if (!open) apis.set(user, (open = openLabApi({ url, caFile: caFile(dir), token: tokenOf(user) })));
    return open;
  };
  const close = async (): Promise<void> => {
    await Promise.all([...apis.values()].map((open) => open.close()));
    apis.clear();
  };
  return {
    dir,
    url,
    kubeconfig: (user = 'admin') => join(dir, `kubeconfig-${user}`),
    api,
    namespace: async (name = 'test') => {
      const unique = `${name}-${randomBytes(4).toString('hex')}`;
      await api().ask('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: unique } });
      return unique;
    },
    apply: (yaml, namespace) => applyManifests(api(), yaml, namespace),
    writes: (namespace) => readWrites(join(dir, 'audit.log'), namespace),
    requests: (namespace) => readRequests(join(dir, 'audit.log'), namespace),
    compact: () => compact(facts),
    freezeApiServer: () => signalApiServer(dir, 'SIGSTOP'),
    thawApiServer: () => signalApiServer(dir, 'SIGCONT'),
    killApiServer: () => endAll(ownPids(dir, ['kube-apiserver'])),
    startApiServer: () => startApiServer(facts),
    close,
    down: async () => {
      await close();
      await down(dir);
    },
  };
}

function startEtcd({ dir, binaries, ports }: Facts): ChildProcess {
  const peer = `http://127.0.0.1:${ports.peer}`;
  const client = `http://127.0.0.1:${ports.etcd}`;
  return start(dir, 'etcd', binaries.etcd, {
    name: 'lab',
    'data-dir': `${dir}/etcd`,
    'log-level': 'warn',
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `lab=${peer}`,
    'unsafe-no-fsync': 'true', // nothing here outlives the machine
  });
}

async function startApiServer({ dir, url, binaries, ports }: Facts): Promise<void> {
  const child = start(dir, 'kube-apiserver', binaries.kubeApiserver, {
    'etcd-servers': `http://127.0.0.1:${ports.etcd}`,
    'bind-address': '127.0.0.1',
    'advertise-address': '127.0.0.1',
    'secure-port': String(ports.api),
    'cert-dir': `${dir}/certs`,
    'service-cluster-ip-range': '10.255.0.0/24',
    'endpoint-reconciler-type': 'none',
    'authorization-mode': 'RBAC',
    'token-auth-file': `${dir}/tokens.csv`,
    'service-account-issuer': 'https://kubernetes.default.svc',
    'api-audiences': 'https://kubernetes.default.svc',
    'service-account-key-file': `${dir}/sa.key`,
    'service-account-signing-key-file': `${dir}/sa.key`,
    // What these would fill in comes from controllers that do not run here.
    'disable-admission-plugins': 'ServiceAccount,DefaultStorageClass,StorageObjectInUseProtection,RuntimeClass',
    'audit-policy-file': `${dir}/audit.yaml`,
    'audit-log-path': `${dir}/audit.log`,
    profiling: 'false',
    v: '1',
  });
  let api: LabApi | undefined;
  try {
    await until(
      'the API server to be ready',
      async () => {
        if (child.exitCode !== null || child.signalCode !== null) throw new Error('the API server ended');
        if (!existsSync(caFile(dir))) return false;
        api ??= openLabApi({ url, caFile: caFile(dir), token: tokenOf('admin') });
        return api.ask('GET', '/readyz').then(
          (said) => said === 'ok',
          () => false,
        );
      },
      60_000,
    );
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${['etcd', 'kube-apiserver'].map((name) => tail(dir, name)).join('\n')}`);
  } finally {
    await api?.close();
  }
}

/** In a session of its own, so that Ctrl-C of a test run lets the run take it down; gone with its owner even when that is killed. */
function start(dir: string, name: string, binary: string, flags: Record<string, string>): ChildProcess {
  const log = openSync(join(dir, `${name}.log`), 'a');
  const bound = !existsSync(join(dir, 'keep')) && existsSync('/usr/bin/setpriv') ? ['/usr/bin/setpriv', '--pdeathsig', 'KILL'] : [];
  const [program = '', ...words] = [...bound, binary, ...Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`)];
  const child = spawn(program, words, { detached: true, stdio: ['ignore', log, log] });
  child.unref();
  writeFileSync(join(dir, `${name}.pid`), String(child.pid));
  return child;
}

function signalApiServer(dir: string, signal: NodeJS.Signals): void {
  for (const pid of ownPids(dir, ['kube-apiserver'])) process.kill(pid, signal);
}

/** The pids that were noted, as far as they still are processes of this folder. */
function ownPids(dir: string, names: string[]): number[] {
  return names
    .map((name) => readPid(join(dir, `${name}.pid`)))
    .filter((pid) => pid !== undefined)
    .filter((pid) => existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${dir}/`));
}

async function compact({ ports }: Facts): Promise<void> {
  const post = async (path: string, body: unknown): Promise<{ header: { revision: string } }> => {
    const answer = await fetch(`http://127.0.0.1:${ports.etcd}${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`etcd ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as { header: { revision: string } };
  };
  const { header } = await post('/v3/kv/range', { key: Buffer.from('/').toString('base64') });
  await post('/v3/kv/compaction', { revision: header.revision, physical: true });
}

function writeKubeconfig({ dir, url }: Facts, user: LabUser): void {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'lab', cluster: { server: url, 'certificate-authority': caFile(dir) } }],
    users: [{ name: user, user: { token: tokenOf(user) } }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user } }],
    'current-context': 'lab',
  };
  writeFileSync(join(dir, `kubeconfig-${user}`), stringify(config), { mode: 0o600 });
}

function readCrds(): string {
  const folder = join(import.meta.dirname, '..', '..', '..', 'crds');
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  return files.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n---\n');
}

function signingKey(): string {
  const encoding = { privateKeyEncoding: { type: 'sec1', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } } as const;
  return generateKeyPairSync('ec', { namedCurve: 'P-256', ...encoding }).privateKey;
}

function userNames(): LabUser[] {
  return Object.keys(users) as LabUser[];
}

function tokenOf(user: LabUser): string {
  return `${user}-token`;
}

function tokenLine(user: LabUser): string {
  return `${tokenOf(user)},${users[user].name},u-${user},"${users[user].group}"`;
}

function caFile(dir: string): string {
  return join(dir, 'certs', 'apiserver.crt');
}

function tail(dir: string, name: string): string {
  const path = join(dir, `${name}.log`);
  return existsSync(path) ? `--- ${name}\n${readFileSync(path, 'utf8').split('\n').slice(-15).join('\n')}` : '';
}
