import type { FactValue, NetBoxFacts, NetBoxObject, RecordChange, RecordPlan } from '../../api/index.ts';
import { type Assertion, theOnlyOne } from '../compare/asserted.ts';
import { type Comparison, type FieldDifference, hiddenBy, listOf, type Matched } from '../compare/compare.ts';
import { indexFacts, namesSame } from '../compare/find.ts';
import { type Resource } from '../resource.ts';
import { type Kind, resources } from '../resources.ts';
import { ownField, ownTag } from '../rows.ts';

/** A change of a list that the descriptors know. */
export type PlannedChange = RecordChange & { kind: Kind };
type Left = RecordPlan['left'][number];

/** Most of our objects of one kind that are deleted without a person who says that it is meant. */
const freeDeletes = 5;
const freeDeletesPercent = 10;

/**
 * What it takes for NetBox to say what Git says: sparse, and nothing where nothing differs. Written is only what is Behind or Missing; of an
 * object that we made also what it does not say yet. Deleted is only what we made, and only when `remove` asks for it. Pure.
 */
export function planRecord(
  { matched, extras }: Comparison,
  facts: NetBoxFacts,
  options: { remove: boolean; allowRemovals: boolean },
): RecordPlan & { changes: readonly PlannedChange[] } {
  const left: Left[] = [];
  const unmakeable = new Set(
    matched.flatMap(({ assertion, objects }) => (objects.length === 0 && !assertion.make ? [assertion.name] : [])),
  );
  const certain = new Set(
    matched.flatMap(({ assertion, objects }) => (objects.length <= 1 ? [`${assertion.kind} ${assertion.name}`] : [])),
  );
  const asserted = new Set(
    matched.flatMap(({ assertion }) => [
      `${assertion.kind} ${assertion.name}`,
      ...addressName(assertion).map((name) => `ipAddress ${name}`),
    ]),
  );
  const twice = heldTwice(matched);
  const seen = new Set<string>();
  const writes = matched.flatMap((each) => {
    const key = `${each.assertion.kind} ${each.assertion.name}`;
    if (seen.has(key)) return [];
    seen.add(key);
    return changesOf(each, { facts, left, unmakeable, asserted, certain, twice });
  });
  const deletes = options.remove ? guardDeletes(deletesOf(extras), facts, options.allowRemovals, left) : [];
  return { changes: [...marks(writes, facts), ...writes, ...deletes].sort(inOrder), left };
}

/** `DEVICE HOST` of an address: how a device names its primary one. */
export function addressName({ find, name }: Assertion): readonly string[] {
  return find.by === 'host' ? [`${deviceOf({ name })} ${find.host}`] : [];
}

/** `DEVICE HOST` of addresses that a device has in several VRFs: that name alone does not tell which is meant. */
export function heldTwice(matched: readonly Matched[]): ReadonlySet<string> {
  const byName = Map.groupBy(
    matched.flatMap(({ assertion }) => addressName(assertion)),
    (name) => name,
  );
  return new Set([...byName].flatMap(([name, { length }]) => (length > 1 ? [name] : [])));
}

/** The tag and the field by which we know our own objects again: made with the first of them. */
function marks(writes: readonly PlannedChange[], facts: NetBoxFacts): PlannedChange[] {
  if (!writes.some((change) => change.do === 'make' && isMarked(change.kind))) return [];
  const types = Object.entries(resources as Readonly<Record<string, Resource>>).flatMap(([kind, { model, deleteRank, plugin }]) =>
    deleteRank === undefined || (plugin !== undefined && !(kind in facts.objects)) ? [] : [model],
  );
  const base = { owner: 'Plumbline', step: 1 as const };
  const tag = named(facts, 'tag', ownTag)[0];
  const field = (facts.objects['customField'] ?? []).find(({ key }) => key === ownField);
  const known = Array.isArray(field?.values['objectTypes']) ? (field.values['objectTypes'] as readonly string[]) : [];
  const all = [...new Set([...known, ...types])].sort();
  const make = (kind: Kind, name: string, fields: Record<string, FactValue>): PlannedChange => ({
    ...base,
    kind,
    do: 'make',
    name,
    plumblineId: name,
    fields: Object.entries(fields).map(([each, to]) => ({ field: each, to, from: null })),
  });
  return [
    ...(tag ? [] : [make('tag', ownTag, { slug: ownTag, name: ownTag })]),
    ...(field ? [] : [make('customField', ownField, { name: ownField, type: 'text', objectTypes: all })]),
    ...(field && all.length > known.length
      ? [
          {
            ...base,
            kind: 'customField' as const,
            do: 'change' as const,
            name: ownField,
            plumblineId: ownField,
            id: field.id,
            updated: field.updated,
            fields: [{ field: 'objectTypes', to: all, from: known }],
          },
        ]
      : []),
  ];
}

