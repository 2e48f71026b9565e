import type { NetBoxFacts } from '../api/index.ts';
import { PlumblineError, type Secret } from '../lib/index.ts';
import type { RawRow } from './codecs.ts';
import { type Filter, type ReadOptions, readRows } from './pages.ts';
import type { Server } from './probe.ts';
import { type Resource } from './resource.ts';
import { type Kind, resources } from './resources.ts';
import { readRow, type Row } from './rows.ts';
import type { Transport } from './transport.ts';

/** The rows of all lists, by id. */
export type Lists = Map<Kind, Map<number, Row>>;

/**
 * What one NetBox said when it was last read: the next look asks only for what changed since. Made by `createMemory`, kept by whoever looks
 * again and again, given to `openNetBox`.
 */
export interface Memory {
  last?: {
    url: string;
    token: Secret;
    version: string;
    lists: Lists;
    /** Lists that the token may not view. */
    forbidden: ReadonlyMap<Kind, PlumblineError>;
    feed: Feed;
    wholeAt: number;
    objects: NetBoxFacts['objects'];
  };
}

export function createMemory(): Memory {
  return {};
}

/** How far the change log was read. */
interface Feed {
  /** Records up to here are done with. */
  upTo: number;
  /** Records beyond, done as well: one with a smaller id may come still, from a write that took long. */
  done: ReadonlySet<number>;
}

interface ChangeRecord {
  id: number;
  at: number;
  type: string;
  object: number;
  isGone: boolean;
}

const path = 'core/object-changes';
/** More changes than this are not read one by one. */
const mostChanges = 1000;
/** A record that is older than the newest by this comes no more: NetBox ends its scripts, and the one transaction of each, after five minutes. */
const lateMs = 300_000;
/** Records before a whole read that are remembered: one with a smaller id that comes later is of a write that was on its way. */
const mostDone = 100;
const fields = 'id,time,changed_object_type,changed_object_id,action';

/** Lists whose rows become others without a change record of their own when an object of this type changes. */
const alongWith: Readonly<Record<string, readonly Kind[]>> = {
  'dcim.macaddress': ['interface'],
  'dcim.location': ['location', 'rack', 'device'],
  'dcim.rack': ['device'],
};

/** Where the change log ends now; undefined where it cannot be read: then every look reads all. */
export async function readFeed(transport: Transport, signal: AbortSignal | undefined): Promise<Feed | undefined> {
  try {
    const { body } = await transport.send({ method: 'GET', path, query: { ordering: '-id', limit: mostDone, fields }, signal });
    const records = recordsOf(body)?.reverse();
    const [first] = records ?? [];
    // Of an empty log nobody knows whether it is one, or whether the token may not see what is in it.
    if (!records || !first || !records.every(({ id }, i) => id > (records[i - 1]?.id ?? 0))) return undefined;
    return feedAfter({ upTo: isWhole(body) ? 0 : first.id, done: new Set() }, records);
  } catch (error) {
    return undefinedWhenClosed(error);
  }
}

/** A log that may not be seen, or that is none. */
function undefinedWhenClosed(error: unknown): undefined {
  if (error instanceof PlumblineError && (error.code === 'NetBoxForbidden' || error.code === 'NetBoxLacks')) return;
  throw error;
}

/**
 * The lists with what changed since they were read. Undefined where only a whole read will do: too much changed, the log leaves out a
 * record, or an object is not there that nobody deleted.
 */
