import type { DeviceVerdict } from '../api/index.ts';

/** A verdict is believed for this many intervals after the read it came from. */
const intervals = 3;

/**
 * The verdict as it may be shown now: InSync older than three intervals is Unknown, because nobody has looked. Any other verdict
 * stays: trouble does not get better by not being looked at. A read from the future (a clock that was set back) is stale too.
 */
export function decay(judged: DeviceVerdict, now: Date, intervalMs: number): DeviceVerdict {
  if (judged.verdict !== 'InSync') return judged;
  const ageMs = now.getTime() - Date.parse(judged.at);
  if (ageMs >= -intervalMs && ageMs <= intervals * intervalMs) return judged;
  const { device, at, revision } = judged;
  return {
    device,
    verdict: 'Unknown',
    at,
    revision,
    reason: 'Stale',
    message: `${device} was last read at ${at}`,
    next: 'Read it again; when that does not help, look why it is not polled.',
  };
}
