import { dialectFor, parse, simulate } from '../../config/index.ts';
import { describeLeases, doubtsOf, type LeaseDoubt } from '../plan/leases.ts';
import { errors } from '../errors.ts';
import type { Outcome } from '../machine/table.ts';
import { blame, type Member, type Run } from './run.ts';

/** Leases that were given since the plan saw none, or that cannot be seen any more: then nothing is sent. */
export async function refuseGiven(run: Run, member: Member, signal: AbortSignal): Promise<Outcome | undefined> {
  const { device } = member;
  const { given, notKnown } = await findGiven(member, signal);
  const findings = given[0] ?? notKnown;
  if (findings === undefined) return undefined;
  if (!signal.aborted) blame(run, errors.LeaseGiven({ device, findings }), device);
  return given.length > 0 ? 'moved' : 'unknown';
}

/** The same when the change is in effect. From then on nobody is given a lease there: who has one got it between the last look and the change. */
export async function findLate(run: Run, member: Member, signal: AbortSignal): Promise<Outcome | undefined> {
  const { device } = member;
  const { given, notKnown } = await findGiven(member, signal);
  if (notKnown !== undefined) run.notes.add(`${device}: whether somebody was given a lease while its pool went is not known: ${notKnown}`);
  const [findings] = given;
  if (findings === undefined) return undefined;
  blame(run, errors.LeaseGiven({ device, findings }), device);
  return 'differs';
}

/**
 * Where addresses go because the plan saw that nobody holds a lease there, and somebody was given one since: until the pool is gone, a server goes on
 * giving. `notKnown`: why the server does not say.
 */
async function findGiven(
  { driver, target, plan, before }: Pick<Member, 'driver' | 'target' | 'plan' | 'before'>,
  signal: AbortSignal,
): Promise<{ given: readonly string[]; notKnown?: string }> {
  const doubts = plan && before ? freeIn(plan, before) : [];
  if (doubts.length === 0 || !driver.leases) return { given: [] };
  const answers = await driver.leases(
    target,
    doubts.map(({ question }) => question),
    signal,
  );
  const told = describeLeases(doubts, answers);
  const unknown = told.find(({ live }) => live === null);
  return {
    given: told.flatMap(({ what, live, says }) => (live !== null && live > 0 ? [`${what}: ${says}`] : [])),
    ...(unknown && { notKnown: `${unknown.what}: ${unknown.says}` }),
  };
}

function freeIn(plan: NonNullable<Member['plan']>, before: NonNullable<Member['before']>): readonly LeaseDoubt[] {
  const free = new Set(plan.leases?.flatMap(({ what, live }) => (live === 0 ? [what] : [])));
  if (free.size === 0) return [];
  const { platform, commands } = plan.effect;
  const dialect = dialectFor(platform);
  const live = parse(before.config, dialect, { version: before.version });
  return doubtsOf(live, simulate(live, commands, dialect)).doubts.filter(({ what, shrinks }) => shrinks && free.has(what));
}