/** Objects of these kinds carry our marks when we make them. */
export function isMarked(kind: Kind): boolean {
  const { deleteRank }: Resource = resources[kind];
  return deleteRank !== undefined;
}

interface Planning {
  facts: NetBoxFacts;
  left: Left[];
  /** Devices that cannot be made: nothing that stands on them can be made either. A device comes before what stands on it. */
  unmakeable: Set<string>;
  /** What Git lists and is there, or will be: `vrf CUST`, of an address `ipAddress DEVICE HOST`. */
  asserted: ReadonlySet<string>;
  /** The same, of what NetBox does not hold twice. */
  certain: ReadonlySet<string>;
  twice: ReadonlySet<string>;
}

/** Objects of these are found by what they are, and named as Git names them, however NetBox does. */
const ofGit = new Set<Kind>(['prefix', 'ipRange', 'dhcpSubnet', 'bgpRouter', 'bgpScope']);

function changesOf(each: Matched, planning: Planning): PlannedChange[] {
  const { assertion, objects, differing } = each;
  const { left } = planning;
  const { kind, name, owner, id: plumblineId } = assertion;
  const [object] = objects;
  const device = deviceOf(assertion);
  if (objects.length > 1) return leave(left, name, `NetBox holds it ${objects.length} times`);
  if (object === undefined && device !== name && planning.unmakeable.has(device)) return leave(left, name, `${device} is not in NetBox`);
  if (each.unseen !== undefined) {
    planning.unmakeable.add(name);
    const why = 'list' in each.unseen ? forbids(each.unseen.list) : `NetBox shows no site ${each.unseen.site}`;
    return leave(left, name, `${why}, and what the token may not see would be made twice`);
  }
  if (object === undefined && !assertion.make) {
    planning.unmakeable.add(name);
    return leave(left, name, `it is not in NetBox, and Git does not say enough to make it: ${assertion.makeNeeds ?? ''}`);
  }
  const markless = object || !isMarked(kind) ? undefined : (hiddenBy('tag', planning.facts) ?? hiddenBy('customField', planning.facts));
  if (markless) {
    planning.unmakeable.add(name);
    return leave(left, name, `${forbids(markless)}, where the marks of what Plumbline makes stand`);
  }
  const unsettled = differing.filter(({ judged }) => judged.record !== 'Behind' && judged.record !== 'Match');
  for (const { field, judged } of unsettled) leave(left, `${name}: ${field}`, `it is ${judged.record}: nobody can say yet who is right`);
  const asserted = Object.entries(assertion.fields).map(([field, { desired }]) => ({ field, to: desired, from: null }));
  const made = Object.entries(assertion.make ?? {}).map(([field, to]) => ({ field, to, from: null, once: true as const }));
  const all = object ? differing.filter((difference) => isWritten(difference, object.plumblineId)).map(toField) : [...made, ...asserted];
  const wanted = all.filter(({ field }) => assertion.fields[field]?.takes === undefined);
  if (object && wanted.length < all.length)
    leave(left, `${name}: reservations`, 'they are objects of their own in NetBox, which a person makes and changes');
  const fields = wanted.flatMap((change) => nameable(change, each, planning));
  const base = { kind, name, owner, plumblineId, ...(object && { id: object.id, updated: object.updated }) };
  const { fields: codecs }: Resource = resources[kind];
  const [now, later] = [fields.filter(({ field }) => !codecs[field]?.later), fields.filter(({ field }) => codecs[field]?.later)];
  // What is made takes all that is asked of it, or is not made: half an object would look like a finished one.
  if (!object && now.length < wanted.filter(({ field }) => !codecs[field]?.later).length) {
    planning.unmakeable.add(name);
    return [];
  }
  return [
    ...(now.length > 0 || !object
      ? [{ ...base, do: object ? ('change' as const) : ('make' as const), fields: now, step: 1 as const }]
      : []),
    ...(later.length > 0 ? [{ ...base, do: 'change' as const, fields: later, step: 2 as const }] : []),
  ];
}

