import type { CacheReader, Change } from './cache.ts';
import type { KubeObject } from './object.ts';
import type { Priority, Queue } from './queue.ts';

/** Whether a change is worth a reconciliation. What appears or goes always is, unless a predicate says otherwise. */
export type Predicate = (change: Change) => boolean;

/** The spec changed, or deletion began: a write of status or labels is not seen, so that our own status never wakes us. */
export const generationChanged: Predicate = (change) =>
  change.type !== 'changed' ||
  change.object.metadata.generation !== change.before.metadata.generation ||
  change.object.metadata.deletionTimestamp !== change.before.metadata.deletionTimestamp;

/** One of these annotations changed: how a person asks for a reconciliation. Only changes count, what appears does not. */
export function annotationChanged(...names: readonly string[]): Predicate {
  return (change) =>
    change.type === 'changed' &&
    names.some((name) => change.object.metadata.annotations?.[name] !== change.before.metadata.annotations?.[name]);
}

/** A label changed. */
export const labelsChanged: Predicate = (change) =>
  change.type === 'changed' && !sameWords(change.object.metadata.labels ?? {}, change.before.metadata.labels ?? {});

export function anyOf(...predicates: readonly Predicate[]): Predicate {
  return (change) => predicates.some((predicate) => predicate(change));
}

function sameWords(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

export interface FeedOptions {
  /** Default: what appears and goes, and every change. */
  when?: Predicate;
  /** The keys an object concerns. Default: its own. Of a change, those of before and after. */
  keysOf?: (object: KubeObject) => readonly string[];
  /** Default: what was there before we looked is `low`, what happens now is `high`. */
  priority?: Priority;
}

/** Adds to a queue what changes in a cache. The answer ends it. */
export function feed(cache: CacheReader, queue: Queue, { when = () => true, keysOf, priority }: FeedOptions = {}): () => void {
  return cache.onChange((change) => {
    if (!when(change)) return;
    const isInitial = change.type === 'added' && change.initial;
    const keys = keysOf ? [...keysOf(change.object), ...(change.type === 'changed' ? keysOf(change.before) : [])] : [change.key];
    for (const key of new Set(keys)) queue.add(key, { priority: priority ?? (isInitial ? 'low' : 'high') });
  });
}