export async function readChanges(
  transport: Transport,
  server: Server,
  before: { lists: Lists; feed: Feed },
  options: ReadOptions,
): Promise<{ lists: Lists; feed: Feed } | undefined> {
  const found = await readRecords(transport, before.feed, options.signal);
  if (!found) return undefined;
  const feed = feedAfter(before.feed, found);
  const fresh = found.filter(({ id }) => !before.feed.done.has(id));
  if (fresh.length === 0) return { lists: before.lists, feed };
  const kinds = [...before.lists.keys()];
  const byModel = new Map<string, Kind>(kinds.map((kind) => [resources[kind].model, kind]));
  const whole = new Set<Kind>();
  const touched = new Map<Kind, { changed: Set<number>; gone: Set<number> }>();
  for (const { type, object, isGone } of fresh.toSorted((a, b) => a.id - b.id)) {
    const kind = byModel.get(type);
    for (const other of alongWith[type] ?? []) if (before.lists.has(other)) whole.add(other);
    // Their names stand inside the rows of others.
    if (kind === 'tag' || kind === 'customField') return undefined;
    if (!kind) continue;
    if (isGone) for (const other of naming(kinds, kind)) whole.add(other);
    if (!('id' in resources[kind].filters)) whole.add(kind);
    const ids = touched.get(kind) ?? { changed: new Set(), gone: new Set() };
    touched.set(kind, ids);
    const [into, from] = isGone ? [ids.gone, ids.changed] : [ids.changed, ids.gone];
    into.add(object);
    from.delete(object);
  }
  const lists: Lists = new Map(before.lists);
  for (const kind of whole) lists.set(kind, await readList(transport, server, kind, options));
  for (const [kind, { changed, gone }] of touched) {
    if (whole.has(kind)) continue;
    const rows = new Map(before.lists.get(kind));
    for (const id of gone) rows.delete(id);
    const read =
      changed.size === 0
        ? new Map<number, Row>()
        : await readList(transport, server, kind, { ...options, filter: { name: 'id', values: [...changed] } });
    // Nobody deleted it, and it is not there: perhaps the token may not see it any more.
    if (read.size < changed.size) return undefined;
    for (const [id, row] of read) rows.set(id, row);
    lists.set(kind, new Map([...rows].sort(([a], [b]) => a - b)));
  }
  return { lists, feed };
}

async function readRecords(transport: Transport, feed: Feed, signal: AbortSignal | undefined): Promise<ChangeRecord[] | undefined> {
  // The last one known comes again: a log without it was cut off, or belongs to another database.
  const query = { id__gt: feed.upTo - 1, ordering: 'id', limit: mostChanges, fields };
  const { body } = (await transport.send({ method: 'GET', path, query, signal }).catch(undefinedWhenClosed)) ?? { body: undefined };
  const records = recordsOf(body);
  if (!records || !isWhole(body)) return undefined;
  // A server that ignores the filter gives everything.
  if (records.some(({ id }) => id < feed.upTo)) return undefined;
  const known = new Set([0, ...records.map(({ id }) => id)]);
  return known.has(feed.upTo) && [...feed.done].every((id) => known.has(id)) ? records.filter(({ id }) => id > feed.upTo) : undefined;
}

function readRecord(row: RawRow): ChangeRecord | undefined {
  const { id, time, changed_object_type: type, changed_object_id: object, action } = row;
  const at = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  const what = typeof action === 'object' && action !== null ? (action as { value?: unknown }).value : action;
  if (typeof id !== 'number' || typeof type !== 'string' || typeof object !== 'number' || Number.isNaN(at)) return undefined;
  if (what !== 'create' && what !== 'update' && what !== 'delete') return undefined;
  return { id, at, type, object, isGone: what === 'delete' };
}

function feedAfter(before: Feed, found: readonly ChangeRecord[]): Feed {
  const newest = Math.max(0, ...found.map(({ at }) => at));
  const settled = found.filter(({ at }) => at < newest - lateMs).map(({ id }) => id);
  const upTo = Math.max(before.upTo, ...settled);
  return { upTo, done: new Set(found.flatMap(({ id }) => (id > upTo ? [id] : []))) };
}

/** Lists with a field that names objects of this one: deleting an object empties it without a word. */
function naming(kinds: readonly Kind[], kind: Kind): readonly Kind[] {
  return kinds.filter((each) => Object.values((resources[each] as Resource).fields).some(({ to }) => to === kind));
}

/** One list by id, or what a filter lets pass of it. */
export async function readList(
  transport: Transport,
  server: Server,
  kind: Kind,
  options: ReadOptions & { filter?: Filter },
): Promise<Map<number, Row>> {
  const resource: Resource = resources[kind];
  const rows = await readRows(transport, server, resource, (row) => readRow(resource, row, transport.host), options);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Undefined where one of them is not what a record should be. */
function recordsOf(body: unknown): ChangeRecord[] | undefined {
  const rows = (body as { results?: unknown } | undefined)?.results;
  if (!Array.isArray(rows)) return undefined;
  const records = (rows as RawRow[]).map(readRecord);
  return records.every((record) => record !== undefined) ? records : undefined;
}

function isWhole(body: unknown): boolean {
  return (body as { next?: unknown } | undefined)?.next === null;
}
