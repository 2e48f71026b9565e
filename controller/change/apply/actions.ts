import type { ChangeRecord, Read } from '../../api/index.ts';
import type { ChangeStatus, Reveal } from '../../drivers/index.ts';
import { digestOf } from '../../lib/index.ts';
import { compareBystander, compareProbes } from '../compare-probes.ts';
import { checksOf } from './checks-of.ts';
import { drainedStill, drains, judgeEmpty, noteStuck, sendDrain } from './drain.ts';
import { errors } from '../errors.ts';
import { findLate, refuseGiven } from './given-leases.ts';
import { foldAnswers, foldComparisons, foldEnds, type MemberComparison, type MemberEnd } from '../machine/fold.ts';
import type { Action, Outcome } from '../machine/table.ts';
import { applyInTurns, findUnwell } from './partners.ts';
import { lostBystanders, missesPrediction } from './read-items.ts';
import { blame, type Member, type Run } from './run.ts';

/** What an action needs beside the run. `signal` is the person's: it ends looking, never sending, confirming or rolling back. */
export interface ActionFacts {
  decision: ChangeRecord['decision'];
  nothingSent: boolean;
  holder: string;
  reveal: Reveal;
  signal: AbortSignal;
}

/** Carries out one action for all members at once and folds what they say. Everything a driver reports is a value, so nothing is caught. */
export const actions: Readonly<Record<Action, (run: Run, facts: ActionFacts) => Promise<Outcome>>> = {
  fence: async (run, { signal }) => {
    const [outcomes] = await Promise.all([each(run, (member) => fence(run, member, signal)), lookAround(run, signal)]);
    const unwell = await findUnwell(run.members, signal);
    if (unwell && !signal.aborted) blame(run, errors.PartnerUnwell(unwell), unwell.device);
    return foldAnswers(unwell ? [...outcomes, 'unknown'] : outcomes);
  },
  arm: async (run, facts) => {
    run.armedAtMs = run.clock.monotonicMs();
    const outcome = foldAnswers(await each(run, (member) => arm(run, member, facts)));
    return outcome === 'armed' && drains(run) ? 'armedToDrain' : outcome;
  },
  drain: async (run, { reveal }) => {
    run.isDrained = true;
    return foldAnswers(await each(run, (member) => sendDrain(run, member, false, reveal)));
  },
  empty: async (run, { signal }) => {
    run.waitsFor = undefined;
    return foldAnswers(await each(run, (member) => judgeEmpty(run, member, signal)));
  },
  undrain: async (run, { reveal }) => {
    const outcome = foldAnswers(await each(run, (member) => sendDrain(run, member, true, reveal)));
    if (outcome === 'applied') run.isDrained = false;
    return outcome;
  },
  apply: async (run, { reveal, signal }) => {
    return foldAnswers(await applyInTurns(run, (members) => each({ members }, (member) => apply(run, member, reveal)), signal));
  },
  readBack: async (run, { signal }) => {
    const outcome = foldAnswers(await each(run, (member) => readBack(run, member, signal)));
    if (outcome === 'asPredicted') run.readBackAtMs = run.clock.monotonicMs();
    return outcome;
  },
  probe: async (run, { signal }) => {
    run.waitsFor = undefined;
    const [outcomes, beside] = await Promise.all([each(run, (member) => probe(run, member, signal)), probeBystanders(run, signal)]);
    const unwell = await findUnwell(run.members, signal);
    if (unwell) run.waitsFor = unwell;
    const outcome = foldAnswers([...outcomes, ...beside, ...(unwell ? (['notYet'] as const) : [])]);
    return outcome === 'healthy' && run.isDrained ? 'healthyDrained' : outcome;
  },
  confirm: async (run) => foldEnds(await each(run, async (member) => (member.ended = await confirm(run, member)))),
  rollBack: async (run, { nothingSent }) =>
    foldEnds(await each(run, async (member) => (member.ended = await rollBack(run, member, nothingSent)))),
  compare: async (run, { decision, signal }) =>
    foldComparisons(await each(run, (member) => compare(run, member, decision, signal)), decision),
};

