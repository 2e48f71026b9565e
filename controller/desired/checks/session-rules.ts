import {
  type DesiredObject,
  type Family,
  routeMapIn,
  type RoutePolicySpec,
  type SessionEnd,
  type SessionEndFamily,
  type ValuePath,
} from '../../api/index.ts';
import type { PlumblineError, Position } from '../../lib/index.ts';
import { errors } from './errors.ts';
import { nameOf } from './input.ts';
import { between, type Rule, type SeenObjects, within } from './rule.ts';
import { misplacedOptions } from './session-type.ts';

type Session = DesiredObject<'BGPSession'>;

/** What other objects make right or wrong about a session. */
const sees = { BGPSession: 'all', PeerGroup: ['families'], RoutePolicy: ['terms', 'default'], Device: ['lifecycle'] } as const;
type Objects = SeenObjects<typeof sees>;

interface FamilyAt {
  object: Session;
  end: SessionEnd;
  family: Family;
  options: SessionEndFamily | undefined;
  path: ValuePath;
}

/** The export policy that an end has, and where it says so: itself, or the group that it is a member of. */
function exportOf({ object, end, family, options, path }: FamilyAt, { PeerGroup }: Objects): { policy: string | undefined; at: Position } {
  const own = options?.export;
  if (own !== undefined) return { policy: own, at: object.locate([...path, 'export']) };
  const ofGroup = PeerGroup.get(end.peerGroup ?? '')?.spec.families[family]?.export;
  return { policy: ofGroup, at: object.locate([...path.slice(0, 3), 'peerGroup']) };
}

/** What makes sense on an internal or external session, and what must stand on an external one. */
const checkAmongOthers = between(sees, ({ objects }) => {
  const problems: PlumblineError[] = [];
  const drained = new Map([...objects.Device].filter(([, { spec }]) => spec.lifecycle === 'Drained'));
  for (const object of objects.BGPSession.values()) {
    const { type, adminState, ends } = object.spec;
    const mayDrain = adminState === 'Drained' || (adminState === 'Up' && ends.some(({ device = '' }) => drained.has(device)));
    // Of fifty thousand sessions most are internal, and what follows has nothing to say of them.
    if (type !== 'External' && !mayDrain && !isToOthers(object)) continue;
    const families = familiesOf(object);
    for (const each of families) {
      problems.push(...checkPolicies(each, objects));
      if (mayDrain) problems.push(...checkDrained(each, objects, drained));
    }
    if (isToOthers(object)) for (const each of families) problems.push(...checkLeak(each, objects));
  }
  return problems;
});

const checkAlone = within('BGPSession', (object) => [
  ...checkRelationship(object),
  ...checkReach(object),
  ...checkReflection(object),
  ...checkTcpAo(object),
  ...checkExtendedNextHop(object),
  ...familiesOf(object).flatMap(checkOptions),
]);

export const checkSessionRules: readonly Rule[] = [checkAmongOthers, checkAlone];

/** Every family of every managed end. */
function familiesOf(object: Session): FamilyAt[] {
  return object.spec.ends.flatMap((end, i) =>
    end.device === undefined
      ? []
      : object.spec.families.map((family) => ({
          object,
          end,
          family,
          options: end.families[family],
          path: ['spec', 'ends', i, 'families', family],
        })),
  );
}

function checkRelationship(object: Session): PlumblineError[] {
  const { type, relationship, ends } = object.spec;
  const name = nameOf(object);
  if (type === 'External' && relationship === undefined)
    return [errors.RelationshipMissing({ object: name }, { at: object.locate(['spec', 'type']) })];
  if (relationship === undefined || relationship === 'Internal') return [];
  const isInternal = type === 'Internal';
  if (!isInternal && ends.some((end) => end.external)) return [];
  const [why, hint] = isInternal
    ? ['the session is internal', 'Remove it, or write Internal.']
    : ['both ends are managed devices: it would mean the opposite at the other end', 'Write Internal.'];
  return [errors.RelationshipWrong({ object: name, relationship, why, hint }, { at: object.locate(['spec', 'relationship']) })];
}

function checkReach(object: Session): PlumblineError[] {
  const { type, ttl, ends } = object.spec;
  if (type === 'Internal') {
    return ttl?.multihop === undefined
      ? []
      : [errors.ExternalOnly({ object: nameOf(object), field: 'ttl.multihop' }, { at: object.locate(['spec', 'ttl', 'multihop']) })];
  }
  const loopback = ends.findIndex((end) => end.loopback !== undefined);
  if (loopback < 0 || ttl !== undefined) return [];
  return [
    errors.MultihopMissing(
      { object: nameOf(object), end: ends[loopback]?.device ?? '' },
      { at: object.locate(['spec', 'ends', loopback, 'loopback']) },
    ),
  ];
}

