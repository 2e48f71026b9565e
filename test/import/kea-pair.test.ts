import { describe, expect, it } from 'vitest';
import { hasErrors } from '../../controller/api/index.ts';
import { dialectFor, diffText, parse } from '../../controller/config/index.ts';
import { loadSource } from '../../controller/desired/index.ts';
import { importDevices, type Imported } from '../../controller/import/index.ts';
import { systemClock } from '../../controller/lib/index.ts';
import { prepareDevices } from '../../controller/pipeline/index.ts';
import { memorySource } from '../builders/memory-source.ts';

const kea = dialectFor('kea');
const hooks = '/usr/lib/x86_64-linux-gnu/kea/hooks';
const peers = (...passwords: (string | undefined)[]) =>
  ['dhcp1', 'dhcp2'].map((name, i) => ({
    name,
    url: `http://192.0.2.${i + 1}:8001/`,
    role: i === 0 ? 'primary' : 'standby',
    ...(passwords[i] !== undefined && { 'basic-auth-user': 'ha', 'basic-auth-password': passwords[i] }),
  }));
const office = { id: 10, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.100 - 192.0.2.199' }], 'user-context': { site: 'fra' } };
const floor = { name: 'floor', subnet4: [{ id: 11, subnet: '198.51.100.0/24', 'valid-lifetime': 600 }] };

interface Wish {
  ha?: object;
  libraries?: readonly string[];
  subnets?: readonly object[];
  passwords?: readonly (string | undefined)[];
}

function server(name: string, { ha = {}, libraries = ['libdhcp_lease_cmds.so'], subnets = [office], passwords = [] }: Wish = {}): string {
  const pair = { 'this-server-name': name, mode: 'hot-standby', 'heartbeat-delay': 2000, peers: peers(...passwords), ...ha };
  return JSON.stringify({
    Dhcp4: {
      'interfaces-config': { interfaces: ['eth0'] },
      'hooks-libraries': [
        ...libraries.map((library) => ({ library: `${hooks}/${library}` })),
        { library: `${hooks}/libdhcp_ha.so`, parameters: { 'high-availability': [pair] } },
        { library: `${hooks}/libdhcp_bootp.so` },
      ],
      'shared-networks': [floor],
      subnet4: subnets,
    },
  });
}

async function importPair(texts: readonly [string, string], files?: ReadonlyMap<string, string>): Promise<Imported> {
  const originals = texts.map((text, i) => ({ device: `dhcp${i + 1}`, from: `dhcp${i + 1}.json`, platform: 'kea-dhcp4', text }));
  return importDevices({ originals, words: new Map(), ...(files && { base: memorySource(Object.fromEntries(files)) }) });
}

const blank = (text: string) => text.replace(/<secret:[^>]+>|opensesame|topsecret/g, '<secret:unset-any/any>');

async function expectSame(texts: readonly [string, string], { files }: Imported): Promise<void> {
  const state = await loadSource(memorySource(Object.fromEntries(files)), systemClock);
  expect(hasErrors(state.problems)).toBe(false);
  const { devices } = await prepareDevices(state, ['dhcp1', 'dhcp2'], undefined);
  for (const [i, text] of texts.entries())
    expect(diffText(parse(blank(text), kea), parse(blank(devices[i]?.ready?.rendered.text ?? ''), kea), kea)).toBe('');
  for (const text of files.values()) expect(text).not.toMatch(/opensesame|topsecret/);
}

const sorted = ({ files }: Imported) => [...files].toSorted(([a], [b]) => (a < b ? -1 : 1));
const subnetsOf = (imported: Imported) => sorted(imported).filter(([path]) => path.startsWith('subnets/'));

describe('the two servers of a pair, imported together', () => {
  it.each<{ name: string; wish: Wish; secrets: readonly string[] }>([
    { name: 'without passwords', wish: {}, secrets: [] },
    {
      name: 'with one password for both, and more hooks',
      wish: { passwords: ['opensesame', 'opensesame'], libraries: ['libdhcp_stat_cmds.so', 'libdhcp_lease_cmds.so'] },
      secrets: ['ha-dhcp1/ipv4-password for dhcp1', 'ha-dhcp1/ipv4-password for dhcp2'],
    },
    {
      name: 'with a password each',
      wish: { passwords: ['opensesame', 'topsecret'] },
      secrets: ['dhcp1', 'dhcp2'].flatMap((device) => [
        `ha-dhcp1/ipv4-password-dhcp1 for ${device}`,
        `ha-dhcp1/ipv4-password-dhcp2 for ${device}`,
      ]),
    },
  ])('$name, become one desired state: subnets that both serve, and a second import changes nothing', async ({ wish, secrets }) => {
    const texts = [server('dhcp1', wish), server('dhcp2', wish)] as const;
    const imported = await importPair(texts);
    await expectSame(texts, imported);
    expect(
      subnetsOf(imported).map(([path, text]) => [path, /servedBy:\s*(\[.*\]|(?:\n?\s*- \S+)+)/.exec(text)?.[1]?.match(/dhcp\d/g)]),
    ).toEqual([
      ['subnets/floor.yaml', ['dhcp1', 'dhcp2']],
      ['subnets/fra.yaml', ['dhcp1', 'dhcp2']],
    ]);
    expect(imported.files.get('devices/dhcp2.yaml')).toMatch(/highAvailability:[^]*role: Standby[^]*peer: dhcp1/);
    expect(
      imported.secrets.map(({ name, key, device, purpose }) => `${name}/${key} for ${device}${purpose === 'dhcp-ha' ? '' : purpose}`),
    ).toEqual(secrets);
    const again = await importPair(texts, imported.files);
    expect([again.files.size, again.unchanged.toSorted()]).toEqual([0, ['dhcp1', 'dhcp2']]);
    const turned = await importDevices({
      originals: texts.map((text, i) => ({ device: `dhcp${i + 1}`, from: '', platform: 'kea-dhcp4', text })).toReversed(),
      words: new Map(),
    });
    expect(sorted(turned)).toEqual(sorted(imported));
  });

  it.each<{ name: string; first: Wish; second: Wish }>([
    {
      name: 'the hook says more than fields do',
      first: { ha: { 'send-lease-updates': false } },
      second: { ha: { 'send-lease-updates': false } },
    },
    {
      name: 'one subnet is not the same on both',
      first: {},
      second: { subnets: [{ ...office, pools: [{ pool: '192.0.2.100 - 192.0.2.149' }] }] },
    },
    { name: 'one serves more', first: {}, second: { subnets: [office, { id: 12, subnet: '203.0.113.0/24' }] } },
    { name: 'they do not say the same of each other', first: {}, second: { ha: { mode: 'load-balancing' } } },
    { name: 'a hook that tells leases comes behind', first: { libraries: [] }, second: { libraries: [] } },
  ])('come back as they were where $name', async ({ first, second }) => {
    const texts = [server('dhcp1', first), server('dhcp2', second)] as const;
    await expectSame(texts, await importPair(texts));
  });
});
