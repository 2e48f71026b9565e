import { afterAll, beforeAll, describe } from 'vitest';
import { type NetBoxLab, up, whyNoNetBox } from '../lab/netbox/index.ts';
import { describeWorld } from '../netbox/world-contract.ts';

const missing = await whyNoNetBox();
if (missing !== undefined) process.stderr.write(`skipped, no NetBox: ${missing}\n`);

describe.skipIf(missing !== undefined)('a real NetBox with everything that it can hold', () => {
  let lab: NetBoxLab;
  beforeAll(async () => {
    lab = await up({ say: (line) => process.stderr.write(`» NetBox: ${line}\n`) });
  }, 900_000);
  afterAll(() => lab?.down());

  describeWorld('its inventory', () => lab);
});
