import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NetBoxLab, up, whyNoNetBox } from '../lab/netbox/index.ts';
import { describeAccess } from '../netbox/access-contract.ts';
import { describeNetBox } from '../netbox/contract.ts';
import { describeEdits } from '../netbox/edits-contract.ts';
import { describeOperator } from '../netbox/operator-contract.ts';
import { describeRecord } from '../netbox/record-contract.ts';
import { missingInSchema } from '../netbox/schema-oracle.ts';
import { describeWebhooks } from '../netbox/webhook-contract.ts';

const missing = await whyNoNetBox();
if (missing !== undefined) process.stderr.write(`skipped, no NetBox: ${missing}\n`);

describe.skipIf(missing !== undefined)('on a real NetBox', () => {
  let lab: NetBoxLab;
  beforeAll(async () => {
    lab = await up({ say: (line) => process.stderr.write(`» NetBox: ${line}\n`) });
  }, 900_000);
  afterAll(() => lab?.down());

  describeNetBox('the contract', () => lab);
  describeAccess('who may ask', () => lab);
  describeRecord('what is written', () => lab);
  describeEdits('edits and orders', () => lab);
  describeWebhooks('its webhooks', () => lab);
  describeOperator('beside an operator', () => lab);

  it('has every list, field and filter of the descriptors in its own schema', async () => {
    const answer = await fetch(`${lab.url}/api/schema/?format=json`, { headers: { authorization: `Bearer ${lab.token}` } });
    expect(missingInSchema((await answer.json()) as Parameters<typeof missingInSchema>[0])).toEqual([]);
  });
});
