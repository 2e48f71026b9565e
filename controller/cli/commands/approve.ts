import { ChangeApprovalSpec, type ChangePlanSpec, type FleetApproval } from '../../api/index.ts';
import { groupByEffect } from '../../change/index.ts';
import { digestOf, systemClock } from '../../lib/index.ts';
import { formatChangePlan, plural } from '../../report/index.ts';
import type { Context } from '../context.ts';
import { errors } from '../errors.ts';
import type { ExitCode } from '../exit-code.ts';
import { identify, type Person, type PlaceOptions, type Published, withPublished } from '../published.ts';
import { findOpenPlan, listNames, type PlanObject, readWholePlan, rulesOf, stillMissing } from '../published-plan.ts';
import { parseDuration } from '../table.ts';
import type { Terminal } from '../terminal.ts';

export interface AnswerOptions extends PlaceOptions {
  group?: readonly string[];
  reason?: string;
  expires?: string;
  yes?: true;
}

type Group = ChangePlanSpec['groups'][number];
type Decision = ChangeApprovalSpec['decision'];

/** `plumb approve PLAN`: shows what would be done, asks, and says yes to it in the name of whoever runs this. */
export async function approve(name: string, options: AnswerOptions & { overrideWindows?: true }, context: Context): Promise<ExitCode> {
  if (options.overrideWindows && options.reason === undefined) throw errors.OverrideUnexplained({});
  const override = options.overrideWindows ? { override: { windows: true as const } } : {};
  return answer('Approve', name, options, override, context);
}

/** `plumb reject PLAN`: nothing of it begins any more for these devices, until the rejection is taken back or expires. */
export async function reject(name: string, options: AnswerOptions & { reason: string }, context: Context): Promise<ExitCode> {
  return answer('Reject', name, options, {}, context);
}

async function answer(
  decision: Decision,
  name: string,
  options: AnswerOptions,
  more: Pick<ChangeApprovalSpec, 'override'>,
  { terminal }: Context,
): Promise<ExitCode> {
  const expires = options.expires === undefined ? undefined : after(options.expires);
  return withPublished<ExitCode>(options, async (published) => {
    const plan = await findOpenPlan(published, name);
    if (decision === 'Approve' && plan.spec.mode === 'Enforce' && !more.override) throw errors.ApprovalNotNeeded({ plan: name });
    const groups = chooseGroups(plan, options.group);
    const hidden = options.group ? [] : await hiddenEffects(published, plan);
    terminal.write(formatChangePlan(plan, groups, terminal.style));
    terminal.write(describeHidden(plan, options.group ? plan.spec.groupCount : groups.length + hidden.length, hidden.length));
    const missing = await giveAnswer(published, { decision, plan, groups, hidden, more, expires }, options, terminal);
    return missing ? 0 : 1;
  });
}

export interface Answer {
  decision: Decision;
  plan: PlanObject;
  /** What it speaks of: groups that were shown, and effects that the object has no room for. */
  groups: readonly Group[];
  hidden: readonly string[];
  more?: Pick<ChangeApprovalSpec, 'override'>;
  /** ISO 8601. */
  expires?: string | undefined;
}

/** Asks, and writes the answer down. What the rules of the Fleet still ask for; undefined when the person said no to the question. */
export async function giveAnswer(
  published: Published,
  { decision, plan, groups, hidden, more = {}, expires }: Answer,
  { yes, reason }: { yes?: boolean; reason?: string },
  terminal: Terminal,
): Promise<readonly string[] | undefined> {
  const { name } = plan;
  if (!yes && !(await terminal.confirm(questionOf(decision, groups, hidden.length, more.override !== undefined)))) {
    terminal.say(`Nothing was ${decision === 'Approve' ? 'approved' : 'rejected'}. Answer yes, or pass --yes in a script.\n`);
    return undefined;
  }
  const rules = await rulesOf(published);
  const person = await identify(published);
  const spec = ChangeApprovalSpec.parse({
    plan: name,
    effectDigests: [...groups.map(({ effectDigest }) => effectDigest), ...hidden],
    decision,
    approver: person.user,
    groups: groupsThatCount(person, rules),
    ...more,
    ...(reason !== undefined && { reason }),
    ...(expires !== undefined && { expires }),
  });
  const { createdAt } = await published.store.objects.create<ChangeApprovalSpec>({ kind: 'ChangeApproval', name: nameOf(spec), spec });
  const done = decision === 'Approve' ? 'approved' : 'rejected';
  const end = expires ?? (rules && new Date(Date.parse(createdAt) + rules.expiresHours * 3_600_000).toISOString());
  terminal.say(`${name}: ${done} by ${person.user}${end === undefined ? '' : `, until ${end}`}\n`);
  const missing = decision === 'Approve' && rules ? await stillMissing(published, plan, groups, rules) : [];
  for (const line of missing) terminal.say(`it waits: ${line}\n`);
  return missing;
}

