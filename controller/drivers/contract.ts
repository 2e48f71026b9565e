import type { NeighborState, Observed, PlannedCommand, Receipt } from '../api/index.ts';
import type { PlumblineError, Secret } from '../lib/index.ts';
import type { AttributeRequest, Attribution, InUse, LeaseAnswer, LeaseQuestion, SessionName, Utilisation } from './questions.ts';

/**
 * What every platform driver does for the state machine. A driver carries out one step at a time; the order is decided in `change`.
 * Failures come back as values: nothing here throws but for a bug in the caller (a newline in a command) and an aborted signal.
 */
export interface Driver {
  readonly platform: string;
  readonly capabilities: Capabilities;
  /** Identity, daemons and the whole running config, or Unknown with the reason. Never throws; an aborted signal gives Unknown as well. */
  observe(target: Target, options: ObserveOptions, signal: AbortSignal): Promise<Observed>;
  /** Takes the lock, raises the epoch, saves backup and rollback on the target and starts the dead-man. Changes no configuration. */
  arm(target: Target, request: ArmRequest, signal: AbortSignal): Promise<Armed | Refused | Lost>;
  /** Sends the commands of an armed change; stops at the first one that the device refuses. */
  apply(target: Target, request: ApplyRequest, signal: AbortSignal): Promise<Applied | Rejected | Refused | Lost>;
  /** What the target itself says about a change. */
  status(target: Target, token: string, signal: AbortSignal): Promise<ChangeStatus | Refused | Lost>;
  /** Over a new connection: makes the change permanent, saves it to the startup config and leaves the receipt. */
  confirm(target: Target, request: ConfirmRequest, signal: AbortSignal): Promise<Confirmed | TooLate | Refused | Lost>;
  /** Asks the target to restore now and waits for its word. Also restores a change whose dead-man is gone. */
  rollback(
    target: Target,
    request: RollbackRequest,
    signal: AbortSignal,
  ): Promise<RolledBack | RollbackIncomplete | TooLate | Refused | Lost>;
  /** Over a new connection: is management reachable, what do the sessions say, and do these checks hold. Asked with the account that only reads. */
  probe(target: Target, signal: AbortSignal, checks?: readonly Check[]): Promise<ProbeResult>;
  /**
   * How many prefixes this device uses over each of these sessions right now: those of which its best path is the one from that neighbor.
   * Absent where a platform does not tell: then nobody knows when a session is empty.
   */
  countInUse?(target: Target, sessions: readonly SessionName[], signal: AbortSignal): Promise<InUse>;
  /**
   * Who may have changed the device since then, as far as it tells. Asked when drift was found, not with every read; costs one command. What the
   * device does not tell, or an unreachable device, is a gap in the answer: it never fails. Absent where a platform tells nothing.
   */
  attribute?(target: Target, request: AttributeRequest, signal: AbortSignal): Promise<Attribution>;
  /** What holds for this very device where it depends on how it is reached. Absent: `capabilities` hold for all. */
  capabilitiesOf?(target: Target): Capabilities;
  /** Who holds which addresses now, one answer for each question in their order. Absent: the platform gives no leases. */
  leases?(target: Target, questions: readonly LeaseQuestion[], signal: AbortSignal): Promise<readonly LeaseAnswer[]>;
  /** How full each subnet is, as the device counts. Absent: the platform gives no leases. */
  utilisation?(target: Target, signal: AbortSignal): Promise<Utilisation>;
  /** Ends every pooled connection. Calls after it are refused. */
  close(): Promise<void>;
}

/** What a platform can promise. Policy must accept what is missing. */
export interface Capabilities {
  /** `full`: the whole running config in one read. */
  readonly read: 'full' | 'subtree' | 'none';
  readonly validate: 'device' | 'offline' | 'none';
  /** All commands take effect at one moment, or none does. */
  readonly atomic: boolean;
  readonly confirm: 'native' | 'deadman' | 'none';
  /** `explicit`: a reboot before confirm undoes the change. */
  readonly persist: 'explicit' | 'implicit';
  readonly fence: 'target' | 'none';
  readonly receipt: 'target' | 'none';
  /** The unit of the platform's confirm timer; deadlines are rounded up to it. */
  readonly confirmUnitMs: number;
}

/** One device as the driver of its platform reaches it. Built by the pipeline from the Device and its credentials. */
export type Target = SshTarget | KeaTarget;

