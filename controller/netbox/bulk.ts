import { type Clock, PlumblineError } from '../lib/index.ts';
import { RefusedRows, type RowFault } from './answers.ts';
import type { RawRow } from './codecs.ts';
import { errors } from './errors.ts';
import type { Server } from './probe.ts';
import type { Resource } from './resource.ts';
import type { Transport } from './transport.ts';

/** One object to be made, changed or deleted. */
export interface Write {
  /** For messages: `interface edge1-fra > eth0`. */
  what: string;
  /** Absent: it is made. */
  id?: number;
  /** What it said when it was read; a change since then refuses the write. */
  updated?: string | null;
  /** Stands in its change log. */
  message: string;
  /** Only the fields that change. Absent: it is deleted. */
  body?: Readonly<Record<string, unknown>>;
}

/** What became of one: the row as NetBox has it now (none after a delete), or why not. */
export type Written = { write: Write; row: RawRow | undefined; error?: undefined } | { write: Write; error: PlumblineError };

export interface BulkOptions {
  clock: Clock;
  /** Once it is aborted nothing more is sent. What is out is waited for: somebody must know what was written. */
  signal?: AbortSignal | undefined;
  /** How long one request should take: proxies give up after 30 s. Default 5 s. */
  targetMs?: number;
  onDone?: (done: number) => void;
}

/** ETags of a hundred objects are what a header holds. */
const mostRows = 100;
const firstRows = 10;

type Method = 'POST' | 'PATCH' | 'DELETE';

/**
 * Makes, changes or deletes objects of one list, in requests that are as large as `targetMs` lets them be. NetBox does all of a request
 * or nothing: rows that it names as bad are taken out and the rest is sent again; where it names none, the request is halved. After
 * a failure that is not about rows nothing more is sent.
 */
export async function writeRows(
  transport: Transport,
  server: Server,
  resource: Resource,
  writes: readonly Write[],
  options: BulkOptions,
): Promise<readonly Written[]> {
  const outcomes: Written[] = [];
  for (const method of ['POST', 'PATCH', 'DELETE'] as const) {
    const batches = new Batches(writes.filter((write) => methodOf(write) === method));
    for (let batch = batches.next(); batch.length > 0; batch = batches.next()) {
      const began = options.clock.monotonicMs();
      const failed = await sendBatch({ transport, server, resource, method, options }, batch, outcomes, batches);
      if (failed) for (const write of batches.giveUp()) outcomes.push({ write, error: failed });
      else batches.adapt(batch.length, options.clock.monotonicMs() - began, options.targetMs ?? 5_000);
      options.onDone?.(outcomes.length);
    }
  }
  return outcomes;
}

/** Writes that wait. What was refused as a whole comes back in halves. */
class Batches {
  #rest: readonly Write[];
  readonly #again: (readonly Write[])[] = [];
  #size = firstRows;

  constructor(writes: readonly Write[]) {
    this.#rest = writes;
  }

  next(): readonly Write[] {
    const again = this.#again.pop();
    if (again) return again;
    const batch = this.#rest.slice(0, this.#size);
    this.#rest = this.#rest.slice(batch.length);
    return batch;
  }

  repeat(writes: readonly Write[]): void {
    if (writes.length > 0) this.#again.push(writes);
  }

  adapt(rows: number, ms: number, targetMs: number): void {
    const fitting = Math.floor((rows * targetMs) / Math.max(ms, 1));
    this.#size = Math.max(1, Math.min(mostRows, this.#size * 4, fitting));
  }

