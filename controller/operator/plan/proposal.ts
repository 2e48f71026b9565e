import type { DeviceStatus, DeviceVerdict, Difference } from '../../api/index.ts';
import type { GateFacts, PlannedDevice } from '../../change/index.ts';
import type { DesiredDevice } from '../fleet/desired-fleet.ts';

/** What the last look at a device came to, for whoever plans. Of a device that is as it should be, only that. */
export interface Judgement {
  /** Digest of the intended configuration that it was judged by: of another one it says nothing. */
  digest: string | undefined;
  verdict: DeviceVerdict['verdict'] | 'Invalid';
  /** When it was judged, wall clock. */
  atMs: number;
  /** Why nobody knows. */
  reason?: string;
  /** Who holds the device, as that look found it. */
  held?: DeviceStatus['held'];
  /** Of a device that a way back left drained: paths of what that look reported. The report itself is published a moment later. */
  reported?: readonly string[];
  /** Present when something differs and the device may be changed by its mode. */
  proposal?: Proposal;
}

/** What could be done about the differences of one device, from what it held when it was looked at. */
export interface Proposal {
  device: DesiredDevice;
  planned: PlannedDevice;
  facts: Omit<GateFacts, 'mode' | 'because' | 'quarantine'>;
}

/** What stands in the way of a device's change, in the words of the closed list, or where its change stands. */
export interface Standing {
  reason: string;
  message: string;
}

/**
 * Words that somebody types to protect the network: taken away from a device, or put on it, they are never undone without a person
 * (bgp-operations: shutdown, drain, deny and max-med).
 */
const protects = /\b(shutdown|graceful-shutdown|deny|max-med|graceful-restart-disable|blackhole|discard)\b/;

/** Whether a difference that somebody made on the device may protect the network: then no automation takes it back. */
export function isProtective({ verdict, desired = '', live = '' }: Pick<Difference, 'verdict' | 'desired' | 'live'>): boolean {
  if (verdict !== 'Drifted') return false;
  // Also what was relaxed: a person who removed a shutdown had a reason too, but putting the protection back harms nobody.
  return protects.test(live) && !protects.test(desired);
}
