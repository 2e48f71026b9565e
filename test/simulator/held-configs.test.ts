import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { dialectFor, parse, parseIntended, print } from '../../controller/config/index.ts';
import { loadDesired } from '../../controller/desired/index.ts';
import { prepareDevices } from '../../controller/pipeline/index.ts';
import { fleetPassword, writeDesiredState } from './desired-state.ts';
import { heldConfigs } from './held-configs.ts';

describe('the desired state of a simulated fleet', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plumb-fleet-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each([
    { devices: 1, sessionsPerDevice: 2 },
    { devices: 3, sessionsPerDevice: 5 },
    { devices: 4, sessionsPerDevice: 4 },
    { devices: 6, sessionsPerDevice: 5 },
    { devices: 41, sessionsPerDevice: 5 },
  ])('has no mistake, and its routers hold what is rendered of it: %j', async (shape) => {
    const path = join(folder, String(shape.devices));
    writeDesiredState(path, { ...shape, port: 2222, hostKey: `SHA256:${'A'.repeat(43)}` });
    const state = await loadDesired({ folder: path });
    const { devices } = await prepareDevices(state, [...state.objects.Device.keys()], undefined);
    expect([...state.problems, ...devices.flatMap(({ problems }) => problems)].map(({ message }) => message)).toEqual([]);
    const dialect = dialectFor('frr');
    const known = heldConfigs(shape);
    expect(devices.map(({ name }) => name)).toEqual(known.map(({ name }) => name));
    for (const [i, { ready }] of devices.entries()) {
      const rendered = print(parseIntended(ready?.rendered.text ?? '', dialect).tree).replace(/<secret:unset-[^>]*>/g, fleetPassword);
      expect(linesOf(known[i]?.config ?? '')).toEqual(linesOf(rendered));
    }
  });

  /** As the engine reads it, without what only FRR writes. Order among siblings is not configuration here. */
  function linesOf(config: string): string[] {
    const text = print(parse(config, dialectFor('frr')));
    return text
      .split('\n')
      .filter((line) => !/^(frr |hostname |!|$)/.test(line))
      .toSorted();
  }

  test('has the size that the figures are about: 200 lines, five sessions per device', () => {
    const lines = heldConfigs({ devices: 20 })[7]?.config.split('\n').length ?? 0;
    expect(lines).toBeGreaterThan(180);
    expect(lines).toBeLessThan(230);
  });
});
