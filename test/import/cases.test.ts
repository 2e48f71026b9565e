import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dialectFor, diffText, parse, parseIntended } from '../../controller/config/index.ts';
import { loadSource } from '../../controller/desired/index.ts';
import { importDevices, type Imported } from '../../controller/import/index.ts';
import { hasErrors } from '../../controller/api/index.ts';
import { systemClock } from '../../controller/lib/index.ts';
import { prepareDevices } from '../../controller/pipeline/index.ts';
import { memorySource } from '../builders/memory-source.ts';

/** A folder for each case: configurations, named after their routers, and `desired.txt`, every file that comes of them. `vitest --update` rewrites it. */
const folder = join(import.meta.dirname, 'cases');
const cases = readdirSync(folder).sort();

function originalsOf(name: string): { device: string; from: string; platform: string; text: string }[] {
  const files = readdirSync(join(folder, name)).filter((file) => file.endsWith('.conf'));
  return files.map((from) => ({
    device: from.replace('.conf', ''),
    from,
    platform: 'frr',
    text: readFileSync(join(folder, name, from), 'utf8'),
  }));
}

const importCase = (name: string): Promise<Imported> => importDevices({ originals: originalsOf(name), words: new Map() });

describe.each(cases)('%s', (name) => {
  it('becomes what is recorded, every line accounted for', async () => {
    const { files, accounts, secrets } = await importCase(name);
    const texts = [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, text]) => `### ${path}\n${text}`);
    const counted = accounts.flatMap(({ device, modelled, raw, unowned }) => [
      `${device}: ${modelled} modelled, ${raw} raw, ${unowned.length} unowned`,
      ...unowned.map(({ line, text, why }) => `  ${line}: ${text}: ${why}`),
    ]);
    const used = secrets.map((use) => `secret ${use.name}/${use.key}: ${use.purpose} for ${use.device}`);
    await expect([...texts, '### accounts', ...counted, ...used, ''].join('\n')).toMatchFileSnapshot(join(folder, name, 'desired.txt'));
    for (const { device, modelled, raw, unowned } of accounts) {
      const { text } = originalsOf(name).find((each) => each.device === device) ?? { text: '' };
      expect(modelled + raw + unowned.length).toBe(linesOf(text).length);
    }
  });

  it('gives back each configuration, checked as every command does', async () => {
    const { files, accounts } = await importCase(name);
    const state = await loadSource(memorySource(Object.fromEntries(files)), systemClock);
    expect(hasErrors(state.problems)).toBe(false);
    const { devices } = await prepareDevices(state, [...state.objects.Device.keys()], undefined);
    const frr = dialectFor('frr');
    for (const { device, text } of originalsOf(name)) {
      const rendered = devices.find((each) => each.name === device)?.ready?.rendered.text ?? '';
      const kept = withoutLines(text, accounts.find((each) => each.device === device)?.unowned ?? []);
      expect(diffText(parse(blank(kept), frr), parse(blank(print(rendered)), frr), frr)).toBe('');
    }
  });

  it('is left as it is by a second import', async () => {
    const first = await importCase(name);
    const base = memorySource(Object.fromEntries(first.files));
    const second = await importDevices({ originals: originalsOf(name), words: new Map(), base });
    expect([...second.files.keys()]).toEqual([]);
    expect(second.unchanged).toEqual(originalsOf(name).map(({ device }) => device));
  });

  it('holds no value of a secret', async () => {
    const { files } = await importCase(name);
    for (const text of files.values()) expect(text).not.toMatch(/opensesame|zebra|topsecret|another|shared\b(?! secret)/);
  });
});

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => !/^\s*(!|#|$|exit|end\s*$|Building|Current)/.test(line));
}

/** Lines that are told not to be kept because Git cannot hold them. */
function withoutLines(text: string, unowned: readonly { line: number; why: string }[]): string {
  const gone = new Set(unowned.flatMap(({ line, why }) => (why.startsWith('says w') ? [] : [line])));
  return text
    .split('\n')
    .filter((_line, i) => !gone.has(i + 1))
    .join('\n');
}

function print(rendered: string): string {
  return rendered
    .split('\n')
    .filter((line) => !line.includes('plumbline:'))
    .join('\n');
}

/** Values of secrets and what stands for them read alike. */
function blank(text: string): string {
  return text.replace(/<secret:\S+>|opensesame|zebra|topsecret|another|shared/g, '<secret:unset-any/any>');
}

it('parses what it renders without an owner in dispute', async () => {
  const { files } = await importCase('policies-of-every-kind');
  const state = await loadSource(memorySource(Object.fromEntries(files)), systemClock);
  const { devices } = await prepareDevices(state, [...state.objects.Device.keys()], undefined);
  for (const { ready } of devices) expect(parseIntended(ready?.rendered.text ?? '', dialectFor('frr')).problems).toEqual([]);
});