/** Waits for every member, also when asking one of them threw (a bug): nobody is still being written to when the caller cleans up. */
async function each<Answer>({ members }: Pick<Run, 'members'>, ask: (member: Member) => Promise<Answer>): Promise<Answer[]> {
  const settled = await Promise.allSettled(members.map(ask));
  return settled.map((answer) => {
    if (answer.status === 'rejected') throw answer.reason;
    return answer.value;
  });
}

/** Sending, confirming and rolling back end by the driver's own limits, not because somebody pressed a key. */
function unstoppable(): AbortSignal {
  return new AbortController().signal;
}

async function fence(run: Run, member: Member, signal: AbortSignal): Promise<Outcome> {
  const { device, driver, target, plan } = member;
  const observed = await driver.observe(target, {}, signal);
  if (observed.state === 'Unknown') {
    // Stopped while it looked: the reason is the person, not the device.
    if (!signal.aborted) blame(run, { code: observed.reason, message: observed.message, next: observed.next }, device);
    return 'unknown';
  }
  member.before = observed;
  if (observed.fingerprint === plan?.provenance.liveFingerprint) {
    // A recovery that was rolled back raised the epoch without leaving a receipt.
    member.epoch = Math.max(observed.epoch ?? 0, observed.receipt?.epoch ?? 0);
    return (await refuseGiven(run, member, signal)) ?? askBefore(run, member, signal);
  }
  blame(run, errors.ConcurrentChange({ device }), device);
  return 'moved';
}

/** What policy asks of the device is asked before too: what does not hold then says nothing of the change. */
async function askBefore(run: Run, member: Member, signal: AbortSignal): Promise<Outcome> {
  const checks = checksOf(member.probes);
  if (checks.length === 0) return 'asPlanned';
  const answer = await member.driver.probe(
    member.target,
    signal,
    checks.map(({ check }) => check),
  );
  if (answer.outcome === 'NotReached') {
    if (!signal.aborted) blame(run, answer.error, member.device);
    return 'unknown';
  }
  member.checks = checks.map((each, i) => ({ ...each, before: answer.checks[i] ?? { holds: false, why: 'it was not asked' } }));
  return 'asPlanned';
}

/** Who can be reached beside the members, and with which sessions. */
async function lookAround(run: Run, signal: AbortSignal): Promise<void> {
  const found = await Promise.all(
    run.bystanders.map(async (beside) => {
      const answer = await beside.driver.probe(beside.target, signal);
      return answer.outcome === 'Probed' ? [{ ...beside, before: answer.neighbors }] : [];
    }),
  );
  run.reachedBefore = found.flat();
}

async function probeBystanders(run: Run, signal: AbortSignal): Promise<readonly Outcome[]> {
  const elapsedMs = run.clock.monotonicMs() - (run.readBackAtMs ?? 0);
  return Promise.all(
    (run.reachedBefore ?? []).map(async ({ device, driver, target, before }) => {
      const answer = await driver.probe(target, signal);
      const { outcome, findings } = compareBystander({
        before,
        after: answer.outcome === 'Probed' ? answer.neighbors : undefined,
        elapsedMs,
      });
      const said = findings.map(({ message }) => message).join('; ');
      if (outcome === 'notYet') run.waitsFor = { device, findings: said };
      else if (findings.length > 0) run.notes.add(`${device}, which did not change: ${said}`);
      return outcome;
    }),
  );
}

async function arm(run: Run, member: Member, { holder, reveal }: ActionFacts): Promise<Outcome> {
  const { device, driver, target, plan, before } = member;
  const { token, epoch, deadlineMs, options } = run;
  member.armed = 'maybe';
  const answer = await driver.arm(
    target,
    {
      token,
      epoch,
      deadlineMs,
      holder,
      rollback: [...(plan?.effect.rollback ?? []), ...(plan?.effect.drain?.wayBack ?? [])],
      // The fence has the text of the very read whose fingerprint is the plan's.
      isAsPlanned: (config) => config === before?.config,
      unsaved: options.acceptUnsaved ? 'accept' : 'refuse',
      reveal,
    },
    unstoppable(),
  );
  if (answer.outcome === 'Armed') {
    member.revealHeld = answer.revealHeld;
    return 'armed';
  }
  blame(run, answer.error, device);
  if (answer.outcome === 'Lost') return 'lost';
  member.armed = 'no';
  return 'refused';
}

