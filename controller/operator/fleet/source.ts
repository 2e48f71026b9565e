import type { CheckedState } from '../../api/index.ts';

/** Where the desired state of a Fleet comes from: Git, an artifact, or, under `plumb up DIR`, a folder. */
export interface FleetSource {
  /**
   * Asks for the newest revision that may be taken. Throws a PlumblineError with what to do; then nothing in force changes.
   * `inForce` is the revision in force: history does not go backwards from it. `before` gives what it holds, for the rules about what may
   * change from one revision to the next; undefined where nothing is in force, or where a person asked for another place.
   */
  look(signal: AbortSignal, inForce: string | undefined, before: Before): Promise<Found>;
  /**
   * A revision that was in force once, from what is kept on this machine; nobody is asked. Undefined when it is not kept. For a process
   * that starts while the newest revision cannot be taken.
   */
  earlier(revision: string): Promise<CheckedState | undefined>;
  /** The same to compare with: it is not put in force, so that nobody asks again who signed it. */
  past(revision: string): Promise<CheckedState | undefined>;
  close(): Promise<void>;
}

/** Given the revision that is to be loaded, where that is known. */
export type Before = (found?: string) => Promise<CheckedState | undefined>;

export interface Found {
  revision: string;
  /** What the revision names today, where the name alone does not tell: the digest of an artifact. */
  content?: string;
  /** Who signed the commits that came since the revision in force. Absent where signatures are not verified here. */
  signers?: readonly string[];
  /** Reads and checks the revision: every mistake is in its problems. */
  load(): Promise<CheckedState>;
}