  giveUp(): readonly Write[] {
    const left = [...this.#again.flat(), ...this.#rest];
    this.#again.length = 0;
    this.#rest = [];
    return left;
  }
}

interface Sending {
  transport: Transport;
  server: Server;
  resource: Resource;
  method: Method;
  options: BulkOptions;
}

/** Sends one batch. Gives the error that ends all work; what concerns rows has gone to the outcomes. */
async function sendBatch(
  sending: Sending,
  batch: readonly Write[],
  outcomes: Written[],
  batches: Batches,
): Promise<PlumblineError | undefined> {
  const { transport, server, resource, method } = sending;
  const { signal } = sending.options;
  try {
    signal?.throwIfAborted();
    const isTagged = server.bulkIfMatch && batch.every(({ updated }) => updated);
    const fresh = isTagged ? batch : await withoutMoved(sending, batch, outcomes);
    if (fresh.length === 0) return undefined;
    const { body } = await transport.send({
      method,
      path: resource.path,
      body: fresh.map((write) => bodyOf(sending, write)),
      ...(isTagged && { ifMatch: fresh.map(tagOf).join(', ') }),
    });
    outcomes.push(...fresh.map((write, index) => outcomeOf(sending, write, index, body)));
    return undefined;
  } catch (thrown) {
    const error = signal?.aborted && thrown === signal.reason ? errors.NetBoxInterrupted({ host: transport.host }) : thrown;
    if (!(error instanceof PlumblineError)) throw error;
    if (error.code === 'NetBoxChanged') return await sortOutMoved(sending, batch, outcomes, batches, error);
    if (error.code !== 'NetBoxRejected' && error.code !== 'NetBoxInUse') {
      for (const write of batch) outcomes.push({ write, error });
      return error;
    }
    const faults = faultsOf(error, batch);
    if (faults.size === 0) return halve(batch, outcomes, batches, error);
    for (const [write, why] of faults)
      outcomes.push({ write, error: errors.NetBoxRejected({ host: transport.host, what: write.what, why }) });
    batches.repeat(batch.filter((write) => !faults.has(write)));
    return undefined;
  }
}

function halve(batch: readonly Write[], outcomes: Written[], batches: Batches, error: PlumblineError): undefined {
  const [write] = batch;
  if (batch.length === 1 && write) {
    outcomes.push({ write, error });
    return;
  }
  const middle = Math.ceil(batch.length / 2);
  batches.repeat(batch.slice(middle));
  batches.repeat(batch.slice(0, middle));
}

/** One object that moved refuses all: the others are sent again without it. */
async function sortOutMoved(
  sending: Sending,
  batch: readonly Write[],
  outcomes: Written[],
  batches: Batches,
  error: PlumblineError,
): Promise<PlumblineError | undefined> {
  const before = outcomes.length;
  let rest: readonly Write[];
  try {
    rest = await withoutMoved(sending, batch, outcomes);
  } catch (failed) {
    if (!(failed instanceof PlumblineError)) throw failed;
    for (const write of batch) outcomes.push({ write, error: failed });
    return failed;
  }
  if (outcomes.length > before) batches.repeat(rest);
  else halve(batch, outcomes, batches, error);
  return undefined;
}

/** Those that say what they said when they were read. The others were changed or deleted meanwhile. */
async function withoutMoved(
  { transport, resource, options }: Sending,
  batch: readonly Write[],
  outcomes: Written[],
): Promise<readonly Write[]> {
  const ids = batch.flatMap(({ id }) => (id === undefined ? [] : [id]));
  // A list that cannot be asked for its objects cannot tell; NetBox refuses those that are gone.
  if (ids.length === 0 || !('id' in resource.filters)) return batch;
  const { body } = await transport.send({
    method: 'GET',
    path: resource.path,
    query: { id: ids, limit: ids.length, fields: 'id,last_updated' },
    signal: options.signal,
  });
  const rows = (body as { results?: { id?: number; last_updated?: string | null }[] } | undefined)?.results ?? [];
  const now = new Map(rows.map(({ id, last_updated: updated }) => [id, updated ?? null]));
  return batch.filter((write) => {
    const isSame = write.id === undefined || (now.has(write.id) && (write.updated === undefined || now.get(write.id) === write.updated));
    if (!isSame) outcomes.push({ write, error: errors.NetBoxChanged({ host: transport.host, what: write.what }) });
    return isSame;
  });
}

function methodOf({ id, body }: Write): Method {
  if (id === undefined) return 'POST';
  return body === undefined ? 'DELETE' : 'PATCH';
}

function bodyOf({ server }: Sending, { id, body, message }: Write): Record<string, unknown> {
  return { ...(id !== undefined && { id }), ...body, ...(server.changelogMessage && { changelog_message: message.slice(0, 200) }) };
}

/** The tag of a row is the time of its last change; lists carry none of their own. */
function tagOf({ updated }: Write): string {
  return `W/"${(updated ?? '').replace(/Z$/, '+00:00')}"`;
}

/** Answers are matched by id; what was just made has none, and comes in the order in which it was sent. */
function outcomeOf({ transport, method }: Sending, write: Write, index: number, body: unknown): Written {
  if (method === 'DELETE') return { write, row: undefined };
  const rows = Array.isArray(body) ? (body as (RawRow | null)[]) : [];
  const row = write.id === undefined ? rows[index] : rows.find((each) => each?.['id'] === write.id);
  if (typeof row?.['id'] === 'number') return { write, row };
  return { write, error: errors.NetBoxOutcomeUnknown({ host: transport.host, what: write.what, why: 'it is not in the answer' }) };
}

function faultsOf({ cause }: PlumblineError, batch: readonly Write[]): ReadonlyMap<Write, string> {
  const rows: readonly RowFault[] = cause instanceof RefusedRows ? cause.rows : [];
  return new Map(
    rows.flatMap(({ index, id, why }) => {
      const write = id === undefined ? batch[index ?? -1] : batch.find((each) => each.id === id);
      return write ? [[write, why] as const] : [];
    }),
  );
}