/** A device with a command line behind SSH. */
export interface SshTarget {
  device: string;
  address: string;
  /** Default 22. */
  port?: number;
  /** Accepted host keys, `SHA256:…` each. Empty: nothing is accepted, and the error names the key that was offered. */
  hostKeys: readonly string[];
  /** Expected machine id; absent means that the host key alone says who answers. */
  machineId?: string;
  observe: Login;
  /** Absent: the device can be read, not changed. */
  apply?: Login;
  /** Daemons younger than this are read twice. Default 30. */
  settleSeconds?: number;
  /** Opt-in to key exchange, ciphers and host key types that OpenSSH has retired. Default false. */
  legacyAlgorithms?: boolean;
}

/** An account. Over SSH one of `privateKey` and `password`; over HTTP basic auth, a client certificate, or both. */
export interface Login {
  /** Over HTTP, empty: no basic auth. */
  user: string;
  /** Private key in PEM or OpenSSH form; with `certificate`, the key of that. */
  privateKey?: Secret;
  passphrase?: Secret;
  password?: Secret;
  /** Client certificate for mutual TLS, PEM. */
  certificate?: string;
}

export type KeaService = 'dhcp4' | 'dhcp6';

/** A Kea server: one or both daemons. Reached over HTTP, or over SSH when `http` is absent; a dead-man needs SSH beside HTTP. */
export interface KeaTarget {
  device: string;
  /** The daemons that must answer: without all of them the device is Unknown. */
  services: readonly KeaService[];
  http?: KeaHttp;
  /** Sockets and guard. Its machine id and host keys say who answers. */
  ssh?: SshTarget;
  /** Control sockets on the server, for SSH. Default: those of Debian. */
  sockets?: Partial<Record<KeaService, string>>;
  /** Earlier name of the device: what was left there under it is ours too. */
  movedFrom?: string;
  /** `server-tag` of the configuration: identity where neither TLS nor SSH give one. */
  serverTag?: string;
  /** Over HTTP. Without `http` the accounts of `ssh`. */
  observe: Login;
  /** Absent: the device can be read, not changed. */
  apply?: Login;
  /** Daemons younger than this are read twice. Default 30. */
  settleSeconds?: number;
  /** A real exchange after each change, as a relay at this address would have it. Default: the lease database is asked. */
  exchange?: readonly KeaExchange[];
}

/** The control agent for all daemons, or each daemon's own HTTP socket (Kea 2.7.2 and newer). URLs without a path. */
export interface KeaHttp {
  agent?: string;
  direct?: Partial<Record<KeaService, string>>;
  /** The authority that signed the server's certificate, PEM. Default: those of the system. */
  ca?: string;
  /** Name in the certificate. Default: the host of the URL. */
  serverName?: string;
  /** Accepted certificates, `SHA256:…` of the DER each; then no authority is asked. */
  certificates?: readonly string[];
}

/** `from` is an address of this machine in a subnet of the server, or one that it takes as a relay; `to` an address of the server. */
export interface KeaExchange {
  service: KeaService;
  from: string;
  to: string;
}

export interface ObserveOptions {
  /**
   * True when something that was owned at the last good read is missing from this masked running config.
   * Then the read is repeated after 2 s and counts only when both agree. Default: never.
   */
  lacksOwned?: (config: string) => boolean;
}

/** Common to every step of one change. The caller stores token, epoch and deadline before the first byte is sent. */
export interface ChangeRef {
  /** `[A-Za-z0-9._-]`, at most 64 characters, never used before on this target. */
  token: string;
  /** The target refuses an epoch below the highest it has seen. */
  epoch: number;
}

export interface ArmRequest extends ChangeRef {
  /** From arm to restore when nobody confirms, on the target's monotonic clock. */
  deadlineMs: number;
  /** Who holds the lock, for the person who meets it: `plumb@host pid 123`, for example. One line, no secret. */
  holder: string;
  /** Masked. A token of a value that the device holds now is filled in from the device. */
  rollback: readonly PlannedCommand[];
  /** The fence: is this masked running config, read under the lock, the one the plan was computed on? */
  isAsPlanned: (config: string) => boolean;
  /** `refuse`: running config differs from startup config is a reason not to begin. */
  unsaved: 'refuse' | 'accept';
  reveal: Reveal;
}

