import { expect, it } from 'vitest';
import { stateOf } from '../../../test/builders/state.ts';
import type { NetBoxFacts } from '../../api/index.ts';
import { planRecord } from '../record/plan.ts';
import { assertionsOf } from './assertions.ts';
import { compareRecord } from './compare.ts';

const state = stateOf(
  ['fra', 'lon']
    .map(
      (site, i) => `
kind: Device
name: edge-${site}
labels: {site: ${site}, role: edge, device-type: box}
spec:
  platform: frr
  lifecycle: Planned
  credentials: {observe: {name: routers}}
  interfaces: [{name: eth0, addresses: [192.0.2.${i}/32]}]
`,
    )
    .join('---'),
);

/** What a token sees that may see some sites and what is in them, of a NetBox that has nothing in them yet. */
const seen = (...sites: string[]): NetBoxFacts => ({
  url: 'https://netbox.example.net',
  version: '4.7.3',
  at: '2026-11-22T06:00:00Z',
  objects: { site: sites.map((slug, id) => ({ id, key: slug, values: { slug }, updated: null })) },
});

it.each([
  { sites: ['fra', 'lon'], fra: 'Missing', lon: 'Missing' },
  { sites: ['fra'], fra: 'Missing', lon: 'Unknown' },
  { sites: [], fra: 'Unknown', lon: 'Unknown' },
])(
  'to a token that sees the sites $sites a device of fra is $fra and one of lon is $lon, with all that stands on it',
  ({ sites, fra, lon }) => {
    const { differences } = compareRecord(assertionsOf(state, new Map()), seen(...sites), new Map());
    const verdicts = (site: string) => differences.filter(({ object }) => object.startsWith(`edge-${site}`)).map(({ record }) => record);
    expect([verdicts('fra'), verdicts('lon')]).toEqual([Array(3).fill(fra), Array(3).fill(lon)]);
    for (const { record, why, next } of differences) {
      if (record !== 'Unknown') continue;
      expect(why).toContain('or the token may not see it');
      expect(next.command).toBeUndefined();
    }
  },
);

it('a subnet of a site that is not seen is Unknown with its ranges, and nothing of it is made', () => {
  const subnet = stateOf(`
kind: DHCPSubnet
name: office
labels: {site: lon}
spec: {family: IPv4, id: 1, prefix: 10.9.0.0/24, servedBy: [kea1], pools: [{range: 10.9.0.10-10.9.0.99}]}
`);
  const facts = seen('fra');
  const found = compareRecord(assertionsOf(subnet, new Map()), facts, new Map());
  expect(found.differences.map(({ record, object }) => `${record} ${object}`)).toEqual([
    'Unknown 10.9.0.0/24',
    'Unknown 10.9.0.10-10.9.0.99',
  ]);
  const { changes, left } = planRecord(found, facts, { remove: false, allowRemovals: false });
  expect([changes, left.map(({ name }) => name)]).toEqual([[], ['10.9.0.0/24', '10.9.0.10-10.9.0.99']]);
});
