import type {
  Baseline,
  BrokenGlass,
  ChangeReason,
  ChangeRecord,
  ChangeState,
  EndState,
  HistoryEntry,
  Plan,
  ProbePolicy,
  Quarantine,
  Read,
} from '../../api/index.ts';
import type { Driver, Reveal, Target } from '../../drivers/index.ts';
import type { Clock } from '../../lib/index.ts';
import type { ExpectedSession } from '../compare-probes.ts';

/** How one device of a plan is reached, and what Git expects of its sessions. */
export interface Reach {
  driver: Driver;
  target: Target;
  expected: readonly ExpectedSession[];
  /** What policy asks of it beside the sessions. */
  probes?: ProbePolicy;
  /** Devices beside it, of the same site for example, at most eight: those that can be reached before the change must be after it. */
  bystanders?: readonly Bystander[];
  /** Who stands in for it while it changes, and has to be well for that before, in between and after. */
  partners?: readonly Bystander[];
  /** Members of a set change turn by turn, each when those before it are well again. Default 0: all together. */
  turn?: number;
  /** Other ends of its sessions, for a drain: they know what they still send here. */
  peers?: readonly SessionPeer[];
}

export interface Bystander {
  device: string;
  driver: Driver;
  target: Target;
}

/** The managed device at the other end of a session, and what the session is called there. */
export interface SessionPeer extends Bystander {
  neighbor: string;
  vrf: string;
  knownAs: string;
  vrfThere: string;
}

/** What an apply needs from outside. The store gives journal, epoch, quarantines, history and plans; see `store/index.ts`. */
export interface ApplyDeps {
  clock: Clock;
  changes: Journal;
  /** The epoch to write with, and a higher one for a take-over. A leader has one for all its changes: see `leaderEpoch`. */
  epoch: { current(found?: number): Promise<number>; raise(found?: number): Promise<number> };
  quarantines: { put(quarantine: Quarantine): Promise<void>; release(effectDigest: string): Promise<boolean> };
  history: { append(entry: HistoryEntry): Promise<void> };
  plans: { get(id: string): Promise<Plan | undefined>; put(plan: Plan): Promise<void> };
  /** `replace` answers false when the stored baseline is not the one that the new one was derived from. */
  baselines: {
    get(device: string): Promise<Baseline | undefined>;
    replace(was: Baseline | undefined, baseline: Baseline): Promise<boolean>;
  };
  /** Undefined for a device that cannot be asked: Git does not know it any more, or no account for it is at hand. */
  reach(device: string): Reach | undefined;
  /** False when Git does not know the device any more. */
  knows(device: string): boolean;
  /** The value behind a token, at the last moment before the wire. */
  reveal: Reveal;
  /** This process, and whether another one still runs (undefined: it ran on another machine). */
  owner: string;
  isAlive(owner: string): boolean | undefined;
  /** Of a process that lives on: tokens of the changes that it works on. An open one of its own that is not in here was given up. */
  atWork?: Set<string>;
}

/** The part of the store that keeps changes. `advance` throws `Conflict` when another process moved the record. */
export interface Journal {
  begin(record: ChangeRecord): Promise<JournalEntry>;
  advance(entry: JournalEntry, record: ChangeRecord): Promise<JournalEntry>;
  listOpen(): Promise<readonly JournalEntry[]>;
}

export interface JournalEntry {
  record: ChangeRecord;
  version: string;
}

export interface ApplyOptions {
  /** From arming until the devices undo an unconfirmed change. Default 120 s and 75 ms for each command; at least 32 s. */
  deadlineMs?: number;
  /** From the read back to the first probe: route-map changes take FRR 5 s (`bgp route-map delay-timer`). Default 7 s. */
  settleMs?: number;
  /** Go on though the running config is not what a reboot would load. */
  acceptUnsaved?: boolean;
  /** Neighbors whose routes may all go. */
  mayLoseRoutes?: ReadonlySet<string>;
  /** Who asked, for the history. */
  actor?: string;
  /** The set of a ChangePlan that it is done for. */
  cause?: ChangeRecord['cause'];
  /** Asked when the devices have been read, with nothing but their arming behind it: why the change may not begin any more. */
  whyNot?: () => string | undefined;
  /** Past the operator, in an emergency: the journal, the history and the receipt on each device say who and why. */
  glass?: BrokenGlass;
}

/** How one set ended. */
export interface SetResult {
  devices: readonly string[];
  /** `Skipped`: not begun, because a set before it failed or another process works on a member. */
  end: EndState | 'Skipped';
  token?: string;
  reason?: ChangeReason;
  /** What a person should know though it did not change the end: warnings of the probe, a startup config that was not written. */
  notes: readonly string[];
  /** The last believed read of each member after the change: what the verdict and the baseline go on with. */
  reads: ReadonlyMap<string, Read>;
}

export interface Progress {
  devices: readonly string[];
  state: ChangeState;
  message: string;
}

export type OnProgress = (progress: Progress) => void;
