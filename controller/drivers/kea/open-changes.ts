import type { PlannedCommand } from '../../api/index.ts';
import type { Clock, Secret } from '../../lib/index.ts';
import type { KeaService } from '../contract.ts';
import type { JsonMap } from './answers.ts';
import type { Held } from './held.ts';
import type { Seen } from './read.ts';

/** A change of this process on a server without a guard: what nobody but this process knows until it is in effect. */
export interface OpenChange {
  device: string;
  token: string;
  epoch: number;
  holder: string;
  /** `arming`: it has the lock, and nothing else. */
  state: 'arming' | 'armed' | 'applying' | 'applied' | 'rejected';
  /** On the monotonic clock: from then on an armed change that sent nothing is in nobody's way. */
  endsAtMs: number;
  /** What each daemon held when the change was armed: the way back. */
  before: ReadonlyMap<KeaService, Held & Seen>;
  /** Of the joined masked config. */
  fingerprint: string;
  rollback: readonly PlannedCommand[];
  /** Behind the tokens of the rollback. */
  values: ReadonlyMap<string, Secret>;
  /** What was sent, or is being sent, to each daemon that the change touches. */
  sent: Map<KeaService, JsonMap>;
  /** Digest of what each of them printed when it was first read with the change in effect: another one later is somebody else's doing. */
  asSet: Map<KeaService, string>;
  rejected?: { index: number; message: string };
}

/** How a change of this process ended. */
export interface EndedChange {
  state: 'confirmed' | 'restored' | 'restore-failed';
  epoch: number;
  holder: string;
  persisted: boolean;
  /** It was gone before anybody took it back: a daemon had restarted. */
  rebooted?: boolean;
  rest?: number;
}

export interface OpenChanges {
  /** Takes the lock of a device, or gives the change that has it. */
  lock(change: OpenChange): OpenChange | undefined;
  /** The devices of a set share its token: each has a change of its own. */
  of(device: string, token: string): OpenChange | undefined;
  ofDevice(device: string): OpenChange | undefined;
  /** It is as if it had never been. */
  forget(device: string, token: string): void;
  end(change: Pick<OpenChange, 'device' | 'token' | 'epoch' | 'holder'>, how: Omit<EndedChange, 'epoch' | 'holder'>): void;
  ended(device: string, token: string): EndedChange | undefined;
}

/** Ends are kept for whoever asks once more; the oldest go. */
const endsKept = 200;

export function createOpenChanges(clock: Clock): OpenChanges {
  /** By device: it has one at a time. */
  const open = new Map<string, OpenChange>();
  const ends = new Map<string, EndedChange>();
  const keyOf = (device: string, token: string) => `${device} ${token}`;
  const of = (device: string, token: string) => {
    const change = open.get(device);
    return change?.token === token ? change : undefined;
  };
  const ofDevice = (device: string) => {
    const change = open.get(device);
    const isOver = change && (change.state === 'arming' || change.state === 'armed') && clock.monotonicMs() > change.endsAtMs;
    if (isOver) open.delete(device);
    return isOver ? undefined : change;
  };
  return {
    lock: (change) => {
      const other = ofDevice(change.device);
      if (!other) open.set(change.device, change);
      return other;
    },
    of,
    ofDevice,
    forget: (device, token) => void (of(device, token) && open.delete(device)),
    end: ({ device, token, epoch, holder }, how) => {
      if (of(device, token)) open.delete(device);
      ends.set(keyOf(device, token), { epoch, holder, ...how });
      for (const oldest of [...ends.keys()].slice(0, Math.max(0, ends.size - endsKept))) ends.delete(oldest);
    },
    ended: (device, token) => ends.get(keyOf(device, token)),
  };
}
