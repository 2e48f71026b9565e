import type { Upgraded } from './change-records.ts';
import type { Source, UnknownReason } from './config-records.ts';

export type Verdict = 'InSync' | 'Pending' | 'Drifted' | 'Diverged' | 'Unadopted' | 'Unknown';
export type RecordVerdict = 'Match' | 'Behind' | 'Ahead' | 'Conflict' | 'Missing' | 'Unknown';
export type Severity = 'info' | 'warning' | 'critical';

/** One entry of a report. The same for every platform, so that reports, metrics and comments are written once. */
export interface Difference {
  /** Section lines from the outside in, then the identity of the item. */
  path: readonly string[];
  verdict: Exclude<Verdict, 'InSync' | 'Unknown'>;
  record?: RecordVerdict;
  /** Canonical masked text of the item on each side; absent means the side does not hold it. */
  desired?: string;
  baseline?: string;
  live?: string;
  recorded?: string;
  /** The place in Git that owns the item. */
  source?: Source;
  /** No apply removes it: nobody in Git asked for it, and the section it stands in is not Git's alone. */
  stays?: true;
  severity: Severity;
  /** When this difference was first seen, ISO 8601. */
  since: string;
}

/** The judgement on one device. */
export type DeviceVerdict =
  | {
      device: string;
      verdict: Exclude<Verdict, 'Unknown'>;
      at: string;
      revision: string;
      differences: readonly Difference[];
      counts: ItemCounts;
      /** Lines that nothing in Git claims and that were not there, or not so, at adoption. They do not change the verdict. */
      news?: readonly News[];
      /** What a DHCP server still keeps for those who hold a lease there, though Git does not want it any more: a sentence each. */
      closing?: readonly string[];
      /** Releases of the software: when the device was last as Git says, and now, where nothing was tried on it. Lines may differ in words only. */
      upgraded?: Upgraded;
    }
  | { device: string; verdict: 'Unknown'; at: string; revision: string; reason: UnknownReason; message: string; next: string };

/** A line outside of what we own that is new, or says something else than at adoption: reported as a warning, never touched. */
export interface News {
  path: readonly string[];
  live: string;
  /** The line at adoption, when it was there and said something else. */
  was?: string;
  severity: Severity;
  since: string;
}

export interface ItemCounts {
  owned: number;
  inSync: number;
  /** Lines on the device that nothing in Git claims. Never touched. */
  unmanaged: number;
}

/**
 * Every owned item as its canonical masked line when it was last seen equal to Git or applied and verified, by item key,
 * and the keys of the unmanaged lines seen at adoption.
 */
export interface Baseline {
  device: string;
  platform: string;
  revision: string;
  items: Readonly<Record<string, string>>;
  unmanaged: readonly string[];
  /**
   * Those lines as they were, by key, where the key is not all of the line. A baseline of an older version has none: then a changed
   * value is no news.
   */
  unmanagedLines?: Readonly<Record<string, string>>;
  /**
   * True once a person adopted the device, or every owned item was in sync at once. Before that a baseline holds only the items
   * that happened to agree, and an item the device lacks is `Unadopted`, not `Pending`. Absent means false.
   */
  adopted?: boolean;
  /** Release of the software whose words these are. A baseline of an older version has none. */
  release?: string;
}
