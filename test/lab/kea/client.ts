import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, type Ran, tryRun, until } from '../shell.ts';
import type { KeaFacts } from './spec.ts';

/** A machine on the LAN that asks for addresses. Linux and udhcpc or dhclient, nothing simulated. */
export interface Client {
  readonly namespace: string;
  /**
   * One DHCPv4 exchange by udhcpc, from discover; undefined when nobody gave an address within the tries (1 s each). With a client id (octets in
   * hex) as a client of its own.
   */
  lease4(tries?: number, clientId?: string): Promise<Lease4 | undefined>;
  /** One DHCPv6 exchange by dhclient; undefined when nobody gave an address in `limitMs` (5 s). */
  lease6(limitMs?: number): Promise<Lease6 | undefined>;
  /** A DHCPv4 client that stays, as those of people do, until the lab goes down. */
  stay4(): Promise<Staying>;
  /** Any program on the client as root, for example perfdhcp. */
  inside(argv: readonly string[], timeoutMs?: number): Promise<Ran>;
}

export interface Lease4 {
  address: string;
  seconds: number;
  /** Every variable that udhcpc gives to its script: `router`, `dns`, `hostname`, `bootfile`, … */
  options: Readonly<Record<string, string>>;
}

export interface Staying {
  /** What its server told it so far, one word and address each, oldest first: `bound 192.0.2.5`, `renew 192.0.2.5`, `nak`, `deconfig`. */
  told(): readonly string[];
  /** Asks for more time now. */
  renew(): void;
}

export interface Lease6 {
  address: string;
}

/** A client with this hardware address, attached to the LAN. Asked for again, it is the same one. */
export async function createClient(facts: KeaFacts, name: string, mac: string): Promise<Client> {
  const namespace = `${facts.prefix}.c-${name}`;
  const dir = join(facts.dir, `client-${name}`);
  if (!existsSync(dir)) {
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'hook.sh'), hook, { mode: 0o755 });
    await run(['ip', 'netns', 'add', namespace]);
    await attachToLan(facts.prefix, namespace, 'cli', mac);
  }
  const inside = (argv: readonly string[], timeoutMs?: number) =>
    tryRun(['ip', 'netns', 'exec', namespace, ...argv], timeoutMs === undefined ? {} : { timeoutMs });
  return {
    namespace,
    inside,
    lease4: (tries = 3, clientId?: string) => lease4(inside, dir, tries, clientId),
    lease6: (limitMs = 5_000) => lease6(inside, dir, limitMs),
    stay4: () => stay4(inside, dir),
  };
}

const hook = `#!/bin/sh
[ "$1" = bound ] || exit 0
env > "$OUT.new" && mv "$OUT.new" "$OUT"
`;

async function lease4(inside: Client['inside'], dir: string, tries: number, clientId?: string): Promise<Lease4 | undefined> {
  const out = join(dir, 'bound');
  const argv = [
    'udhcpc',
    '-i',
    'cli',
    '-n',
    '-q',
    '-f',
    '-t',
    String(tries),
    '-T',
    '1',
    '-s',
    join(dir, 'hook.sh'),
    ...(clientId === undefined ? [] : ['-x', `0x3d:${clientId.replaceAll(':', '')}`]),
  ];
  const { rc } = await inside(['env', `OUT=${out}`, ...argv], tries * 1_000 + 5_000);
  if (rc !== 0) return undefined;
  const words = readFileSync(out, 'utf8')
    .split('\n')
    .map((line) => line.split(/=(.*)/s, 2) as [string, string | undefined]);
  const options = Object.fromEntries(words.map(([name, value]) => [name, value ?? '']));
  return { address: options['ip'] ?? '', seconds: Number(options['lease']), options };
}

/** With its address on the interface: a renewal is sent from there. */
const stayingHook = `#!/bin/sh
case $1 in
bound | renew) ip address flush dev cli scope global; ip address add "$ip/24" dev cli; echo "$1 $ip" >> "$OUT" ;;
deconfig) ip address flush dev cli scope global; echo "$1" >> "$OUT" ;;
*) echo "$1" >> "$OUT" ;;
esac
`;

async function stay4(inside: Client['inside'], dir: string): Promise<Staying> {
  const [out, pid, script] = ['staying', 'staying.pid', 'staying.sh'].map((name) => join(dir, name)) as [string, string, string];
  writeFileSync(script, stayingHook, { mode: 0o755 });
  writeFileSync(out, '');
  const argv = ['setsid', 'udhcpc', '-i', 'cli', '-f', '-t', '10', '-T', '1', '-A', '1', '-s', script, '-p', pid];
  await inside(['sh', '-c', 'OUT="$1"; export OUT; shift; "$@" >/dev/null 2>&1 </dev/null &', 'sh', out, ...argv]);
  const told = () => readFileSync(out, 'utf8').split('\n').filter(Boolean);
  await until('a client that stays has an address', () => told().some((line) => line.startsWith('bound ')), 15_000);
  return { told, renew: () => process.kill(Number(readFileSync(pid, 'utf8')), 'SIGUSR1') };
}

async function lease6(inside: Client['inside'], dir: string, limitMs: number): Promise<Lease6 | undefined> {
  const leases = join(dir, 'leases6');
  writeFileSync(leases, '');
  const argv = ['dhclient', '-6', '-1', '-d', '-sf', '/bin/true', '-pf', join(dir, 'dhclient6.pid'), '-lf', leases, 'cli'];
  // With -d it stays in the foreground for ever: it is the lease file that says that it is bound.
  const script = `"$@" > "${dir}/dhclient6.log" 2>&1 & pid=$!; i=0; until grep -q iaaddr "${leases}" || [ $i -ge ${Math.ceil(limitMs / 50)} ]; do sleep 0.05; i=$((i+1)); done; kill -9 $pid; wait $pid; grep -q iaaddr "${leases}"`;
  const { rc } = await inside(['sh', '-c', script, 'sh', ...argv], limitMs + 10_000);
  const address = /iaaddr (\S+)/.exec(readFileSync(leases, 'utf8'))?.[1];
  return rc === 0 && address !== undefined ? { address } : undefined;
}

/** A veth from the LAN's bridge into a namespace. Waits until its IPv6 link-local address may be used. */
export async function attachToLan(
  prefix: string,
  namespace: string,
  name: string,
  mac?: string,
  addresses: readonly string[] = [],
): Promise<void> {
  const lan = `${prefix}.lan`;
  const port = `p${namespace.slice(prefix.length + 1)}`.slice(0, 15);
  await run(['ip', 'link', 'add', port, 'netns', lan, 'type', 'veth', 'peer', 'name', name, 'netns', namespace]);
  await run(['ip', '-n', lan, 'link', 'set', port, 'master', 'br0', 'up']);
  const script = `
sysctl -qw "net.ipv6.conf.$1.accept_dad=0" "net.ipv6.conf.$1.accept_ra=0"
[ -z "$2" ] || ip link set "$1" address "$2"
ip link set lo up; ip link set "$1" up
interface=$1; shift 2
for address; do case $address in *:*) ip addr add "$address" dev "$interface" nodad;; *) ip addr add "$address" dev "$interface";; esac; done`;
  await run(['ip', 'netns', 'exec', namespace, 'sh', '-ec', script, 'sh', name, mac ?? '', ...addresses]);
}
