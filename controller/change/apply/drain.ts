import type { DevicePlan, Drain, NeighborState, Read } from '../../api/index.ts';
import type { Reveal } from '../../drivers/index.ts';
import { errors } from '../errors.ts';
import type { Outcome } from '../machine/table.ts';
import { readItemsAt } from './read-items.ts';
import { blame, type Member, type Run } from './run.ts';

const unstoppable = (): AbortSignal => new AbortController().signal;

/** Does any member lead traffic away first? */
export function drains({ members }: Run): boolean {
  return members.some(({ plan }) => plan?.effect.drain !== undefined);
}

/** Leads traffic away, or back: one part of the armed change. A member that does not drain has nothing to do. */
export async function sendDrain(run: Run, { device, driver, target, plan }: Member, back: boolean, reveal: Reveal): Promise<Outcome> {
  const drain = plan?.effect.drain;
  const commands = (back ? drain?.undo : drain?.commands) ?? [];
  if (!drain || commands.length === 0) return 'applied';
  const { token, epoch } = run;
  const answer = await driver.apply(target, { token, epoch, commands, stage: back ? 'finish' : 'begin', reveal }, unstoppable());
  if (answer.outcome === 'Applied') return 'applied';
  blame(run, answer.error, device);
  return ({ Rejected: 'rejected', Refused: 'refused', Lost: 'lost' } as const)[answer.outcome];
}

/**
 * Is the traffic gone? A neighbor that Git manages is asked itself: what it still sends to us. Of the others only our own side is known: what
 * we still send to them. Who cannot be asked is not empty. At the end of the time the change goes back, and says who was left.
 */
export async function judgeEmpty(run: Run, member: Member, signal: AbortSignal): Promise<Outcome> {
  const { device, driver, target, plan, before, peers = [] } = member;
  const drain = plan?.effect.drain;
  if (!drain) return 'emptied';
  const sessions = sessionsToEmpty(drain, plan, before);
  const ours = sessions.filter((session) => !peers.some((peer) => isPeerOf(session, peer)));
  const counts = await Promise.all([
    countOf(ours, ours, (asked) => driver.countInUse?.(target, asked, signal)),
    ...peers.map((peer) => {
      const theirs = sessions.filter((session) => isPeerOf(session, peer));
      const asThere = theirs.map(({ family }) => ({ address: peer.knownAs, vrf: peer.vrfThere, family }));
      return countOf(theirs, asThere, (asked) => peer.driver.countInUse?.(peer.target, asked, signal));
    }),
  ]);
  const left = counts.flat().filter(({ count }) => count === undefined || count > drain.leftPrefixes);
  if (left.length === 0) return 'emptied';
  const said = left.map(
    ({ session, count }) => `${session.address} ${session.family}: ${count === undefined ? 'not known' : `${count} prefixes`}`,
  );
  run.waitsFor = {
    device,
    findings: `still in use over ${said.slice(0, 5).join(', ')}${said.length > 5 ? ` and ${said.length - 5} more` : ''}`,
  };
  return 'notYet';
}

type Peer = NonNullable<Member['peers']>[number];

function isPeerOf({ address, vrf }: NeighborState, { neighbor, vrf: here }: Peer): boolean {
  return address === neighbor && vrf === here;
}

/** Those that were up: the ones that the change resets, or every one of the device. */
function sessionsToEmpty({ scope }: Drain, { effect: { resets } }: DevicePlan, before: Read | undefined): readonly NeighborState[] {
  // The line moves these families alone, and of these alone FRR counts.
  const moved = /^ipv[46]-(unicast|labeled-unicast)$/;
  const up = (before?.neighbors ?? []).filter(({ state, family }) => state === 'Established' && moved.test(family));
  return scope === 'Device' ? up : up.filter(({ address, vrf }) => resets.some((reset) => reset.neighbor === address && reset.vrf === vrf));
}

async function countOf(
  sessions: readonly NeighborState[],
  asked: Parameters<NonNullable<Member['driver']['countInUse']>>[1],
  ask: (
    asked: Parameters<NonNullable<Member['driver']['countInUse']>>[1],
  ) => ReturnType<NonNullable<Member['driver']['countInUse']>> | undefined,
): Promise<readonly { session: NeighborState; count: number | undefined }[]> {
  const answer = sessions.length === 0 ? undefined : await ask(asked);
  return sessions.map((session, i) => ({ session, count: answer?.outcome === 'Counted' ? answer.counts[i] : undefined }));
}

/** Drain lines that stand on the device though they were taken back. */
export function drainedStill({ effect: { platform, drain } }: DevicePlan, read: Read): readonly string[] {
  const held = readItemsAt(platform, read);
  return (drain?.commands ?? []).map(({ path, text }) => [...path, text].join(' > ')).filter((line) => held.has(line));
}

/** Lines of a rest that keep traffic away. */
export function noteStuck(run: Run, { device, plan }: Member, rest: readonly string[]): void {
  const lines = (plan?.effect.drain?.commands ?? []).map(({ path, text }) => `+${[...path, text].join(' > ')}`);
  const stuck = lines.filter((line) => rest.includes(line));
  if (stuck.length > 0) run.stuck.set(device, errors.DrainStuck({ device, lines: stuck.map((line) => line.slice(1)).join(', ') }));
}
