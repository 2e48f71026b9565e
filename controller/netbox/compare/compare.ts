import type { FactValue, NetBoxFacts, NetBoxObject, RecordDifference, ToldFacts, ToldSides } from '../../api/index.ts';
import type { Field } from '../codecs.ts';
import { type Resource } from '../resource.ts';
import { type Kind, resources } from '../resources.ts';
import { adviseByHand, adviseDuplicates, adviseExtra, adviseField, adviseForbidden, adviseMissing, adviseUnseen } from './advice.ts';
import type { AssertedField, Assertion } from './asserted.ts';
import { type Finding, hostOf, indexFacts, namesSame } from './find.ts';
import { isSame, judgeRecord, type Side, type Values } from './judge.ts';

/** What Git asserts beside what NetBox holds of it. */
export interface Matched {
  assertion: Assertion;
  /** Exactly one: the object. None: it is missing. More: duplicates. */
  objects: readonly NetBoxObject[];
  /** Fields where NetBox says something else, or nothing. */
  differing: readonly FieldDifference[];
  /** Of what is not there: why nobody knows whether NetBox has it. */
  unseen: Unseen | undefined;
}

/** NetBox does not show the site of the object either, or the token may not view a list that it takes. */
export type Unseen = { site: string } | { list: Kind };

export interface FieldDifference {
  field: string;
  asserted: AssertedField;
  recorded: FactValue;
  judged: ReturnType<typeof judgeRecord>;
  /** The list that the token may not view, where nobody knows for that what the field names. */
  hidden?: Kind;
}

/** An address in NetBox on an interface whose addresses Git lists, and not this one. */
export interface Extra {
  /** The interface. */
  assertion: Assertion;
  object: NetBoxObject;
  judged: ReturnType<typeof judgeRecord>;
  live: Side;
  baseline: { value: FactValue } | undefined;
}

export interface Comparison {
  matched: readonly Matched[];
  extras: readonly Extra[];
  /** Fields and objects that were looked at. */
  compared: number;
  differences: readonly RecordDifference[];
}

/** Compares what Git asserts with what NetBox records. Pure. `told` says what devices say of themselves, by name. */
export function compareRecord(asserted: readonly Assertion[], facts: NetBoxFacts, told: ReadonlyMap<string, ToldSides>): Comparison {
  const finding = indexFacts(facts);
  const assertions = answerable(asserted, facts);
  // What stands on a device that NetBox holds twice stands nobody knows where: it is neither there nor missing.
  const unclear = new Set(assertions.flatMap((each) => (each.kind === 'device' && finding.find(each).length > 1 ? [each.name] : [])));
  const clear = assertions.filter(({ kind, name }) => kind === 'device' || !unclear.has(name.split(' > ')[0] ?? ''));
  const unseenOf = unseenBy(assertions, facts);
  const matched = clear.map((assertion): Matched => {
    const objects = finding.find(assertion);
    const [object] = objects;
    const list = object ? undefined : hiddenBy(assertion.kind, facts);
    const site = object ? undefined : unseenOf(assertion);
    const unseen = list ? { list } : site === undefined ? undefined : { site };
    return {
      assertion,
      objects,
      unseen,
      differing: object && objects.length === 1 ? compareFields(assertion, object, finding, facts) : [],
    };
  });
  const extras = findExtras(matched, finding, told);
  // Of an object that is missing, or there twice, no field can be compared.
  const compared = matched.reduce(
    (sum, { assertion, objects }) => sum + 1 + (objects.length === 1 ? Object.keys(assertion.fields).length : 0),
    extras.length,
  );
  return {
    matched,
    extras,
    compared,
    differences: [...matched.flatMap(differencesOf), ...extras.flatMap(extraDifference)],
  };
}

/**
 * The site of what is missing, where NetBox shows no such site: whether it has none, or the token may not see it, nobody can say. A token that sees
 * one site alone would otherwise make all others look like work to be done.
 */
function unseenBy(assertions: readonly Assertion[], { objects }: NetBoxFacts): (assertion: Assertion) => string | undefined {
  const shown = objects['site'] && new Set(objects['site'].map(({ key }) => key));
  const siteOf = ({ fields }: Assertion) => {
    const site = fields['site']?.desired;
    return typeof site === 'string' && shown && !shown.has(site) ? site : undefined;
  };
  const sites = new Map(assertions.flatMap((each) => (each.kind === 'device' ? [[each.name, siteOf(each)] as const] : [])));
  // Ranges, and what hangs on them, are where their prefix is.
  const subnets = new Map(assertions.flatMap((each) => (each.kind === 'prefix' ? [[each.owner, siteOf(each)] as const] : [])));
  return (assertion) => siteOf(assertion) ?? sites.get(assertion.name.split(' > ')[0] ?? '') ?? subnets.get(assertion.owner);
}

