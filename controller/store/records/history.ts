import { randomBytes } from 'node:crypto';
import type { HistoryEntry } from '../../api/index.ts';
import type { ObjectStore } from '../contract.ts';

/** Entries kept per device; the oldest go first. */
const keep = 500;

/** What happened to each device, for `plumb history` and audits. */
export interface History {
  append(entry: HistoryEntry): Promise<void>;
  /** Entries of a device from `since` (ISO 8601) on, the oldest first. */
  list(device: string, since?: string): Promise<readonly HistoryEntry[]>;
}

export function openHistory(store: ObjectStore): History {
  return {
    append: async (entry) => {
      // The time leads the name, so that the order of names is the order of events; the rest keeps two of one millisecond apart.
      const name = `${entry.at.replace(/[^0-9]/g, '')}-${randomBytes(6).toString('hex')}`;
      await store.create({ kind: 'HistoryEntry', name, labels: { device: entry.device }, spec: entry });
      const all = await store.list<HistoryEntry>('HistoryEntry', { device: entry.device });
      for (const old of all.slice(0, Math.max(0, all.length - keep))) await store.delete('HistoryEntry', old.name);
    },
    list: async (device, since = '') => {
      const all = await store.list<HistoryEntry>('HistoryEntry', { device });
      return all.map(({ spec }) => spec).filter(({ at }) => at >= since);
    },
  };
}