/** All platforms that have BGP here are FRR, of which no version that is driven has it (its sockets know MD5 alone, seen on 8.4.4). */
function checkTcpAo(object: Session): PlumblineError[] {
  if (!object.spec.auth?.tcpAo) return [];
  const hint = 'Write passwordRef, a TCP MD5 password, and ttl with gtsmHops: 1 where the neighbor is next door.';
  const facts = { object: nameOf(object), what: 'TCP-AO', platform: 'FRR 8.4', hint };
  return [errors.NotOnPlatform(facts, { at: object.locate(['spec', 'auth', 'tcpAo']) })];
}

function checkExtendedNextHop(object: Session): PlumblineError[] {
  const { extendedNextHop, families, transport } = object.spec;
  if (!extendedNextHop || (families.includes('ipv4-unicast') && transport !== 'IPv4')) return [];
  const facts = { object: nameOf(object), field: 'extendedNextHop', needs: 'ipv4-unicast over an IPv6 session' };
  return [errors.FieldWithoutEffect(facts, { at: object.locate(['spec', 'extendedNextHop']) })];
}

function checkReflection(object: Session): PlumblineError[] {
  return object.spec.families.flatMap((family) =>
    object.spec.ends.every((end) => end.families[family]?.routeReflectorClient)
      ? [
          errors.BothReflect(
            { object: nameOf(object), family },
            { at: object.locate(['spec', 'ends', 1, 'families', family, 'routeReflectorClient']) },
          ),
        ]
      : [],
  );
}

function checkPolicies({ object, end, family, options, path }: FamilyAt, { PeerGroup }: Objects): PlumblineError[] {
  if (object.spec.type !== 'External') return [];
  // A group that is not there is told by itself, and may well have them.
  if (end.peerGroup !== undefined && !PeerGroup.has(end.peerGroup)) return [];
  const ofGroup = PeerGroup.get(end.peerGroup ?? '')?.spec.families[family];
  if ((options?.unfiltered ?? ofGroup?.unfiltered) === true) return [];
  return (['import', 'export'] as const)
    .filter((what) => options?.[what] === undefined && ofGroup?.[what] === undefined)
    .map((what) => errors.PolicyMissing({ object: nameOf(object), end: end.device ?? '', family, what }, { at: object.locate(path) }));
}

/** A line says which route-map counts, or that a default route is sent, and draining needs to put its own there. */
function checkDrained({ object, end, family, options }: FamilyAt, { PeerGroup }: Objects, devices: Objects['Device']): PlumblineError[] {
  const { adminState, ends } = object.spec;
  const drained = ends.flatMap(({ device = '' }) => devices.get(device) ?? [])[0];
  const ofGroup = PeerGroup.get(end.peerGroup ?? '')?.spec.families[family]?.lines ?? [];
  const line = [...(options?.lines ?? []), ...ofGroup].find(keepsUndrained);
  if (line === undefined) return [];
  const field = sendsDefault.test(line) ? 'defaultOriginate' : 'import or export';
  const needs = `${field} in place of the line "${line}", which ${end.device} has`;
  const at = adminState === 'Drained' ? object.locate(['spec', 'adminState']) : drained?.locate(['spec', 'lifecycle']);
  return [errors.FieldWithoutEffect({ object: nameOf(object), field: 'Drained', needs }, { ...(at && { at }) })];
}

/** Of lines of a neighbor or a group. */
export function keepsUndrained(line: string): boolean {
  return routeMapIn(line) !== undefined || sendsDefault.test(line);
}

export const sendsDefault = /^default-originate\b/;

function checkOptions({ object, options, path }: FamilyAt): PlumblineError[] {
  if (!options) return [];
  const name = nameOf(object);
  const problems = misplacedOptions(object, object.spec.type, options, path);
  if (options.defaultOriginatePolicy !== undefined && !options.defaultOriginate) {
    const facts = { object: name, field: 'defaultOriginatePolicy', needs: 'defaultOriginate: true' };
    problems.push(errors.FieldWithoutEffect(facts, { at: object.locate([...path, 'defaultOriginatePolicy']) }));
  }
  return problems;
}

function isToOthers({ spec }: Session): boolean {
  return spec.relationship === 'Peer' || spec.relationship === 'Transit';
}

/** Routes of one provider or peer must not reach another: what is exported to them is chosen, never "the rest". */
function checkLeak(each: FamilyAt, objects: Objects): PlumblineError[] {
  const { object } = each;
  const { policy, at } = exportOf(each, objects);
  const spec = objects.RoutePolicy.get(policy ?? '')?.spec;
  const why = spec && findOpenGate(spec);
  if (why === undefined) return [];
  const facts = { object: nameOf(object), policy: `RoutePolicy/${policy}`, to: object.spec.relationship?.toLowerCase() ?? '', why };
  return [errors.RouteLeak(facts, { at })];
}

function findOpenGate(policy: Pick<RoutePolicySpec, 'terms' | 'default'>): string | undefined {
  const open = policy.terms.find(
    ({ action, match }) => action === 'Permit' && (match.prefixSet ?? match.communitySet ?? match.asPathSet) === undefined,
  );
  if (open) return `term ${open.name} permits without one of them`;
  return policy.default === 'Permit' ? 'default is Permit' : undefined;
}
