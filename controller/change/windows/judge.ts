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
const mostSteps = 500;

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
function closersAt(rules: readonly (readonly NamedWindow[])[], atMs: number): string[] {
  const reasons = rules.flatMap((windows) => {
    const isOpen = (window: NamedWindow): boolean => spanAt(window, atMs).isOpen;
    const freezes = windows.filter((window) => window.effect === 'Freeze' && isOpen(window)).map((each) => `${nameOf(each)} is in force`);
    const allows = windows.filter(({ effect }) => effect === 'Allow');
    if (freezes.length > 0 || allows.length === 0 || allows.some(isOpen)) return freezes;
    return [allows.length === 1 ? `${allows.map(nameOf).join()} is not open` : `none of ${allows.map(nameOf).join(', ')} is open`];
  });
  return [...new Set(reasons)];
}

/** Walks from change to change of single windows until the answer is another one. */
function findChange(rules: readonly (readonly NamedWindow[])[], fromMs: number, open: boolean): { untilMs: number; isKnown: boolean } {
  const windows = [...new Set(rules.flat())];
  let untilMs = fromMs;
  for (let step = 0; step < mostSteps; step++) {
    const first = windows.map((window) => spanAt(window, untilMs)).reduce(earlier, forEver);
    untilMs = first.untilMs;
    if (untilMs === Infinity) return { untilMs, isKnown: true };
    if (!first.isWhole) return { untilMs, isKnown: false };
    if ((closersAt(rules, untilMs).length === 0) !== open) return { untilMs, isKnown: true };
  }
  return { untilMs, isKnown: false };
}

const forEver: Span = { fromMs: -Infinity, untilMs: Infinity, isOpen: false, isWhole: true };

const earlier = (a: Span, b: Span): Span => (b.untilMs < a.untilMs ? b : a);

function untilOf(at: Date | undefined, isKnown: boolean): string {
  if (!at) return 'for good';
  return `${isKnown ? 'until' : 'at least until'} ${at.toISOString().replace(/(:00)?\.000Z$/, 'Z')}`;
}

function nameOf({ name, source }: NamedWindow): string {
  return source ? `${name} (${source.file}:${source.line})` : name;
}
