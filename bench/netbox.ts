/**
 * node bench/netbox.ts: a real NetBox with 1,000 devices, 2,000 interfaces and 4,000 addresses, made here in some minutes: reading all of it,
 * looking again after one change, and writing 500 records; beside pynetbox (PyPI), which reads whole objects and writes them in one bulk request.
 * Server time is that of the worker processes of NetBox.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Secret, systemClock } from '../controller/lib/index.ts';
import { createMemory, type Kind, type NetBox, openNetBox } from '../controller/netbox/index.ts';
import { type NetBoxLab, up, whyNoNetBox } from '../test/lab/netbox/index.ts';

const root = join(import.meta.dirname, '..');
const devices = 1000;

async function main(): Promise<void> {
  const missing = await whyNoNetBox();
  if (missing !== undefined) throw new Error(missing);
  const lab = await up({ say: (line) => process.stderr.write(`» ${line}\n`) });
  try {
    process.stderr.write('» filling NetBox\n');
    const netbox = await open(lab);
    const ports = await fill(netbox);
    await netbox.close();
    await measureUs(lab, ports);
    measurePynetbox(lab, ports);
  } finally {
    await lab.down();
  }
}

const open = (lab: NetBoxLab, memory = createMemory()): Promise<NetBox> =>
  openNetBox({ url: lab.url, token: new Secret(lab.token), clock: systemClock, memory });

async function fill(netbox: NetBox): Promise<readonly number[]> {
  const make = async (kind: Kind, bodies: readonly Record<string, unknown>[]): Promise<number[]> => {
    const written = await netbox.write(
      kind,
      bodies.map((body) => ({ what: kind, message: 'bench', body })),
    );
    return written.map((each) => {
      if (each.error) throw each.error;
      return Number(each.row?.['id']);
    });
  };
  const named = (kind: Kind, count: number, more: (i: number) => Record<string, unknown> = () => ({})) =>
    make(
      kind,
      Array.from({ length: count }, (_, i) => ({ name: `${kind} ${i}`, slug: `${kind.toLowerCase()}-${i}`, ...more(i) })),
    );
  const sites = await named('site', 4);
  const [role] = await named('deviceRole', 1);
  const [manufacturer] = await named('manufacturer', 1);
  const [type] = await named('deviceType', 1, () => ({ model: 'Box', manufacturer, name: undefined }));
  const boxes = await make(
    'device',
    Array.from({ length: devices }, (_, i) => ({ name: `r${i}`, site: sites[i % 4], role, device_type: type, serial: `S${i}` })),
  );
  const ports = await make(
    'interface',
    boxes.flatMap((device) => ['eth0', 'eth1'].map((name) => ({ device, name, type: '1000base-t', description: 'link' }))),
  );
  await make(
    'ipAddress',
    ports.flatMap((id, i) => {
      const [a, b] = [(i >> 8) & 255, i & 255];
      return [`10.${a}.${b}.1/24`, `2001:db8:${a.toString(16)}:${b.toString(16)}::1/64`].map((address) => ({
        address,
        assigned_object_type: 'dcim.interface',
        assigned_object_id: id,
      }));
    }),
  );
  return ports;
}

async function measureUs(lab: NetBoxLab, ports: readonly number[]): Promise<void> {
  const memory = createMemory();
  const look = async (): Promise<void> => {
    const netbox = await open(lab, memory);
    await netbox.readFacts();
    await netbox.close();
  };
  await timed(lab, 'warm up', look);
  delete memory.last;
  await timed(lab, 'Plumbline: all', look);
  await timed(lab, 'Plumbline: again, nothing changed', look);
  const netbox = await open(lab);
  const change = (ids: readonly number[], description: string) =>
    netbox.write(
      'interface',
      ids.map((id) => ({ what: 'interface', id, message: 'bench', body: { description } })),
    );
  await change(ports.slice(0, 1), 'one');
  await timed(lab, 'Plumbline: again, one change', look);
  await timed(lab, 'Plumbline: 500 records', async () => {
    for (const { error } of await change(ports.slice(0, 500), 'ours')) if (error) throw error;
  });
  await netbox.close();
}

function measurePynetbox(lab: NetBoxLab, ports: readonly number[]): void {
  const python = installPynetbox();
  if (python === undefined) return print('pynetbox', 'not installed', '');
  const program = `
import os, pynetbox, time, sys
nb = pynetbox.api(os.environ["URL"], token=os.environ["TOKEN"])
def whole():
    for endpoint in (nb.dcim.sites, nb.dcim.locations, nb.dcim.racks, nb.dcim.manufacturers, nb.dcim.device_types, nb.dcim.device_roles, nb.dcim.platforms,
                     nb.dcim.devices, nb.dcim.interfaces, nb.ipam.vrfs, nb.ipam.vlans, nb.ipam.prefixes, nb.ipam.ip_ranges, nb.ipam.ip_addresses, nb.ipam.asns):
        list(endpoint.all(limit=500))
def write():
    nb.dcim.interfaces.update([{"id": each, "description": "theirs"} for each in range(${ports[0] ?? 0}, ${(ports[0] ?? 0) + 500})])
{"all": whole, "write": write}[sys.argv[1]]()
`;
  const environment = { ...process.env, URL: lab.url, TOKEN: lab.token };
  for (const [name, word] of [
    ['pynetbox: all', 'all'],
    ['pynetbox: 500 records', 'write'],
  ] as const) {
    const before = workerSeconds(lab);
    const start = performance.now();
    const { status, stderr } = spawnSync(python, ['-c', program, word], { env: environment, encoding: 'utf8', timeout: 300_000 });
    if (status === 0) print(name, seconds(performance.now() - start), `${(workerSeconds(lab) - before).toFixed(1)} s`);
    else print(name, `failed: ${stderr.trim().split('\n').at(-1)?.slice(0, 100) ?? ''}`, '');
  }
}

/** Installed once into a folder that Git ignores. */
function installPynetbox(): string | undefined {
  const folder = join(root, '.cache/bench-pynetbox');
  const python = join(folder, 'bin/python');
  if (existsSync(python)) return python;
  mkdirSync(folder, { recursive: true });
  const made = spawnSync('python3', ['-m', 'venv', folder]).status === 0;
  const installed = made && spawnSync(python, ['-m', 'pip', 'install', '-q', 'pynetbox==7.8.0']).status === 0;
  if (!installed) rmSync(folder, { recursive: true, force: true });
  return installed ? python : undefined;
}

async function timed(lab: NetBoxLab, name: string, work: () => Promise<void>): Promise<void> {
  const before = workerSeconds(lab);
  const start = performance.now();
  await work();
  print(name, seconds(performance.now() - start), `${(workerSeconds(lab) - before).toFixed(2)} s`);
}

/** CPU seconds of NetBox and its workers until now. */
function workerSeconds(lab: NetBoxLab): number {
  const master = readFileSync(join(lab.dir, 'netbox.pid'), 'utf8').trim();
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .reduce((sum, pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/stat`, 'utf8')
          .replace(/^.*\) /, '')
          .split(' ');
        return pid === master || words[1] === master ? sum + (Number(words[11]) + Number(words[12])) / 100 : sum;
      } catch {
        return sum; // ended meanwhile
      }
    }, 0);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

function print(name: string, took: string, server: string): void {
  process.stdout.write(`${name.padEnd(36)} ${took.padStart(10)} ${server.padStart(10)}\n`);
}

await main();
