import { expect, test } from 'vitest';
import { memorySource } from '../../test/builders/memory-source.ts';
import { formatPosition, systemClock } from '../lib/index.ts';
import { loadSource } from './load.ts';
import { createManifestCache } from './manifest-cache.ts';
import { createSubnetMemory } from './subnet-memory.ts';

const server = (name: string): string => `apiVersion: plumbline.dev/v1alpha1
kind: Device
metadata: {name: ${name}}
spec:
  platform: kea
  management: {address: 192.0.2.${name.length}, api: {agentPort: 8000}}
  credentials: {observe: {name: observe}}
  dhcp: {ipv4: {}, ipv6: {}}
---
`;

const subnet = (name: string, spec: string): string => `apiVersion: plumbline.dev/v1alpha1
kind: DHCPSubnet
metadata: {name: ${name}}
spec: ${spec}
---
`;

/** Loads one revision after another, and tells what is found in the last. */
async function walk(...revisions: readonly string[]): Promise<string[]> {
  const [cache, memory] = [createManifestCache(), createSubnetMemory()];
  let found: string[] = [];
  for (const text of revisions) {
    const { problems } = await loadSource(memorySource({ 'a.yaml': server('d') + server('dd') + text }), systemClock, cache, memory);
    found = problems.map((each) => `${each.at ? formatPosition(each.at) : ''} ${each.code}: ${each.message}`);
  }
  return found;
}

const office = subnet('office', '{family: IPv4, id: 10, prefix: 198.51.100.0/25, servedBy: [d]}');
const moved = subnet('lab', '{family: IPv4, id: 10, prefix: 203.0.113.0/24, servedBy: [d]}');
const renumbered = subnet('office', '{family: IPv4, id: 11, prefix: 198.51.100.0/25, servedBy: [d]}');
const at = 'a.yaml:22:26 SubnetIdMoved: DHCPSubnet';
const rev = `worktree@sha256:${'0'.repeat(64)}`;

test.each<{ name: string; revisions: string[]; found: string[] }>([
  { name: 'one revision alone shows nothing', revisions: [moved], found: [] },
  { name: 'an id that stays is right', revisions: [office, office], found: [] },
  {
    name: 'an id that stands for another prefix is told',
    revisions: [office, moved],
    found: [`${at}/lab: the id 10 stood for 198.51.100.0/25 in ${rev}, and now for 203.0.113.0/24`],
  },
  {
    name: 'a prefix with another id is told',
    revisions: [office, renumbered],
    found: [`${at}/office: 198.51.100.0/25 had the id 10 in ${rev}, and now 11`],
  },
  {
    name: 'it is told until it is put right',
    revisions: [office, moved, moved],
    found: [expect.stringContaining('SubnetIdMoved') as string],
  },
  { name: 'a new name is no new subnet', revisions: [office, office.replace('office', 'hall')], found: [] },
  { name: 'a prefix that grows keeps its id', revisions: [office, office.replace('/25', '/24')], found: [] },
  { name: 'what another server has is another id', revisions: [office, moved.replace('[d]', '[dd]')], found: [] },
  {
    name: 'what another family has is another id',
    revisions: [office, subnet('v6', "{family: IPv6, id: 10, prefix: '2001:db8::/64', servedBy: [d]}")],
    found: [],
  },
  { name: 'an id that was put right is right', revisions: [office, moved, office], found: [] },
])('$name', async ({ revisions, found }) => {
  expect(await walk(...revisions)).toEqual(found);
});
