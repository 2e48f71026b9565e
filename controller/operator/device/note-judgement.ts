import { isDeepStrictEqual } from 'node:util';
import type { DeviceVerdict, ReportedDifference } from '../../api/index.ts';
import type { DeviceProposal } from '../../pipeline/index.ts';
import type { Judgement } from '../plan/proposal.ts';
import type { DesiredDevice } from '../fleet/desired-fleet.ts';
import type { World } from '../world.ts';
import { reportedOf } from './drift-report.ts';
import type { Look } from './publish.ts';

/** Tells whoever plans what a look came to. A device that turned out to be as it should be has nothing that its change waits for. */
export function noteJudgement(
  { judgements, standings, drained, onJudged, runtime }: World,
  device: DesiredDevice,
  { outcome, held, proposal }: Pick<Look, 'outcome' | 'held' | 'proposal'>,
): void {
  const digest = device.ready?.rendered.digest;
  const isKnown = 'verdict' in outcome;
  const verdict = isKnown ? outcome.verdict : 'Invalid';
  const reason = isKnown ? (outcome.verdict === 'Unknown' ? outcome.reason : undefined) : outcome.kind;
  const before = judgements.get(device.name);
  judgements.set(device.name, {
    digest,
    verdict,
    atMs: runtime.corridor.clock.now().getTime(),
    ...(reason !== undefined && { reason }),
    ...(held && { held }),
    ...(drained.has(device.name) && isKnown && outcome.verdict !== 'Unknown' && { reported: reportedOf(outcome).map(keyOf) }),
    ...(proposal && { proposal: { device, ...proposal } }),
  });
  const isSame = before?.verdict === verdict && before.digest === digest && isSameProposal(before, proposal, held);
  // Something is said of its change, and nothing of it is left.
  const isLeft = !proposal && standings.has(device.name);
  if (!isSame || isLeft) onJudged();
}

function keyOf({ path }: ReportedDifference): string {
  return path.join('\n');
}

/** Runs a look. One that is broken off, at its deadline, says nothing of the device, and that is noted as well: nobody waits for it for ever. */
export async function noteBrokenOff<T>(world: World, device: DesiredDevice, signal: AbortSignal, look: () => Promise<T>): Promise<T> {
  const touched = world.touched.get(device.name);
  try {
    return await look();
  } catch (error) {
    const isOurs = world.touched.get(device.name) === touched && world.inForce?.devices.has(device.name);
    if (signal.aborted && isOurs)
      noteJudgement(world, device, { held: world.judgements.get(device.name)?.held, outcome: brokenOff(device) });
    throw error;
  }
}

function brokenOff({ name }: DesiredDevice): DeviceVerdict {
  const message = `${name}: the look at it did not end in time`;
  return { device: name, verdict: 'Unknown', at: '', revision: '', reason: 'Unverified', message, next: 'It is looked at again' };
}

/** A device that waits for a person for weeks, and differs as it did, is no reason to plan anew at each look. */
function isSameProposal(before: Judgement, proposal: Look['proposal'], held: Look['held']): boolean {
  const [was, now] = [before.proposal, proposal];
  if (!was || !now) return was === now;
  return isDeepStrictEqual([questionsAbout(was), before.held], [questionsAbout(now), held]);
}

/** What whoever plans asks of a proposal; the times of the looks do not count. */
function questionsAbout({ planned, facts }: DeviceProposal): unknown {
  const { verdict, removals, startupDiffers, notWritable, problems } = facts;
  return [
    planned.plan?.effectDigest,
    planned.plan?.provenance,
    'differences' in verdict && verdict.differences,
    removals,
    startupDiffers,
    [notWritable, ...problems].map((problem) => problem?.message),
  ];
}
