import type { CheckedState, DesiredObject, FactValue, ToldSides } from '../../api/index.ts';
import { assertDevice } from './assert-device.ts';
import { assertSession, linesOf, type SessionEnd, sessionEndsOf } from './assert-sessions.ts';
import { assertSubnet } from './assert-subnet.ts';
import { type Assertion, sourceAt, theOnlyOne } from './asserted.ts';

/** Everything that Git asserts of an inventory. What Git does not say is asserted by nobody. `told` says what devices say of themselves. */
export function assertionsOf(
  state: CheckedState,
  told: ReadonlyMap<string, ToldSides>,
  devices?: ReadonlySet<string>,
): readonly Assertion[] {
  const isAsked = (name: string) => devices === undefined || devices.has(name);
  const ofDevices = [...state.objects.Device.values()].filter(({ metadata }) => isAsked(metadata.name));
  const ofSubnets = [...state.objects.DHCPSubnet.values()].filter(({ spec }) => spec.servedBy.some(isAsked));
  const all = sessionEndsOf(state, isAsked);
  const ends = Map.groupBy(all, ({ device }) => device);
  const neighborOf = ({ device, other }: SessionEnd) => `${device} ${other.address}`;
  const byNeighbor = Map.groupBy(all, neighborOf);
  const isShared = (end: SessionEnd) => (byNeighbor.get(neighborOf(end)) ?? []).length > 1;
  return once([
    ...ofDevices.flatMap((object) => [
      ...assertTables(object),
      ...assertDevice(object, told.get(object.metadata.name), hasBgp(object) ? linesOf(ends.get(object.metadata.name) ?? []) : undefined),
    ]),
    ...ofSubnets.flatMap((subnet) => assertSubnet(subnet, subnetsBeside(state, subnet).length > 1)),
    ...all.flatMap((end) => assertSession(end, told.get(end.device), isShared(end))),
  ]);
}

type Subnets = CheckedState['objects']['DHCPSubnet'];
const byPrefix = new WeakMap<Subnets, ReadonlyMap<string, readonly DesiredObject<'DHCPSubnet'>[]>>();

/** The subnets of a prefix, this one among them: other servers may have one of their own. The index of a state is made once. */
export function subnetsBeside({ objects }: CheckedState, subnet: DesiredObject<'DHCPSubnet'>): readonly DesiredObject<'DHCPSubnet'>[] {
  const prefixOf = ({ metadata, spec }: DesiredObject<'DHCPSubnet'>) => `${spec.prefix} ${metadata.labels['vrf'] ?? ''}`;
  const all = objects.DHCPSubnet;
  const index = byPrefix.get(all) ?? Map.groupBy(all.values(), prefixOf);
  byPrefix.set(all, index);
  return index.get(prefixOf(subnet)) ?? [];
}

/** VRFs and AS numbers of a device: there, whoever else has them too. */
function assertTables(object: DesiredObject<'Device'>): Assertion[] {
  const { metadata, spec } = object;
  const owner = `Device/${metadata.name}`;
  const vrfs = spec.vrfs.map(({ name }, index): Assertion => {
    const source = sourceAt(object, ['spec', 'vrfs', index]);
    return { kind: 'vrf', owner, id: `VRF/${name}`, name, source, find: { by: 'vrf', name }, fields: {}, make: { name } };
  });
  const instances = [
    { asn: spec.bgp?.asn, path: ['spec', 'bgp', 'asn'] },
    ...spec.vrfs.map(({ bgp }, index) => ({ asn: bgp?.asn, path: ['spec', 'vrfs', index, 'bgp', 'asn'] })),
  ];
  const asns = instances.flatMap(({ asn, path }): Assertion[] => {
    if (asn === undefined) return [];
    const make: Record<string, FactValue> = { asn, rir: theOnlyOne };
    return [
      {
        kind: 'asn',
        owner,
        id: `ASN/${asn}`,
        name: String(asn),
        source: sourceAt(object, path),
        find: { by: 'asn', asn },
        fields: {},
        make,
      },
    ];
  });
  return [...vrfs, ...asns];
}

/** What several devices have is asserted by the first of them. */
function once(assertions: readonly Assertion[]): readonly Assertion[] {
  const seen = new Set<string>();
  return assertions.filter(({ kind, id }) => {
    const isNew = !seen.has(`${kind} ${id}`);
    seen.add(`${kind} ${id}`);
    return isNew;
  });
}

function hasBgp({ spec }: DesiredObject<'Device'>): boolean {
  return spec.bgp !== undefined || spec.vrfs.some(({ bgp }) => bgp !== undefined);
}
