/**
 * Real Kea servers, and a Git repository that says what they serve: the offices of a network, IPv4 and IPv6. Tests and demo stand on it.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { commit, git, plumb, type Said, writeSecret } from './example-network.ts';
import { type JsonMap, type KeaLab, type ServerSpec, up } from './kea/index.ts';

export interface DhcpNetwork {
  lab: KeaLab;
  /** Work tree of the desired-state repository, on branch main. */
  repository: string;
  secrets: string;
  store: string;
}

export interface DhcpOptions {
  /** Servers of the network: one, or the two of a pair, which serve IPv4 alone. Default: `dhcp1`. */
  servers?: readonly string[];
  /** Through the guard over SSH beside the API. Default false. */
  ssh?: boolean;
  /** More files of the repository, by path; one of the same path takes the place of ours. */
  files?: Readonly<Record<string, string>>;
  /** What a daemon starts with, where it is not what Git says. */
  changeInitial?: (server: string, service: 'dhcp4' | 'dhcp6', config: JsonMap) => JsonMap;
}

/** Starts the servers as Git wants them, writes repository and secrets. */
export async function upDhcpNetwork(prefix: string, options: DhcpOptions = {}): Promise<DhcpNetwork> {
  const names = options.servers ?? ['dhcp1'];
  const lab = await up({ prefix, servers: names.map((name, i) => serverSpec(name, i + 1, names.length > 1, options.ssh ?? false)) });
  const { dir } = lab.facts;
  const network = { lab, repository: join(dir, 'desired-state'), secrets: join(dir, 'secrets'), store: join(dir, 'store') };
  mkdirSync(network.secrets, { mode: 0o700 });
  for (const name of names) writeAccounts(network, name);
  for (const [path, text] of Object.entries({ ...filesOf(network, names), ...options.files })) writeFile(network, path, text);
  await git(network, 'init', '-q');
  await commit(network, 'What is served today');
  if (names.length > 1) for (const [i, name] of names.entries()) await startPairAgent(network, name, i + 1);
  for (const name of names) await startAsWritten(network, name, options.changeInitial ?? ((_server, _service, config) => config));
  return network;
}

export async function plumbAt(network: DhcpNetwork, argv: readonly string[], onLine?: (line: string) => void): Promise<Said> {
  return plumb(network, argv, onLine ? { onLine } : {});
}

function writeFile({ repository }: Pick<DhcpNetwork, 'repository'>, path: string, text: string): void {
  mkdirSync(dirname(join(repository, path)), { recursive: true });
  writeFileSync(join(repository, path), text);
}

function serverSpec(name: string, number: number, isPair: boolean, ssh: boolean): ServerSpec {
  const addresses = [`192.0.2.${number}/24`, `2001:db8:1::${number}/64`];
  // Both of a pair know the same account.
  const rest = isPair ? { password: `pair-${process.pid}` } : { dhcp6: {} };
  return { name, addresses, host: `127.0.0.${number}`, dhcp4: {}, ...rest, ssh };
}

function writeAccounts({ lab, secrets }: DhcpNetwork, name: string): void {
  const server = lab.server(name);
  const { tls, users } = lab.facts;
  for (const [account, use] of [
    ['observe', `api-observe for ${name}\nssh-observe for ${name}`],
    ['apply', `api-apply for ${name}\nssh-apply for ${name}`],
  ] as const) {
    const values = {
      username: users ? users[account].user : server.user,
      password: server.password,
      'tls.crt': readFileSync(tls.cert, 'utf8'),
      'tls.key': readFileSync(tls.key, 'utf8'),
      'ca.crt': readFileSync(tls.ca, 'utf8'),
      ...(users && { privateKey: readFileSync(users[account].key, 'utf8') }),
    };
    for (const [key, value] of Object.entries(values)) writeSecret({ secrets }, `${name}-${account}`, key, value, use);
  }
}

