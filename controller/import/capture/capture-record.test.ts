import { describe, expect, it } from 'vitest';
import { memorySource } from '../../../test/builders/memory-source.ts';
import type { NetBoxFacts, ToldSides } from '../../api/index.ts';
import { loadSource } from '../../desired/index.ts';
import { systemClock } from '../../lib/index.ts';
import { captureRecord } from './capture-record.ts';

const file = `# edge of Frankfurt
kind: Device
apiVersion: plumbline.dev/v1alpha1
metadata: {name: r1, labels: {site: fra}}
spec:
  platform: frr
  management: {address: 192.0.2.1, hostKeys: ['SHA256:${'A'.repeat(43)}']}
  credentials: {observe: {name: o}}
  interfaces:
    - name: eth0 # uplink
      description: to core
      addresses: [198.51.100.1/24]
    - {name: eth1, addresses: [203.0.113.1/24]}
`;

interface Port {
  description: string | null;
  enabled: boolean;
  addresses: string[];
}

/** NetBox and the device say this; Git, and the device when it was adopted, say what the file says. */
async function capture(ports: Record<string, Port>) {
  const source = memorySource({ 'devices/r1.yaml': file });
  const state = await loadSource(source, systemClock);
  const rows = (kind: string, list: Record<string, unknown>[]) =>
    list.map((values, i) => ({ id: i + 1, key: keyOf(kind, values), values, updated: null }));
  const facts = {
    url: 'https://netbox.example.net',
    version: '4.7.3',
    at: '2026-11-22T00:00:00.000Z',
    objects: {
      site: rows('site', [{ slug: 'fra' }]),
      device: rows('device', [{ name: 'r1', site: 'fra', status: 'active', platform: 'frr', primaryIp4: null, oobIp: null }]),
      interface: rows(
        'interface',
        Object.entries(ports).map(([name, { description, enabled }]) => ({ device: 'fra > r1', name, description, enabled })),
      ),
      ipAddress: rows(
        'ipAddress',
        Object.entries(ports).flatMap(([name, { addresses }]) =>
          addresses.map((address) => ({ address, interface: `fra > r1 > ${name}`, vrf: null })),
        ),
      ),
    },
  } as unknown as NetBoxFacts;
  const asGit = {
    eth0: { description: 'to core', enabled: true, addresses: ['198.51.100.1/24'] },
    eth1: { description: null, enabled: true, addresses: ['203.0.113.1/24'] },
  };
  const told = new Map<string, ToldSides>([['r1', { live: { interfaces: ports }, baseline: { interfaces: asGit } }]]);
  return captureRecord({ state, source, facts, told, devices: new Set(['r1']) });
}

function keyOf(kind: string, values: Record<string, unknown>): string {
  if (kind === 'device') return 'fra > r1';
  if (kind === 'interface') return `fra > r1 > ${String(values['name'])}`;
  return kind === 'site' ? 'fra' : (String(values['address']).split('/')[0] ?? '');
}

const eth0: Port = { description: 'to core', enabled: true, addresses: ['198.51.100.1/24'] };
const eth1: Port = { description: null, enabled: true, addresses: ['203.0.113.1/24'] };

describe('what NetBox is ahead with is written into Git', { timeout: 60_000 }, () => {
  it.each<{ name: string; ports: Record<string, Port>; lines: [was: string, is: string][] }>([
    {
      name: 'a description',
      ports: { eth0: { ...eth0, description: 'to core 2' }, eth1 },
      lines: [['description: to core', 'description: to core 2']],
    },
    { name: 'an interface that was shut', ports: { eth0, eth1: { ...eth1, enabled: false } }, lines: [['24]}', '24], enabled: false}']] },
    {
      name: 'another length of an address',
      ports: { eth0: { ...eth0, addresses: ['198.51.100.1/25'] }, eth1 },
      lines: [['198.51.100.1/24', '198.51.100.1/25']],
    },
    {
      name: 'an address more',
      ports: { eth0: { ...eth0, addresses: ['198.51.100.1/24', '198.51.100.9/24'] }, eth1 },
      lines: [['198.51.100.1/24', '198.51.100.1/24, 198.51.100.9/24']],
    },
  ])('$name', async ({ ports, lines }) => {
    const { files, left } = await capture(ports);
    expect(left).toEqual([]);
    expect(files.get('devices/r1.yaml')).toBe(lines.reduce((text, [was, is]) => text.replace(was, is), file));
  });

  it('and nothing where NetBox says what Git says', async () => {
    expect((await capture({ eth0, eth1 })).files.size).toBe(0);
  });
});