async function apply(run: Run, { device, driver, target, plan, revealHeld }: Member, reveal: Reveal): Promise<Outcome> {
  const { token, epoch } = run;
  const commands = plan?.effect.commands ?? [];
  const stage = plan?.effect.drain && { stage: 'next' as const };
  const answer = await driver.apply(target, { token, epoch, commands, ...stage, reveal, ...(revealHeld && { revealHeld }) }, unstoppable());
  if (answer.outcome === 'Applied') return 'applied';
  blame(run, answer.error, device);
  return ({ Rejected: 'rejected', Refused: 'refused', Lost: 'lost' } as const)[answer.outcome];
}

async function readBack(run: Run, member: Member, signal: AbortSignal): Promise<Outcome> {
  const misses = await look(run, member, signal);
  if (!misses) return 'unknown';
  const { device, plan, before, after } = member;
  const lost = plan && before && after ? lostBystanders(plan, before, after) : [];
  // A line that the plan misses too is said once, as what Git wants.
  const wrong = misses.length > 0 ? misses : lost;
  if (wrong.length === 0) return (await findLate(run, member, signal)) ?? 'asPredicted';
  blame(run, errors.NotAsPredicted({ device, items: wrong.slice(0, 5).join(', ') }), device);
  return 'differs';
}

/** What is not as planned; undefined when the device could not be read. */
async function look({ isDrained }: Run, member: Member, signal: AbortSignal): Promise<readonly string[] | undefined> {
  const { driver, target, plan } = member;
  if (!plan) return undefined;
  const version = member.before?.version ?? plan.provenance.deviceVersion;
  const lacksOwned = (config: string) => missesPrediction(plan, { config, version }).length > 0;
  const observed = await driver.observe(target, { lacksOwned }, signal);
  if (observed.state === 'Unknown') return undefined;
  member.after = observed;
  const drained = isDrained ? [] : drainedStill(plan, observed).map((line) => `\`${line}\` is still there`);
  return [...missesPrediction(plan, observed), ...drained];
}

async function probe(run: Run, member: Member, signal: AbortSignal): Promise<Outcome> {
  const { device, driver, target, plan, before, expected } = member;
  const { options } = run;
  const checks = member.checks ?? [];
  const answer = await driver.probe(
    target,
    signal,
    checks.map(({ check }) => check),
  );
  const answers = answer.outcome === 'Probed' ? answer.checks : [];
  const { outcome, findings } = compareProbes({
    before: before?.neighbors ?? [],
    after: answer.outcome === 'Probed' ? answer.neighbors : undefined,
    ...(answer.outcome === 'NotReached' && { whyNot: answer.error.message }),
    resets: plan?.effect.resets ?? [],
    expected,
    checks: checks.map(({ name, before: held }, i) => ({ name, before: held, after: answers[i] ?? { holds: false, why: 'no answer' } })),
    ...(options.mayLoseRoutes && { mayLoseRoutes: options.mayLoseRoutes }),
    elapsedMs: run.clock.monotonicMs() - (run.readBackAtMs ?? 0),
  });
  const said = findings.filter(({ weight }) => weight !== 'warns').map(({ message }) => message);
  if (outcome === 'sick') blame(run, errors.ProbeFailed({ device, findings: said.join('; ') }), device);
  if (outcome === 'notYet') run.waitsFor = { device, findings: said.join('; ') };
  if (outcome !== 'healthy') return outcome;
  for (const { message } of findings) run.notes.add(`${device}: ${message}`);

  // A last look: what was read back seconds ago may have been changed since, or may have died since.
  const readBackAs = member.after?.fingerprint;
  const misses = await look(run, member, signal);
  if (!misses) {
    run.waitsFor = { device, findings: 'it could not be read again' };
    return 'notYet';
  }
  if (misses.length === 0) {
    if (member.after?.fingerprint !== readBackAs) {
      run.notes.add(`${device}: somebody else changed it meanwhile; that is saved together with this change`);
    }
    return 'healthy';
  }
  blame(run, errors.NotAsPredicted({ device, items: misses.slice(0, 5).join(', ') }), device);
  return 'sick';
}

