import type { BrokenGlass, CheckedState, Plan } from '../../api/index.ts';
import { changeErrors, gate, type GateFacts, sentDigestOf, type SetResult } from '../../change/index.ts';
import { PlumblineError, systemClock } from '../../lib/index.ts';
import {
  actorHere,
  carryOut,
  type Corridor,
  type Orphan,
  type OrphanEnd,
  planOf,
  type Proposal,
  proposePlan,
  recoverChanges,
  settleOrphan,
  type Surveyed,
  surveyDevices,
  takeOverAgreed,
} from '../../pipeline/index.ts';
import { countVerdicts, formatPlan, formatProblems, formatVerdicts, plural, printable } from '../../report/index.ts';
import { describeEnd, describeOrphan, describeOrphanEnd, describeResult } from '../apply-words.ts';
import type { Context, FleetOptions, SelectionOptions, SourceOptions } from '../context.ts';
import { errors } from '../errors.ts';
import { type ExitCode, exitCodeOf, worstOf } from '../exit-code.ts';
import { readPlanFile } from '../plan-file.ts';
import { meansCluster, type PlaceOptions } from '../published.ts';
import type { Terminal } from '../terminal.ts';
import { applyByFleet } from './apply-by-fleet.ts';
import { countReads, earlierIn, loadUsable, prepareSelected, sourceOf, withCorridor } from './prepare.ts';

export interface ApplyFlags {
  plan?: string;
  yes?: boolean;
  allowRemovals?: boolean;
  acceptUnsaved?: boolean;
  retry?: boolean;
  /** Addresses of neighbors. */
  mayLoseRoutes?: readonly string[];
  /** Seconds. */
  deadline?: number;
  breakGlass?: boolean;
  reason?: string;
}

