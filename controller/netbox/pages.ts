import type { FactValue } from '../api/index.ts';
import type { RawRow } from './codecs.ts';
import { errors } from './errors.ts';
import { isSince, type Server } from './probe.ts';
import { partText, type Resource } from './resource.ts';
import { ownIdOf } from './rows.ts';
import type { Query, Transport } from './transport.ts';

/** Ids in one filter: a request line holds no more. */
const filterSize = 200;
/** How often a list is begun anew when it changed under reading. */
const mostReadings = 3;

export interface ReadOptions {
  signal?: AbortSignal | undefined;
  /** Rows asked for at once; the server may give fewer (MAX_PAGE_SIZE). Default 500: larger pages were no faster. */
  pageSize?: number | undefined;
}

/** Values of one filter of the descriptor. */
export interface Filter {
  name: string;
  values: readonly (string | number)[];
}

/**
 * The whole of one list, or of what a filter lets pass, by rising id; an error when it may not be whole. `keep` makes of each row what is
 * wanted of it while its page is at hand: pages are a hundred times what is kept of them.
 */
export async function readRows<T>(
  transport: Transport,
  server: Server,
  resource: Resource,
  keep: (row: RawRow) => T,
  options: ReadOptions & { filter?: Filter } = {},
): Promise<readonly T[]> {
  if (!isSince(server.minor, resource.since)) return [];
  const reading: Reading<T> = {
    transport,
    server,
    resource,
    keep,
    names: namesOf(resource, server),
    areTagsWanted: isMarked(resource),
    pageSize: options.pageSize ?? 500,
    signal: options.signal,
  };
  return await (options.filter === undefined ? read(reading, {}) : readFiltered(reading, options.filter));
}

async function readFiltered<T>(reading: Reading<T>, { name, values }: Filter): Promise<readonly T[]> {
  if (reading.resource.filters[name] === undefined) throw new Error(`${reading.resource.path} has no filter ${name}`);
  const rows: T[] = [];
  for (let from = 0; from < values.length; from += filterSize) {
    const part = values.slice(from, from + filterSize);
    rows.push(...(await read({ ...reading, check: (row) => checkFilter(reading, name, part, row) }, { [name]: part })));
  }
  return rows;
}

interface Reading<T> {
  transport: Transport;
  server: Server;
  resource: Resource;
  keep: (row: RawRow) => T;
  names: string;
  /** Whether the rows that carry our id are asked for their tags. */
  areTagsWanted: boolean;
  pageSize: number;
  signal: AbortSignal | undefined;
  /** Throws for a row that was not asked for: a filter that is ignored gives everything, of which the first page is enough. */
  check?: (row: RawRow) => void;
}

interface Page<T> {
  count: number | null;
  isLast: boolean;
  rows: readonly (readonly [id: number, row: T])[];
}

function read<T>(reading: Reading<T>, query: Query): Promise<T[]> {
  return reading.server.cursor ? readByCursor(reading, query) : readByOffset(reading, query);
}

/** By rising id from where the last page ended: what others write meanwhile moves no row to another page. */
async function readByCursor<T>(reading: Reading<T>, query: Query): Promise<T[]> {
  const all: T[] = [];
  for (let start = 0; ; ) {
    const { rows, isLast } = await readPage(reading, { ...query, start });
    for (const [id, row] of rows) {
      if (id < start) throw incomplete(reading, 'the server does not follow the cursor');
      start = id + 1;
      all.push(row);
    }
    if (isLast) return all;
    if (rows.length === 0) throw incomplete(reading, 'a page in the middle is empty');
  }
}

/** By number, as older versions can: a list whose length changes, or that shows a row twice, is begun anew. */
async function readByOffset<T>(reading: Reading<T>, query: Query): Promise<T[]> {
  let why = '';
  for (let readings = 0; readings < mostReadings; readings++) {
    const all = new Map<number, T>();
    let count: number | null | undefined;
    for (;;) {
      const page = await readPage(reading, { ...query, ordering: 'id', offset: all.size });
      const before = all.size;
      for (const [id, row] of page.rows) all.set(id, row);
      if (count !== undefined && page.count !== count) why = `it grew or shrank from ${count} to ${page.count} rows while it was read`;
      else if (all.size !== before + page.rows.length) why = 'a row came twice while it was read';
      else if (page.isLast && all.size !== page.count) why = `it says ${page.count} rows and gave ${all.size}`;
      else if (page.isLast) return [...all.values()];
      else if (page.rows.length === 0) why = 'a page in the middle is empty';
      else {
        count = page.count;
        continue;
      }
      break;
    }
  }
  throw incomplete(reading, why);
}

