import { describe, expect, it } from 'vitest';
import { stateOf } from '../../../test/builders/state.ts';
import type { FactValue, NetBoxFacts, NetBoxObject } from '../../api/index.ts';
import { planRecord } from '../record/plan.ts';
import { assertionsOf } from './assertions.ts';
import { compareRecord } from './compare.ts';

describe('customers in VRFs that use the same addresses', () => {
  const twins = ['A', 'B'];
  const customer = (vrf: string, index: number) => `
---
kind: BGPSession
name: customer-${vrf.toLowerCase()}
spec:
  type: External
  relationship: Customer
  families: [ipv4-unicast]
  ends:
    - {device: pe1, vrf: ${vrf}, interface: eth${index}, families: {ipv4-unicast: {unfiltered: true}}}
    - {external: {name: customer, asn: ${65001 + index}, address: 10.0.0.9}}
`;
  /** Both neighbors are 10.0.0.9; ours are these. */
  const gitOf = (locals: readonly string[]) =>
    stateOf(`
kind: Device
name: pe1
labels: {site: fra}
spec:
  platform: frr
  lifecycle: Planned
  credentials: {observe: {name: routers}}
  interfaces:
${twins.map((vrf, i) => `    - {name: eth${i}, vrf: ${vrf}, addresses: [${locals[i] ?? ''}/24]}`).join('\n')}
  vrfs: [{name: A, bgp: {asn: 64500}}, {name: B, bgp: {asn: 64500}}]
${twins.map((vrf, i) => customer(vrf, i)).join('')}`);
  /** A NetBox that has both, or one of them. */
  const recordOf = (locals: readonly string[], vrfs: readonly string[]): NetBoxFacts => {
    let id = 0;
    const object = (key: string, values: Record<string, FactValue>): NetBoxObject => ({ id: ++id, key, values, updated: null });
    const each = <T>(make: (vrf: string, local: string, index: number) => T) =>
      vrfs.map((vrf) => make(vrf, locals[twins.indexOf(vrf)] ?? '', twins.indexOf(vrf)));
    const objects = {
      vrf: twins.map((name) => object(name, { name, rd: null })),
      asn: [64500, 65001, 65002].map((asn) => object(String(asn), { asn })),
      device: [object('fra > pe1', { name: 'pe1', site: 'fra', platform: 'frr' })],
      interface: twins.map((vrf, i) => object(`fra > pe1 > eth${i}`, { device: 'fra > pe1', name: `eth${i}`, vrf, enabled: true })),
      ipAddress: [
        ...twins.map((vrf, i) =>
          object(`${vrf} > ${locals[i] ?? ''}`, { address: `${locals[i] ?? ''}/24`, vrf, interface: `fra > pe1 > eth${i}` }),
        ),
        ...twins.map((vrf) => object(`${vrf} > 10.0.0.9`, { address: '10.0.0.9/24', vrf, interface: null })),
      ],
      bgpSession: each((vrf, local, i) =>
        object(`fra > pe1 > ${vrf} > ${local} > ${vrf} > 10.0.0.9`, {
          device: 'fra > pe1',
          localAddress: `${vrf} > ${local}`,
          remoteAddress: `${vrf} > 10.0.0.9`,
          localAs: '64500',
          remoteAs: String(65001 + i),
          status: 'active',
        }),
      ),
    };
    return { url: 'https://netbox.example.net', version: '4.7.3', at: '2026-11-22T06:00:00Z', objects };
  };
  const compareWith = (locals: readonly string[], vrfs: readonly string[]) => {
    const facts = recordOf(locals, vrfs);
    const found = compareRecord(assertionsOf(gitOf(locals), new Map()), facts, new Map());
    const said = found.differences.map(({ record, kind, object, field }) =>
      [record, kind, object, ...(field === undefined ? [] : [field])].join(' | '),
    );
    return { facts, found, said };
  };

  it.each([{ ours: ['10.0.0.1', '10.0.0.1'] }, { ours: ['10.0.0.1', '10.0.0.2'] }])('are told apart, ours being $ours', ({ ours }) => {
    expect(compareWith(ours, twins).said).toEqual([]);
    expect(compareWith(ours, ['A']).said).toEqual(['Missing | BGP session | pe1 > 10.0.0.9 vrf B']);
    expect(compareWith(ours, ['B']).said).toEqual(['Missing | BGP session | pe1 > 10.0.0.9 vrf A']);
  });

  it('are moved to the address in their own VRF', () => {
    const facts = recordOf(['10.0.0.7', '10.0.0.1'], twins);
    facts.objects['bgpSession']?.forEach((each, i) => Object.assign(each.values, { localAddress: `${twins[i]} > 10.0.0.8` }));
    const found = compareRecord(assertionsOf(gitOf(['10.0.0.7', '10.0.0.1']), new Map()), facts, new Map());
    const { changes, left } = planRecord(found, facts, { remove: false, allowRemovals: false });
    expect([changes.map(({ name, fields }) => [name, fields.map(({ to }) => to)]), left]).toEqual([
      [
        ['pe1 > 10.0.0.9 vrf A', ['A > 10.0.0.7']],
        ['pe1 > 10.0.0.9 vrf B', ['B > 10.0.0.1']],
      ],
      [],
    ]);
  });

  it('are made with the addresses of their own VRF', () => {
    const { found, facts } = compareWith(['10.0.0.1', '10.0.0.1'], ['A']);
    const { changes, left } = planRecord(found, facts, { remove: false, allowRemovals: false });
    const made = changes.find(({ kind }) => kind === 'bgpSession')?.fields.map(({ field, to }) => `${field}=${String(to)}`);
    expect(made).toEqual(expect.arrayContaining(['localAddress=B > 10.0.0.1', 'remoteAddress=B > 10.0.0.9']));
    expect(left).toEqual([]);
  });

  it('are made once NetBox has their addresses, and not with those of another VRF', () => {
    const { found, facts } = compareWith(['10.0.0.1', '10.0.0.1'], ['A']);
    const objects = { ...facts.objects, ipAddress: (facts.objects['ipAddress'] ?? []).filter(({ key }) => key !== 'B > 10.0.0.9') };
    const without = { ...facts, objects };
    const again = compareRecord(
      found.matched.map(({ assertion }) => assertion),
      without,
      new Map(),
    );
    const { changes, left } = planRecord(again, without, { remove: false, allowRemovals: false });
    expect(changes.map(({ kind }) => kind)).toEqual(['tag', 'customField', 'ipAddress']);
    expect(left).toEqual([
      { name: 'pe1 > 10.0.0.9 vrf B: remoteAddress', why: 'NetBox has no 10.0.0.9 in VRF B yet; once it has, write once more' },
    ]);
  });
});
