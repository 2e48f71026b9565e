import { isDeepStrictEqual } from 'node:util';
import type { Condition, DeviceStatus, FleetStatus } from '../../api/index.ts';
import { findCondition } from '../../api/index.ts';
import type { Clock } from '../../lib/index.ts';
import { fleetLabel, type Operator } from '../../operator/index.ts';
import { plural, printable } from '../../report/index.ts';
import type { ObjectStore, StoredObject } from '../../store/index.ts';
import { besideReady } from '../beside-ready.ts';
import type { ExitCode } from '../exit-code.ts';
import { asksPeople, describeProgress, hasEnded, type PlanObject } from '../published-plan.ts';
import type { Terminal } from '../terminal.ts';

interface SummaryOptions {
  /** End when every device was looked at once, or could not be. */
  once: boolean;
  stop: () => void;
  terminal: Terminal;
  clock: Clock;
  objects: ObjectStore;
}

/** Tells on the terminal what the operator finds: each change of standing as a line, the sum of all as a line that is replaced. */
export async function summarize(operator: Operator, options: SummaryOptions): Promise<ExitCode> {
  const { terminal, clock, once, stop } = options;
  const shown = new Map<string, Condition>();
  const isOfNow = knowOfNow(operator);
  const told = new Map(
    operator.world.plans
      .list()
      .filter(hasEnded)
      .map((plan) => [plan.name, placeOf(plan)]),
  );
  let fleetSaid = '';
  // A watch that breaks for good ends the command with its error.
  const ended = new AbortController();
  const done = operator.done.finally(() => ended.abort());
  done.catch(() => undefined);
  while (!ended.signal.aborted) {
    if (operator.triedFleets()) fleetSaid = await sayFleet(options, fleetSaid);
    const devices = operator.world.devices.list();
    for (const device of devices) if (isOfNow(device)) sayDevice(device, shown, terminal);
    const plans = plansOf(operator);
    for (const plan of plans) sayPlan(plan, told, terminal);
    terminal.progress(sumUp(operator, isOfNow) + sumUpPlans(plans));
    if (once && operator.triedAll()) {
      await sayFleet(options, fleetSaid);
      for (const device of operator.world.devices.list()) if (isOfNow(device)) sayDevice(device, shown, terminal);
      stop();
      break;
    }
    await clock.sleep(250, ended.signal).catch(() => undefined);
  }
  await done;
  // What was drafted when everything had been looked at, and while it ended.
  for (const plan of plansOf(operator)) sayPlan(plan, told, terminal);
  const { devices, inForce, lastJudged } = operator.world;
  terminal.write(`${sumUp(operator, isOfNow)}${sumUpPlans(plansOf(operator))}\n`);
  // With nothing in force nobody looked at what an earlier process published.
  const wanted = [...(inForce?.devices.keys() ?? devices.list().map(({ name }) => name))];
  const verdicts = wanted.map((name) => (lastJudged.has(name) ? devices.get(name)?.status?.verdict : undefined) ?? 'Unknown');
  // Whoever named the wrong folder hears of it.
  if (inForce && wanted.length === 0) return 1;
  if (verdicts.includes('Unknown')) return 2;
  return isReady(operator) && verdicts.every((verdict) => verdict === 'InSync') ? 0 : 1;
}

/** False while the newest revision cannot be taken: what is in sync is so with an older one. */
function isReady(operator: Operator): boolean {
  return operator.fleets().every(({ status }) => findCondition(status?.conditions, 'Ready')?.status === 'True');
}

async function sayFleet({ objects, terminal }: SummaryOptions, said: string): Promise<string> {
  const [fleet] = await objects.list<unknown, FleetStatus>('Fleet');
  const ready = findCondition(fleet?.status?.conditions, 'Ready');
  if (!fleet || !ready) return said;
  const lines = [
    `${ready.reason}: ${ready.message}`,
    ...(fleet.status?.problems ?? []).slice(1),
    ...besideReady(fleet).map(({ type, message }) => `${type}: ${message}`),
  ].map((line, place) => `${place === 0 ? `Fleet ${fleet.name}` : ''}  ${printable(line)}\n`);
  if (lines.join('') !== said) terminal.write(lines.join(''));
  return lines.join('');
}

/** Whether what is said of a device was found by this process: what an earlier one found is not said as if it were so now. */
type IsOfNow = (device: StoredObject<unknown, DeviceStatus>) => boolean;

