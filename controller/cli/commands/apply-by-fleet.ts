import {
  type ChangePlanSpec,
  type ChangePlanStatus,
  type DeviceSpec,
  type DeviceStatus,
  findCondition,
  fleetInCharge,
  type FleetSpec,
  type Plan,
} from '../../api/index.ts';
import { groupByEffect } from '../../change/index.ts';
import { parseSelector } from '../../pipeline/index.ts';
import { describeLetter, formatChangePlan, plural, printable } from '../../report/index.ts';
import type { StoredObject } from '../../store/index.ts';
import type { Context, SelectionOptions } from '../context.ts';
import { errors } from '../errors.ts';
import { type ExitCode, worstOf } from '../exit-code.ts';
import { type PlaceOptions, type Published, withPublished } from '../published.ts';
import { hasEnded, type PlanObject, readWholePlan, rulesOf, stillMissing } from '../published-plan.ts';
import { waitAnswered } from '../wait.ts';
import { giveAnswer } from './approve.ts';

type DeviceObject = StoredObject<DeviceSpec, DeviceStatus>;

/** What means something only where plumb itself writes. */
const ownOptions = ['--plan', '--allow-removals', '--accept-unsaved', '--retry', '--may-lose-routes', '--deadline', '--rev'];

/**
 * `plumb apply` where a Fleet writes the devices: there is one writer. Its ChangePlan is shown, approved as with `plumb approve`, and followed to
 * its end. Undefined where no Fleet does: on this machine, without one or below a ceiling that lets it only report.
 */
export async function applyByFleet(
  names: readonly string[],
  options: PlaceOptions & SelectionOptions & { yes?: boolean },
  context: Context,
): Promise<ExitCode | undefined> {
  return withPublished<ExitCode | undefined>(options, async (published) => {
    const { terminal, typed } = context;
    const devices = await devicesOf(published, names, options.selector);
    if (!devices) return undefined;
    const odd = typed.find((option) => ownOptions.includes(option));
    if (odd !== undefined)
      throw errors.OptionsConflict({ option: odd, with: `the operator that writes the devices of ${published.where}` });
    const plans = await plansOf(published, new Set(devices.map(({ name }) => name)));
    const planned = new Set(plans.flatMap((plan) => plan.devices));
    const codes: ExitCode[] = [];
    for (const device of devices) if (!planned.has(device.name)) codes.push(sayStanding(device, context));
    for (const plan of plans) codes.push(await carryThrough(published, plan, options, context));
    if (plans.length === 0) terminal.write('Nothing was applied.\n');
    return worstOf(codes);
  });
}

/** The chosen devices, when a Fleet writes them. */
async function devicesOf(
  { store, where, cluster }: Published,
  names: readonly string[],
  selector: string | undefined,
): Promise<readonly DeviceObject[] | undefined> {
  if (!cluster) {
    const fleet = fleetInCharge(await store.objects.list<FleetSpec>('Fleet'));
    if (!fleet || (fleet.spec.ceiling ?? 'Report') === 'Report') return undefined;
  }
  const all = await store.objects.list<DeviceSpec, DeviceStatus>('Device', parseSelector(selector));
  const chosen = names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
  const writes = ({ status }: DeviceObject) => (status?.mode ?? 'Report') !== 'Report';
  if (!cluster && !chosen.some(writes)) return undefined;
  const missing = names.find((name) => !chosen.some((device) => device.name === name));
  if (missing !== undefined) throw errors.NotWatched({ kind: 'Device', name: missing, where });
  if (chosen.length === 0) throw errors.NothingWatched({ where });
  return chosen;
}

/** Why there is nothing to apply to a device. */
function sayStanding({ name, status }: DeviceObject, { terminal }: Context): ExitCode {
  const ready = findCondition(status?.conditions, 'Ready');
  const said = ready ? `${ready.reason}: ${ready.message}` : 'it was not looked at yet';
  terminal.write(`${terminal.style.strong(name)}  no plan changes it  ${printable(said)}\n`);
  if (ready?.status === 'True') return 0;
  return (status?.verdict ?? 'Unknown') === 'Unknown' ? 2 : 1;
}

/** An open plan, as far as it is about the chosen devices. */
interface Chosen {
  object: PlanObject;
  /** Absent where it may not be read. */
  whole: Plan | undefined;
  devices: readonly string[];
  /** What is done to them, and to what changes together with them. */
  effects: ReadonlySet<string>;
}

async function plansOf(published: Published, names: ReadonlySet<string>): Promise<readonly Chosen[]> {
  const all = await published.store.objects.list<ChangePlanSpec, ChangePlanStatus>('ChangePlan');
  const found: Chosen[] = [];
  for (const object of all) {
    if (hasEnded(object)) continue;
    const text = await readWholePlan(published, object.spec);
    const chosen = typeof text === 'string' ? fromObject(object, names) : fromWhole(object, text, names);
    if (chosen.devices.length > 0) found.push(chosen);
  }
  return found;
}

