import type { NetBoxFacts, RecordAuthor, RecordDifference } from '../api/index.ts';
import { type BulkOptions, type Write, writeRows, type Written } from './bulk.ts';
import type { Memory } from './changes.ts';
import type { RawRow } from './codecs.ts';
import { findAuthor } from './object-changes.ts';
import { type Filter, type ReadOptions, readRows } from './pages.ts';
import { probe, type Server, whyNotWritable } from './probe.ts';
import { type Kind, resources } from './resources.ts';
import { readFacts } from './snapshot.ts';
import { openTransport, type TransportOptions } from './transport.ts';

/** One NetBox, asked once what it is. */
export interface NetBox {
  readonly host: string;
  readonly url: string;
  readonly server: Server;
  /**
   * Everything that is compared, whole or an error. `needs`: kinds without which it is good for nothing, so that it is an error when the token may not
   * view a list of theirs. Default: devices alone.
   */
  readFacts(signal?: AbortSignal, needs?: readonly Kind[]): Promise<NetBoxFacts>;
  /** One list as it is now: to look again right before an object is made. */
  readRows(kind: Kind, filter: Filter, signal?: AbortSignal): Promise<readonly RawRow[]>;
  /** Who made an object what it is, by the change log of NetBox; undefined where that does not go back so far. */
  findAuthor(difference: Pick<RecordDifference, 'kind' | 'ids' | 'field'>, signal?: AbortSignal): Promise<RecordAuthor | undefined>;
  /** Throws when this version is read only. */
  write(kind: Kind, writes: readonly Write[], options?: Omit<BulkOptions, 'clock'>): Promise<readonly Written[]>;
  close(): Promise<void>;
}

export interface NetBoxOptions extends TransportOptions, Pick<ReadOptions, 'pageSize'> {
  /** Of the last look: of the same NetBox with the same token only what changed since is read. Absent: all is read. */
  memory?: Memory | undefined;
}

/** Connects and asks for version and plugins. Rejects with an error of the catalogue. */
export async function openNetBox(options: NetBoxOptions, signal?: AbortSignal): Promise<NetBox> {
  const transport = openTransport(options);
  const { url, token, clock, pageSize, memory } = options;
  try {
    const server = await probe(transport, url, signal);
    return {
      host: transport.host,
      url,
      server,
      readFacts: (each, needs = ['device']) => readFacts(transport, server, { url, token, clock, pageSize, memory, needs, signal: each }),
      readRows: (kind, filter, each) => readRows(transport, server, resources[kind], (row) => row, { filter, pageSize, signal: each }),
      findAuthor: (difference, each) => findAuthor(transport, difference, each),
      write: async (kind, writes, how = {}) => {
        const refusal = whyNotWritable(transport.host, server);
        if (refusal) throw refusal;
        return await writeRows(transport, server, resources[kind], writes, { clock, ...how });
      },
      close: () => transport.close(),
    };
  } catch (error) {
    await transport.close();
    throw error;
  }
}
