import type { FactValue, NetBoxFacts } from '../../api/index.ts';
import { PlumblineError } from '../../lib/index.ts';
import type { Write, Written } from '../bulk.ts';
import type { NetBox } from '../client.ts';
import { type RawRow, type RawValue, type Ref } from '../codecs.ts';
import type { Matched } from '../compare/compare.ts';
import { indexFacts } from '../compare/find.ts';
import { isSame } from '../compare/judge.ts';
import { errors } from '../errors.ts';
import { partText, type Resource } from '../resource.ts';
import { type Kind, resources } from '../resources.ts';
import { ownField, ownTag } from '../rows.ts';
import { addressesFor, addressName, deviceOf, heldTwice, holdersOf, isMarked, isSession, named, type PlannedChange } from './plan.ts';

/** What became of one change. */
export interface RecordOutcome {
  change: PlannedChange;
  /** `Same`: somebody else had made it so meanwhile, nothing was written. */
  result: 'Done' | 'Same' | 'Failed';
  error?: PlumblineError;
}

export interface CarryOutOptions {
  plan: { changes: readonly PlannedChange[] };
  matched: readonly Matched[];
  facts: NetBoxFacts;
  /** Stands in the change log of every object, with what of Git it is for. */
  revision: string;
  signal?: AbortSignal | undefined;
  onDone?: (done: number) => void;
}

/**
 * Writes a plan, list by list in its order. What is made is looked up again right before: objects that came meanwhile, interfaces of a
 * device type among them, are taken as they are and only changed. Each answer is held against what was sent. Once something was written,
 * a list that cannot be read any more ends the work, and so does `signal`; that is told of each change that was left: whoever asked must know
 * what was done.
 */
export async function carryOut(netbox: NetBox, options: CarryOutOptions): Promise<readonly RecordOutcome[]> {
  const ids = knownIds(options);
  const twice = heldTwice(options.matched);
  const outcomes: RecordOutcome[] = [];
  let down: PlumblineError | undefined;
  for (const changes of inGroups(options.plan.changes)) {
    try {
      if (!down) outcomes.push(...(await writeGroup({ netbox, options, ids, twice }, changes)));
    } catch (thrown) {
      const error = options.signal?.aborted ? errors.NetBoxInterrupted({ host: netbox.host }) : thrown;
      if (!(error instanceof PlumblineError) || (outcomes.length === 0 && error === thrown)) throw error;
      down = error;
    }
    if (down) for (const change of changes) outcomes.push({ change, result: 'Failed', error: down });
    options.onDone?.(outcomes.length);
  }
  return outcomes;
}

interface Work {
  netbox: NetBox;
  options: CarryOutOptions;
  /** `KIND NAME` as Git calls it, to id. */
  ids: Map<string, number>;
  /** Addresses that a device has in several VRFs. */
  twice: ReadonlySet<string>;
}

/** Consecutive changes of one list in one way: one bulk write. */
function inGroups(changes: readonly PlannedChange[]): readonly (readonly PlannedChange[])[] {
  return [...Map.groupBy(changes, (change) => `${change.step} ${change.kind} ${change.do}`).values()];
}

async function writeGroup(work: Work, changes: readonly PlannedChange[]): Promise<RecordOutcome[]> {
  const [first] = changes;
  if (!first) return [];
  const outcomes: RecordOutcome[] = [];
  const writes = new Map<Write, PlannedChange>();
  const fresh = first.do === 'make' ? await lookUp(work, first.kind, changes) : new Map<PlannedChange, readonly RawRow[]>();
  for (const change of changes) {
    const write = prepare(work, change, fresh.get(change) ?? []);
    if ('result' in write) outcomes.push(write);
    else writes.set(write, change);
  }
  const written = await work.netbox.write(first.kind, [...writes.keys()], { signal: work.options.signal });
  for (const each of written) {
    const change = writes.get(each.write);
    if (change) outcomes.push(settle(work, change, each));
  }
  return outcomes;
}

