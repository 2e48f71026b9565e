import { nameSession, resetOf } from '../../api/index.ts';
import { changeErrors, type InternalSession } from '../../change/index.ts';
import type { PlumblineError } from '../../lib/index.ts';
import { internalSessions, partnersOf, pipelineErrors } from '../../pipeline/index.ts';
import type { DesiredFleet } from '../fleet/desired-fleet.ts';
import type { Judgement, Proposal } from './proposal.ts';

/** Sessions of devices with managed neighbors. */
export function sessionsAmong(devices: Iterable<string>, fleet: DesiredFleet): InternalSession[] {
  const asked = [...devices];
  const names = new Set(asked);
  for (const name of asked)
    for (const { peerDevice } of fleet.devices.get(name)?.ready?.sessions ?? []) if (peerDevice !== null) names.add(peerDevice);
  return internalSessions([...names].flatMap((name) => fleet.devices.get(name) ?? []));
}

/**
 * A session that a plan resets needs both ends: nobody knows what an end that cannot be read, or was not read yet, has to change, and one
 * that differs and may not be changed now would not follow.
 */
export function peerProblems(
  { device, planned }: Proposal,
  {
    proposals,
    judgements,
    fleet,
  }: { proposals: ReadonlyMap<string, Proposal>; judgements: ReadonlyMap<string, Judgement>; fleet: DesiredFleet },
): readonly PlumblineError[] {
  const lost = partnersIn({ device, planned }).flatMap((partner) => {
    const known = judgements.get(partner);
    if (known?.verdict === 'InSync' || proposals.has(partner)) return [];
    if (known?.proposal) return [changeErrors.MemberRefused({ device: device.name, because: partner })];
    return [pipelineErrors.PartnerUnknown({ device: device.name, partner, reason: known?.reason ?? known?.verdict ?? 'Pending' })];
  });
  const unread = endsOf({ device, planned }).flatMap(({ neighbor, peerDevice }) => {
    const peer = fleet.state.objects.Device.get(peerDevice);
    if (!peer || peer.spec.lifecycle === 'Planned') return [];
    const known = judgements.get(peerDevice);
    if (known?.verdict === 'InSync' || proposals.has(peerDevice)) return [];
    if (known?.proposal) return changeErrors.MemberRefused({ device: device.name, because: peerDevice });
    const reason = known?.reason ?? known?.verdict ?? 'Pending';
    return pipelineErrors.PeerUnknown({ device: device.name, peer: peerDevice, neighbor, reason });
  });
  return [...unread, ...lost];
}

/** Somebody whom a plan needs to know, and who is only not read yet: since this operator leads, or since a change there began. */
export function awaitedPeer(
  proposal: Pick<Proposal, 'device' | 'planned'>,
  { judgements, fleet }: { judgements: ReadonlyMap<string, Judgement>; fleet: Pick<DesiredFleet, 'devices'> },
): string | undefined {
  const needed = [...partnersIn(proposal), ...endsOf(proposal).map(({ peerDevice }) => peerDevice)];
  return needed.find((peer) => fleet.devices.has(peer) && !judgements.has(peer));
}

/** Who stands in for a device that is changed. */
function partnersIn({ device, planned }: Pick<Proposal, 'device' | 'planned'>): readonly string[] {
  return planned.plan ? partnersOf(device.object.spec) : [];
}

/** Sessions with managed devices that a plan resets. */
function endsOf({ device, planned: { plan } }: Pick<Proposal, 'device' | 'planned'>): readonly { neighbor: string; peerDevice: string }[] {
  if (!plan) return [];
  return (device.ready?.sessions ?? []).flatMap((session) =>
    session.peerDevice !== null && resetOf(plan.effect, session)
      ? [{ neighbor: nameSession(session), peerDevice: session.peerDevice }]
      : [],
  );
}
