import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert, asyncProperty } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasErrors } from '../../controller/api/index.ts';
import { dialectFor, diffText, parse, print } from '../../controller/config/index.ts';
import { loadSource } from '../../controller/desired/index.ts';
import { importDevices, type Imported } from '../../controller/import/index.ts';
import { systemClock } from '../../controller/lib/index.ts';
import { prepareDevices } from '../../controller/pipeline/index.ts';
import { memorySource } from '../builders/memory-source.ts';
import { configOf } from '../engine/kea/configs.ts';

const kea = dialectFor('kea');

/** Configurations, and beside each what comes of it. `vitest --update` rewrites that. */
const folder = join(import.meta.dirname, 'kea');
const cases = readdirSync(folder).filter((file) => file.endsWith('.json'));
const textOf = (file: string): string => readFileSync(join(folder, file), 'utf8');

function importText(text: string, files?: ReadonlyMap<string, string>): Promise<Imported> {
  const base = files && memorySource(Object.fromEntries(files));
  return importDevices({ originals: [{ device: 'dhcp1', from: 'dhcp1', platform: 'kea', text }], words: new Map(), ...(base && { base }) });
}

async function renderOf(files: ReadonlyMap<string, string>): Promise<string> {
  const state = await loadSource(memorySource(Object.fromEntries(files)), systemClock);
  expect(hasErrors(state.problems)).toBe(false);
  const { devices } = await prepareDevices(state, ['dhcp1'], undefined);
  return devices[0]?.ready?.rendered.text ?? '';
}

/** Values of secrets and what stands for them read alike. */
function blank(text: string): string {
  return text.replace(/<secret:[^>]+>|opensesame|topsecret/g, '<secret:unset-any/any>');
}

function difference(original: string, rendered: string): string {
  return diffText(parse(blank(original), kea), parse(blank(rendered), kea), kea);
}

describe.each(cases)('%s', (file) => {
  it('becomes what is recorded', async () => {
    const { files, accounts, secrets } = await importText(textOf(file));
    const texts = [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, text]) => `### ${path}\n${text}`);
    const counted = accounts.flatMap(({ modelled, raw, notes = [] }) => [`${modelled} modelled, ${raw} raw`, ...notes]);
    const used = secrets.map((use) => `secret ${use.name}/${use.key}: ${use.purpose}, ${use.value ? 'known' : 'unknown'}`);
    await expect([...texts, '### accounts', ...counted, ...used, ''].join('\n')).toMatchFileSnapshot(
      join(folder, file.replace('.json', '.txt')),
    );
  });

  it('gives back the configuration, and no value of a secret', async () => {
    const { files } = await importText(textOf(file));
    expect(difference(textOf(file), await renderOf(files))).toBe('');
    for (const text of files.values()) expect(text).not.toMatch(/opensesame|topsecret/);
  });

  it('is left as it is by a second import', async () => {
    const { files } = await importText(textOf(file));
    const again = await importText(textOf(file), files);
    expect([again.files.size, again.unchanged]).toEqual([0, ['dhcp1']]);
  });

  it('becomes the same from the lines that a server is read as', async () => {
    const lines = print(parse(blank(textOf(file)), kea));
    const { files } = await importText(lines);
    expect(difference(lines, await renderOf(files))).toBe('');
  });
});

it('refuses a server that Git has otherwise, and says where', async () => {
  const { files } = await importText(textOf('office.json'));
  await expect(importText(textOf('office.json').replace('"data": "198.51.100.1"', '"data": "198.51.100.2"'), files)).rejects.toMatchObject({
    code: 'DeviceExists',
    message: expect.stringContaining('subnet 1') as string,
  });
});

it('puts many reservations into a file, and keeps those that no line can say', async () => {
  const reservations = Array.from({ length: 300 }, (_, i) => ({
    'hw-address': `02:00:5e:00:${String(10 + Math.floor(i / 90))}:${String(10 + (i % 90))}`,
    'ip-address': `198.18.${Math.floor(i / 200)}.${1 + (i % 200)}`,
    ...(i === 5 && { 'option-data': [{ name: 'host-name', data: 'five' }] }),
    ...(i === 6 && { 'user-context': { six: true } }),
  }));
  const text = JSON.stringify({
    Dhcp4: { 'interfaces-config': { interfaces: ['eth0'] }, subnet4: [{ id: 1, subnet: '198.18.0.0/15', reservations }] },
  });
  const { files } = await importText(text);
  expect(files.get('subnets/subnet-198-18-0-0-15.csv')?.split('\n').length).toBe(300);
  expect(files.get('sections/dhcp1/kea-dhcp4.json')).toContain('"six": true');
  expect(difference(text, await renderOf(files))).toBe('');
});

it.each([
  { name: 'an empty file', text: '', code: 'NoConfiguration' },
  { name: 'nothing but a comment', text: '// to be written\n', code: 'NoConfiguration' },
  { name: 'a key that stands twice', text: '{"Dhcp4": {"valid-lifetime": 4,\n "valid-lifetime": 5}}', code: 'ConfigSyntax', line: 2 },
  {
    name: 'one that stands twice beside a key that ends in a backslash',
    text: '{"Dhcp4": {"valid-lifetime": 4, "user-context": {"a\\\\": 1},\n "valid-lifetime": 5}}',
    code: 'ConfigSyntax',
    line: 2,
  },
])('is refused with its place: $name', async ({ text, code, line = 1 }) => {
  await expect(importText(text)).rejects.toMatchObject({ code, at: { file: 'dhcp1', line } });
});

describe.each([
  ['Dhcp4', 4],
  ['Dhcp6', 6],
] as const)('any configuration of %s', (root, family) => {
  it('comes back with no difference', async () => {
    await assert(
      asyncProperty(configOf(family), async (map) => {
        const text = JSON.stringify({ [root]: map });
        const { files } = await importText(text);
        expect(difference(text, await renderOf(files))).toBe('');
      }),
      { numRuns: 25 },
    );
  }, 240_000);
});
