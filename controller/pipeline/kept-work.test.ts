import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { writeDesiredState } from '../../test/simulator/desired-state.ts';
import { formatPosition, systemClock } from '../lib/index.ts';
import { loadDesired } from '../desired/index.ts';
import { checkDesired } from './check.ts';
import { openKeptWork } from './kept-work.ts';
import { prepareDevices } from './prepare.ts';

let [folder, cache, file] = ['', '', ''];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plumb-kept-'));
  cache = join(folder, '.cache');
  file = join(cache, 'one.kept');
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeDesiredState(folder, { devices: 4, sessionsPerDevice: 1, port: 22, hostKey: `SHA256:${'A'.repeat(43)}` });
  const set = (i: number) =>
    `apiVersion: plumbline.dev/v1alpha1\nkind: PrefixSet\nmetadata: {name: set-${i}}\nspec: {entries: [{prefix: 192.0.2.0/24}]}\n`;
  for (let i = 0; i < 50; i++) writeFileSync(join(folder, `set-${i}.yaml`), set(i));
});

/** Everything that a check says, with its places. */
async function check(kept = openKeptWork()): Promise<unknown> {
  const { state, problems } = await checkDesired({ folder }, { kept });
  const { devices } = await prepareDevices(state, [...state.objects.Device.keys()], undefined, kept.devices);
  return {
    revision: state.revision,
    problems: problems.map(({ code, message, at }) => [code, message, at && formatPosition(at)]),
    objects: Object.values(state.objects).flatMap((objects) =>
      [...objects.values()].map(({ kind, metadata, spec, position, locate }) => [kind, metadata, spec, position, locate(['spec'])]),
    ),
    rendered: devices.map(({ name, ready, digest }) => [name, digest, ready?.rendered.text, ready?.rendered.digest]),
  };
}

const edit = (path: string, change: (text: string) => string) =>
  writeFileSync(join(folder, path), change(readFileSync(join(folder, path), 'utf8')));

describe('the work of an earlier command', { timeout: 120_000 }, () => {
  test('leads to the same answer as doing it again, whatever was edited meanwhile', async () => {
    await check(openKeptWork(file, 'v1'));
    expect(existsSync(file)).toBe(true);
    const edits: [what: string, change: () => void][] = [
      ['nothing', () => undefined],
      ['a line further down', () => edit('sites/site0000/r00000.yaml', (text) => `# moved\n${text}`)],
      ['a mistake', () => edit('sites/site0000/r00001.yaml', (text) => text.replace('platform: frr', 'platfrom: frr'))],
      ['the mistake mended', () => edit('sites/site0000/r00001.yaml', (text) => text.replace('platfrom', 'platform'))],
      ['a file gone', () => rmSync(join(folder, 'set-7.yaml'))],
    ];
    for (const [what, change] of edits) {
      change();
      const expected = await check();
      expect([what, await check(openKeptWork(file, 'v1'))]).toEqual([what, expected]);
    }
  });

  test('is what the next command takes: nothing is parsed or rendered again', async () => {
    await check(openKeptWork(file, 'v1'));
    const kept = openKeptWork(file, 'v1');
    const state = await loadDesired({ folder }, systemClock, kept.manifests);
    const names = [...state.objects.Device.keys()];
    const { devices } = await prepareDevices(state, names, undefined, kept.devices);
    expect(names).toHaveLength(4);
    expect(devices.map(({ ready }) => ready)).toEqual(names.map((name) => kept.devices.get(name)?.ready));
    for (const { name, ready } of devices) expect(ready).toBe(kept.devices.get(name)?.ready);
  });

  test.each<[what: string, spoil: () => void]>([
    ['of another program', () => undefined],
    ['that others may write', () => chmodSync(file, 0o620)],
    ['that is cut short', () => writeFileSync(file, readFileSync(file).subarray(0, 1000), { mode: 0o600 })],
    ['that is no work at all', () => writeFileSync(file, 'hello', { mode: 0o600 })],
  ])('is done again instead of a file %s', async (what, spoil) => {
    await check(openKeptWork(file, 'v1'));
    spoil();
    expect(openKeptWork(file, what === 'of another program' ? 'v2' : 'v1').devices.size).toBe(0);
  });

  test.each(['set-7.yaml/work/one.kept', 'set-7.yaml/one.kept'])(
    'is not kept where there can be no such file, and nothing else comes of it: %s',
    async (path) => {
      expect(await check(openKeptWork(join(folder, path), 'v1'))).toEqual(await check());
    },
  );

  test('of devices that were not asked for now stays; of those that are gone it goes', async () => {
    await check(openKeptWork(file, 'v1'));
    const kept = openKeptWork(file, 'v1');
    const { objects, ...state } = await loadDesired({ folder }, systemClock, kept.manifests);
    const left = new Map([...objects.Device].filter(([name]) => name !== 'r00003'));
    const { devices: some } = await prepareDevices({ ...state, objects }, ['r00001'], undefined, kept.devices);
    kept.save({ state: { ...state, objects: { ...objects, Device: left } }, devices: some });
    expect([...openKeptWork(file, 'v1').devices.keys()].toSorted()).toEqual(['r00000', 'r00001', 'r00002']);
  });

  test('is kept of the sixteen folders that were used last, and of none with few files', async () => {
    await check(openKeptWork(file, 'v1'));
    const old = Array.from({ length: 20 }, (_, i) => join(cache, `old-${i}.kept`));
    for (const [i, path] of old.entries()) {
      writeFileSync(path, '');
      utimesSync(path, 1000 + i, 1000 + i);
    }
    edit('sites/site0000/r00000.yaml', (text) => `# moved\n${text}`);
    await check(openKeptWork(file, 'v1'));
    expect(readdirSync(cache)).toHaveLength(16);
    expect([existsSync(file), existsSync(old[19] ?? ''), existsSync(old[0] ?? '')]).toEqual([true, true, false]);
    for (let i = 0; i < 50; i++) rmSync(join(folder, `set-${i}.yaml`));
    const few = join(cache, 'few.kept');
    await check(openKeptWork(few, 'v1'));
    expect(existsSync(few)).toBe(false);
  });
});