async function confirm(run: Run, member: Member): Promise<MemberEnd> {
  const { device, driver, target, plan } = member;
  const { token, epoch, revision } = run;
  // Without the plan nobody can say what is confirmed: a target that did not confirm yet goes back.
  if (!plan) return rollBack(run, member, false);
  const { glass } = run.options;
  const receipt = { revision, itemsDigest: digestOf(plan.predicted), effectDigest: plan.effectDigest, epoch, ...(glass && { glass }) };
  const answer = await driver.confirm(target, { token, epoch, receipt }, unstoppable());
  if (answer.outcome === 'Confirmed') {
    if (!answer.persisted)
      run.notes.add(`${device}: ${answer.error?.message ?? 'the startup config was not written: a reboot would undo the change'}`);
    return 'new';
  }
  if (answer.outcome !== 'TooLate') return askStatus(run, member);
  // Nothing there can be confirmed any more, and nobody there restores it either.
  return isLeftHalfway(answer.status) ? rollBack(run, member, false) : classify(answer.status);
}

/** Its dead-man died before the commands were all in effect, or while it restored. */
function isLeftHalfway({ state, guardAlive, rebooted }: ChangeStatus): boolean {
  return !guardAlive && !rebooted && ['armed', 'applying', 'rejected', 'restoring'].includes(state);
}

async function rollBack(run: Run, member: Member, nothingSent: boolean): Promise<MemberEnd> {
  const { device, driver, target, armed } = member;
  if (armed === 'no') return 'old';
  const answer = await driver.rollback(target, { token: run.token, epoch: run.epoch }, unstoppable());
  if (answer.outcome === 'RolledBack') {
    if (answer.rebooted) run.notes.add(`${device}: restarted in mid-change and came up with its startup config`);
    return 'old';
  }
  if (answer.outcome === 'RollbackIncomplete') {
    noteStuck(run, member, answer.rest);
    run.notes.add(`${device}: ${answer.error.message}: ${answer.rest.slice(0, 5).join(', ')}`);
    return 'incomplete';
  }
  return answer.outcome === 'TooLate' ? classify(answer.status) : askStatus(run, member, nothingSent);
}

/** The target's own word, when a request did not settle it. A target that does not know the token was never armed, if nothing was sent. */
async function askStatus(run: Run, { driver, target }: Member, nothingSent = false): Promise<MemberEnd> {
  const answer = await driver.status(target, run.token, unstoppable());
  if (answer.outcome !== 'Status') return 'pending';
  return answer.state === 'none' && nothingSent ? 'old' : classify(answer);
}

function classify({ state, rebooted }: ChangeStatus): MemberEnd {
  const settled: Partial<Record<ChangeStatus['state'], MemberEnd>> = {
    confirmed: 'new',
    restored: 'old',
    'restore-failed': 'incomplete',
    none: 'unclear',
  };
  // Unfinished, and the router started again: nobody on the target works on it any more.
  return settled[state] ?? (rebooted ? 'unclear' : 'pending');
}

/** Where the target's own word settles it, nothing needs to be compared. */
const comparisonOf: Partial<Record<MemberEnd, MemberComparison>> = { old: 'old', new: 'new', incomplete: 'other' };

/**
 * Asks once more for what was decided: a target whose dead-man died ends nothing by itself, and whatever its configuration looks like,
 * no change can begin there before this one has ended. Only a target that knows nothing of the change is judged by its configuration.
 */
async function compare(run: Run, member: Member, decision: ActionFacts['decision'], signal: AbortSignal): Promise<MemberComparison> {
  const { driver, target, plan } = member;
  const end = decision === 'confirm' ? await confirm(run, member) : await rollBack(run, member, false);
  const told = comparisonOf[end];
  if (told) {
    member.ended = end;
    return told;
  }
  if (end === 'pending') return 'unknown';
  const observed = await driver.observe(target, {}, signal.aborted ? unstoppable() : signal);
  if (observed.state === 'Unknown' || !plan) return 'unknown';
  member.after = observed;
  if (isAsBefore(observed, member)) return (member.ended = 'old');
  noteStuck(
    run,
    member,
    drainedStill(plan, observed).map((line) => `+${line}`),
  );
  if (missesPrediction(plan, observed).length > 0) return 'other';
  member.ended = 'new';
  if (observed.startupDiffers) run.notes.add(`${member.device}: the startup config was not written: a reboot would undo the change`);
  return 'new';
}

function isAsBefore(observed: Read, { plan, before }: Member): boolean {
  return observed.fingerprint === (before?.fingerprint ?? plan?.provenance.liveFingerprint);
}
