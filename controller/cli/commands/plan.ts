import type { DeviceVerdict, Plan, PlanReview } from '../../api/index.ts';
import { type PlumblineError, systemClock } from '../../lib/index.ts';
import { type ReadTable, readTable } from '../../policy/index.ts';
import { planOffline, planSaved, type Proposal, proposePlan, reviewPlan } from '../../pipeline/index.ts';
import { formatPlan, formatPlanNext, formatProblems, formatReview, planMarkdown, plural, problemRecords } from '../../report/index.ts';
import type { Context, FleetOptions, FormatOptions, SelectionOptions, SourceOptions } from '../context.ts';
import { errors } from '../errors.ts';
import { type ExitCode, worstOf } from '../exit-code.ts';
import { readNamedFile, writeNamedFile } from '../files.ts';
import { keptWorkOf } from '../kept-work.ts';
import { readSaved } from '../saved-reads.ts';
import { printRecord } from '../terminal.ts';
import { earlierIn, loadUsable, prepareSelected, sourceOf, withLook } from './prepare.ts';

export type PlanOptions = SourceOptions &
  SelectionOptions &
  FormatOptions &
  FleetOptions & { base?: string; out?: string; rib?: string[]; limit?: number; details?: string; liveFrom?: string };

/** `plumb plan`: what would be sent, from what the devices hold or, with `--base`, from what another revision says. */
export async function plan(names: readonly string[], options: PlanOptions, context: Context): Promise<ExitCode> {
  if (options.base === undefined && options.rib)
    throw errors.OptionsConflict({ option: '--rib', with: 'the devices themselves; it goes with --base' });
  const [shaped] = context.typed.filter((option) => option === '--limit' || option === '--details');
  if (shaped !== undefined && options.output !== 'markdown')
    throw errors.OptionsConflict({ option: shaped, with: `-o ${options.output}; it is for -o markdown` });
  if (options.liveFrom !== undefined) {
    if (options.base !== undefined)
      throw errors.OptionsConflict({ option: '--live-from', with: '--base: one is from what devices held, the other from Git' });
    const asked = context.typed.find((option) => ['--store', '--secrets', '--version-key', '--timeout', '--out'].includes(option));
    if (asked !== undefined) throw errors.OptionsConflict({ option: asked, with: '--live-from, which asks no device' });
    return planSavedReads(names, options, options.liveFrom, context);
  }
  if (options.base === undefined) return planLive(names, options, context);
  // A default from the environment is no wish of the person who typed the command.
  const idle = context.typed.find((option) => ['--store', '--secrets', '--version-key', '--timeout'].includes(option));
  if (idle !== undefined) throw errors.OptionsConflict({ option: idle, with: '--base, which asks no device' });
  return planRevisions(names, options, options.base, context);
}

async function planLive(names: readonly string[], options: PlanOptions, context: Context): Promise<ExitCode> {
  return withLook(names, options, context, async ({ prepared, surveyed, corridor }) => {
    const proposal = await proposePlan(prepared, surveyed, corridor, context.signal, earlierIn(options.source));
    if (proposal.plan.devices.length > 0) await corridor.store.plans.put(proposal.plan);
    const verdicts = proposal.surveyed.map(({ verdict }) => verdict);
    const unknown = verdicts.filter(({ verdict }) => verdict === 'Unknown');
    const problems = [...proposal.gateFacts.values()].flatMap((facts) => facts.problems);
    const review = reviewPlan(proposal.plan, prepared.state, corridor.clock.now(), proposal.surveyed);
    print({ made: proposal.plan, review, problems, verdicts }, options, context);
    for (const line of closedNow(proposal)) context.terminal.say(`${line}\n`);
    return worstOf([
      unknown.length > 0 ? 2 : 0,
      proposal.plan.devices.length > 0 || problems.some(({ severity }) => severity === 'error') ? 1 : 0,
    ]);
  });
}

/** Which devices of the plan could not be changed at this moment, those with the same reason in one line. */
function closedNow({ plan: { devices }, gateFacts }: Proposal): string[] {
  const names = devices.map(({ effect }) => effect.device);
  const byReason = Map.groupBy(names, (name) => gateFacts.get(name)?.closed);
  return [...byReason].flatMap(([closed, some]) => (closed === undefined ? [] : `${some.join(', ')}: ${closed}`));
}

