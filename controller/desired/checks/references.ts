import { type DeviceBGP, type Kind, kindNames, type SessionEnd } from '../../api/index.ts';
import { nearest, type PlumblineError } from '../../lib/index.ts';
import { formatPath } from '../words.ts';
import { limits } from '../limits.ts';
import { errors } from './errors.ts';
import { type CheckInput, type Named, nameOf } from './input.ts';
import { between, type SeenObject, type SeenObjects } from './rule.ts';

/** Takes one name of another object, and where it stands. */
type Visit = (kind: Kind, name: string | undefined, ...path: (string | number)[]) => void;

/** Kinds whose objects no other object names. */
const standAlone: readonly Kind[] = ['Device', 'BGPSession', 'DHCPSubnet', 'ReconcilePolicy', 'ChangeWindow', 'RouteTest'];

/** Where names of other objects stand; of what is only named, that it is there. */
const sees = {
  Device: ['profile', 'dhcp', 'keeps', 'bgp', 'vrfs'],
  DeviceProfile: [],
  BGPSession: ['bfd', 'ends'],
  PeerGroup: ['bfd', 'families'],
  BFDProfile: [],
  RoutePolicy: ['terms'],
  PrefixSet: [],
  CommunitySet: [],
  ASPathSet: [],
  DHCPSubnet: ['servedBy'],
  ReconcilePolicy: [],
  ChangeWindow: [],
  RouteTest: ['received', 'announcedTo', 'neverTo'],
} as const;

type Referring<K extends Kind = Kind> = { [Each in K]: SeenObject<Each, (typeof sees)[Each]> }[K];

/** Names that lead nowhere, and objects that nothing names. */
export const checkReferences = between(sees, ({ objects, broken: faulty, unread }) => {
  const problems: PlumblineError[] = [];
  const broken = namesByKind(faulty);
  const used = new Set<Named>();
  const rests = faulty.flatMap(({ rest }) => (rest ? [rest as Referring] : []));
  for (const object of [...everyObject(objects), ...rests]) {
    visitReferences(object, (kind, name, ...path) => {
      if (name === undefined) return;
      const found = objects[kind].get(name);
      if (found) used.add(found);
      if (found || broken[kind].has(name) || unread.mayHold(kind, name)) return;
      // Each costs a walk over all names: whoever has more of them has one cause, and the first tell it.
      const suggestion = problems.length < limits.problemsPerFile ? nearest(name, [...objects[kind].keys(), ...broken[kind]]) : undefined;
      const facts = { object: nameOf(object), path: formatPath(path), target: `${kind}/${name}`, suggestion };
      problems.push(errors.DanglingReference(facts, { at: object.locate(path) }));
    });
  }
  // An object that cannot be read may well be the one that uses them.
  if (!unread.isEmpty) return problems;
  for (const object of everyObject(objects)) {
    if (!standAlone.includes(object.kind) && !used.has(object))
      problems.push(errors.UnusedObject({ object: nameOf(object) }, { at: object.locate(['metadata', 'name']) }));
  }
  return problems;
});

function namesByKind(broken: CheckInput['broken']): Record<Kind, ReadonlySet<string>> {
  const namesOf = (kind: Kind): ReadonlySet<string> =>
    new Set(broken.flatMap((each) => (each.kind === kind && each.name !== undefined ? [each.name] : [])));
  return Object.fromEntries(kindNames.map((kind) => [kind, namesOf(kind)])) as Record<Kind, ReadonlySet<string>>;
}

function* everyObject(objects: SeenObjects<typeof sees>): Generator<Referring> {
  for (const map of Object.values(objects) as ReadonlyMap<string, Referring>[]) yield* map.values();
}

/** Hands over every name of another object, with its place. Asked of every object at every commit: builds nothing. */
function visitReferences(object: Referring, visit: Visit): void {
  if (object.kind === 'Device') visitDevice(object, visit);
  else if (object.kind === 'BGPSession') visitSession(object, visit);
  else if (object.kind === 'DHCPSubnet')
    for (const [i, name] of object.spec.servedBy.entries()) visit('Device', name, 'spec', 'servedBy', i);
  else if (object.kind === 'PeerGroup') {
    visit('BFDProfile', object.spec.bfd?.profile, 'spec', 'bfd', 'profile');
    visitFamilies(object.spec.families, visit, 'spec', 'families');
  } else if (object.kind === 'RoutePolicy') visitPolicy(object.spec, visit);
  else if (object.kind === 'RouteTest') visitTest(object.spec, visit);
}

