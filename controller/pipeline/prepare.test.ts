import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { areInputsSame, compileDevice } from '../compile/index.ts';
import { createManifestCache, loadDesired, type ManifestCache } from '../desired/index.ts';
import { Secret, systemClock } from '../lib/index.ts';
import { openSecrets } from '../store/index.ts';
import { prepareDevices } from './prepare.ts';

/** What is prepared a second time: only what something has changed for. */
describe('preparing devices again', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'plumb-prepare-'));
    cpSync('desired-state', folder, { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const secretsWith = (password: string) =>
    openSecrets({
      environment: { PLUMB_SECRET_IBGP_CORES_PASSWORD: password, PLUMB_SECRET_IBGP_CORES_PASSWORD_USE: '* for *' },
      versionKey: new Secret('k'.repeat(32)),
    });

  let cache: ManifestCache | undefined;
  afterEach(() => (cache = undefined));

  async function prepare(known: Awaited<ReturnType<typeof prepareDevices>> | undefined, password = 'first') {
    const state = await loadDesired({ folder }, systemClock, cache);
    const names = [...state.objects.Device.keys()];
    const before = new Map((known?.devices ?? []).map((device) => [device.name, device]));
    return prepareDevices(state, names, secretsWith(password), before, { hold: 'packed' });
  }

  const renderedAgain = (before: Awaited<ReturnType<typeof prepareDevices>>, after: Awaited<ReturnType<typeof prepareDevices>>): string[] =>
    after.devices.filter(({ ready }, index) => ready !== before.devices[index]?.ready).map(({ name }) => name);

  it('holds a rendered text compressed, and gives it as often as it is asked for', async () => {
    const [device] = (await prepare(undefined)).devices;
    const rendered = device?.ready?.rendered;
    const asText = Object.getOwnPropertyDescriptor(rendered ?? {}, 'text');
    expect(asText?.value).toBeUndefined();
    expect(rendered?.text).toContain('router bgp');
    expect(rendered?.text).toBe({ ...rendered }.text);
  });

  it('renders nothing when nothing changed', async () => {
    const first = await prepare(undefined);
    expect(first.devices.every(({ ready }) => ready !== undefined)).toBe(true);
    expect(renderedAgain(first, await prepare(first))).toEqual([]);
  });

  it('hands the same device back when its files are the same and its secrets too', async () => {
    cache = createManifestCache();
    const first = await prepare(undefined);
    const second = await prepare(first);
    expect(second.devices.every((device, index) => device === first.devices[index])).toBe(true);
  });

  it('compiles each device again that a changed file changes', async () => {
    cache = createManifestCache();
    const before = await loadDesired({ folder }, systemClock, cache);
    const compiled = [...before.objects.Device.keys()].map((name) => compileDevice(before, name));
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => /\.(ya?ml|conf|txt)$/.test(path));
    const affected: string[] = [];
    for (const file of files) {
      const path = join(folder, file);
      const text = readFileSync(path, 'utf8');
      writeFileSync(path, mutate(text));
      const after = await loadDesired({ folder }, systemClock, cache);
      for (const { device, inputs, intent } of compiled) {
        if (areInputsSame(inputs, after)) expect(compileDevice(after, device).intent, `${device} after ${file}`).toEqual(intent);
        else affected.push(file);
      }
      writeFileSync(path, text);
    }
    expect(new Set(affected).size).toBeGreaterThan(3);
  });

  it('renders the one device whose object changed', async () => {
    const first = await prepare(undefined);
    const [device] = first.devices;
    if (!device) throw new Error('the example has no device');
    const { file } = device.object.position;
    const path = join(folder, file);
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace(/lifecycle: .*|machineId: (.*)/, (line) => `${line} # seen`),
    );
    expect(renderedAgain(first, await prepare(first))).toEqual([]);
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace('logNeighborChanges: true', '').replace('bgp:\n', 'bgp:\n    logNeighborChanges: false\n'),
    );
    expect(renderedAgain(first, await prepare(first))).toEqual([device.name]);
  });

  it('renders the devices that use a secret of which the value changed', async () => {
    const first = await prepare(undefined);
    const users = first.devices.filter(({ ready }) => ready?.rendered.secrets.some(({ ref }) => ref.name === 'ibgp-cores'));
    expect(users.length).toBeGreaterThan(0);
    expect(renderedAgain(first, await prepare(first, 'second'))).toEqual(users.map(({ name }) => name));
  });
});

/** Another number in every place where a number may change without breaking a rule: limits, preferences, sequences; and a moved line. */
function mutate(text: string): string {
  return `# moved\n${text.replace(/(localPreference|limit|mtu|keepaliveSeconds|distance): (\d+)/g, (_, key: string, n: string) => `${key}: ${Number(n) + 1}`)}`;
}