export interface ApplyRequest extends ChangeRef {
  commands: readonly PlannedCommand[];
  /**
   * For a change that is sent in parts: `begin`, `next`, `finish`. A later part is refused unless all before it was taken; `next` also when the
   * configuration is not what `begin` left. Default: the whole change at once.
   */
  stage?: 'begin' | 'next' | 'finish';
  reveal: Reveal;
  /** From `Armed`, for lines that a change takes away and sends again though they are nobody's in Git. Default: none. */
  revealHeld?: RevealHeld;
}

export interface ConfirmRequest extends ChangeRef {
  receipt: Receipt;
}

export type RollbackRequest = ChangeRef;

/** The value behind a token, at the last moment before the wire; undefined when there is none. */
export type Reveal = (token: string) => Secret | undefined;

/** The value behind a token in a line that the target held, in just these words, when it was armed. Else a token read in a plan would be worth the value. */
export type RevealHeld = (line: string, token: string) => Secret | undefined;

export interface Armed {
  outcome: 'Armed';
  revealHeld: RevealHeld;
}

/** Nothing was changed by this call. Codes: see `errors.ts` (StaleEpoch, ConcurrentChange, Locked, Unsaved, Unreachable, …). */
export interface Refused {
  outcome: 'Refused';
  error: PlumblineError;
}

/** The outcome was not seen: ask `status`, never send again. */
export interface Lost {
  outcome: 'Lost';
  error: PlumblineError;
}

export interface Applied {
  outcome: 'Applied';
}

/** The device refused command `index` (0-based, of the request); those before it are in effect, those after it were not sent. */
export interface Rejected {
  outcome: 'Rejected';
  index: number;
  /** The refused line, masked. */
  line: string;
  /** The device's words, masked. */
  message: string;
  error: PlumblineError;
}

export interface Confirmed {
  outcome: 'Confirmed';
  /** False: the change is in effect and stays, but the startup config could not be written; `error` says why. */
  persisted: boolean;
  error?: PlumblineError;
}

/** The other decision was carried out before: see `status`. */
export interface TooLate {
  outcome: 'TooLate';
  status: ChangeStatus;
}

export interface RolledBack {
  outcome: 'RolledBack';
  /** The router restarted meanwhile and came up with its startup config. */
  rebooted: boolean;
}

/** The rollback ran and a difference to the backup remains. */
export interface RollbackIncomplete {
  outcome: 'RollbackIncomplete';
  /** Masked lines, `-` for missing and `+` for left over. */
  rest: readonly string[];
  error: PlumblineError;
}

export interface ChangeStatus {
  outcome: 'Status';
  /**
   * `none`: the target does not know the token. `applying`: commands began and no end was recorded.
   * After a reboot of the router an unfinished change reads `restored` or `restore-failed`, with `rebooted`; while its daemons may
   * still load their configuration, every question about it is refused with DeviceSettling.
   */
  state: 'none' | 'armed' | 'applying' | 'applied' | 'rejected' | 'confirmed' | 'restoring' | 'restored' | 'restore-failed';
  /** The dead-man lives. False in an unfinished state means that nothing will happen by itself: call `rollback`, or `confirm` what was decided. */
  guardAlive: boolean;
  rebooted: boolean;
  /** After `confirmed`: the startup config holds the change and the receipt is written. */
  persisted: boolean;
  /** Time until the dead-man restores; absent when it will not. */
  remainingMs?: number;
  /** The highest epoch this target has seen. */
  epoch: number;
  holder?: string;
  /** For `rejected`: index of the refused command, where the device says it, and its words. */
  rejected?: { index?: number; message: string };
  /** For `restore-failed`: how many lines differ from the backup. */
  rest?: number;
}

export type ProbeResult =
  | {
      outcome: 'Probed';
      at: string /** Connect, log in and answer. */;
      tookMs: number;
      bootId: string;
      neighbors: readonly NeighborState[];
      /** One for each check, in their order. */
      checks: readonly CheckAnswer[];
    }
  | { outcome: 'NotReached'; error: PlumblineError };

/**
 * A question to a device, from Git and so untrusted. A command is one that shows: letters, digits and `. _ : / -`, nothing else is run.
 * What it prints never leaves the driver: it may hold secrets.
 */
export type Check = { what: 'ping'; to: string; from?: string } | { what: 'show'; command: string; matches: (output: string) => boolean };

/** `why` it does not hold, or why nobody knows. */
export type CheckAnswer = { holds: true } | { holds: false; why: string };
