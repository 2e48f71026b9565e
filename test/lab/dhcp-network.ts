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
  /** Servers of the network: one, or the two of a pair. Default: `dhcp1`. */
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
  const lab = await up({ prefix, servers: names.map((name, i) => serverSpec(name, i + 1, options.ssh ?? false)) });
  const { dir } = lab.facts;
  const network = { lab, repository: join(dir, 'desired-state'), secrets: join(dir, 'secrets'), store: join(dir, 'store') };
  mkdirSync(network.secrets, { mode: 0o700 });
  for (const name of names) writeAccounts(network, name);
  for (const [path, text] of Object.entries({ ...filesOf(network, names), ...options.files })) writeFile(network, path, text);
  await git(network, 'init', '-q');
  await commit(network, 'What is served today');
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

function serverSpec(name: string, number: number, ssh: boolean): ServerSpec {
  const addresses = [`192.0.2.${number}/24`, `2001:db8:1::${number}/64`];
  return { name, addresses, dhcp4: {}, dhcp6: {}, ssh };
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
spec: {selector: {}, mode: Approve}
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
---
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
`,
  };
}

function deviceFile({ lab }: DhcpNetwork, name: string, _partner: string | undefined, _index: number): string {
  const server = lab.server(name);
  const { ssh } = server;
  return `apiVersion: plumbline.dev/v1alpha1
kind: Device
metadata: {name: ${name}, labels: {role: dhcp}}
spec:
  platform: kea
  management:
    address: 127.0.0.1
    ${ssh ? `port: ${ssh.port}\n    hostKeys: ['${ssh.hostKey}']` : ''}
    api: {agentPort: ${new URL(server.url).port}}
  credentials: {observe: {name: ${name}-observe}, apply: {name: ${name}-apply}}
  dhcp:
    ipv4:
      interfaces: [srv]
      hooks: [libdhcp_stat_cmds.so]
      lifetimes: {validSeconds: 3600}
    ipv6:
      interfaces: [srv]
      hooks: [libdhcp_stat_cmds.so]
      macSources: [any]
      lifetimes: {validSeconds: 3600, preferredSeconds: 1800}
`;
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
