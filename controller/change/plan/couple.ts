import { type DevicePlan, type PlannedCommand, resetOf, type SessionKey } from '../../api/index.ts';

/** One session between two managed devices: at each end the address and the VRF by which that device knows the other. */
export interface InternalSession {
  name: string;
  ends: readonly [SessionEnd, SessionEnd];
  /** Two servers that stand in for each other: they change together whatever it is. Default: only what breaks the session counts. */
  always?: true;
}

export interface SessionEnd extends SessionKey {
  device: string;
}

/**
 * What both ends must say alike, or the session stays down until the second end has changed too: password, AS numbers, TTL,
 * families. In the words that command lines have in common; the rest of a neighbor's lines is each end's own business.
 */
const agreed = /\b(password|authentication(-key)?|key-chain|remote-as|local-as|peer-as|ttl-security|ebgp-multihop|multihop|activate)\b/;
/** The lines that bring a neighbor into being. */
const founding = /\b(remote-as|peer-as|peer-group)\b/;
/** The AS of the whole instance is part of what the other end says of us. */
const instance = /^(no )?router bgp\b/;
/** The VRF of a command, in the section it stands in or in its own words. */
const inVrf = /\bvrf (?:name )?(\S+)/;

/**
 * Which devices change together: sets of names, sorted, every planned device in one of them. An end that could not be read is in none:
 * the pipeline refuses a device whose plan resets a session with it (`PeerUnknown`).
 */
export function coupleDevices(plans: readonly DevicePlan[], sessions: readonly InternalSession[]): readonly (readonly string[])[] {
  const byDevice = new Map(plans.map((plan) => [plan.effect.device, plan]));
  const setOf = new Map([...byDevice.keys()].map((device) => [device, new Set([device])]));
  for (const { ends, always } of sessions) {
    if (always !== true && !ends.every((end) => touchesAgreement(byDevice.get(end.device), end))) continue;
    const [a, b] = ends.map(({ device }) => setOf.get(device)).toSorted((x, y) => (y?.size ?? 0) - (x?.size ?? 0));
    if (!a || !b || a === b) continue;
    for (const device of b) setOf.set(device, a.add(device));
  }
  const sets = [...new Set(setOf.values())].map((members) => [...members].toSorted());
  return sets.toSorted((a, b) => ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1));
}

/** Would this plan alone take the session down until the other end follows? A session that is new can wait for its other end. */
function touchesAgreement(plan: DevicePlan | undefined, session: SessionKey): boolean {
  if (!plan) return false;
  const { neighbor, vrf } = session;
  const commands = plan.effect.commands.filter((command) => vrfOf(command) === vrf);
  const rollback = plan.effect.rollback.filter((command) => vrfOf(command) === vrf);
  const isNew = founds(commands, neighbor) && !founds(rollback, neighbor);
  if (isNew) return false;
  const reset = resetOf(plan.effect, session);
  // A peer group says it for its members, which its line does not name: the reset does.
  if (reset && agreed.test(reset.because)) return true;
  return commands.some((command) => (agreed.test(command.text) && names(command, neighbor)) || (reset && instance.test(command.text)));
}

function founds(commands: readonly PlannedCommand[], neighbor: string): boolean {
  return commands.some((command) => founding.test(command.text) && !/^(no|undo|delete)\b/.test(command.text) && names(command, neighbor));
}

function vrfOf({ path, text }: PlannedCommand): string {
  return inVrf.exec(path.join(' '))?.[1] ?? inVrf.exec(text)?.[1] ?? 'default';
}

function names({ path, text }: PlannedCommand, neighbor: string): boolean {
  return [...path, text].some((line) => line.split(/[\s{};]+/).includes(neighbor));
}
