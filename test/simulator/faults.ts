/** What can be wrong with a router or the path to it. One at a time. */
export type Fault =
  /** The connection is closed before a word is said. */
  | { kind: 'down' }
  /** The connection is taken, and then there is silence. */
  | { kind: 'silent' }
  | { kind: 'refuses-login' }
  | { kind: 'other-host-key' }
  /** Another box answers: its host key, machine id and boot id. */
  | { kind: 'other-machine' }
  /** Every answer comes this much later. */
  | { kind: 'slow'; ms: number }
  /** The running config stops in the middle, with exit code 0. */
  | { kind: 'half-read' }
  /** Commands that were typed are not in the log yet. */
  | { kind: 'late-log' }
  /** Its clock is ahead by so much, or behind. */
  | { kind: 'wrong-clock'; aheadMs: number }
  /** The connection breaks in the middle of the running config. */
  | { kind: 'cut' }
  /** Reachable and down by turns, from the moment it is set. */
  | { kind: 'flapping'; upMs: number; downMs: number; sinceMs?: number }
  /** The device refuses every command with these words in it. */
  | { kind: 'rejects'; words: string; message: string };

/** True when nobody gets an answer now. */
export function isDown(fault: Fault | undefined, nowMs: number): boolean {
  if (fault?.kind === 'down') return true;
  if (fault?.kind !== 'flapping') return false;
  return (nowMs - (fault.sinceMs ?? 0)) % (fault.upMs + fault.downMs) >= fault.upMs;
}