/** `plumb apply`: what a Fleet writes, its operator is asked for. Else: finish what was left, plan from what the devices hold now, show it, ask, and carry it out set by set. */
export async function apply(
  names: readonly string[],
  options: SourceOptions & SelectionOptions & FleetOptions & PlaceOptions & ApplyFlags,
  context: Context,
): Promise<ExitCode> {
  const glass = glassOf(options);
  if (glass && meansCluster(options))
    throw errors.OptionsConflict({ option: '--break-glass', with: 'a cluster: it goes past the operator' });
  const byOperator = glass ? undefined : await applyByFleet(names, options, context);
  if (byOperator !== undefined) return byOperator;
  const shown = options.plan === undefined ? undefined : readPlanFile(options.plan);
  const state = await loadUsable(sourceOf(options), context);
  if (!state) return 1;
  const swallowed = options.mayLoseRoutes?.find((neighbor) => state.objects.Device.has(neighbor));
  if (swallowed !== undefined) throw errors.NoNeighbor({ device: swallowed });
  const inPlan = shown?.devices.map(({ effect }) => effect.device);
  const foreign = names.filter((name) => inPlan?.includes(name) === false);
  if (foreign.length > 0) throw errors.NotInPlan({ devices: foreign.join(', '), planned: inPlan?.join(', ') ?? '' });
  return withCorridor(options, async (corridor) => {
    const { terminal, signal } = context;
    const say = progressSayer(terminal);
    const left = await recoverChanges(state, corridor, say);
    for (const result of left) terminal.say(`left by an earlier run: ${describeResult(result)}\n`);

    const wanted = inPlan && names.length === 0 ? inPlan : names;
    const prepared = await prepareSelected(state, wanted, options.selector, corridor.secrets, context);
    if (!prepared) return 1;
    const propose = async (): Promise<{ surveyed: readonly Surveyed[]; proposal: Proposal }> => {
      const surveyed = await surveyDevices(prepared, corridor, signal, countReads(prepared, context), { settle: true });
      return { surveyed, proposal: await proposePlan(prepared, surveyed, corridor, signal, earlierIn(options.source), { settle: true }) };
    };
    let { surveyed, proposal } = await propose();
    const orphans = proposal.surveyed.flatMap(({ orphan }) => orphan ?? []);
    const ends = await settleOrphans(orphans, state, corridor, options, terminal);
    if (ends.length > 0) ({ surveyed, proposal } = await propose());
    const verdicts = proposal.surveyed.map(({ verdict }) => verdict);
    const unknown = verdicts.filter(({ verdict }) => verdict === 'Unknown');
    const known = verdicts.filter(({ verdict }) => verdict !== 'Unknown');
    const seen: ExitCode = worstOf([
      unknown.length > 0 || [...left, ...ends].some(isUnseen) ? 2 : 0,
      ends.some(({ end }) => end === 'RollbackIncomplete') ? 1 : 0,
    ]);
    terminal.say(formatVerdicts(unknown, terminal.style));
    if (proposal.plan.devices.length === 0) {
      const problems = [...proposal.gateFacts.values()].flatMap((facts) => facts.problems);
      terminal.write(formatProblems(withoutRepeats(problems), terminal.style));
      await takeOverAgreed(surveyed, corridor);
      const nobodyKnown = unknown.length === verdicts.length && verdicts.length > 0;
      const said = nobodyKnown ? 'Nothing was applied.' : formatPlan(proposal.plan, terminal.style, [], known).trimEnd();
      terminal.write(`${said} ${countVerdicts(verdicts)} (${state.revision})\n`);
      return worstOf([seen, exitCodeOf(verdicts)]);
    }

    terminal.write(formatPlan(proposal.plan, terminal.style, [], known));
    const facts = withShown(proposal, shown, names.length > 0);
    const consent = {
      ...(options.allowRemovals && { allowRemovals: true }),
      ...(options.acceptUnsaved && { acceptUnsaved: true }),
      ...(options.retry && { retry: true }),
      ...(glass && { overrideWindows: true }),
    };
    // First without asking: nobody is asked to approve what would be refused anyway.
    const trial = gate(proposal.plan, facts, { ...consent, approved: true });
    if (trial.refusals.length > 0) terminal.write(formatProblems(withoutRepeats(trial.refusals), terminal.style));
    if (trial.cleared.devices.length === 0) {
      terminal.write('Nothing was applied.\n');
      return worstOf([seen, 1]);
    }
    const question = `Apply to ${trial.cleared.devices.map(({ effect }) => effect.device).join(', ')}?`;
    const approved = options.yes === true || (await terminal.confirm(question));
    const { cleared, refusals } = gate(proposal.plan, facts, { ...consent, approved });
    if (!approved || cleared.devices.length === 0) {
      terminal.write(`${formatProblems(refusals, terminal.style)}Nothing was applied.\n`);
      return worstOf([seen, 1]);
    }
    const planned = new Set(proposal.plan.devices.map(({ effect }) => effect.device));
    await takeOverAgreed(
      surveyed.filter(({ device }) => !planned.has(device.name)),
      corridor,
    );
    const devices = proposal.surveyed.map(({ device }) => device);
    const { results, verdicts: after } = await carryOut(cleared, state, devices, corridor, signal, say, {
      ...(options.deadline !== undefined && { deadlineMs: options.deadline * 1000 }),
      ...(options.acceptUnsaved && { acceptUnsaved: true }),
      ...(options.mayLoseRoutes && { mayLoseRoutes: new Set(options.mayLoseRoutes) }),
      ...(glass && { glass }),
    });
    report(results, terminal);
    if (glass && results.some(({ end }) => end === 'Confirmed'))
      terminal.write(
        `The glass is broken: the receipt on each device says ${glass.by} and why, and its operator tells of it at the next look.\n`,
      );
    if (after.length > 0) terminal.write(`${countVerdicts(after)} (${state.revision})\n`);
    const refused = cleared.devices.length < proposal.plan.devices.length;
    return worstOf([
      seen,
      exitCodeOf(after),
      results.some(isUnseen) ? 2 : 0,
      refused || results.some(({ end }) => end !== 'Confirmed') ? 1 : 0,
    ]);
  });
}

