import { type DesiredObject, type Kind, kindNames, type RoutePolicySpec, type SessionEndFamily, type ValuePath } from '../../api/index.ts';
import { nearest, type PlumblineError } from '../../lib/index.ts';
import { formatPath } from '../words.ts';
import { limits } from '../limits.ts';
import { errors } from './errors.ts';
import { type CheckInput, nameOf } from './input.ts';

interface Reference {
  kind: Kind;
  name: string;
  path: ValuePath;
}

/** Kinds whose objects no other object names. */
const standAlone: readonly Kind[] = ['Device', 'BGPSession', 'ReconcilePolicy', 'ChangeWindow'];

/** Names that lead nowhere, and objects that nothing names. */
export function checkReferences({ objects, broken: faulty, unread }: CheckInput): PlumblineError[] {
  const problems: PlumblineError[] = [];
  const broken = namesByKind(faulty);
  const used = new Set<string>();
  const rests = faulty.flatMap(({ rest }) => (rest ? [rest] : []));
  for (const object of [...everyObject(objects), ...rests]) {
    for (const { kind, name, path } of listReferences(object)) {
      const target = `${kind}/${name}`;
      used.add(target);
      if (objects[kind].has(name) || broken[kind].has(name) || unread.mayHold(kind, name)) continue;
      // Each costs a walk over all names: whoever has more of them has one cause, and the first tell it.
      const suggestion = problems.length < limits.problemsPerFile ? nearest(name, [...objects[kind].keys(), ...broken[kind]]) : undefined;
      problems.push(
        errors.DanglingReference({ object: nameOf(object), path: formatPath(path), target, suggestion }, { at: object.locate(path) }),
      );
    }
  }
  // An object that cannot be read may well be the one that uses them.
  if (!unread.isEmpty) return problems;
  for (const object of everyObject(objects)) {
    if (!standAlone.includes(object.kind) && !used.has(nameOf(object)))
      problems.push(errors.UnusedObject({ object: nameOf(object) }, { at: object.locate(['metadata', 'name']) }));
  }
  return problems;
}

function namesByKind(broken: CheckInput['broken']): Record<Kind, ReadonlySet<string>> {
  const namesOf = (kind: Kind): ReadonlySet<string> =>
    new Set(broken.flatMap((each) => (each.kind === kind && each.name !== undefined ? [each.name] : [])));
  return Object.fromEntries(kindNames.map((kind) => [kind, namesOf(kind)])) as Record<Kind, ReadonlySet<string>>;
}

export function* everyObject(objects: CheckInput['objects']): Generator<DesiredObject> {
  for (const map of Object.values(objects) as ReadonlyMap<string, DesiredObject>[]) yield* map.values();
}

/** Every name of another object, with its place. */
function listReferences(object: DesiredObject): Reference[] {
  if (isOf(object, 'Device')) return listOfDevice(object);
  if (isOf(object, 'BGPSession')) return listOfSession(object);
  if (isOf(object, 'RoutePolicy')) return listOfPolicy(object.spec);
  return [];
}

function isOf<K extends Kind>(object: DesiredObject, kind: K): object is DesiredObject<K> {
  return object.kind === kind;
}

function listOfDevice({ spec }: DesiredObject<'Device'>): Reference[] {
  const found = present([['DeviceProfile', spec.profile, ['spec', 'profile']]]);
  for (const list of ['networks', 'aggregates', 'redistribute'] as const) {
    const entries: readonly { policy?: string | undefined }[] = spec.bgp?.[list] ?? [];
    found.push(...present(entries.map((entry, i) => ['RoutePolicy', entry.policy, ['spec', 'bgp', list, i, 'policy']])));
  }
  return found;
}

function listOfSession({ spec }: DesiredObject<'BGPSession'>): Reference[] {
  return spec.ends.flatMap((end, i) => [
    ...present([['Device', end.device, ['spec', 'ends', i, 'device']]]),
    ...Object.entries(end.families).flatMap(([family, options]: [string, SessionEndFamily | undefined]) =>
      present(
        (['import', 'export', 'defaultOriginatePolicy'] as const).map((key) => [
          'RoutePolicy',
          options?.[key],
          ['spec', 'ends', i, 'families', family, key],
        ]),
      ),
    ),
  ]);
}

function listOfPolicy(spec: RoutePolicySpec): Reference[] {
  return spec.terms.flatMap(({ match, set }, i) => {
    const at = (...rest: string[]): ValuePath => ['spec', 'terms', i, ...rest];
    return present([
      ['PrefixSet', match.prefixSet, at('match', 'prefixSet')],
      ['PrefixSet', match.nextHopSet, at('match', 'nextHopSet')],
      ['CommunitySet', match.communitySet, at('match', 'communitySet')],
      ['ASPathSet', match.asPathSet, at('match', 'asPathSet')],
      ['CommunitySet', set.communities?.delete, at('set', 'communities', 'delete')],
      ['CommunitySet', set.largeCommunities?.delete, at('set', 'largeCommunities', 'delete')],
    ]);
  });
}

function present(rows: readonly (readonly [Kind, string | undefined, ValuePath])[]): Reference[] {
  return rows.flatMap(([kind, name, path]) => (name === undefined ? [] : [{ kind, name, path }]));
}
