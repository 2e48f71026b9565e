/**
 * `node bench/dhcp-check.ts [SUBNETS] [RESERVATIONS]`: DHCP subnets with their reservations, 5,000 with 40 each by default, from files to the last
 * check. Each line is a process of its own. "cold" is the whole load of a folder; "checks" the checks of it alone, with nothing remembered; "again" the
 * load after one file changed. Times in ms, memory in MiB; on a busy machine
 * look at the CPU time beside each. Ends with an error when a problem is found where there is none, or not where there is one.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DesiredObject, DesiredObjects } from '../controller/api/index.ts';
import { checkAll } from '../controller/desired/checks/index.ts';
import { createManifestCache, loadDesired } from '../controller/desired/index.ts';
import { systemClock } from '../controller/lib/index.ts';

type Layout = 'csv' | 'yaml' | 'yaml, IPv6' | 'one csv';
const layouts: readonly Layout[] = ['csv', 'yaml', 'yaml, IPv6', 'one csv'];

const head = 'apiVersion: plumbline.dev/v1alpha1\n';
const server = (name: string, n: number, role: string, peer: string): string => `${head}kind: Device
metadata: {name: ${name}}
spec:
  platform: kea
  management: {address: 192.0.2.${n}, api: {agentPort: 8000}}
  credentials: {observe: {name: kea}}
  dhcp:
    ipv4: {reservationLookup: {outOfPool: true}, highAvailability: {mode: HotStandby, role: ${role}, peer: ${peer}, url: 'http://192.0.2.${n}:8001/'}}
    ipv6: {highAvailability: {mode: HotStandby, role: ${role}, peer: ${peer}, url: 'http://192.0.2.${n}:8002/'}}
---
`;

/** Line `k` of subnet `i`: hardware address, address, name. */
function reservation(i: number, k: number, layout: Layout, wide: boolean): [mac: string, address: string, name: string] {
  const n = i * 100_000 + k;
  const mac = ['02', ...[32, 24, 16, 8, 0].map((shift) => (Math.floor(n / 2 ** shift) & 255).toString(16).padStart(2, '0'))].join(':');
  const host = k + 1;
  const address = layout.endsWith('IPv6') ? `2001:db8:${i.toString(16)}::${host.toString(16)}` : addressOf(i, host, wide);
  return [mac, address, `host-${i}-${k}`];
}

function addressOf(i: number, host: number, wide: boolean): string {
  return wide ? `10.${host >> 16}.${(host >> 8) & 255}.${host & 255}` : `10.${i >> 8}.${i & 255}.${host}`;
}

function writeTree(folder: string, layout: Layout, subnets: number, each: number): void {
  writeFileSync(join(folder, 'servers.yaml'), server('dhcp1', 1, 'Primary', 'dhcp2') + server('dhcp2', 2, 'Standby', 'dhcp1'));
  mkdirSync(join(folder, 'dhcp'));
  const wide = layout === 'one csv';
  for (let i = 0; i < (wide ? 1 : subnets); i++) {
    const rows = Array.from({ length: wide ? subnets * each : each }, (_, k) => reservation(i, k, layout, wide));
    const isYaml = layout.startsWith('yaml');
    const v6 = layout.endsWith('IPv6');
    const prefix = v6 ? `'2001:db8:${i.toString(16)}::/64'` : wide ? '10.0.0.0/8' : `10.${i >> 8}.${i & 255}.0/24`;
    const pool = v6
      ? ''
      : `  pools: [{range: ${wide ? '10.200.0.0-10.201.0.0' : `${addressOf(i, 100, false)}-${addressOf(i, 199, false)}`}}]\n`;
    const options = v6 ? '' : `  options: [{name: routers, data: ${addressOf(i, 254, wide)}}, {name: domain-name, data: example.net}]\n`;
    const list = isYaml
      ? `  reservations:\n${rows.map(([mac, address, name]) => `    - hwAddress: ${mac}\n      addresses: ['${address}']\n      hostname: ${name}\n`).join('')}`
      : `  reservationsFile: dhcp/${i}.csv\n`;
    writeFileSync(
      join(folder, `dhcp/${i}.yaml`),
      `${head}kind: DHCPSubnet\nmetadata: {name: net-${i}}\nspec:\n  family: ${v6 ? 'IPv6' : 'IPv4'}\n  id: ${i + 1}\n  prefix: ${prefix}\n  servedBy: [dhcp1, dhcp2]\n${options}${pool}${list}`,
    );
    if (!isYaml)
      writeFileSync(join(folder, `dhcp/${i}.csv`), `hwAddress,addresses,hostname\n${rows.map((row) => row.join(',')).join('\n')}\n`);
  }
}