/** An empty field of an object that is not ours stays empty: whoever made it does not assert it. */
function isWritten({ judged }: FieldDifference, plumblineId: string | undefined): boolean {
  return judged.record === 'Behind' || (judged.reason === 'NotAsserted' && plumblineId !== undefined);
}

function toField({ field, asserted, recorded }: FieldDifference): RecordChange['fields'][number] {
  return { field, to: asserted.desired, from: recorded };
}

type FieldChange = RecordChange['fields'][number];

/** The change with what it names as NetBox knows it; none where something is not there, or there more than once. */
function nameable(change: FieldChange, { assertion }: Matched, planning: Planning): FieldChange[] {
  const { field, to } = change;
  const { fields }: Resource = resources[assertion.kind];
  const target = fields[field]?.to as Kind | undefined;
  const named = to === null ? undefined : listOf(fields[field]);
  const list = named && hiddenBy(named, planning.facts);
  if (list) return leave(planning.left, `${assertion.name}: ${field}`, forbids(list));
  if (target === undefined || to === null || target === 'device' || target === 'interface') return [change];
  if (ofGit.has(target) && planning.certain.has(`${target} ${String(to)}`)) {
    const isNone = planning.unmakeable.has(String(to));
    return isNone
      ? leave(planning.left, `${assertion.name}: ${field}`, `${resources[target].word} ${String(to)} is not in NetBox`)
      : [change];
  }
  const names = Array.isArray(to) ? (to as readonly string[]) : [String(to)];
  const known = names.map((name) => nameIn(assertion, field, target, name, planning));
  if (!known.every((name) => name !== undefined)) return [];
  return [{ ...change, to: Array.isArray(to) ? known : (known[0] ?? null) }];
}

/** A reference needs exactly one object of that name. What Git itself asserts is there, or will be. Of several the one of the site is meant. */
function nameIn(assertion: Assertion, field: string, target: Kind, name: string, planning: Planning): string | undefined {
  const { facts, left, asserted, twice } = planning;
  const isAddress = target === 'ipAddress';
  if (isAddress && 'isShared' in assertion.find && (assertion.find.isShared || twice.has(`${deviceOf(assertion)} ${name}`)))
    return addressInVrf(assertion, field, name, facts, left);
  const found = isAddress ? addressesFor(facts, assertion, name) : named(facts, target, name);
  const isOwn = isAddress
    ? holdersOf(assertion).some((holder) => asserted.has(`ipAddress ${holder} ${name}`))
    : found.length === 0 && asserted.has(`${target} ${name}`);
  if (found.length === 1 || isOwn) return name;
  const site = siteOf(assertion, facts);
  const [near, ...others] = found.filter(({ key, values }) => values['site'] === site || key.startsWith(`${site} > `));
  if (near && others.length === 0) return near.key;
  const { word } = resources[target];
  leave(
    left,
    `${assertion.name}: ${field}`,
    found.length === 0
      ? `NetBox has no ${word} ${nameOf(name)}`
      : `NetBox has ${found.length} times a ${word} ${nameOf(name)}, and Git does not say which`,
  );
  return undefined;
}

/** Of a neighbor that stands in several VRFs: the address in the VRF of the session, by its own key. One that is made with this plan is named by the next. */
function addressInVrf({ name, find }: Assertion, field: string, host: string, facts: NetBoxFacts, left: Left[]): string | undefined {
  const vrf = 'vrf' in find ? find.vrf : undefined;
  const isMeant = (held: FactValue) => (vrf === undefined ? held === null : namesSame(held, vrf));
  const [address, ...others] = indexFacts(facts)
    .atHost(host)
    .filter(({ values }) => isMeant(values['vrf'] ?? null));
  if (address && others.length === 0) return address.key;
  const place = vrf === undefined ? 'outside of all VRFs' : `in VRF ${vrf}`;
  const why = address ? `holds ${host} ${place} ${others.length + 1} times` : `has no ${host} ${place} yet; once it has, write once more`;
  leave(left, `${name}: ${field}`, `NetBox ${why}`);
  return undefined;
}

