import type { ChangeRecord } from '../../api/index.ts';
import type { ObjectStore, StoredObject } from '../contract.ts';

/** Ended changes that are kept; those that ended first go first: a plan has not heard yet how the last ones ended. The history tells of all. */
const keep = 500;

/** A change record and the version it was read at. */
export interface JournalEntry {
  record: ChangeRecord;
  version: string;
}

/**
 * The journal of applies. `advance` is a compare-and-swap: of two processes that both believe to own a change, one gets `Conflict`
 * and must stop. So the stored decision is the only decision.
 */
export interface Changes {
  /** Throws `AlreadyExists` when the token was used before. */
  begin(record: ChangeRecord): Promise<JournalEntry>;
  advance(entry: JournalEntry, record: ChangeRecord): Promise<JournalEntry>;
  get(token: string): Promise<JournalEntry | undefined>;
  /** The newest change that was begun for each set of a ChangePlan, ended or not. */
  newestOfPlan(uid: string): Promise<ReadonlyMap<number, ChangeRecord>>;
  /** Changes without an end, and those whose outcome nobody has seen yet. The oldest first. */
  listOpen(): Promise<readonly JournalEntry[]>;
}

export function openChanges(store: ObjectStore): Changes {
  return {
    begin: async (record) => {
      const begun = await store.create<ChangeRecord>({ kind: 'ChangeRecord', name: record.token, labels: labelsOf(record), spec: record });
      const ended = (await store.list<ChangeRecord>('ChangeRecord', { open: 'false' })).toSorted((a, b) =>
        (a.spec.endedAt ?? '') < (b.spec.endedAt ?? '') ? -1 : 1,
      );
      for (const { name } of ended.slice(0, Math.max(0, ended.length - keep))) await store.delete('ChangeRecord', name);
      return toEntry(begun);
    },
    advance: async ({ version }, record) =>
      toEntry(
        await store.update<ChangeRecord>({
          kind: 'ChangeRecord',
          name: record.token,
          labels: labelsOf(record),
          spec: record,
          resourceVersion: version,
        }),
      ),
    get: async (token) => {
      const found = await store.get<ChangeRecord>('ChangeRecord', token);
      return found && toEntry(found);
    },
    newestOfPlan: async (uid) => {
      const all = (await store.list<ChangeRecord>('ChangeRecord')).filter(({ spec }) => spec.cause?.uid === uid);
      const oldestFirst = all.toSorted((a, b) => (a.spec.startedAt < b.spec.startedAt ? -1 : 1));
      return new Map(oldestFirst.flatMap(({ spec }) => (spec.cause ? [[spec.cause.set, spec] as const] : [])));
    },
    listOpen: async () => {
      const open = await store.list<ChangeRecord>('ChangeRecord', { open: 'true' });
      return open.map(toEntry).toSorted((a, b) => (a.record.startedAt < b.record.startedAt ? -1 : 1));
    },
  };
}

function labelsOf({ state, endedAt, closed }: ChangeRecord): { open: string } {
  return { open: String(!closed && (endedAt === undefined || state === 'OutcomeUnknown')) };
}

function toEntry({ spec, resourceVersion }: StoredObject<ChangeRecord>): JournalEntry {
  return { record: spec, version: resourceVersion };
}
