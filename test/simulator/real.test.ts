import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { qualifyLines } from '../../controller/drivers/frr/mask.ts';
import { skipped } from '../driver/setup.ts';
import { type Lab, up } from '../lab/frr.ts';
import { heldConfigs } from './held-configs.ts';

describe.skipIf(skipped !== undefined)('the configuration of a simulated router', () => {
  const { config = '' } = heldConfigs({ devices: 20 })[7] ?? {};
  let lab: Lab;

  beforeAll(async () => {
    lab = await up({ prefix: `sim${process.pid.toString(36)}`, links: [], routers: [{ name: 'r00007', config, managed: false }] });
  });
  afterAll(async () => {
    await lab?.down();
  });

  test('is what real FRR shows when it is started with it', async () => {
    const shown = await lab.vtysh('r00007', 'show running-config no-header');
    expect(qualifyLines(shown)).toEqual(qualifyLines(config));
  });
});
