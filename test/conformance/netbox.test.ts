import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NetBoxLab, up, whyNoNetBox } from '../lab/netbox/index.ts';
import { describeNetBox } from '../netbox/contract.ts';
import { describeOperator } from '../netbox/operator-contract.ts';
import { describeRecord } from '../netbox/record-contract.ts';
import { missingInSchema } from '../netbox/schema-oracle.ts';

const missing = await whyNoNetBox();
if (missing !== undefined) process.stderr.write(`skipped, no NetBox: ${missing}\n`);

describe.skipIf(missing !== undefined)('on a real NetBox', () => {
  let lab: NetBoxLab;
  beforeAll(async () => {
    lab = await up({ say: (line) => process.stderr.write(`» NetBox: ${line}\n`) });
  }, 900_000);
  afterAll(() => lab?.down());

  describeNetBox('the contract', () => lab);
  describeRecord('what is written', () => lab);
  describeOperator('beside an operator', () => lab);

  it('has every list, field and filter of the descriptors in its own schema', async () => {
    const answer = await fetch(`${lab.url}/api/schema/?format=json`, { headers: { authorization: `Bearer ${lab.token}` } });
    expect(missingInSchema((await answer.json()) as Parameters<typeof missingInSchema>[0])).toEqual([]);
  });
});
