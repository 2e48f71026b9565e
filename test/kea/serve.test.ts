import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileDevice } from '../../controller/compile/index.ts';
import { compileTemplates, createRenderer, readBuiltinTemplates } from '../../controller/render/index.ts';
import { stateOf } from '../builders/state.ts';
import { type Client, type JsonMap, type KeaLab, up, whyNot } from '../lab/kea/index.ts';

/** What Git says, and what clients get of it from a real server. The rules of Kea that compile rests on are among it. */
const desired = `
kind: DeviceProfile
name: dhcp
spec:
  platform: kea
  dhcp:
    clientClasses:
      - {name: uefi, family: IPv4, architectures: [x64-uefi], ipxe: false}
      - {name: bios, family: IPv4, architectures: [bios], nextServer: 192.0.2.20, bootFile: class.kpxe}
      - {name: ipxe, family: IPv4, ipxe: true, bootFile: 'http://192.0.2.20/menu.ipxe'}
      - {name: phones, family: IPv4, test: "option[60].text == 'phone'", optionSets: [voice], lifetimes: {validSeconds: 1000}}
      - {name: night, family: IPv4, test: "member('phones')", additional: true, options: [{name: time-offset, data: '-7200'}]}
    optionSets:
      - {name: dns, family: IPv4, options: [{name: domain-name-servers, data: '192.0.2.53, 192.0.2.54'}, {name: domain-name, data: example.net}]}
      - {name: voice, family: IPv4, options: [{name: ntp-servers, data: 192.0.2.55}]}
---
kind: Device
name: dhcp1
spec:
  platform: kea
  profile: dhcp
  management: {address: 192.0.2.1, api: {agentPort: 8000}}
  credentials: {observe: {name: kea-observe}}
  dhcp:
    ipv4: {interfaces: [srv], authoritative: true, lifetimes: {validSeconds: 4000}}
    ipv6: {interfaces: [srv]}
---
kind: DHCPSubnet
name: office
spec:
  family: IPv4
  id: 10
  prefix: 192.0.2.0/24
  servedBy: [dhcp1]
  interface: srv
  options: [{name: routers, data: 192.0.2.1}, {name: domain-name, data: office.example.net}]
  optionSets: [dns]
  additionalClasses: [night]
  nextServer: 192.0.2.30
  bootFile: subnet.bin
  bootByClass:
    - {clientClass: uefi, nextServer: 192.0.2.31, bootFile: office.efi}
    - {clientClass: bios, nextServer: 192.0.2.32, bootFile: office.kpxe}
  pools: [{range: 192.0.2.100-192.0.2.150}]
  reservations:
    - {hwAddress: 02:00:00:00:10:50, addresses: [192.0.2.50], hostname: printer1}
    - {hwAddress: 02:00:00:00:10:51, addresses: [192.0.2.51], bootFile: own.bin, options: [{name: domain-name, data: own.example.net}]}
---
kind: DHCPSubnet
name: homes
spec:
  family: IPv6
  id: 20
  prefix: 2001:db8:1::/64
  servedBy: [dhcp1]
  interface: srv
  pools: [{range: '2001:db8:1::100-2001:db8:1::1ff'}]
  reservations: [{hwAddress: 02:00:00:00:10:50, addresses: ['2001:db8:1::50']}]
`;

async function render(): Promise<Record<string, JsonMap>> {
  const { intent } = compileDevice(stateOf(desired), 'dhcp1');
  if (!intent) throw new Error('no intent');
  const renderer = createRenderer({ templates: compileTemplates(readBuiltinTemplates()).compiled });
  const { rendered, problems } = await renderer.render(intent, () => '');
  renderer.close();
  expect(problems).toEqual([]);
  return JSON.parse((rendered?.text ?? '').replaceAll(/^ *\/\/.*$/gm, '')) as Record<string, JsonMap>;
}

const skipped = whyNot();
if (skipped !== undefined) process.stderr.write(`skipped, no real Kea: ${skipped}\n`);

