import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NetBoxLab, up, whyNoNetBox } from '../lab/netbox/index.ts';
import { describePlugins } from '../netbox/plugins-contract.ts';
import { missingInSchema } from '../netbox/schema-oracle.ts';

const missing = await whyNoNetBox();
if (missing !== undefined) process.stderr.write(`skipped, no NetBox: ${missing}\n`);

// Those of netbox-bgp and netbox-routing do not run in one NetBox.
describe.skipIf(missing !== undefined).each([{ plugins: ['netbox_bgp'] }, { plugins: ['netbox_dhcp', 'netbox_routing'] }])(
  'a real NetBox with $plugins',
  ({ plugins }) => {
    let lab: NetBoxLab;
    beforeAll(async () => {
      lab = await up({ plugins, say: (line) => process.stderr.write(`» NetBox: ${line}\n`) });
    }, 900_000);
    afterAll(() => lab?.down());

    describePlugins(plugins, () => lab);

    it('has every list, field and filter of the descriptors in its own schema', async () => {
      const answer = await fetch(`${lab.url}/api/schema/?format=json`, { headers: { authorization: `Bearer ${lab.token}` } });
      expect(missingInSchema((await answer.json()) as Parameters<typeof missingInSchema>[0])).toEqual([]);
    }, 120_000);
  },
);
