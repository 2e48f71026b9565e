import type { CheckedState, DesiredObject } from '../api/index.ts';
import type { ApplyDeps, Bystander, ExpectedSession, SessionPeer } from '../change/index.ts';
import { compileDevice } from '../compile/index.ts';
import { changePolicyOf } from '../desired/index.ts';
import { PlumblineError } from '../lib/index.ts';
import { isProcessAlive, processIdentity } from '../store/index.ts';
import type { Corridor } from './corridor.ts';
import { partnersOf, turnOf } from './pairs.ts';
import { buildTarget } from './target.ts';

/** Devices of the site that are asked whether they can still be reached; more would cost more time than they tell. */
const mostBystanders = 8;

/** A process that alone changes some devices: whatever others began on them is abandoned. */
export interface Leadership {
  /** One for all its changes: see `leaderEpoch`. */
  epoch: ApplyDeps['epoch'];
  /** Tokens of the changes that it works on. */
  atWork: Set<string>;
  isOurs: (device: string) => boolean;
}

/** What an apply needs, from a revision and the corridor. */
export function applyDepsOf(state: CheckedState, corridor: Corridor, leadership?: Leadership): ApplyDeps {
  const { store, secrets, clock } = corridor;
  const { epoch = store.epoch, atWork, isOurs } = leadership ?? {};
  const listOpen = async () =>
    (await store.changes.listOpen()).filter(({ record }) => record.devices.some((name) => isOurs?.(name) ?? true));
  return {
    clock,
    changes: { ...store.changes, listOpen },
    epoch,
    quarantines: store.quarantines,
    history: store.history,
    baselines: store.baselines,
    plans: store.plans,
    owner: processIdentity(),
    isAlive: (owner) => (leadership && owner !== processIdentity() ? false : isProcessAlive(owner)),
    ...(atWork && { atWork }),
    reveal: (token) => secrets.reveal(token),
    knows: (name) => state.objects.Device.has(name),
    reach: (name) => {
      const device = state.objects.Device.get(name);
      const reached = device && reachOne(state, device, corridor);
      if (!reached) return undefined;
      return {
        ...reached,
        expected: expectedSessions(state, name),
        peers: peersOf(state, name, corridor),
        probes: changePolicyOf(device, state.objects.ReconcilePolicy.values()).probes,
        partners: partnersOf(device.spec).flatMap((partner) => {
          const other = state.objects.Device.get(partner);
          return (other && reachOne(state, other, corridor)) ?? [];
        }),
        turn: turnOf(device.spec),
        bystanders: siteMatesOf(device, state).flatMap((mate) => reachOne(state, mate, corridor) ?? []),
      };
    },
  };
}

function reachOne(state: CheckedState, device: DesiredObject<'Device'>, { driver, secrets }: Corridor): Bystander | undefined {
  const target = buildTarget(state, device, secrets);
  if (target instanceof PlumblineError) return undefined;
  return { device: device.metadata.name, driver: driver(device.spec.platform), target };
}

/** Devices with the same label `site`, the ones with a session to it first. */
function siteMatesOf(device: DesiredObject<'Device'>, { objects }: CheckedState): readonly DesiredObject<'Device'>[] {
  const { site } = device.metadata.labels;
  if (site === undefined) return [];
  const { name } = device.metadata;
  const sessions = [...objects.BGPSession.values()].map(({ spec }) => spec.ends.map(({ device: end }) => end));
  const peers = new Set(sessions.filter((ends) => ends.includes(name)).flat());
  const mates = [...objects.Device.values()].filter(
    (each) => each.metadata.labels['site'] === site && each.metadata.name !== name && each.spec.lifecycle !== 'Planned',
  );
  return mates.toSorted((a, b) => Number(peers.has(b.metadata.name)) - Number(peers.has(a.metadata.name))).slice(0, mostBystanders);
}

/** Other ends of its sessions that can be asked, each by the address under which it knows this device. */
function peersOf(state: CheckedState, name: string, corridor: Corridor): readonly SessionPeer[] {
  return (compileDevice(state, name).intent?.sessions ?? []).flatMap(({ session, neighbor, vrf, peerDevice }) => {
    const peer = peerDevice === null ? undefined : state.objects.Device.get(peerDevice);
    const reached = peer && reachOne(state, peer, corridor);
    const there = reached && compileDevice(state, reached.device).intent?.sessions.find((each) => each.session === session);
    return reached && there ? [{ ...reached, neighbor, vrf, knownAs: there.neighbor, vrfThere: there.vrf }] : [];
  });
}

function expectedSessions(state: CheckedState, name: string): readonly ExpectedSession[] {
  return (compileDevice(state, name).intent?.sessions ?? []).map(({ neighbor, vrf, addressFamilies, expect }) => ({
    neighbor,
    vrf,
    addressFamilies,
    expect,
  }));
}
