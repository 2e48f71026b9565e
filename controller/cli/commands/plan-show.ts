import type { Command } from 'commander';
import type { ChangeApprovalSpec } from '../../api/index.ts';
import { groupByEffect } from '../../change/index.ts';
import { formatWholePlan, plural, wholePlanMarkdown } from '../../report/index.ts';
import type { Context, FormatOptions } from '../context.ts';
import { errors } from '../errors.ts';
import type { ExitCode } from '../exit-code.ts';
import { type PlaceOptions, type Published, readIfAllowed, withPublished } from '../published.ts';
import { findPlan, hasEnded, type PlanObject, readWholePlan, rulesOf, stillMissing } from '../published-plan.ts';
import { printRecord } from '../terminal.ts';

/** `plumb plan show PLAN`: every command of a ChangePlan and its way back, who said what, and how far it is. */
export async function showPlan(name: string, command: Command, { terminal }: Context): Promise<ExitCode> {
  const options = ownOptions(command);
  return withPublished<ExitCode>(options, async (published) => {
    const object = await findPlan(published, name);
    const { spec, status } = object;
    const text = await readWholePlan(published, spec);
    const plan = typeof text === 'string' ? undefined : text;
    const groups = groupByEffect(plan?.devices ?? []);
    const approvals = await answersTo(published, object, groups.keys());
    const rules = hasEnded(object) || spec.mode !== 'Approve' ? undefined : await rulesOf(published);
    const missing = rules ? await stillMissing(published, object, spec.groups, rules) : [];
    const whole = { name, spec, status, plan, groups, approvals, missing };
    if (options.output === 'json' || options.output === 'yaml') {
      const said = approvals.map((each) => ({ name: each.name, createdAt: each.createdAt, ...each.spec }));
      terminal.write(printRecord({ name, spec, status, plan, approvals: said, waitsFor: missing }, options.output));
    } else terminal.write(options.output === 'markdown' ? wholePlanMarkdown(whole) : formatWholePlan(whole, terminal.style));
    if (!plan) terminal.say(`${name}: ${whyShort(text, object, options)}\n`);
    return 0;
  });
}

/** Why only what the object holds can be shown. */
function whyShort(text: unknown, { spec }: PlanObject, { artifactNamespace }: PlaceOptions): string {
  const shown = `this is what its object shows: ${plural(spec.groups.length, 'distinct change')} of ${spec.groupCount}, the first commands of each, no way back`;
  if (text === 'Gone') return `its full text is kept no more; ${shown}`;
  return `its full text is in namespace ${artifactNamespace}, where you may not read Secrets; ${shown}`;
}

/** Answers that name the plan, or the same effects in an earlier one: they may still count. */
async function answersTo({ store }: Published, { name, spec }: PlanObject, digests: Iterable<string>) {
  const effects = new Set([...spec.groups.map(({ effectDigest }) => effectDigest), ...digests]);
  const all = (await readIfAllowed(store.objects.list<ChangeApprovalSpec>('ChangeApproval'))) ?? [];
  return all
    .filter((each) => each.spec.plan === name || each.spec.effectDigests.some((digest) => effects.has(digest)))
    .toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
}

/** Of a verb that takes options too, commander gives it those that both know; one that only it knows means nothing here. */
function ownOptions(command: Command): PlaceOptions & FormatOptions {
  const { parent } = command;
  const known = new Set(command.options.map((option) => option.attributeName()));
  const stray = parent?.options.find(
    (option) => !known.has(option.attributeName()) && parent.getOptionValueSource(option.attributeName()) === 'cli',
  );
  if (stray) throw errors.OptionsConflict({ option: stray.long ?? stray.flags, with: `plumb ${parent?.name()} ${command.name()}` });
  return command.optsWithGlobals();
}
