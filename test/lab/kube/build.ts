import { spawn } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheRoot, lock } from '../cache.ts';
import { run, tryRun } from '../shell.ts';

const kubernetes = '1.37.1';
/** The version that kubernetes' own go.mod pins; built from the same module, so that it costs seconds. */
const etcd = '3.7.0';

export interface Binaries {
  kubeApiserver: string;
  etcd: string;
}

/** What is built together, from one module with the versions that kubernetes pins, and kept in the cache. */
export interface Product {
  /** Folder in the cache: names every version. */
  name: string;
  /** For people, and how long it takes. */
  what: string;
  /** Binary, package, and flags of the linker. */
  targets: readonly (readonly [name: string, source: string, ldflags: string])[];
  /** Modules beside kubernetes, as in a go.mod. */
  requires: readonly string[];
  /** Throws when the binaries in the folder are not what they should be. */
  check: (folder: string) => Promise<void>;
}

const product: Product = {
  name: `kube-${kubernetes}-etcd-${etcd}`,
  what: `kube-apiserver ${kubernetes} and etcd ${etcd}: 3 to 12 minutes`,
  targets: [
    ['kube-apiserver', 'k8s.io/kubernetes/cmd/kube-apiserver', `-s -w ${versionFlags()}`],
    ['etcd', 'go.etcd.io/etcd/server/v3', '-s -w'],
  ],
  requires: [],
  check: smokeTest,
};

/** Why this machine can neither find nor build them, or undefined when it can (or may: the network is tried by building). */
export async function whyNoBinaries(): Promise<string | undefined> {
  return whyNot(product);
}

/** The same for another product. */
export async function whyNot(wanted: Product): Promise<string | undefined> {
  if (isBuilt(wanted)) return undefined;
  const go = await tryRun(['go', 'version']);
  return go.rc === 0 ? undefined : `${wanted.name} is not in ${cacheRoot()} and Go is not installed to build it`;
}

/** Builds kube-apiserver and etcd from the Go module proxy unless they are in the cache. */
export async function build(say: (line: string) => void): Promise<Binaries> {
  return binariesIn(await buildOnce(product, say));
}

/**
 * The folder of a product, built now unless it is in the cache: minutes, and 3 GB of disk for that time. One build at a time per product;
 * the outcome appears by rename, whole or not at all.
 */
export async function buildOnce(wanted: Product, say: (line: string) => void): Promise<string> {
  const home = homeOf(wanted);
  if (isBuilt(wanted)) return home;
  await mkdir(cacheRoot(), { recursive: true });
  using _lock = await lock(`${home}.lock`, () => say('another process is building them; waiting for it'));
  if (isBuilt(wanted)) return home;
  const half = `building-${wanted.name}-`;
  for (const name of await readdir(cacheRoot())) {
    // Nobody else builds it while we hold the lock: these are what a killed build left.
    if (name.startsWith(half)) await rm(join(cacheRoot(), name), { recursive: true, force: true });
  }
  const work = join(cacheRoot(), `${half}${process.pid}`);
  try {
    say(`building ${wanted.what}, once, into ${cacheRoot()}`);
    await compile(wanted, work, say);
    await wanted.check(join(work, 'out'));
    await rename(join(work, 'out'), home);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  say('built');
  return home;
}

function homeOf({ name }: Product): string {
  return join(cacheRoot(), `${name}-${process.platform}-${process.arch}`);
}

function isBuilt(wanted: Product): boolean {
  return wanted.targets.every(([name]) => existsSync(join(homeOf(wanted), name)));
}

function binariesIn(folder: string): Binaries {
  return { kubeApiserver: join(folder, 'kube-apiserver'), etcd: join(folder, 'etcd') };
}

/**
 * `go install` refuses a module with replace directives, so a module of our own takes kubernetes' go.mod as published, with its
 * staging folders replaced by the modules that are published of them. Every other version stays upstream's.
 */
async function compile({ targets, requires }: Product, work: string, say: (line: string) => void): Promise<void> {
  const environment = {
    ...process.env,
    GOCACHE: join(work, 'go-build'),
    GOFLAGS: '-buildvcs=false -modcacherw -mod=mod',
    GOTOOLCHAIN: 'local',
    GOWORK: 'off',
    CGO_ENABLED: '0',
  };
  const source = join(work, 'source');
  await mkdir(source, { recursive: true });
  const found = await go(['mod', 'download', '-json', `k8s.io/kubernetes@v${kubernetes}`], work, environment, say);
  const published = (JSON.parse(found) as { Dir: string }).Dir;
  const staging = kubernetes.replace(/^1/, '0');
  const goMod = (await readFile(join(published, 'go.mod'), 'utf8'))
    .replace(/^module .*$/m, 'module plumbline-lab/kube')
    .replace(/^toolchain .*$/m, '')
    .replaceAll(/=> \.\/staging\/src\/(k8s\.io\/[a-z0-9-]*)/g, `=> $1 v${staging}`);
  const required = [`k8s.io/kubernetes v${kubernetes}`, ...requires].map((module) => `\nrequire ${module}`).join('');
  await writeFile(join(source, 'go.mod'), `${goMod}${required}\n`);
  await writeFile(join(source, 'go.sum'), await readFile(join(published, 'go.sum')));
  await writeFile(join(source, 'lab.go'), '//go:build tools\npackage lab\n');
  for (const [name, path, ldflags] of targets) {
    say(`compiling ${name}`);
    const output = join(work, 'out', name);
    // Without DWARF a build costs a tenth less; inlining stays on, the server is half as fast without it.
    await go(['build', '-trimpath', '-gcflags=all=-dwarf=false', '-ldflags', ldflags, '-o', output, path], source, environment, say);
    await chmod(output, 0o755);
  }
}

/** What `kubectl version` shows; a server without a version refuses to start. */
function versionFlags(): string {
  const values = {
    gitVersion: `v${kubernetes}`,
    gitMajor: kubernetes.split('.')[0],
    gitMinor: kubernetes.split('.')[1],
    gitTreeState: 'clean',
    gitCommit: '0'.repeat(40),
    buildDate: '1970-01-01T00:00:00Z',
  };
  return Object.entries(values)
    .map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)
    .join(' ');
}

/** Go says nothing while it compiles: a line each half minute tells that it lives. */
async function go(words: string[], cwd: string, env: NodeJS.ProcessEnv, say: (line: string) => void): Promise<string> {
  const started = performance.now();
  const tick = setInterval(() => say(`go ${words[0]}: ${Math.round((performance.now() - started) / 1_000)} s`), 30_000);
  try {
    return await new Promise((resolve, reject) => {
      const child = spawn('go', words, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (chunk) => (stdout += chunk));
      child.stderr.on('data', (chunk) => (stderr = (stderr + chunk).slice(-4_000)));
      child.on('error', reject);
      child.on('close', (code) =>
        code === 0 ? resolve(stdout) : reject(new Error(`go ${words.join(' ')}: exit ${code}\n${stderr || stdout}`)),
      );
    });
  } finally {
    clearInterval(tick);
  }
}

async function smokeTest(folder: string): Promise<void> {
  const binaries = binariesIn(folder);
  const server = await run([binaries.kubeApiserver, '--version']);
  if (!server.includes(`v${kubernetes}`)) throw new Error(`built kube-apiserver ${kubernetes}, but it calls itself ${server.trim()}`);
  const store = await run([binaries.etcd, '--version']);
  if (!store.includes(`Version: ${etcd}`)) throw new Error(`built etcd ${etcd}, but it calls itself ${store.trim()}`);
}