/** The write of one change, or its outcome where nothing is to be written. */
function prepare(work: Work, change: PlannedChange, found: readonly RawRow[]): Write | RecordOutcome {
  const { netbox, options } = work;
  const message = `plumbline ${options.revision} ${change.owner}`;
  const what = `${resources[change.kind].word} ${change.name}`;
  const fail = (why: string): RecordOutcome => ({
    change,
    result: 'Failed',
    error: errors.NetBoxRejected({ host: netbox.host, what, why }),
  });
  if (change.do === 'delete') return { what, message, id: change.id ?? 0, updated: change.updated ?? null };
  let body: Record<string, unknown>;
  try {
    body = bodyOf(work, change);
  } catch (error) {
    if (error instanceof NoSuchObject) return fail(error.message);
    throw error;
  }
  const id = change.id ?? (change.step === 2 ? work.ids.get(`${change.kind} ${change.name}`) : undefined);
  if (change.do === 'change')
    return id === undefined
      ? fail(`${change.name} was not made`)
      : { what, message, id, ...(change.id !== undefined && change.step === 1 && { updated: change.updated ?? null }), body };
  const [row, ...others] = found;
  if (!row) return { what, message, body: isMarked(change.kind) ? withMarks(body, change) : body };
  if (others.length > 0) return fail(`it came meanwhile, ${found.length} times`);
  work.ids.set(`${change.kind} ${change.name}`, row['id'] as number);
  const on = change.kind === 'ipAddress' ? row['assigned_object_id'] : null;
  if (on !== null && on !== undefined && on !== body['assigned_object_id']) return fail('it came meanwhile, on another interface');
  const differing = change.fields.filter(({ field, to, once }) => !once && !isAsSent(change.kind, field, to, row, body));
  if (differing.length === 0) return { change, result: 'Same' };
  const updated = typeof row['last_updated'] === 'string' ? row['last_updated'] : null;
  return { what, message, id: row['id'] as number, updated, body: bodyOf(work, { ...change, fields: differing }) };
}

function settle(work: Work, change: PlannedChange, { write, ...outcome }: Written): RecordOutcome {
  if (outcome.error) return { change, result: 'Failed', error: outcome.error };
  const { row } = outcome;
  if (!row) return { change, result: 'Done' };
  work.ids.set(`${change.kind} ${change.name}`, row['id'] as number);
  if (change.kind === 'ipAddress')
    noteAddress(
      work.ids,
      addressOf(change),
      row['id'] as number,
      change.fields.some(({ field }) => field === 'vrf'),
    );
  const body = write.body ?? {};
  const wasSent = (field: string) => fieldsOf(change.kind)[field]?.names.some((name) => name in body) ?? false;
  const lost = change.fields.find(({ field, to }) => wasSent(field) && !isAsSent(change.kind, field, to, row, body));
  if (!lost) return { change, result: 'Done' };
  const found = JSON.stringify(fieldsOf(change.kind)[lost.field]?.read(row));
  const facts = { host: work.netbox.host, what: write.what, field: lost.field, sent: JSON.stringify(lost.to), found };
  return { change, result: 'Failed', error: errors.NetBoxNotApplied(facts) };
}

/** What it names is not there: it could not be made, or nobody knows it. */
class NoSuchObject extends Error {}

function bodyOf(work: Work, change: PlannedChange): Record<string, unknown> {
  const fields = fieldsOf(change.kind);
  const idOf = (to: string, key: string): number => {
    const id = idIn(work, change, to as Kind, key);
    if (id === undefined) throw new NoSuchObject(`there is no ${resources[to as Kind].word} ${key}`);
    return id;
  };
  return Object.assign({}, ...change.fields.map(({ field, to }) => fields[field]?.write(fields[field].normalise(to), idOf))) as Record<
    string,
    unknown
  >;
}

function idIn({ ids, options, twice }: Work, change: PlannedChange, to: Kind, key: string): number | undefined {
  // The plan named it by its own key.
  if (to === 'ipAddress' && isSession(change.kind) && twice.has(`${deviceOf(change)} ${key}`))
    return indexFacts(options.facts).withKey(to, key)?.id;
  const names = to === 'ipAddress' ? holdersOf(change).map((holder) => `ipAddress ${holder} ${key}`) : [`${to} ${key}`];
  const known = names.map((name) => ids.get(name)).find((id) => id !== undefined);
  if (known !== undefined || to === 'device') return known;
  if (to === 'ipAddress') return (addressesFor(options.facts, change, key)[0] ?? indexFacts(options.facts).withKey(to, key))?.id;
  const name = to === 'interface' ? indexFacts(options.facts).keyOfInterface(key) : key;
  return name === undefined ? undefined : named(options.facts, to, name)[0]?.id;
}

