import { randomBytes, randomInt } from 'node:crypto';
import type { HistoryEntry } from '../../api/index.ts';
import type { ObjectStore } from '../contract.ts';

/** Entries told per device; the oldest go first. */
const keep = 500;
/** On average the old ones are looked for once in so many entries: it takes a list of all. */
const pruneEvery = 50;

/** What happened to each device, for `plumb history` and audits. */
export interface History {
  append(entry: HistoryEntry): Promise<void>;
  /** Entries of a device from `since` (ISO 8601) on, the oldest first; of one that was renamed also those under its names before. */
  list(device: string, since?: string): Promise<readonly HistoryEntry[]>;
}

/** By chance and not by counting: most processes live for an entry or two. */
export function openHistory(store: ObjectStore, isTimeToPrune: () => boolean = () => randomInt(pruneEvery) === 0): History {
  const read = (device: string) => store.list<HistoryEntry>('HistoryEntry', { device });
  return {
    append: async (entry) => {
      // The time leads the name, so that the order of names is the order of events; the rest keeps two of one millisecond apart.
      const name = `${entry.at.replace(/[^0-9]/g, '')}-${randomBytes(6).toString('hex')}`;
      await store.create({ kind: 'HistoryEntry', name, labels: { device: entry.device }, spec: entry });
      if (!isTimeToPrune()) return;
      for (const old of (await read(entry.device)).slice(0, -keep)) await store.delete('HistoryEntry', old.name);
    },
    list: async (device, since = '') => {
      const found: HistoryEntry[] = [];
      const told = new Set<string>();
      // What a name stood for before or after is another device's story: `until` is when this one got its next name.
      const names = [{ name: device, until: '~' }];
      for (const { name, until } of names) {
        if (told.has(name)) continue;
        told.add(name);
        for (const { spec } of (await read(name)).slice(-keep)) {
          if (spec.at > until) continue;
          found.push(spec);
          if (spec.renamedFrom !== undefined) names.push({ name: spec.renamedFrom, until: spec.at });
        }
      }
      return found.filter(({ at }) => at >= since).toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
    },
  };
}
