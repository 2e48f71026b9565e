import type { DesiredDevice } from '../fleet/desired-fleet.ts';
import type { World } from '../world.ts';
import type { Look } from './publish.ts';

/** Tells whoever plans what a look came to. A device that turned out to be as it should be has nothing that its change waits for. */
export function noteJudgement(
  { judgements, standings, onJudged, runtime }: World,
  device: DesiredDevice,
  { outcome, held, proposal }: Look,
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
    ...(proposal && { proposal: { device, ...proposal } }),
  });
  const isSame = before?.verdict === verdict && before.digest === digest && !proposal && !before.proposal && !standings.has(device.name);
  if (!isSame) onJudged();
}