function knowOfNow({ world }: Operator): IsOfNow {
  const readyOf = ({ status }: StoredObject<unknown, DeviceStatus>) => findCondition(status?.conditions, 'Ready');
  const earlier = new Map(world.devices.list().map((device) => [device.name, readyOf(device)]));
  // Of one that this process let decay, or lets wait, it said something else without looking at it. By content: whoever writes an
  // annotation, or we the spec, brings the same words in a new object.
  return (device) => world.lastJudged.has(device.name) || !isDeepStrictEqual(readyOf(device), earlier.get(device.name));
}

/** Asked of every device four times a second: one that stands as it did costs a look into a map. */
function sayDevice({ name, status }: StoredObject<unknown, DeviceStatus>, shown: Map<string, Condition>, terminal: Terminal): void {
  const ready = findCondition(status?.conditions, 'Ready');
  const before = shown.get(name);
  if (!ready || ready === before) return;
  shown.set(name, ready);
  if (before ? before.reason === ready.reason && before.message === ready.message : ready.status === 'True') return;
  const paint = ready.status === 'True' ? terminal.style.good : terminal.style.bad;
  terminal.write(`${terminal.style.strong(name)}  ${paint(ready.reason)}  ${printable(ready.message)}\n`);
}

/** Those of the Fleet in charge: what another one left behind is nobody's work here. */
function plansOf({ world }: Operator): readonly PlanObject[] {
  return world.plans.list().filter(({ labels }) => labels[fleetLabel] === world.fleet);
}

/** A line when a plan comes to stand elsewhere; sets that end one after the other are told in the sum. */
function sayPlan(plan: PlanObject, told: Map<string, string>, terminal: Terminal): void {
  const { style } = terminal;
  const { name, spec, status } = plan;
  const ready = findCondition(status?.conditions, 'Ready');
  if (!ready || told.get(name) === placeOf(plan)) return;
  told.set(name, placeOf(plan));
  const phase = status?.phase ?? 'Proposed';
  const paint = phase === 'Succeeded' ? style.good : phase === 'Failed' || ready.reason === 'OutcomeUnknown' ? style.bad : style.warn;
  const next = asksPeople(plan) ? ` Next: plumb approve ${name}` : phase === 'Failed' ? ` Next: plumb plan show ${name}` : '';
  terminal.write(
    `${style.strong(name)}  ${paint(phase)}  ${plural(spec.devices, 'device')}, risk ${spec.risk}: ${printable(ready.message)}${next}\n`,
  );
}

/** Where a plan stands, as far as it is worth a line. */
function placeOf({ status }: PlanObject): string {
  return [status?.phase, findCondition(status?.conditions, 'Ready')?.reason, status?.wave, status?.bakedUntil].join(' ');
}

function sumUpPlans(plans: readonly PlanObject[]): string {
  const open = plans.filter((plan) => !hasEnded(plan));
  const asked = open.filter(asksPeople).length;
  const others = open.filter(({ status }) => status?.phase !== undefined && status.phase !== 'Proposed');
  const words = [...(asked > 0 ? [`${asked} to be approved`] : []), ...others.map((plan) => `${plan.name} ${describeProgress(plan)}`)];
  return words.length === 0 ? '' : `; plans: ${words.join(', ')}`;
}

/** In the order in which they are told: the good one first, the worst last. */
const verdicts = ['InSync', 'Pending', 'Unadopted', 'Drifted', 'Diverged', 'Unknown'] as const;

function sumUp({ world }: Operator, isOfNow: IsOfNow): string {
  const { devices, inForce } = world;
  const known = devices.list();
  const counts = new Map<string, number>();
  for (const device of known) {
    const verdict = isOfNow(device) ? (device.status?.verdict ?? 'Unknown') : notYet;
    counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  }
  const said = [...verdicts, notYet].flatMap((verdict) => (counts.has(verdict) ? `${counts.get(verdict)} ${verdict}` : [])).join(', ');
  const wanted = inForce?.devices.size;
  const none = wanted === 0 ? 'the desired state has none' : 'none looked at yet';
  return `${plural(wanted ?? known.length, 'device')}: ${said === '' ? none : said}${inForce ? ` (${inForce.revision})` : ''}`;
}

const notYet = 'not looked at yet';