function siteOf({ name, fields }: Assertion, facts: NetBoxFacts): string {
  const said = fields['site']?.desired;
  const [device] = indexFacts(facts).named(deviceOf({ name }).toLowerCase(), undefined);
  return String(said ?? device?.values['site'] ?? '');
}

function nameOf(name: string): string {
  return name === theOnlyOne ? 'at all' : name;
}

/** Objects of a kind by the last part of their key, as Git names them. */
export function named(facts: NetBoxFacts, kind: Kind, name: string): readonly NetBoxObject[] {
  return (facts.objects[kind] ?? []).filter(({ key }) => name === theOnlyOne || key === name || key.endsWith(` > ${name}`));
}

/** Addresses that an object of a device may mean by a host: those on its interfaces; of a session that has none there, whichever there are. */
export function addressesFor(facts: NetBoxFacts, { kind, name }: { kind: Kind; name: string }, host: string): readonly NetBoxObject[] {
  const on = ` > ${deviceOf({ name }).toLowerCase()} > `;
  const all = indexFacts(facts).atHost(host);
  const own = all.filter(({ values }) => ` > ${String(values['interface'] ?? '')}`.includes(on));
  return own.length === 0 && isSession(kind) ? all : own;
}

/** Who may have an address that an object names: its device; of a session also its neighbor, which is of no device. */
export function holdersOf({ kind, name }: { kind: Kind; name: string }): readonly string[] {
  const [device = '', neighbor = ''] = name.split(' > ');
  return isSession(kind) ? [device, neighbor] : [device];
}

export function isSession(kind: Kind): boolean {
  return kind === 'bgpSession' || kind === 'bgpPeer';
}

/** The device that an object is of, as Git names both. */
export function deviceOf({ name }: { name: string }): string {
  return name.split(' > ')[0] ?? '';
}

function deletesOf(extras: Comparison['extras']): PlannedChange[] {
  return extras.flatMap(({ assertion, object, judged }) => {
    if (judged.record !== 'Behind' || object.plumblineId === undefined) return [];
    const { owner, name } = assertion;
    const whole = `${name} > ${String(object.values['address'])}`;
    return [
      {
        kind: 'ipAddress',
        do: 'delete',
        name: whole,
        owner,
        plumblineId: object.plumblineId,
        id: object.id,
        updated: object.updated,
        fields: [],
        step: 1,
      },
    ];
  });
}

/** Much at once is more often a slip in Git, or a token that lost a right, than what somebody means. */
function guardDeletes(
  deletes: readonly PlannedChange[],
  facts: NetBoxFacts,
  allowRemovals: boolean,
  left: Left[],
): readonly PlannedChange[] {
  const byKind = Map.groupBy(deletes, ({ kind }) => kind);
  return [...byKind].flatMap(([kind, same]) => {
    const ours = (facts.objects[kind] ?? []).filter(({ plumblineId }) => plumblineId !== undefined).length;
    const limit = Math.max(freeDeletes, Math.floor((ours * freeDeletesPercent) / 100));
    if (allowRemovals || same.length <= limit) return same;
    const why = `${same.length} of our ${ours} would be deleted, more than ${limit}: add --allow-removals when that is meant`;
    leave(left, resources[kind].word, why);
    return [];
  });
}

function forbids(list: Kind): string {
  return `the token may not view ${resources[list].path}`;
}

function leave(left: Left[], name: string, why: string): [] {
  left.push({ name, why });
  return [];
}

/** What is named before what names it; deletions last, the other way round. */
function inOrder(a: PlannedChange, b: PlannedChange): number {
  return rank(a) - rank(b);
}

function rank(change: PlannedChange): number {
  const { writeOrder, deleteRank = 0 }: Resource = resources[change.kind];
  if (change.do === 'delete') return 2000 + deleteRank;
  return change.step === 2 ? 1000 + writeOrder : writeOrder;
}