/** From what devices held when somebody who may read them saved it. */
async function planSavedReads(names: readonly string[], options: PlanOptions, place: string, context: Context): Promise<ExitCode> {
  const saved = await readSaved(place, context.signal);
  const work = keptWorkOf(options.source, process.env);
  const state = await loadUsable(sourceOf(options), context, work.manifests);
  const prepared = state && (await prepareSelected(state, names, options.selector, undefined, context, work.devices));
  if (!prepared) return 1;
  work.save(prepared);
  const { plan: made, surveyed, problems } = await planSaved(prepared, saved, systemClock, earlierIn(options.source));
  const verdicts = surveyed.map(({ verdict }) => verdict);
  const review = reviewPlan(made, prepared.state, systemClock.now(), surveyed);
  // An operator gives reads away long after it took them, where a Fleet is suspended for example.
  const oldest = review.looked?.from ?? saved.at;
  const since = `what happened on the devices since ${oldest}: they were not asked, what they held then was saved`;
  print({ made, review: { ...review, notEvaluated: [since, ...review.notEvaluated] }, problems, verdicts }, options, context);
  context.terminal.say(`From what the devices held at ${oldest}, to ${prepared.state.revision}. No device was asked.\n`);
  return worstOf([
    verdicts.some(({ verdict }) => verdict === 'Unknown') ? 2 : 0,
    made.devices.length > 0 || problems.some(({ severity }) => severity === 'error') ? 1 : 0,
  ]);
}

async function planRevisions(names: readonly string[], options: PlanOptions, base: string, context: Context): Promise<ExitCode> {
  const work = keptWorkOf(options.source, process.env);
  const before = await loadUsable({ folder: options.source, rev: base }, context, work.manifests);
  const after = await loadUsable(sourceOf(options), context, work.manifests);
  if (!before || !after) return 1;
  const head = await prepareSelected(after, names, options.selector, undefined, context, work.devices);
  if (!head) return 1;
  work.save(head);
  const kept = head.devices.map(({ name }) => name).filter((name) => before.objects.Device.has(name));
  const was =
    kept.length > 0
      ? await prepareSelected(before, kept, undefined, undefined, context, new Map(head.devices.map((device) => [device.name, device])))
      : { state: before, templatesDigest: '', templateProblems: [], devices: [] };
  if (!was) return 1;
  const { plan: made, problems, released } = planOffline(was, head, systemClock, (options.rib ?? []).map(readTableFile));
  const left = head.devices.flatMap(({ name, ready }) => (ready ? [] : [`${name}: what Git says of it cannot be rendered`]));
  const review = reviewPlan(made, after, systemClock.now());
  print({ made, review: { ...review, notEvaluated: [...left, ...review.notEvaluated] }, problems }, options, context);
  context.terminal.say(
    `From ${before.revision} to ${after.revision}, as if every device were what the first says. Not looked at: devices, sessions, drift.\n`,
  );
  if (released.length > 0)
    context.terminal.say(`${plural(released.length, 'device')} released, nothing on them is touched: ${released.join(', ')}\n`);
  return made.devices.length > 0 || problems.some(({ severity }) => severity === 'error') ? 1 : 0;
}

/** Throws TableUnreadable. */
function readTableFile(path: string): ReadTable {
  const text = readNamedFile(path);
  const at = { file: path, line: 1, col: 1 };
  try {
    const table = readTable(JSON.parse(text));
    if (table) return table;
  } catch (cause) {
    throw errors.TableUnreadable({ why: 'it is no JSON' }, { at, cause });
  }
  throw errors.TableUnreadable({ why: 'it has no routerId and routes' }, { at });
}

function print(
  {
    made,
    review,
    problems,
    verdicts = [],
  }: { made: Plan; review: PlanReview; problems: readonly PlumblineError[]; verdicts?: readonly DeviceVerdict[] },
  options: PlanOptions,
  { terminal }: Context,
): void {
  const unknown = verdicts.filter(({ verdict }) => verdict === 'Unknown');
  const names = unknown.map(({ device }) => device);
  if (problems.length > 0) terminal.say(formatProblems(problems, terminal.style));
  if (options.out !== undefined) writeNamedFile(options.out, `${JSON.stringify(made, null, 2)}\n`);
  const { limit, details } = options;
  if (options.output === 'markdown') terminal.write(planMarkdown(made, { verdicts, review, limit, details }));
  else if (options.output === 'text')
    terminal.write(
      `${formatPlan(made, terminal.style, names, verdicts)}${formatReview(review, terminal.style)}${formatPlanNext(made, terminal.style, verdicts)}`,
    );
  else terminal.write(printRecord({ plan: made, review, unknown, problems: problemRecords(problems) }, options.output));
}