/** All groups that the object shows, or those whose digest begins so. */
function chooseGroups({ name, spec }: PlanObject, wanted: readonly string[] | undefined): readonly Group[] {
  if (!wanted) return spec.groups;
  return wanted.map((text) => {
    const prefix = text.replace(/^sha256:/, '').toLowerCase();
    const found = prefix === '' ? [] : spec.groups.filter(({ effectDigest }) => effectDigest.startsWith(`sha256:${prefix}`));
    const [group] = found;
    if (!group || found.length > 1)
      throw errors.GroupUnknown({ plan: name, text, found: found.length, known: listNames(spec.groups.map(shortOf)) });
    return group;
  });
}

/** What an approval takes. */
const mostEffects = 1000;

/** Effects of the full plan that the object has no room for. None where whoever asks may not read it. */
async function hiddenEffects(published: Published, { spec }: PlanObject): Promise<readonly string[]> {
  if (spec.groupCount <= spec.groups.length) return [];
  const whole = await readWholePlan(published, spec);
  if (typeof whole === 'string') return [];
  const shown = new Set(spec.groups.map(({ effectDigest }) => effectDigest));
  const all = [...groupByEffect(whole.devices).keys()];
  return all.filter((digest) => !shown.has(digest)).slice(0, mostEffects - shown.size);
}

function describeHidden({ name, spec }: PlanObject, answered: number, hidden: number): string {
  const left = spec.groupCount - answered;
  return [
    hidden === 0 ? '' : `\n… and ${plural(hidden, 'distinct change')} more: plumb plan show ${name}\n`,
    left <= 0
      ? ''
      : `\n${plural(left, 'distinct change')} more cannot be shown here, and this is no answer to ${left === 1 ? 'it' : 'them'}\n`,
  ].join('');
}

function shortOf({ effectDigest }: Group): string {
  return effectDigest.slice('sha256:'.length, 19);
}

function questionOf(decision: Decision, groups: readonly Group[], hidden: number, overrides: boolean): string {
  const shown = plural(
    groups.reduce((sum, group) => sum + group.devices, 0),
    'device',
  );
  const devices = hidden === 0 ? shown : `${shown}, and for those of ${plural(hidden, 'distinct change')} more`;
  if (decision === 'Reject') return `Reject this for ${devices}? Nothing of it begins then.`;
  return `Approve this for ${devices}${overrides ? ', outside of change windows and in a freeze as well' : ''}?`;
}

function after(duration: string): string {
  const ms = parseDuration(duration);
  if (ms === undefined) throw errors.DurationUnreadable({ text: duration });
  return new Date(systemClock.now().getTime() + ms).toISOString();
}

/** What an object takes. */
const mostGroups = 200;

/** No more of a person is told than the rules ask for. */
function groupsThatCount({ groups }: Person, rules: FleetApproval | undefined): readonly string[] {
  if (!rules) return groups.slice(0, mostGroups);
  const named = new Set(rules.rules.flatMap((rule) => rule.groups));
  return groups.filter((group) => named.has(group));
}

/** `PLAN-USER-HASH`, a DNS label. */
function nameOf(spec: ChangeApprovalSpec): string {
  const part = (text: string, length: number) =>
    text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+/, '')
      .slice(0, length)
      .replace(/-+$/, '');
  const hash = digestOf({ ...spec, at: systemClock.now().toISOString() }).slice(0, 8);
  return [part(spec.plan, 32), part(spec.approver, 20), hash].filter((each) => each !== '').join('-');
}
