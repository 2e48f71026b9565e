import type { FactValue, RecordVerdict } from '../../api/index.ts';

/** What is known of one value on the side of the device. */
export type Side = { is: 'told'; value: FactValue } | { is: 'silent' } | { is: 'unread' };

export interface Values {
  desired: FactValue;
  recorded: FactValue;
  live: Side;
  /** Undefined: the device was never adopted. */
  baseline: { value: FactValue } | undefined;
  /** Whether NetBox says what Git means, or what the device says, where that is more than being equal. */
  agrees?: (recorded: FactValue, other: FactValue) => boolean;
}

/** Why a verdict is what it is: each has its own words and its own next step. */
export type Reason =
  | 'Same'
  | 'NotAsserted'
  | 'RolloutAhead'
  | 'NetBoxStale'
  | 'OnlyGitSays'
  | 'Elsewhere'
  | 'DeviceMoved'
  | 'ThreeWords'
  | 'NotRead'
  | 'NeverAdopted';

/**
 * Who disagrees with whom, for one value that Git asserts. NetBox without a value does not assert one: that is no difference. Where Git and
 * NetBox agree the record is right, whatever the device does: that is drift, and reported as such.
 */
export function judgeRecord({ desired, recorded, live, baseline, agrees = isSame }: Values): { record: RecordVerdict; reason: Reason } {
  if (agrees(recorded, desired)) return { record: 'Match', reason: 'Same' };
  if (recorded === null) return { record: 'Match', reason: 'NotAsserted' };
  if (live.is === 'silent') return { record: 'Behind', reason: 'OnlyGitSays' };
  if (live.is === 'unread') return { record: 'Unknown', reason: 'NotRead' };
  if (isSame(live.value, desired)) return { record: 'Behind', reason: 'NetBoxStale' };
  if (!agrees(recorded, live.value)) return { record: 'Conflict', reason: 'ThreeWords' };
  if (baseline === undefined) return { record: 'Unknown', reason: 'NeverAdopted' };
  // A merge that is not rolled out yet: NetBox rightly says what the device has.
  if (isSame(live.value, baseline.value)) return { record: 'Match', reason: 'RolloutAhead' };
  return { record: 'Ahead', reason: 'DeviceMoved' };
}

/** Values are canonical: sets are sorted. */
export function isSame(a: FactValue, b: FactValue): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((each, index) => each === b[index]);
  return a === b;
}