function visitTest({ received, announcedTo, neverTo }: Referring<'RouteTest'>['spec'], visit: Visit): void {
  visit('Device', received?.device, 'spec', 'received', 'device');
  for (const [i, { device }] of announcedTo.entries()) visit('Device', device, 'spec', 'announcedTo', i, 'device');
  for (const [i, { device }] of neverTo.entries()) visit('Device', device, 'spec', 'neverTo', i, 'device');
}

const keptKinds = [
  ['routePolicies', 'RoutePolicy'],
  ['prefixSets', 'PrefixSet'],
  ['communitySets', 'CommunitySet'],
  ['asPathSets', 'ASPathSet'],
  ['peerGroups', 'PeerGroup'],
] as const;

function visitDevice({ spec }: Referring<'Device'>, visit: Visit): void {
  visit('DeviceProfile', spec.profile, 'spec', 'profile');
  for (const family of ['ipv4', 'ipv6'] as const)
    visit('Device', spec.dhcp?.[family]?.highAvailability?.peer, 'spec', 'dhcp', family, 'highAvailability', 'peer');
  for (const [list, kind] of keptKinds)
    for (const [i, name] of (spec.keeps?.[list] ?? []).entries()) visit(kind, name, 'spec', 'keeps', list, i);
  visitInstance(spec.bgp, visit, 'spec', 'bgp');
  for (const [i, { bgp }] of spec.vrfs.entries()) visitInstance(bgp, visit, 'spec', 'vrfs', i, 'bgp');
}

function visitInstance(bgp: DeviceBGP | undefined, visit: Visit, ...path: (string | number)[]): void {
  for (const list of ['networks', 'aggregates', 'redistribute'] as const) {
    const entries: readonly { policy?: string | undefined }[] = bgp?.[list] ?? [];
    for (const [i, { policy }] of entries.entries()) visit('RoutePolicy', policy, ...path, list, i, 'policy');
  }
  for (const [i, { peerGroup }] of (bgp?.listen?.ranges ?? []).entries())
    visit('PeerGroup', peerGroup, ...path, 'listen', 'ranges', i, 'peerGroup');
}

function visitSession({ spec }: Referring<'BGPSession'>, visit: Visit): void {
  visit('BFDProfile', spec.bfd?.profile, 'spec', 'bfd', 'profile');
  for (const [i, end] of spec.ends.entries()) {
    visit('Device', end.device, 'spec', 'ends', i, 'device');
    visit('PeerGroup', end.peerGroup, 'spec', 'ends', i, 'peerGroup');
    visitFamilies(end.families, visit, 'spec', 'ends', i, 'families');
  }
}

function visitFamilies(families: SessionEnd['families'], visit: Visit, ...path: (string | number)[]): void {
  for (const family in families) {
    const options = families[family as keyof typeof families];
    for (const key of ['import', 'export', 'defaultOriginatePolicy'] as const) visit('RoutePolicy', options?.[key], ...path, family, key);
  }
}

function visitPolicy(spec: Referring<'RoutePolicy'>['spec'], visit: Visit): void {
  for (const [i, { match, set }] of spec.terms.entries()) {
    const at = (kind: Kind, name: string | undefined, ...rest: string[]) => visit(kind, name, 'spec', 'terms', i, ...rest);
    at('PrefixSet', match.prefixSet, 'match', 'prefixSet');
    at('PrefixSet', match.nextHopSet, 'match', 'nextHopSet');
    at('CommunitySet', match.communitySet, 'match', 'communitySet');
    at('ASPathSet', match.asPathSet, 'match', 'asPathSet');
    at('CommunitySet', set.communities?.delete, 'set', 'communities', 'delete');
    at('CommunitySet', set.largeCommunities?.delete, 'set', 'largeCommunities', 'delete');
  }
}
