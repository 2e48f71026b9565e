/**
 * The network of `desired-state/` built from real routers: four managed ones, the transit provider and the customer around them; beside
 * it a Git repository that knows how to reach them, and their secrets. Demo and end-to-end tests stand on it.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { parse, parseDocument } from 'yaml';
import { type Lab, type LabSpec, type LinkSpec, type RouterSpec, up } from './frr.ts';

const root = join(import.meta.dirname, '../..');
export const plumbPath = join(root, 'bin/plumb');
export const corePassword = 'first-password-of-the-cores';

export interface Example {
  lab: Lab;
  /** Work tree of the desired-state repository, on branch main. */
  repository: string;
  secrets: string;
  store: string;
}

export interface Said {
  code: number;
  stdout: string;
  stderr: string;
}

const devices = ['edge1-fra', 'core1-fra', 'edge1-lon', 'core1-lon'] as const;

/** The desired state that the network is built from. */
export const exampleState = join(root, 'desired-state');

interface ExampleOptions {
  keep?: boolean;
  /** Folder of a desired state with the same routers. Default: the example's own. */
  state?: string;
  /** Edits the configuration that a router starts with. */
  changeInitial?: (router: string, config: string) => string;
}

/** Brings the network up in the state that Git wants. */
export async function upExample(prefix: string, options: ExampleOptions = {}): Promise<Example> {
  const { state = exampleState, changeInitial = (_router: string, config: string) => config } = options;
  const lab = await up({ ...(await exampleSpec(prefix, state, changeInitial)), ...(options.keep && { keep: true }) });
  const example = {
    lab,
    repository: join(lab.facts.dir, 'desired-state'),
    secrets: join(lab.facts.dir, 'secrets'),
    store: join(lab.facts.dir, 'store'),
  };
  writeSecrets(example);
  await writeRepository(example, state);
  await waitForSessions(lab);
  return example;
}

/** Every session of the network is up and routes went through it. */
export async function waitForSessions(lab: Lab): Promise<void> {
  await Promise.all([
    lab.established('edge1-fra', 4, 60_000),
    lab.established('core1-fra', 4, 60_000),
    lab.established('edge1-lon', 4, 60_000),
    lab.established('core1-lon', 4, 60_000),
  ]);
}

/**
 * `plumb` as a user starts it, with the store and the secrets of the example. `onLine` gets every line when it is said. Never throws for
 * an exit code.
 */
export async function plumb(
  example: Pick<Example, 'repository' | 'secrets' | 'store'>,
  argv: readonly string[],
  options: { signal?: AbortSignal; environment?: Record<string, string>; onLine?: (line: string) => void } = {},
): Promise<Said> {
  const child = spawn(plumbPath, [...argv], {
    cwd: example.repository,
    env: { ...process.env, PLUMB_STORE: example.store, PLUMB_SECRETS: example.secrets, NO_COLOR: '1', ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.signal && { signal: options.signal }),
  });
  const collect = async (stream: Readable): Promise<string> => {
    let text = '';
    for await (const line of createInterface({ input: stream })) {
      text += `${line}\n`;
      options.onLine?.(line);
    }
    return text;
  };
  const ended = once(child, 'close') as Promise<[code: number | null]>;
  const [stdout, stderr, [code]] = await Promise.all([collect(child.stdout), collect(child.stderr), ended]);
  if (code === null) throw new Error(`plumb ${argv.join(' ')} was killed`);
  return { code, stdout, stderr };
}

/** Commits whatever was edited in the repository. */
export async function commit(example: Pick<Example, 'repository'>, message: string): Promise<void> {
  await git(example, 'add', '-A');
  await git(example, 'commit', '-q', '-m', message);
}

export async function git({ repository }: Pick<Example, 'repository'>, ...argv: string[]): Promise<string> {
  const identity = [
    '-c',
    'user.name=An engineer',
    '-c',
    'user.email=engineer@example.net',
    '-c',
    'init.defaultBranch=main',
    '-c',
    'commit.gpgsign=false',
  ];
  return (await promisify(execFile)('git', ['-C', repository, ...identity, ...argv])).stdout;
}

/** Replaces text in a file of the repository; throws when it is not there, so that a demo never changes nothing. */
export function edit({ repository }: Pick<Example, 'repository'>, file: string, from: string, to: string): void {
  const path = join(repository, file);
  const text = readFileSync(path, 'utf8');
  if (!text.includes(from)) throw new Error(`${file} does not hold: ${from}`);
  writeFileSync(path, text.replace(from, to));
}

export function write({ repository }: Example, file: string, text: string): void {
  writeFileSync(join(repository, file), text);
}

export function writeSecret({ secrets }: Pick<Example, 'secrets'>, name: string, key: string, value: string, use: string): void {
  mkdirSync(join(secrets, name), { recursive: true, mode: 0o700 });
  writeFileSync(join(secrets, name, key), value, { mode: 0o600 });
  writeFileSync(join(secrets, name, '.use'), `${use}\n`, { mode: 0o600 });
}

function writeSecrets(example: Pick<Example, 'secrets' | 'lab'>): void {
  const { observe, apply } = example.lab.facts.users;
  mkdirSync(example.secrets, { mode: 0o700 });
  for (const [name, login, use] of [
    ['routers-observe', observe, 'ssh-observe for *'],
    ['routers-apply', apply, 'ssh-apply for *'],
  ] as const) {
    writeSecret(example, name, 'username', login.user, use);
    writeSecret(example, name, 'privateKey', readFileSync(login.key, 'utf8'), use);
  }
  writeSecret(example, 'ibgp-cores', 'password', corePassword, 'bgp-password for role=core');
}