function fromWhole(object: PlanObject, whole: Plan, names: ReadonlySet<string>): Chosen {
  const together = new Set(whole.sets.filter((set) => set.some((device) => names.has(device))).flat());
  const effects = [...groupByEffect(whole.devices)].flatMap(([digest, members]) =>
    members.some(({ effect }) => together.has(effect.device)) ? [digest] : [],
  );
  return { object, whole, devices: [...together].filter((device) => names.has(device)), effects: new Set(effects) };
}

/** What the object shows: the first devices of each group. */
function fromObject(object: PlanObject, names: ReadonlySet<string>): Chosen {
  const groups = object.spec.groups.filter(({ examples }) => examples.some((device) => names.has(device)));
  const devices = groups.flatMap(({ examples }) => examples.filter((device) => names.has(device)));
  return { object, whole: undefined, devices, effects: new Set(groups.map(({ effectDigest }) => effectDigest)) };
}

async function carryThrough(published: Published, chosen: Chosen, { yes }: { yes?: boolean }, context: Context): Promise<ExitCode> {
  const { object, effects } = chosen;
  const { terminal } = context;
  const groups = object.spec.groups.filter(({ effectDigest }) => effects.has(effectDigest));
  const hidden = [...effects].filter((digest) => !groups.some(({ effectDigest }) => effectDigest === digest));
  terminal.write(formatChangePlan(object, groups, terminal.style));
  if (hidden.length > 0) terminal.write(`\n… and ${plural(hidden.length, 'distinct change')} more: plumb plan show ${object.name}\n`);
  const rules = object.spec.mode === 'Approve' ? await rulesOf(published) : undefined;
  const mustAsk = rules ? (await stillMissing(published, object, groups, rules)).length > 0 : object.status?.phase === 'Proposed';
  if (object.spec.mode === 'Approve' && mustAsk) {
    const answer = { decision: 'Approve' as const, plan: object, groups, hidden };
    const missing = await giveAnswer(published, answer, { ...(yes === true && { yes }) }, terminal);
    if (missing === undefined || missing.length > 0) {
      terminal.write(`Nothing was applied${missing ? ': others must approve it too' : ''}.\n`);
      return 1;
    }
  }
  terminal.say(`${object.name}: the operator carries it out; Ctrl-C ends the waiting, not the change\n`);
  return follow(published, chosen, context);
}

/** An operator that lives hears an approval long before. */
const heardSeconds = 60;

/** Tells how far a plan is, until every chosen device came to an end or the plan did. */
async function follow({ store }: Published, { object, whole, devices }: Chosen, { terminal, signal }: Context): Promise<ExitCode> {
  const { name } = object;
  let said = '';
  return waitAnswered<ExitCode>({ what: `the approval of ${name}`, seconds: heardSeconds, signal }, async () => {
    const plan = await store.objects.get<ChangePlanSpec, ChangePlanStatus>('ChangePlan', name);
    const ready = findCondition(plan?.status?.conditions, 'Ready');
    const line = `  ${name}: ${printable(ready?.message ?? '')}\n`;
    if (line !== said) terminal.say(line);
    said = line;
    const letters = new Map(
      (whole?.sets ?? []).flatMap((set, k) => set.map((device) => [device, plan?.status?.progress?.[k] ?? '.'] as const)),
    );
    const isDone = whole !== undefined && devices.every((device) => !'.ab'.includes(letters.get(device) ?? '.'));
    if (!plan || hasEnded(plan) || isDone) return { done: await sayEnds(store, { devices, letters }, plan, terminal) };
    return (plan.status?.phase ?? 'Proposed') === 'Proposed' ? 'silent' : 'heard';
  });
}

async function sayEnds(
  store: Published['store'],
  { devices, letters }: { devices: readonly string[]; letters: ReadonlyMap<string, string> },
  plan: PlanObject | null | undefined,
  terminal: Context['terminal'],
): Promise<ExitCode> {
  const { style } = terminal;
  const codes: ExitCode[] = [];
  for (const name of devices) {
    const letter = letters.get(name) ?? (plan?.status?.phase === 'Succeeded' ? 'c' : '.');
    const device = letter === '.' ? await store.objects.get<DeviceSpec, DeviceStatus>('Device', name) : undefined;
    const isRight = letter === 'c' || device?.status?.verdict === 'InSync';
    const words = isRight && letter !== 'c' ? 'already as planned' : letter === '.' ? 'left out' : describeLetter(letter);
    terminal.write(`${style.strong(name)}  ${isRight ? style.good(words) : style.bad(words)}\n`);
    codes.push(isRight ? 0 : letter === 'u' ? 2 : 1);
  }
  const confirmed = codes.filter((code) => code === 0).length;
  terminal.write(`${plural(confirmed, 'device')} applied${confirmed < devices.length ? `, ${devices.length - confirmed} not` : ''}.\n`);
  return worstOf(codes);
}
