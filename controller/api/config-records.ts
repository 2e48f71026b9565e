import type { SecretUse } from './secret-use.ts';

/** A place in Git that owns a line. */
export interface Source {
  file: string;
  line: number;
}

/** The intended configuration of one device. Text only, secrets as tokens; a tree never leaves `config`. */
export interface Rendered {
  device: string;
  platform: string;
  /** Intended config with owner markers (`! plumbline:from KIND/NAME FILE:LINE`, of a section's file `! plumbline:lines 1-4,6` besides) and secret tokens. */
  text: string;
  /** Every token that may stand in the text, and what it stands for. */
  secrets: readonly SecretUse[];
  /** SHA-256 of the text without markers. */
  digest: string;
}

/** Why the state of a device is not known. Closed list: condition reason, event reason, error code and alert label. */
const unknownReasons = [
  'Unreachable',
  'AuthFailed',
  'WrongDevice',
  'DeviceSettling',
  'DaemonDown',
  'PartialRead',
  'Unverified',
  'Stale',
] as const;
export type UnknownReason = (typeof unknownReasons)[number];

/** The reason that these words are, if they are one. */
export function unknownReasonOf(words: string): UnknownReason | undefined {
  return unknownReasons.find((reason) => reason === words);
}

/** One read of one device: whole and believed, or Unknown with the reason. There is no third case. */
export type Observed = Read | NotKnown;

export interface NotKnown {
  state: 'Unknown';
  device: string;
  at: string;
  reason: UnknownReason;
  /** The fact in one sentence, without secrets. */
  message: string;
  /** What a person does next. */
  next: string;
}

export interface Read {
  state: 'Read';
  device: string;
  at: string;
  /** Running config with every secret replaced by its token. */
  config: string;
  /** SHA-256 of the running config as the device gave it, secrets as tokens: the fence compares it. */
  fingerprint: string;
  /** Software version as the platform prints it, for example `8.4.4`. */
  version: string;
  identity: DeviceIdentity;
  daemons: readonly Daemon[];
  neighbors: readonly NeighborState[];
  /** What the last apply left on the target, when there is one. */
  receipt?: Receipt;
  /** Highest epoch that the target has seen. Absent where no guard can run. */
  epoch?: number;
  /** The last change that was armed on the target, by whomever; `state` is the target's own word. */
  lastChange?: { token: string; state: string; holder: string };
  /** Somebody at the device wants no changes on it: a file there, see the platform's README. Nothing is written while it stands. */
  hold?: DeviceHold;
  /** True when the running config differs from the config that a reboot would load. */
  startupDiffers: boolean;
  /** Pools that we closed, `dhcp4 10 192.0.2.150` each, and when the last lease there ends at the latest, ISO 8601. */
  closedPools?: Readonly<Record<string, string>>;
}

export interface DeviceHold {
  /** Who the file names, else the account that owns it. */
  by: string;
  reason: string;
  /** ISO 8601, the clock of the device. */
  at: string;
}

export interface DeviceIdentity {
  hostname: string;
  machineId?: string;
  serial?: string;
  bootId: string;
  /** `SHA256:…` of the SSH host key that answered. */
  hostKey?: string;
}

export interface Daemon {
  name: string;
  pid: number;
  /** Seconds since the process started, on the target's monotonic clock. */
  upSeconds: number;
}

/** State of one neighbor in one address family. */
export interface NeighborState {
  address: string;
  vrf: string;
  family: string;
  remoteAs: number;
  /** `Established`, or the word the platform uses. */
  state: string;
  upSeconds: number;
  accepted: number;
  advertised: number;
}

/** A person changed a device past the operator, in an emergency, and said why. */
export interface BrokenGlass {
  by: string;
  reason: string;
  /** ISO 8601, the clock of the machine that it was done from. */
  at: string;
}

/** Left on the target by a confirmed apply. Holds no secret. */
export interface Receipt {
  revision: string;
  /** Digest of the owned items (canonical masked lines) after the apply. */
  itemsDigest: string;
  effectDigest: string;
  epoch: number;
  glass?: BrokenGlass;
}