/** The list without which not all of a kind is known: the token may not view it. */
export function hiddenBy(kind: Kind, { unseen }: NetBoxFacts): Kind | undefined {
  return unseen?.[kind] as Kind | undefined;
}

/** The list of what a field names, or of the custom field that it is. */
export function listOf(field: Field | undefined): Kind | undefined {
  return field?.custom === undefined ? (field?.to as Kind | undefined) : 'customField';
}

/** Without what this NetBox cannot say: lists of plugins that it has not, custom fields that nobody made there. */
function answerable(assertions: readonly Assertion[], facts: NetBoxFacts): readonly Assertion[] {
  const { objects } = facts;
  const isMade = (custom: string, model: string) =>
    hiddenBy('customField', facts) !== undefined || // then a value that is there says that it is made
    (objects['customField'] ?? []).some(
      ({ key, values }) =>
        key === custom &&
        values['type'] === 'longtext' &&
        Array.isArray(values['objectTypes']) &&
        (values['objectTypes'] as readonly string[]).includes(model),
    );
  const asked = assertions.filter(({ onlyBeside }) => onlyBeside === undefined || onlyBeside.some((kind) => kind in objects));
  return asked.map((assertion) => {
    const { fields, model }: Resource = resources[assertion.kind];
    const own = Object.entries(assertion.fields);
    const known = own.filter(([name]) => fields[name]?.custom === undefined || isMade(fields[name].custom, model));
    return known.length === own.length ? assertion : { ...assertion, fields: Object.fromEntries(known) };
  });
}

function compareFields(assertion: Assertion, object: NetBoxObject, finding: Finding, facts: NetBoxFacts): FieldDifference[] {
  const { fields }: Resource = resources[assertion.kind];
  const { values } = object;
  return Object.entries(assertion.fields).flatMap(([field, asserted]) => {
    const codec = fields[field];
    const isSaid = asserted.onlyWith === undefined || (values[asserted.onlyWith] ?? null) !== null;
    const own = asserted.takes ? finding.reservationsIn(object) : values[field];
    const recorded = isSaid ? (own ?? null) : null;
    const normalise = (value: FactValue): FactValue => codec?.normalise(value) ?? value;
    const key = (value: FactValue) => (codec?.to === 'interface' ? (finding.keyOfInterface(String(value)) ?? value) : value);
    const agrees = (one: FactValue, other: FactValue): boolean =>
      isSame(one, normalise(other)) ||
      (codec?.to !== undefined && agreesWith(one, key(other))) ||
      (asserted.isHost === true && one !== null && hostOf(one) === hostOf(other));
    const isAccepted = asserted.accepts?.some((each) => agrees(recorded, each)) ?? false;
    const isInOther = asserted.or !== undefined && agrees(values[asserted.or] ?? null, asserted.desired);
    if (isAccepted || isInOther) return [];
    const live: Side = asserted.live.is === 'told' ? { is: 'told', value: normalise(asserted.live.value) } : asserted.live;
    const baseline = asserted.baseline && { value: normalise(asserted.baseline.value) };
    const four = { desired: normalise(asserted.desired), recorded, live, baseline, agrees };
    const elsewhere = asserted.takes?.find((kind) => hiddenBy(kind, facts) === kind);
    const named = recorded === null ? undefined : listOf(codec);
    // What only takes a list that may not be viewed is named by its own key all the same.
    const hidden = elsewhere ?? (named && hiddenBy(named, facts) === named ? named : undefined);
    if (hidden) return [{ field, asserted, recorded, judged: { record: 'Unknown', reason: 'NotRead' }, hidden }];
    const judged = isElsewhere(codec?.to, asserted.desired, recorded) ? judgeElsewhere(four) : judgeRecord(four);
    return judged.reason === 'Same' ? [] : [{ field, asserted, recorded, judged }];
  });
}

/** An address that NetBox has on another device is not taken from there on Git's word alone. */
function isElsewhere(to: string | undefined, desired: FactValue, recorded: FactValue): boolean {
  if (to !== 'interface' || typeof recorded !== 'string') return false;
  const [device = ''] = String(desired).split(' > ');
  return !` > ${recorded}`.includes(` > ${device.toLowerCase()} > `);
}

