import type { DevicePlan, PlannedCommand } from '../../api/index.ts';
import { formatPosition, type PlumblineError, type Position } from '../../lib/index.ts';
import { errors } from '../errors.ts';

/** One session between two managed devices: at each end the address by which that device knows the other. */
export interface InternalSession {
  name: string;
  /** Where Git says what both ends must say alike: the reference to the password, when there is one. */
  at?: Position;
  ends: readonly [SessionEnd, SessionEnd];
}

export interface SessionEnd {
  device: string;
  neighbor: string;
}

/** The most devices that change as one unit. */
const largestSet = 2;

/**
 * What both ends must say alike, or the session stays down until the second end has changed too: password, AS numbers, TTL,
 * families. In the words that command lines have in common; the rest of a neighbor's lines is each end's own business.
 */
const agreed = /\b(password|authentication(-key)?|key-chain|remote-as|local-as|peer-as|ttl-security|ebgp-multihop|multihop|activate)\b/;
/** The lines that bring a neighbor into being. */
const founding = /\b(remote-as|peer-as|peer-group)\b/;
/** The AS of the whole instance is part of what the other end says of us. */
const instance = /^(no )?router bgp\b/;

/**
 * Which devices change together: sets of names, sorted, every planned device in one of them. An end that could not be read is in none:
 * the pipeline refuses a device whose plan resets a session with it (`PeerUnknown`).
 */
export function coupleDevices(
  plans: readonly DevicePlan[],
  sessions: readonly InternalSession[],
): { sets: readonly (readonly string[])[]; problems: readonly PlumblineError[] } {
  const byDevice = new Map(plans.map((plan) => [plan.effect.device, plan]));
  const setOf = new Map([...byDevice.keys()].map((device) => [device, new Set([device])]));
  const coupling = sessions.filter(({ ends }) => ends.every((end) => touchesAgreement(byDevice.get(end.device), end.neighbor)));
  for (const { ends } of coupling) {
    const [a, b] = ends.map(({ device }) => setOf.get(device));
    if (!a || !b || a === b) continue;
    for (const device of b) setOf.set(device, a.add(device));
  }

  const all = [...new Set(setOf.values())];
  const sets = all.map((members) => [...members].toSorted()).toSorted((a, b) => ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1));
  const problems = all
    .filter(({ size }) => size > largestSet)
    .map((members) => {
      const within = coupling.filter(({ ends: [{ device }] }) => members.has(device));
      return explainTooLarge([...members].toSorted(), within, byDevice);
    });
  return { sets, problems };
}

/** Every session that ties the set together, and where; and what they share when it is a secret. */
function explainTooLarge(
  devices: readonly string[],
  sessions: readonly InternalSession[],
  byDevice: ReadonlyMap<string, DevicePlan>,
): PlumblineError {
  const named = sessions.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const uses = devices.flatMap((device) => Object.keys(byDevice.get(device)?.effect.secretVersions ?? {}));
  const shared = [...new Set(uses)].filter((ref) => uses.filter((each) => each === ref).length > largestSet).toSorted();
  const [at] = named.flatMap((session) => session.at ?? []);
  return errors.SetTooLarge(
    {
      devices: devices.join(', '),
      sessions: named.map((session) => (session.at ? `${session.name} (${formatPosition(session.at)})` : session.name)).join(', '),
      secrets: shared.join(', '),
    },
    at && { at },
  );
}

/** Would this plan alone take the session down until the other end follows? A session that is new can wait for its other end. */
function touchesAgreement(plan: DevicePlan | undefined, neighbor: string): boolean {
  if (!plan) return false;
  const { commands, rollback, resets } = plan.effect;
  const isNew = founds(commands, neighbor) && !founds(rollback, neighbor);
  if (isNew) return false;
  const reset = resets.find((each) => each.neighbor === neighbor);
  // A peer group says it for its members, which its line does not name: the reset does.
  if (reset && agreed.test(reset.because)) return true;
  return commands.some((command) => (agreed.test(command.text) && names(command, neighbor)) || (reset && instance.test(command.text)));
}

function founds(commands: readonly PlannedCommand[], neighbor: string): boolean {
  return commands.some((command) => founding.test(command.text) && !/^(no|undo|delete)\b/.test(command.text) && names(command, neighbor));
}

function names({ path, text }: PlannedCommand, neighbor: string): boolean {
  return [...path, text].some((line) => line.split(/[\s{};]+/).includes(neighbor));
}
