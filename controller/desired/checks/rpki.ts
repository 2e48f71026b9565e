import type { DeviceBGP, Family, SessionEndFamily, ValuePath } from '../../api/index.ts';
import { errors } from './errors.ts';
import { type Named, nameOf } from './input.ts';
import { between, type SeenObject, type SeenObjects } from './rule.ts';

const sees = {
  RoutePolicy: ['terms'],
  BGPSession: ['ends', 'families'],
  PeerGroup: ['families'],
  Device: ['bgp', 'vrfs', 'keeps', 'rpki'],
} as const;
type Objects = SeenObjects<typeof sees>;

/** A policy that a device has, and what says so. */
interface Use {
  device: string | undefined;
  policy: string | undefined;
  object: Named;
  path: ValuePath;
}

/** Without caches nobody is vouched for, and without its module FRR refuses the condition, wherever the policy is used. */
export const checkRpki = between(sees, ({ objects }) => {
  const asking = new Set([...objects.RoutePolicy.values()].filter(asksCaches).map(({ metadata }) => metadata.name));
  if (asking.size === 0) return [];
  const uses = [...[...objects.BGPSession.values()].flatMap((each) => usesOfSession(each, objects)), ...usesOfDevices(objects)];
  return uses.flatMap(({ device: name = '', policy = '', object, path }) => {
    const device = objects.Device.get(name);
    if (!asking.has(policy) || !device || device.spec.rpki) return [];
    return errors.RpkiWithoutCache({ object: nameOf(object), policy: `RoutePolicy/${policy}`, device: name }, { at: object.locate(path) });
  });
});

function asksCaches({ spec }: SeenObject<'RoutePolicy', typeof sees.RoutePolicy>): boolean {
  return spec.terms.some(({ match, lines }) => match.rpki !== undefined || lines.some((line) => line.startsWith('match rpki ')));
}

const fields = ['import', 'export', 'defaultOriginatePolicy'] as const;

function usesOfSession(object: SeenObject<'BGPSession', typeof sees.BGPSession>, { PeerGroup }: Objects): Use[] {
  return object.spec.ends.flatMap(({ device, peerGroup, families }, end) =>
    object.spec.families.flatMap((family) =>
      fields.map((field): Use => {
        const own = families[family]?.[field];
        const path = ['spec', 'ends', end, ...(own === undefined ? ['peerGroup'] : ['families', family, field])];
        return { device, policy: own ?? PeerGroup.get(peerGroup ?? '')?.spec.families[family]?.[field], object, path };
      }),
    ),
  );
}

function usesOfDevices({ Device, PeerGroup }: Objects): Use[] {
  const ofGroup = (name: string): (string | undefined)[] => {
    const families: Partial<Record<Family, SessionEndFamily | undefined>> = PeerGroup.get(name)?.spec.families ?? {};
    return [...new Set(Object.values(families).flatMap((options) => fields.map((field) => options?.[field])))];
  };
  return [...Device.values()].flatMap((object) => {
    const { bgp, vrfs, keeps, rpki } = object.spec;
    if (rpki) return [];
    const use = (policy: string | undefined, ...path: ValuePath): Use => ({ device: object.metadata.name, policy, object, path });
    const ofInstance = (instance: DeviceBGP | undefined, ...at: ValuePath): Use[] => [
      ...(['networks', 'aggregates', 'redistribute'] as const).flatMap((list) =>
        (instance?.[list] ?? []).map(({ policy }, i) => use(policy, ...at, list, i, 'policy')),
      ),
      ...(instance?.listen?.ranges ?? []).flatMap(({ peerGroup }, i) =>
        ofGroup(peerGroup).map((policy) => use(policy, ...at, 'listen', 'ranges', i, 'peerGroup')),
      ),
    ];
    return [
      ...ofInstance(bgp, 'spec', 'bgp'),
      ...vrfs.flatMap((vrf, i) => ofInstance(vrf.bgp, 'spec', 'vrfs', i, 'bgp')),
      ...(keeps?.routePolicies ?? []).map((policy, i) => use(policy, 'spec', 'keeps', 'routePolicies', i)),
      ...(keeps?.peerGroups ?? []).flatMap((group, i) => ofGroup(group).map((policy) => use(policy, 'spec', 'keeps', 'peerGroups', i))),
    ];
  });
}