/** Whether NetBox says what was sent: of a reference the id, of everything else the canonical value. */
function isAsSent(kind: Kind, field: string, to: FactValue, row: RawRow, body: Readonly<Record<string, unknown>>): boolean {
  const codec = fieldsOf(kind)[field];
  if (!codec) return false;
  const found: RawValue = codec.read(row);
  if (codec.to !== undefined) {
    const sent = codec.names.map((name) => body[name]).at(-1);
    return JSON.stringify(refIds(found)) === JSON.stringify(Array.isArray(sent) ? [...(sent as number[])].sort((a, b) => a - b) : sent);
  }
  return isSame(codec.normalise(found as FactValue), codec.normalise(to));
}

function refIds(value: RawValue): unknown {
  if (Array.isArray(value)) return (value as readonly Ref[]).map(({ id }) => id).sort((a, b) => a - b);
  return (value as Ref | null)?.id ?? null;
}

/** Objects that came since the snapshot, or that a device type made with its device: by the natural key. */
async function lookUp(work: Work, kind: Kind, changes: readonly PlannedChange[]): Promise<Map<PlannedChange, readonly RawRow[]>> {
  const resource: Resource = resources[kind];
  const [filter, part] = filterOf(kind);
  const wanted = changes.map((change) => ({ change, value: valueOf(work, change, part) }));
  const values = [...new Set(wanted.flatMap(({ value }) => (value === undefined ? [] : [value])))];
  const rows = await work.netbox.readRows(kind, { name: filter, values }, work.options.signal);
  return new Map(
    changes.map((change) => [
      change,
      rows.filter((row) =>
        resource.key.every((each) => {
          const name = typeof each === 'string' ? each : each.field;
          const raw = resource.fields[name]?.read(row) ?? null;
          const found = typeof raw === 'object' && raw !== null && 'id' in raw ? raw.id : (raw as FactValue);
          const value = valueOf(work, change, each);
          // A tenant that Git does not name may be any. A VRF that it does not name is the global table.
          return value === undefined ? name === 'tenant' || found === null : partText(each, found) === String(value);
        }),
      ),
    ]),
  );
}

/** The filter by which a list is asked for some objects: the last of the descriptor is the one of its key. */
function filterOf(kind: Kind): readonly [name: string, part: Resource['key'][number]] {
  const { filters }: Resource = resources[kind];
  return Object.entries(filters).at(-1) ?? ['id', 'id'];
}

/** A part of the key as a change will make it: an id where it names an object. */
function valueOf(work: Work, change: PlannedChange, part: Resource['key'][number]): string | number | undefined {
  const field = typeof part === 'string' ? part : part.field;
  const to = change.fields.find((each) => each.field === field)?.to;
  if (to === undefined || to === null) return undefined;
  const codec = fieldsOf(change.kind)[field];
  if (codec?.to !== undefined) return idIn(work, change, codec.to as Kind, String(to));
  return partText(part, codec?.normalise(to) ?? to);
}

function fieldsOf(kind: Kind): Resource['fields'] {
  return resources[kind].fields;
}

/** Beside the custom fields that Git fills. */
function withMarks(body: Readonly<Record<string, unknown>>, { plumblineId }: PlannedChange): Record<string, unknown> {
  const custom = body['custom_fields'] as object | undefined;
  return { ...body, tags: [{ slug: ownTag }], custom_fields: { ...custom, [ownField]: plumblineId } };
}

function addressOf({ name, fields }: PlannedChange): string {
  const address = fields.find(({ field }) => field === 'address')?.to;
  return `${deviceOf({ name })} ${address === undefined ? '' : partText({ field: 'address', as: 'host' }, address)}`;
}

function knownIds({ matched }: CarryOutOptions): Map<string, number> {
  const ids = new Map<string, number>();
  for (const { assertion, objects } of matched) {
    const [object] = objects;
    if (!object || objects.length !== 1) continue;
    ids.set(`${assertion.kind} ${assertion.name}`, object.id);
    for (const name of addressName(assertion)) noteAddress(ids, name, object.id, 'vrf' in assertion.fields);
  }
  return ids;
}

/** Of an address that a device has in several tables the one outside of VRFs is meant by its bare name, else the first that Git lists. */
function noteAddress(ids: Map<string, number>, name: string, id: number, isInVrf: boolean): void {
  const key = `ipAddress ${name}`;
  if (!isInVrf || !ids.has(key)) ids.set(key, id);
}