/** In a process of its own: what one load costs. */
async function measure(folder: string): Promise<void> {
  const cache = createManifestCache();
  const cpu = process.cpuUsage();
  const start = performance.now();
  const state = await loadDesired({ folder }, systemClock, cache);
  const coldMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  const coldCpuMs = (user + system) / 1000;
  const reservations = [...state.objects.DHCPSubnet.values()].reduce((sum, { spec }) => sum + spec.reservations.length, 0);
  // Copies are strangers to every cache of the checks.
  const copies = Object.fromEntries(
    Object.entries(state.objects).map(([kind, map]) => [
      kind,
      new Map([...map].map(([name, each]: [string, DesiredObject]) => [name, { ...each }])),
    ]),
  ) as unknown as DesiredObjects;
  const unread = { isEmpty: true, mayHold: () => false };
  const files = new Set(state.files.keys());
  const checksCpu = process.cpuUsage();
  const checksStart = performance.now();
  const found = checkAll({ objects: copies, broken: [], unread, files, now: new Date(0), before: undefined }, () => {});
  const checksMs = performance.now() - checksStart;
  const checksUsed = process.cpuUsage(checksCpu);
  const checksCpuMs = (checksUsed.user + checksUsed.system) / 1000;
  const peakMiB = process.resourceUsage().maxRSS / 1024;

  writeFileSync(
    join(folder, 'new.yaml'),
    `${head}kind: DHCPSubnet\nmetadata: {name: new}\nspec: {family: IPv4, id: 4000000, prefix: 10.0.0.128/25, servedBy: [dhcp1, dhcp2]}\n`,
  );
  const againStart = performance.now();
  const again = await loadDesired({ folder }, systemClock, cache);
  const againMs = performance.now() - againStart;
  const problems = [...state.problems, ...found].map(({ code }) => code);
  const codes = again.problems.map(({ code }) => code);
  process.stdout.write(JSON.stringify({ coldMs, coldCpuMs, checksMs, checksCpuMs, againMs, peakMiB, reservations, problems, codes }));
}

function main(subnets: number, each: number): void {
  process.stdout.write(`${subnets} subnets, ${subnets * each} reservations in all; both served by a pair.\n\n`);
  const columns = ['reservations in', 'reservations', 'cold', 'CPU', 'of it checks', 'CPU', 'peak MiB', 'again'];
  process.stdout.write(`| ${columns.join(' | ')} |\n|${columns.map(() => '---').join('|')}|\n`);
  for (const layout of layouts) {
    const folder = mkdtempSync(join(tmpdir(), 'plumb-dhcp-'));
    try {
      writeTree(folder, layout, subnets, each);
      const { stdout, stderr, status } = spawnSync(process.execPath, [import.meta.filename, '--measure', folder], { encoding: 'utf8' });
      if (status !== 0) throw new Error(stderr);
      const result = JSON.parse(stdout) as Record<
        'coldMs' | 'coldCpuMs' | 'checksMs' | 'checksCpuMs' | 'againMs' | 'peakMiB' | 'reservations',
        number
      > &
        Record<'problems' | 'codes', string[]>;
      const { coldMs, coldCpuMs, checksMs, checksCpuMs, peakMiB, againMs, reservations, problems, codes } = result;
      if (problems.length > 0) throw new Error(`${layout}: ${problems.slice(0, 5).join(', ')} where nothing is wrong`);
      const overlaps = layout.endsWith('IPv6') ? 0 : 1;
      if (codes.filter((code) => code === 'SubnetsOverlap').length !== overlaps)
        throw new Error(`${layout}: ${codes.join(', ') || 'nothing'} is found of one overlap`);
      const numbers = [reservations, coldMs, coldCpuMs, checksMs, checksCpuMs, peakMiB, againMs].map((value) => value.toFixed(0));
      process.stdout.write(`| ${[layout, ...numbers].join(' | ')} |\n`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
}

const [, , first = '5000', second = '40'] = process.argv;
if (first === '--measure') await measure(second);
else main(Number(first), Number(second));