async function readPage<T>(reading: Reading<T>, query: Query): Promise<Page<T>> {
  const { transport, resource, names, areTagsWanted, pageSize, signal, check, keep } = reading;
  const { body } = await transport.send({
    method: 'GET',
    path: resource.path,
    query: { ...query, limit: pageSize, fields: names },
    signal,
  });
  const { count, next, results } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const isPage = Array.isArray(results) && (typeof count === 'number' || count === null) && (typeof next === 'string' || next === null);
  if (!isPage) throw errors.NetBoxUnreadable({ host: transport.host, what: `GET ${resource.path}`, why: 'it is no page of a list' });
  const found = (results as (RawRow | null)[]).map((row) => [idOf(reading, row), row ?? {}] as const);
  for (const [, row] of found) check?.(row);
  const tags = areTagsWanted ? await readTags(reading, found) : undefined;
  const rows = found.map(([id, row]) => [id, keep(tags?.has(id) ? { ...row, tags: tags.get(id) } : row)] as const);
  // `next` holds the address that the server believes it has: only whether there is one counts.
  return { count, isLast: next === null, rows };
}

/**
 * Tags cost the server as much as all other fields of a row, so only rows that carry our id are asked for theirs. One that is gone by now, or
 * lost its tag, is not ours any more.
 */
async function readTags(reading: Reading<unknown>, rows: readonly (readonly [id: number, row: RawRow])[]): Promise<Map<number, unknown>> {
  const values = rows.flatMap(([id, row]) => (ownIdOf(row) === undefined ? [] : [id]));
  const keep = (row: RawRow) => [idOf(reading, row), row['tags']] as const;
  return new Map(await readFiltered({ ...reading, keep, names: 'id,tags', areTagsWanted: false }, { name: 'id', values }));
}

/** Whether an object of the list can be ours. */
function isMarked({ deleteRank }: Resource): boolean {
  return deleteRank !== undefined;
}

/** A field that only later versions have is not asked for: the server would leave it out without a word. */
function namesOf(resource: Resource, server: Server): string {
  const { fields, isUndated, counts = {} } = resource;
  const known = Object.values(fields).filter(({ since }) => isSince(server.minor, since));
  const marks = isMarked(resource) ? ['custom_fields'] : [];
  const date = isUndated ? [] : ['last_updated'];
  return ['id', ...date, ...marks, ...Object.keys(counts), ...known.flatMap(({ names }) => names)].join(',');
}

function idOf<T>(reading: Reading<T>, row: RawRow | null): number {
  const id = row?.['id'];
  if (typeof id === 'number' && Number.isSafeInteger(id)) return id;
  throw errors.NetBoxUnreadable({ host: reading.transport.host, what: `GET ${reading.resource.path}`, why: 'a row has no id' });
}

function checkFilter<T>({ transport, resource }: Reading<T>, name: string, values: Filter['values'], row: RawRow): void {
  const part = resource.filters[name] ?? '';
  const field = typeof part === 'string' ? part : part.field;
  const raw = field === 'id' ? (row['id'] as number) : (resource.fields[field]?.read(row) ?? null);
  const value = typeof raw === 'object' && raw !== null && 'id' in raw ? raw.id : (raw as FactValue);
  const found = partText(part, value);
  if (values.some((each) => partText(part, each) === found)) return;
  const facts = { host: transport.host, what: resource.path, filter: `${name}=${values[0] ?? ''}`, row: `${field} ${String(value)}` };
  throw errors.NetBoxFilterIgnored(facts);
}

function incomplete<T>({ transport, resource }: Reading<T>, why: string): Error {
  return errors.NetBoxIncomplete({ host: transport.host, what: resource.path, why });
}
