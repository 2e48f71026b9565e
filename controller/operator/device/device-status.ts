import { type DeviceStatus, type DeviceVerdict, type ReconcileMode, setConditions, type ConditionState } from '../../api/index.ts';
import { adviseDevice } from '../../report/index.ts';
import type { Standing } from '../plan/proposal.ts';

/** Why a device was not even asked. */
export type NotJudged =
  | { kind: 'Invalid'; message: string }
  | { kind: 'Suspended'; message: string }
  | { kind: 'ApprovalRequired'; message: string };

export type Hold = NonNullable<DeviceStatus['held']>;

/** What a status is made of. Same input, same status: nothing of it moves by itself. */
export interface DeviceFacts {
  device: string;
  last: DeviceStatus | undefined;
  generation: number;
  at: Date;
  outcome: DeviceVerdict | NotJudged;
  /** Absent when Git cannot be rendered for the device. */
  digest: string | undefined;
  /** The revision in force. It becomes the device's own only when what the device should be has changed. */
  revision: string;
  /** Who signed what the device should be now; see `DesiredDevice`. */
  signers: readonly string[] | undefined;
  mode: ReconcileMode;
  /** Fields that came from NetBox. */
  fed?: readonly string[];
  /** Whether NetBox says what it should; absent without NetBox. */
  record?: DeviceStatus['record'];
  held: Hold | undefined;
  /** What its change waits for. */
  standing: Standing | undefined;
  version: string | undefined;
  /** Digest of what the last change left on the device, where this look read it. */
  receipt: string | undefined;
  requestedAt: string | undefined;
}

/** The status of a device after a look at it. `Ready` means: the device is what Git says, read back at this revision. */
export function describeDevice(facts: DeviceFacts): DeviceStatus {
  const { last, outcome, held, version, requestedAt } = facts;
  const receipt = facts.receipt ?? last?.receipt;
  const digest = facts.digest ?? last?.digest;
  const revision = revisionOf(last, digest, facts.revision);
  const judged = 'verdict' in outcome ? outcome : undefined;
  const applied = judged?.verdict === 'InSync' ? revision : last?.appliedRevision;
  // What reached the device is nobody's proposal any more, and is none again when somebody changes the device.
  const signers = judged?.verdict === 'InSync' ? [] : last?.digest === digest ? (last?.signers ?? facts.signers) : facts.signers;
  const known = judged && judged.verdict !== 'Unknown' ? judged : undefined;
  return {
    observedGeneration: facts.generation,
    conditions: setConditions(last?.conditions ?? [], [readyOf(facts, revision)], { at: facts.at, generation: facts.generation }),
    verdict: judged?.verdict ?? 'Unknown',
    ...(known && { differences: known.differences.length }),
    ...(facts.record && { record: facts.record }),
    mode: facts.mode,
    ...(facts.fed && facts.fed.length > 0 && { fed: [...facts.fed] }),
    revision,
    ...(signers && { signers: [...signers] }),
    ...(applied !== undefined && { appliedRevision: applied }),
    ...(digest !== undefined && { digest }),
    ...((version ?? last?.version) !== undefined && { version: (version ?? last?.version)?.slice(0, 100) }),
    ...(receipt !== undefined && { receipt }),
    ...(held && { held }),
    ...(requestedAt !== undefined && { lastHandledReconcileAt: requestedAt }),
  };
}

/** The revision that last changed what the device should be: its old one while the intended configuration is the same. */
export function revisionOf(last: DeviceStatus | undefined, digest: string | undefined, inForce: string): string {
  return last?.digest !== undefined && last.digest === digest ? (last.revision ?? inForce) : inForce;
}

/** Ready of a device: what the last look found and, when it differs, what its change waits for. */
export function readyOf(
  { device, outcome, held, standing }: Pick<DeviceFacts, 'device' | 'outcome' | 'held' | 'standing'>,
  revision: string,
): ConditionState {
  if ('kind' in outcome) {
    return { type: 'Ready', status: outcome.kind === 'Suspended' ? 'Unknown' : 'False', reason: outcome.kind, message: outcome.message };
  }
  if (outcome.verdict === 'Unknown') {
    return { type: 'Ready', status: 'Unknown', reason: outcome.reason, message: `${outcome.message}. Next: ${outcome.next}` };
  }
  if (outcome.verdict === 'InSync') {
    // Without the count of leases: that moves.
    const waits = outcome.closing?.length ?? 0;
    const rest =
      waits === 0
        ? ''
        : `, but for ${waits === 1 ? 'a closed pool' : `${waits} closed pools`} whose leases have to end. Next: plumb why ${device}`;
    return { type: 'Ready', status: 'True', reason: 'InSync', message: `${device} is what Git says at ${revision}${rest}` };
  }
  if (standing && !held) {
    return { type: 'Ready', status: 'False', reason: standing.reason, message: `${sayDifferences(outcome)}. ${standing.message}` };
  }
  if (held) {
    const next = held.where === 'Device' ? 'end the hold on the device itself' : `plumb resume ${device}, to let it go`;
    const message = `Held by ${held.by} (${held.reason}). ${sayDifferences(outcome)}. Next: ${next}`;
    return { type: 'Ready', status: 'False', reason: 'Held', message };
  }
  const { words, command } = adviseDevice(outcome);
  const said = `${sayDifferences(outcome)}. Next: ${words}${command === undefined ? '' : `: ${command}`}`;
  return { type: 'Ready', status: 'False', reason: outcome.verdict, message: said };
}

/** `2 lines differ: 1 Drifted, 1 Pending; first "…"`. */
function sayDifferences({ differences }: Exclude<DeviceVerdict, { verdict: 'Unknown' }>): string {
  const counts = [...Map.groupBy(differences, ({ verdict }) => verdict)].map(([verdict, members]) => `${members.length} ${verdict}`);
  const first = differences[0]?.path.join(' > ') ?? '';
  const subject = differences.length === 1 ? '1 line differs' : `${differences.length} lines differ`;
  return `${subject}: ${counts.join(', ')}; first: ${first.slice(0, 300)}`;
}
