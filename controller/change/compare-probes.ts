import type { NeighborState, SessionReset } from '../api/index.ts';
import type { CheckAnswer } from '../drivers/index.ts';

/** A session as Git wants it: what may be missing, and what must not. */
export interface ExpectedSession {
  neighbor: string;
  vrf: string;
  addressFamilies: readonly string[];
  /** Configured: the other end may not be ready, and a session that stays down is no failure. */
  expect: 'Established' | 'Configured';
}

export interface ProbeFacts {
  before: readonly NeighborState[];
  /** Undefined when the device could not be reached over a new connection. */
  after: readonly NeighborState[] | undefined;
  /** What the driver says of a device that could not be reached, or does not serve. */
  whyNot?: string;
  resets: readonly SessionReset[];
  expected: readonly ExpectedSession[];
  /** Neighbors whose routes may all go: a person said so for this run. */
  mayLoseRoutes?: ReadonlySet<string>;
  /** What policy asks beside the sessions, before and now. */
  checks?: readonly { name: string; before: CheckAnswer; after: CheckAnswer }[];
  /** Since the change was read back. */
  elapsedMs: number;
}

/** What one look at one session says. `fails` turns the change back, `waits` looks again, `warns` is only said. */
export interface Finding {
  weight: 'fails' | 'waits' | 'warns';
  message: string;
}

/** A session that the plan resets gets this long to come back, anything else that flaps this long to stop. */
export const patienceMs = { reset: 60_000, flap: 20_000 } as const;

/**
 * Does the network live as before? Every session that was Established is so again, unless Git does not want it any more; none
 * that had routes has lost all of them. A flap is not an instant roll back: it is looked at again while there is patience.
 */
export function compareProbes(facts: ProbeFacts): { outcome: 'healthy' | 'notYet' | 'sick'; findings: readonly Finding[] } {
  const { before, after, expected, elapsedMs } = facts;
  if (!after) {
    const weight = elapsedMs > patienceMs.flap ? 'fails' : 'waits';
    return conclude([{ weight, message: facts.whyNot ?? 'the device does not answer over a new connection' }]);
  }
  const now = new Map(after.map((session) => [nameOf(session), session]));
  const known = new Set(before.map(nameOf));
  return conclude([
    ...before.filter(({ state }) => state === 'Established').flatMap((session) => judgeSession(session, now.get(nameOf(session)), facts)),
    ...after
      .filter((session) => !known.has(nameOf(session)) && session.state !== 'Established')
      .flatMap((session) => judgeNew(session, expected)),
    ...judgeChecks(facts),
  ]);
}

/** What did not hold before says nothing of the change: it does not count, and a person hears of it. */
function judgeChecks({ checks = [], resets, elapsedMs }: ProbeFacts): readonly Finding[] {
  const weight = elapsedMs > (resets.length > 0 ? patienceMs.reset : patienceMs.flap) ? 'fails' : 'waits';
  return checks.flatMap(({ name, before, after }): readonly Finding[] => {
    if (!before.holds) return [{ weight: 'warns', message: `${name} did not hold before the change and does not count: ${before.why}` }];
    return after.holds ? [] : [{ weight, message: `${name} held before the change and does not now: ${after.why}` }];
  });
}

/**
 * A device beside those that change. When it could be reached before, it must be again: that waits for as long as there is time. A session
 * of it that fell may have causes of its own: it is waited for, and then said.
 */
export function compareBystander({
  before,
  after,
  elapsedMs,
}: Pick<ProbeFacts, 'before' | 'after' | 'elapsedMs'>): ReturnType<typeof compareProbes> {
  if (!after)
    return conclude([{ weight: 'waits', message: 'it could be reached before the change, over a new connection, and cannot now' }]);
  const up = new Set(after.filter(({ state }) => state === 'Established').map(nameOf));
  const lost = before.filter((session) => session.state === 'Established' && !up.has(nameOf(session)));
  const weight = elapsedMs > patienceMs.reset ? 'warns' : 'waits';
  return conclude(lost.map(({ address, family }) => ({ weight, message: `neighbor ${address} ${family} was Established and is not` })));
}

function judgeSession(was: NeighborState, is: NeighborState | undefined, facts: ProbeFacts): readonly Finding[] {
  const { resets, expected, elapsedMs, mayLoseRoutes } = facts;
  const reset = resets.some(({ neighbor, vrf }) => neighbor === was.address && vrf === was.vrf);
  const wanted = expected.find(({ neighbor, vrf }) => neighbor === was.address && vrf === was.vrf);
  const patience = reset ? patienceMs.reset : patienceMs.flap;
  const whileWaiting = elapsedMs > patience ? 'fails' : 'waits';
  const name = `${was.address} ${was.family}`;

  // Git does not want the session, or not this family, and the plan said that it goes.
  if (!is && reset && !wanted?.addressFamilies.includes(was.family)) return [];
  if (is?.state !== 'Established') {
    // Git says that the other end may not be ready: when it comes back is its own business, once the plan has said that the session drops.
    const excused = reset && wanted?.expect === 'Configured';
    const message = `neighbor ${name} was Established and is ${is?.state ?? 'gone'}`;
    return [{ weight: excused && elapsedMs > patienceMs.flap ? 'warns' : whileWaiting, message }];
  }
  const lost = (['accepted', 'advertised'] as const).filter((count) => was[count] > 0 && is[count] === 0);
  if (lost.length > 0 && !mayLoseRoutes?.has(was.address)) {
    return lost.map((count) => ({
      // With the session goes what was learned over it: the plan announced the one, and so the other.
      weight: count === 'advertised' && hasLostFeeder(facts) ? 'warns' : whileWaiting,
      message: `neighbor ${name}: ${count} prefixes fell from ${was[count]} to 0`,
    }));
  }
  const flapped = !reset && is.upSeconds < was.upSeconds;
  return flapped ? [{ weight: 'warns', message: `neighbor ${name} was reset, which the plan did not say` }] : [];
}

/** A session that gave us routes, that the plan takes down, and that is not up again. */
function hasLostFeeder({ before, after = [], resets }: ProbeFacts): boolean {
  return before.some((was) => {
    const isReset = resets.some(({ neighbor, vrf }) => neighbor === was.address && vrf === was.vrf);
    return isReset && was.accepted > 0 && !after.some((is) => nameOf(is) === nameOf(was) && is.state === 'Established');
  });
}

function judgeNew({ address, family, vrf, state }: NeighborState, expected: readonly ExpectedSession[]): readonly Finding[] {
  const wanted = expected.find((session) => session.neighbor === address && session.vrf === vrf);
  return wanted?.expect === 'Established' ? [{ weight: 'warns', message: `new neighbor ${address} ${family} is ${state}` }] : [];
}

function conclude(findings: readonly Finding[]): ReturnType<typeof compareProbes> {
  const has = (weight: Finding['weight']) => findings.some((finding) => finding.weight === weight);
  return { outcome: has('fails') ? 'sick' : has('waits') ? 'notYet' : 'healthy', findings };
}

function nameOf({ address, vrf, family }: NeighborState): string {
  return `${vrf} ${address} ${family}`;
}