/** Who breaks the glass and why; undefined when nobody does. */
function glassOf({ breakGlass, reason }: ApplyFlags): BrokenGlass | undefined {
  if (!breakGlass && reason === undefined) return undefined;
  const said = reason?.trim() ?? '';
  if (!breakGlass) throw errors.GlassNeedsReason({ found: 'the glass is whole' });
  if (said === '') throw errors.GlassNeedsReason({ found: 'nothing says why' });
  if (said.length > 500 || /\p{Cc}/u.test(said)) throw errors.GlassNeedsReason({ found: 'this is more than one line' });
  return { by: actorHere(), reason: said, at: systemClock.now().toISOString() };
}

/**
 * What nobody works on any more: said, and ended when the answer is yes. A device whose orphan stays is Unknown to everything after.
 * Returns how those ended that the device was asked about.
 */
async function settleOrphans(
  orphans: readonly Orphan[],
  state: CheckedState,
  corridor: Corridor,
  { yes }: ApplyFlags,
  terminal: Terminal,
): Promise<readonly OrphanEnd[]> {
  const ends: OrphanEnd[] = [];
  for (const orphan of orphans) {
    const { device } = orphan;
    terminal.write(describeOrphan(orphan));
    const question =
      orphan.state === 'confirmed'
        ? `Save the running configuration of ${device}, as that change had decided?`
        : `Let ${device} restore the configuration that it saved when that change began?`;
    if (yes !== true && !(await terminal.confirm(question))) continue;
    const end = await settleOrphan(orphan, state, corridor);
    if (end instanceof PlumblineError) {
      terminal.write(formatProblems([end], terminal.style));
      continue;
    }
    terminal.write(describeOrphanEnd(end, terminal.style));
    ends.push(end);
  }
  return ends;
}

/** Says each step of a change once: a step that is taken again and again, such as a probe, is one step to whoever watches. */
function progressSayer(terminal: Terminal): (progress: { devices: readonly string[]; message: string }) => void {
  let last = '';
  return ({ devices, message }) => {
    const line = `  ${devices.join(' + ')}: ${printable(message)}\n`;
    if (line !== last) terminal.say(line);
    last = line;
  };
}

/** Two ends of a session lack the same secret: said once. */
function withoutRepeats(problems: readonly PlumblineError[]): readonly PlumblineError[] {
  return [...new Map(problems.map((problem) => [`${problem.code} ${problem.message}`, problem])).values()];
}

/**
 * With a plan file, each device must still have the effect that a person saw in it. Of a part of it, the same must be sent: what becomes of routes
 * is another thing without the rest, and was just shown.
 */
function withShown({ gateFacts, plan }: Proposal, shown: Plan | undefined, isPart: boolean): ReadonlyMap<string, GateFacts> {
  if (!shown) return gateFacts;
  return new Map(
    [...gateFacts].map(([device, each]): [string, GateFacts] => {
      const [was, is] = [planOf(shown, device), planOf(plan, device)];
      if (!was)
        return [device, { ...each, problems: [...each.problems, changeErrors.StalePlan({ device, planned: 'nothing', now: 'a change' })] }];
      const isSame = isPart && is !== undefined && sentDigestOf(was.effect) === sentDigestOf(is.effect);
      return [device, { ...each, shown: isSame ? is : was }];
    }),
  );
}

function report(results: readonly SetResult[], terminal: Terminal): void {
  for (const result of results) terminal.write(describeEnd(result, terminal.style));
  const confirmed = results.filter(({ end }) => end === 'Confirmed').flatMap(({ devices }) => devices);
  const rest = results.flatMap(({ devices }) => devices).length - confirmed.length;
  terminal.write(
    rest === 0 ? `${plural(confirmed.length, 'device')} applied.\n` : `${plural(confirmed.length, 'device')} applied, ${rest} not.\n`,
  );
}

function isUnseen({ end }: Pick<SetResult, 'end'>): boolean {
  return end === 'OutcomeUnknown';
}