describe.skipIf(skipped !== undefined)('what is rendered from Git, served by a real Kea', () => {
  let lab: KeaLab;
  let place = '';

  beforeAll(async () => {
    place = mkdtempSync(join(tmpdir(), 'plumb-serve-'));
    writeFileSync(join(place, 'hook.sh'), '#!/bin/sh\n[ "$1" = bound ] && env > "$OUT"\nexit 0\n', { mode: 0o755 });
    const { Dhcp4, Dhcp6 } = await render();
    lab = await up({
      prefix: `ks${process.pid.toString(36)}`,
      servers: [{ name: 'dhcp1', addresses: ['192.0.2.1/24', '2001:db8:1::1/64'], dhcp4: Dhcp4 ?? {}, dhcp6: Dhcp6 ?? {} }],
    });
  });
  afterAll(async () => {
    await lab?.down();
    rmSync(place, { recursive: true, force: true });
  });

  /** What one DHCPv4 exchange gives, in the words of udhcpc. */
  async function ask(client: Client, ...says: string[]): Promise<Record<string, string>> {
    const out = join(place, client.namespace);
    const wish = ['router', 'dns', 'domain', 'hostname', 'ntpsrv', 'timezone', 'bootfile'].flatMap((name) => ['-O', name]);
    const argv = ['udhcpc', '-i', 'cli', '-n', '-q', '-f', '-t', '4', '-T', '1', '-s', join(place, 'hook.sh'), ...wish, ...says];
    const { rc, stderr } = await client.inside(['env', `OUT=${out}`, ...argv], 20_000);
    if (rc !== 0) throw new Error(stderr);
    const lines = readFileSync(out, 'utf8').split('\n');
    return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s, 2) as [string, string]));
  }

  test('a client gets an address of the pool, the options of subnet and set, and the boot file of the subnet', async () => {
    const got = await ask(await lab.client('plain', '02:00:00:00:10:01'));
    expect(got['ip']).toMatch(/^192\.0\.2\.1[0-4][0-9]$|^192\.0\.2\.150$/);
    expect(got).toMatchObject({
      lease: '4000',
      router: '192.0.2.1',
      dns: '192.0.2.53 192.0.2.54',
      domain: 'office.example.net',
      siaddr: '192.0.2.30',
      boot_file: 'subnet.bin',
    });
  });

  test('a client with a reservation gets its address, name, options and boot file', async () => {
    const printer = await lab.client('printer', '02:00:00:00:10:50');
    expect(await ask(printer)).toMatchObject({ ip: '192.0.2.50', hostname: 'printer1' });
    expect(await printer.lease6()).toEqual({ address: '2001:db8:1::50' });
    const other = await lab.client('other', '02:00:00:00:10:51');
    expect(await ask(other)).toMatchObject({ ip: '192.0.2.51', domain: 'own.example.net', boot_file: 'own.bin' });
  });

  test('a class brings its options and lifetimes, and another one is tried where the subnet lists it', async () => {
    const phone = await lab.client('phone', '02:00:00:00:10:03');
    expect(await ask(phone, '-V', 'phone')).toMatchObject({ lease: '1000', ntpsrv: '192.0.2.55', timezone: String(2 ** 32 - 7200) });
  });

  test('a client boots what the subnet says for its class', async () => {
    const uefi = await lab.client('uefi', '02:00:00:00:10:04');
    expect(await ask(uefi, '-x', '0x5d:0007')).toMatchObject({ siaddr: '192.0.2.31', boot_file: 'office.efi' });
  });

  test('of what a class says itself and what the subnet says for it the class is first: plumb check refuses the two together', async () => {
    const bios = await lab.client('bios', '02:00:00:00:10:05');
    expect(await ask(bios, '-x', '0x5d:0000')).toMatchObject({ siaddr: '192.0.2.20', boot_file: 'class.kpxe' });
  });

  test('a client that runs iPXE gets the menu of its class', async () => {
    const ipxe = await lab.client('ipxe', '02:00:00:00:10:06');
    expect(await ask(ipxe, '-x', '0x5d:0007', '-x', '0x4d:69505845')).toMatchObject({ boot_file: 'http://192.0.2.20/menu.ipxe' });
  });
});