/** The example's files, with the addresses and keys of this lab written into the Devices. */
async function writeRepository(example: Example, state: string): Promise<void> {
  cpSync(state, example.repository, { recursive: true });
  for (const name of devices) {
    const { address, port, hostKey, machineId } = example.lab.router(name);
    const path = join(example.repository, 'devices', `${name}.yaml`);
    const document = parseDocument(readFileSync(path, 'utf8'));
    document.setIn(['spec', 'management'], { address, port, hostKeys: [hostKey] });
    document.setIn(['spec', 'machineId'], machineId);
    writeFileSync(path, document.toString());
  }
  chmodSync(example.repository, 0o755);
  await git(example, 'init', '-q');
  await commit(example, 'The network as it is');
}

interface DeviceFile {
  metadata: { name: string };
  spec: { interfaces: { name: string; role?: string; addresses: string[] }[] };
}

async function exampleSpec(prefix: string, state: string, change: (router: string, config: string) => string): Promise<LabSpec> {
  const files = readdirSync(join(state, 'devices')).map((file) => parse(readFileSync(join(state, 'devices', file), 'utf8')) as DeviceFile);
  const managed = await Promise.all(
    devices.map(async (name): Promise<RouterSpec> => {
      const file = files.find(({ metadata }) => metadata.name === name);
      const loopbacks = file?.spec.interfaces.find(({ role }) => role === 'Loopback')?.addresses ?? [];
      return { name, config: change(name, await initialConfig(state, name)), loopbacks };
    }),
  );
  const around = [
    neighborRouter('transit-a', 64496, [['192.0.2.1', 64500]], [['2001:db8:ffff:1::2', 64500]], 20),
    neighborRouter('customer-a', 64511, [['192.0.2.3', 64500]], [['2001:db8:ffff:2::2', 64500]], 0),
  ];
  return { prefix, routers: [...managed, ...around], links: [...innerLinks(files), ...outerLinks()] };
}

/** What the router starts with: what Git wants, the password filled in as an engineer did it by hand long ago. */
async function initialConfig(state: string, name: string): Promise<string> {
  const { stdout } = await promisify(execFile)(plumbPath, ['render', name, '--source', state]);
  return `frr defaults traditional\nhostname ${name}\n${stdout.replaceAll('<secret:unset-ibgp-cores/password>', corePassword)}`;
}

/** Interfaces are named for the router at the other end, so the links can be read from the Devices. */
function innerLinks(files: readonly DeviceFile[]): LinkSpec[] {
  const ends = files.flatMap(({ metadata, spec }) =>
    spec.interfaces.map((each) => ({ router: metadata.name, interface: each.name, addresses: each.addresses })),
  );
  return ends.flatMap((a) => {
    const b = ends.find((each) => a.interface === `to-${each.router}` && each.interface === `to-${a.router}`);
    return b && a.router < b.router ? [{ a, b }] : [];
  });
}

function outerLinks(): LinkSpec[] {
  return [
    {
      a: { router: 'edge1-fra', interface: 'to-transit-a', addresses: ['192.0.2.1/31', '2001:db8:ffff:1::2/64'] },
      b: { router: 'transit-a', interface: 'to-edge1-fra', addresses: ['192.0.2.0/31', '2001:db8:ffff:1::1/64'] },
    },
    {
      a: { router: 'edge1-lon', interface: 'to-customer-a', addresses: ['192.0.2.3/31', '2001:db8:ffff:2::2/64'] },
      b: { router: 'customer-a', interface: 'to-edge1-lon', addresses: ['192.0.2.2/31', '2001:db8:ffff:2::1/64'] },
    },
  ];
}

/** A router that belongs to somebody else. The provider announces benchmark space (RFC 2544) as its Internet, the customer its own. */
function neighborRouter(name: string, asn: number, v4: [string, number][], v6: [string, number][], internet: number): RouterSpec {
  const networks = (family: 'ipv4' | 'ipv6'): string[] => {
    if (internet === 0) return [family === 'ipv4' ? '203.0.113.0/24' : '2001:db8:203::/48'];
    return Array.from({ length: internet }, (_, i) =>
      family === 'ipv4' ? `198.18.${i}.0/24` : `2001:db8:${(0x1000 + i).toString(16)}::/48`,
    );
  };
  const family = (which: 'ipv4' | 'ipv6', neighbors: [string, number][]): string[] => [
    ` address-family ${which} unicast`,
    ...networks(which).map((prefix) => `  network ${prefix}`),
    ...neighbors.map(([address]) => `  neighbor ${address} activate`),
    ' exit-address-family',
  ];
  const config = [
    'frr defaults traditional',
    `hostname ${name}`,
    `router bgp ${asn}`,
    ' no bgp ebgp-requires-policy',
    ' no bgp default ipv4-unicast',
    ' no bgp network import-check',
    ...[...v4, ...v6].flatMap(([address, remote]) => [
      ` neighbor ${address} remote-as ${remote}`,
      ` neighbor ${address} timers 3 9`,
      ` neighbor ${address} timers connect 1`,
    ]),
    ...family('ipv4', v4),
    ...family('ipv6', v6),
    'exit',
  ];
  return { name, config: `${config.join('\n')}\n`, managed: false };
}