function judgeElsewhere(values: Values): ReturnType<typeof judgeRecord> {
  return values.live.is === 'silent' ? { record: 'Conflict', reason: 'Elsewhere' } : judgeRecord(values);
}

/** Sets are compared name by name: those of NetBox know more of what they name. */
function agreesWith(recorded: FactValue, desired: FactValue): boolean {
  if (!Array.isArray(recorded) || !Array.isArray(desired)) return namesSame(recorded, desired);
  const [names, wanted] = [recorded as readonly string[], desired as readonly string[]];
  return names.length === wanted.length && wanted.every((each) => names.some((name) => namesSame(name, each)));
}

function differencesOf({ assertion, objects, differing, unseen }: Matched): RecordDifference[] {
  const { owner, kind, name, source } = assertion;
  const base = { owner, kind: resources[kind].word, object: name, ids: objects.map(({ id }) => id), source };
  if (objects.length === 0 && unseen !== undefined) {
    const said = 'list' in unseen ? adviseForbidden(unseen.list) : adviseUnseen(assertion, unseen.site);
    return [{ ...base, record: 'Unknown', ...said }];
  }
  if (objects.length === 0) return [{ ...base, record: 'Missing', ...adviseMissing(assertion) }];
  if (objects.length > 1) return [{ ...base, record: 'Conflict', ...adviseDuplicates(assertion, objects) }];
  return differing.flatMap(({ field, asserted, recorded, judged, hidden }) => {
    if (judged.record === 'Match') return [];
    return [
      {
        ...base,
        record: judged.record,
        field,
        desired: asserted.desired,
        recorded,
        ...(asserted.live.is === 'told' && { live: asserted.live.value }),
        ...(asserted.baseline && { baseline: asserted.baseline.value }),
        ...(hidden ? adviseForbidden(hidden) : asserted.takes ? adviseByHand(assertion) : adviseField(assertion, field, judged.reason)),
      },
    ];
  });
}

/** Of an interface whose addresses Git does not list at all, NetBox may say what it likes. So it may of link-local ones. */
function findExtras(matched: readonly Matched[], finding: Finding, told: ReadonlyMap<string, ToldSides>): Extra[] {
  const listed = new Map<string, Set<string>>();
  for (const { assertion } of matched) {
    if (assertion.find.by !== 'host' || assertion.find.interface === undefined) continue;
    const hosts = listed.get(assertion.find.interface) ?? new Set();
    listed.set(assertion.find.interface, hosts.add(assertion.find.host));
  }
  return matched.flatMap(({ assertion, objects }) => {
    const hosts = assertion.kind === 'interface' ? listed.get(assertion.name) : undefined;
    const [port] = objects;
    if (!hosts || !port || objects.length !== 1) return [];
    return finding.holding('ipAddress', 'interface', port.key).flatMap((object) => {
      const host = hostOf(object.values['address']);
      if (hosts.has(host) || /^fe[89ab]/i.test(host)) return [];
      return [judgeExtra(assertion, object, host, told)];
    });
  });
}

/** That an address is there, as a value that the three sides have or have not. */
function judgeExtra(assertion: Assertion, object: NetBoxObject, host: string, told: ReadonlyMap<string, ToldSides>): Extra {
  const [device = '', ...rest] = assertion.name.split(' > ');
  const sides = told.get(device);
  const holds = ({ interfaces }: ToldFacts) => interfaces?.[rest.join(' > ')]?.addresses.some((each) => hostOf(each) === host) ?? false;
  // As with the other fields of the interface: what the device does not tell of one, it does not tell of its addresses.
  const tells = assertion.fields['enabled']?.live.is ?? 'silent';
  const live: Side = sides && tells === 'told' ? { is: 'told', value: holds(sides.live) } : { is: tells === 'told' ? 'silent' : tells };
  const baseline = sides?.baseline && { value: holds(sides.baseline) };
  return { assertion, object, live, baseline, judged: judgeRecord({ desired: false, recorded: true, live, baseline }) };
}

function extraDifference(extra: Extra): RecordDifference[] {
  const { assertion, object, judged } = extra;
  if (judged.record === 'Match') return [];
  const { owner, source } = assertion;
  const address = String(object.values['address']);
  const base = { owner, kind: resources.ipAddress.word, object: `${assertion.name} > ${address}`, ids: [object.id], source };
  return [{ ...base, record: judged.record, recorded: address, ...adviseExtra(extra) }];
}
