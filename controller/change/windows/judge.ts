import { type Labels, type NamedWindow, selects } from '../../api/index.ts';
import { type Span, spanAt } from './spans.ts';

/** Whether a change may begin. */
export type WindowJudgement = {
  open: boolean;
  /** Why not, for people: until when it is closed, and which windows say so. */
  because?: string;
  /** When the answer may be another one: ask again then. Absent: never. */
  nextChangeAt?: Date;
};

/** How many changes of single windows are looked at to find one of the answer. */
const mostSteps = 100;

/** The windows that select each of the devices. */
type Rules = readonly (readonly NamedWindow[])[];

/**
 * May a change of a device with these labels begin now? Where no Allow window selects it, yes; where some do, one must be open. A Freeze
 * in force wins. Pure.
 */
export function judgeWindows(windows: readonly NamedWindow[], labels: Labels, at: Date): WindowJudgement {
  return judgeWindowsOfSet(windows, [labels], at);
}

/** The same for devices that change as one unit: it may begin when it may on each of them. */
export function judgeWindowsOfSet(windows: readonly NamedWindow[], members: readonly Labels[], at: Date): WindowJudgement {
  const rules = members.map((labels) => windows.filter(({ selector }) => selects(selector, labels)));
  const closers = closersAt(rules, at.getTime());
  const open = closers.length === 0;
  const { untilMs, isKnown } = findChange(rules, at.getTime(), open);
  const nextChangeAt = Number.isFinite(untilMs) ? new Date(untilMs) : undefined;
  return {
    open,
    ...(open ? {} : { because: `closed ${untilOf(nextChangeAt, isKnown)}: ${closers.join('; ')}` }),
    ...(nextChangeAt ? { nextChangeAt } : {}),
  };
}

/** Why it is closed; empty when it is open. */
function closersAt(rules: Rules, atMs: number): string[] {
  const reasons = rules.flatMap((windows) => {
    const isOpen = (window: NamedWindow): boolean => spanAt(window, atMs).isOpen;
    const freezes = windows.filter((window) => window.effect === 'Freeze' && isOpen(window)).map((each) => `${nameOf(each)} is in force`);
    const allows = windows.filter(({ effect }) => effect === 'Allow');
    if (freezes.length > 0 || allows.length === 0 || allows.some(isOpen)) return freezes;
    return [allows.length === 1 ? `${allows.map(nameOf).join()} is not open` : `none of ${listed(allows.map(nameOf))} is open`];
  });
  return [...new Set(reasons)];
}

/** When the answer is another one. Leaps over what cannot change it: in a freeze of weeks nobody counts the nights. */
function findChange(rules: Rules, fromMs: number, open: boolean): { untilMs: number; isKnown: boolean } {
  let untilMs = fromMs;
  for (let step = 0; step < mostSteps; step++) {
    const until = open
      ? soonest(rules.map((windows) => closesBy(windows, untilMs)))
      : latest(rules.map((windows) => opensBy(windows, untilMs)));
    untilMs = until?.untilMs ?? Infinity;
    if (untilMs === Infinity) return { untilMs, isKnown: true };
    if (!until?.isWhole) return { untilMs, isKnown: false };
    if ((closersAt(rules, untilMs).length === 0) !== open) return { untilMs, isKnown: true };
  }
  return { untilMs, isKnown: false };
}

/** The span after which these windows may close, no sooner; undefined when they never do. */
function closesBy(windows: readonly NamedWindow[], atMs: number): Span | undefined {
  const { freezes, allows } = spansOf(windows, atMs);
  return soonest([...freezes, latest(allows.filter(({ isOpen }) => isOpen))]);
}

/** The span after which these windows may open, no sooner; undefined when they are open. */
function opensBy(windows: readonly NamedWindow[], atMs: number): Span | undefined {
  const { freezes, allows } = spansOf(windows, atMs);
  const frozen = latest(freezes.filter(({ isOpen }) => isOpen));
  return frozen ?? (allows.some(({ isOpen }) => isOpen) ? undefined : soonest(allows));
}

function spansOf(windows: readonly NamedWindow[], atMs: number): { freezes: Span[]; allows: Span[] } {
  const of = (effect: NamedWindow['effect']): Span[] => windows.filter((each) => each.effect === effect).map((each) => spanAt(each, atMs));
  return { freezes: of('Freeze'), allows: of('Allow') };
}

function soonest(spans: readonly (Span | undefined)[]): Span | undefined {
  return spans.reduce((a, b) => (a && b ? (b.untilMs < a.untilMs ? b : a) : (a ?? b)), undefined);
}

function latest(spans: readonly (Span | undefined)[]): Span | undefined {
  return spans.reduce((a, b) => (a && b ? (b.untilMs > a.untilMs ? b : a) : (a ?? b)), undefined);
}

function untilOf(at: Date | undefined, isKnown: boolean): string {
  if (!at) return 'for good';
  return `${isKnown ? 'until' : 'at least until'} ${at.toISOString().replace(/(:00)?\.000Z$/, 'Z')}`;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}

function nameOf({ name, source }: NamedWindow): string {
  return source ? `${name} (${source.file}:${source.line})` : name;
}