function filesOf(network: DhcpNetwork, names: readonly string[]): Record<string, string> {
  return {
    ...Object.fromEntries(names.map((name, i) => [`devices/${name}.yaml`, deviceFile(network, name, names[1 - i], i)])),
    'policy.yaml': `apiVersion: plumbline.dev/v1alpha1
kind: ReconcilePolicy
metadata: {name: approve}
spec: {selector: {}, mode: Approve, withoutDeadMan: Accept}
`,
    'subnets/office.yaml': `apiVersion: plumbline.dev/v1alpha1
kind: DHCPSubnet
metadata: {name: office}
spec:
  family: IPv4
  id: 10
  prefix: 192.0.2.0/24
  servedBy: [${names.join(', ')}]
  interface: srv
  options: [{name: routers, data: 192.0.2.254}]
  pools: [{range: 192.0.2.100 - 192.0.2.119}]
${
  names.length > 1
    ? ''
    : `---
apiVersion: plumbline.dev/v1alpha1
kind: DHCPSubnet
metadata: {name: office-v6}
spec:
  family: IPv6
  id: 20
  prefix: 2001:db8:1::/64
  servedBy: [${names.join(', ')}]
  interface: srv
  pools: [{range: '2001:db8:1::100 - 2001:db8:1::11f'}]
`
}`,
  };
}

const ipv6 = `    ipv6:
      interfaces: [srv]
      hooks: [libdhcp_lease_cmds.so, libdhcp_stat_cmds.so]
      macSources: [any]
      lifetimes: {validSeconds: 3600, preferredSeconds: 1800}
`;

function deviceFile({ lab }: DhcpNetwork, name: string, partner: string | undefined, index: number): string {
  const server = lab.server(name);
  const { ssh } = server;
  const role = index === 0 ? 'Primary' : 'Standby';
  const pair = `highAvailability: {mode: HotStandby, role: ${role}, peer: ${partner}, url: 'http://192.0.2.${index + 1}:${pairPort}/', heartbeatMilliseconds: 1000}`;
  return `apiVersion: plumbline.dev/v1alpha1
kind: Device
metadata: {name: ${name}, labels: {role: dhcp}}
spec:
  platform: kea
  management:
    address: 127.0.0.${index + 1}
    ${ssh ? `port: ${ssh.port}\n    hostKeys: ['${ssh.hostKey}']` : ''}
    api: {agentPort: ${new URL(server.url).port}}
  credentials: {observe: {name: ${name}-observe}, apply: {name: ${name}-apply}}
  dhcp:
    ipv4:
      interfaces: [srv]
      hooks: [libdhcp_lease_cmds.so, libdhcp_stat_cmds.so]
      lifetimes: {validSeconds: 3600}
      ${partner === undefined ? '' : pair}
${partner === undefined ? ipv6 : ''}`;
}

const pairPort = 8001;

/** The agent through which its partner reaches a server: inside, on the LAN. Ours listens outside, for people. */
async function startPairAgent({ lab }: DhcpNetwork, name: string, number: number): Promise<void> {
  const { dir, sockets } = lab.server(name);
  const file = join(dir, 'pair-agent.conf');
  const control = Object.fromEntries(
    lab.server(name).services.map((service) => [service, { 'socket-type': 'unix', 'socket-name': sockets[service] }]),
  );
  writeFileSync(
    file,
    JSON.stringify({ 'Control-agent': { 'http-host': `192.0.2.${number}`, 'http-port': pairPort, 'control-sockets': control } }),
  );
  mkdirSync(join(dir, 'pair'), { recursive: true });
  const start =
    'export KEA_PIDFILE_DIR="$1" KEA_LOCKFILE_DIR="$1"; setsid kea-ctrl-agent -c "$2" >"$1/out" 2>&1 </dev/null & echo $! >"$1/agent.pid"';
  const { rc, stderr } = await lab.inside(name, ['sh', '-c', start, 'sh', join(dir, 'pair'), file]);
  if (rc !== 0) throw new Error(stderr);
}

/** Each daemon begins with what Git says, as an engineer wrote it by hand long ago. */
async function startAsWritten(network: DhcpNetwork, name: string, change: NonNullable<DhcpOptions['changeInitial']>): Promise<void> {
  const { stdout, stderr, code } = await plumbAt(network, ['render', name]);
  if (code !== 0) throw new Error(`plumb render ${name}: ${stderr}${stdout}`);
  const rendered = JSON.parse(stdout.replace(/^\s*\/\/.*$/gm, '')) as Record<string, JsonMap>;
  for (const service of network.lab.server(name).services) {
    const config = rendered[`Dhcp${service.slice(-1)}`] ?? {};
    network.lab.writeConfig(name, service, change(name, service, config));
    await network.lab.restart(name, service);
  }
}
