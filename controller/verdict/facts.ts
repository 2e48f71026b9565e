import type { Baseline, Source, Upgraded } from '../api/index.ts';

/** An item that Git wants: canonical masked text and the place that owns it. */
export interface DesiredItem {
  key: string;
  /** Section lines from the outside in. */
  path: readonly string[];
  text: string;
  source?: Source;
}

/**
 * Where a line of the device stands to what Git claims.
 * - `owned`: Git wants an item of this key, or we owned it at the baseline.
 * - `inside`: Git wants the object it belongs to, and not this line: our objects are exact inside.
 * - `orphaned`: the same, of an object that Git had and dropped.
 * - `beside`: a foreign object in a container that Git uses, for example a neighbor nobody asked for.
 * - `released`: ours at the baseline, dropped by Git, and not removed by any plan: a section that holds lines of others, for example.
 * - `unmanaged`: nothing in Git claims anything near it.
 */
export type Standing = 'owned' | 'inside' | 'orphaned' | 'beside' | 'released' | 'unmanaged';

export interface LiveItem {
  key: string;
  path: readonly string[];
  text: string;
  standing: Standing;
  /** Words for people: it moves nothing, whoever wrote it. */
  remark?: true;
}

/** Everything a judgement depends on. Same facts, same verdict; time is a fact like any other. */
export interface Facts {
  device: string;
  platform: string;
  revision: string;
  desired: readonly DesiredItem[];
  /** Every item of a whole and believed read. A read that is not both never comes here: see `judgeUnknown`. */
  live: readonly LiveItem[];
  baseline: Baseline | undefined;
  /** Of the software that answered. */
  release?: string;
  /** Nothing was tried on that release: it may print what another one prints in other words. */
  isUntried?: boolean;
  /** When the read was taken. */
  at: Date;
  /** First sight of a difference by its key (see `differenceKey`), when it stood at the last judgement. */
  sinceOf: (differenceKey: string) => string | undefined;
  /** What the last judgement said of an upgrade. */
  lastUpgraded?: Upgraded;
}
