import type { PlanPhase, RolloutPolicy } from '../../api/index.ts';
import { atWork, failing, markProgress } from './progress.ts';
import { describe, type Story } from './rollout-words.ts';

/** Where a rollout stands, as the status of its ChangePlan keeps it. */
export interface RolloutState {
  /** One letter for each set. */
  progress: string;
  /** Wave of each set, 0 the canary: see `layOut`. */
  waveOf: readonly number[];
  phase: PlanPhase;
  /** Absent before the first step. */
  wave?: number | undefined;
  bakedUntil?: string | undefined;
}

/** Why a set does not begin now: a code of the catalogue, and the fact in one sentence without a final period. */
export interface Refusal {
  ok: false;
  code: string;
  because: string;
  /** When the answer may be another one. */
  until?: Date | undefined;
  /** It is another one in a moment, whatever the code: the wave waits. */
  isBrief?: boolean;
}

export type MayBegin = { ok: true } | Refusal;

/**
 * `unclear`: nobody knows just now, or a session that the set does not touch went down: ask again, and not for ever. `unread`: its turn to be
 * looked at comes, however long that takes.
 */
export type SetHealth = { is: 'healthy' } | { is: 'unclear' | 'sick' | 'unread'; because: string };

export interface RolloutFacts {
  at: Date;
  /** Name of the ChangePlan, for what a person types next. */
  plan: string;
  nameOf: (set: number) => string;
  policy: RolloutPolicy;
  /** The last order of a person. */
  order?: 'Pause' | 'Continue' | 'Stop' | undefined;
  /** How many more sets may change at the same time, over all plans. */
  atOnceLeft: number;
  /** Asked of sets whose turn it is, and of no others. */
  mayBegin: (set: number) => MayBegin;
  /** Asked of confirmed sets that are to be taken back: no window and no approval stands in the way of that. */
  mayTakeBack: (set: number) => MayBegin;
  /** Asked of confirmed sets while their wave is watched. */
  healthOf: (set: number) => SetHealth;
}

export interface RolloutStep {
  /** With sets marked that were found sick. What begins is marked by the caller, who may get no grants for it. */
  progress: string;
  begin: readonly number[];
  /** Confirmed sets to be taken back, the last ones first. */
  takeBack: readonly number[];
  /** Sets whose turn it is and that may not, with why. */
  refusals: ReadonlyMap<number, Refusal>;
  phase: PlanPhase;
  wave: number;
  bakedUntil?: string;
  /** A code of the catalogue when something stands in the way or ended it. */
  code?: string;
  message: string;
  /** When to step again though nothing happened. */
  nextAt?: Date;
}

/** A wave whose health stays unclear is not healthy, after so long. */
const unclearMs = 300_000;
/** How soon to look again at what is unclear. */
const againMs = 15_000;

/** Refusals that pass by themselves or with the work of others: the wave waits. Any other leaves the set out, and the plan goes on without it. */
const passing: ReadonlySet<string> = new Set(['WindowClosed', 'BudgetExhausted', 'Suspended', 'ChangeInProgress', 'ApprovalRequired']);

const ends: ReadonlySet<PlanPhase> = new Set(['Succeeded', 'Failed', 'Stopped', 'Rejected', 'Superseded']);

/** True for a phase that nothing follows. */
export function isPlanEnd(phase: PlanPhase): boolean {
  return ends.has(phase);
}

/** What happens next in a rollout. Pure: the same state and facts, the same step; what it says is written before anything of it is done. */
export function stepRollout(state: RolloutState, facts: RolloutFacts): RolloutStep {
  const { waveOf, wave = waveOf.reduce((a, b) => Math.min(a, b), Infinity), bakedUntil } = state;
  const here = { wave, ...(bakedUntil !== undefined && { bakedUntil }) };
  const still = { progress: state.progress, begin: [], takeBack: [], refusals: new Map<number, Refusal>(), ...here };
  if (isPlanEnd(state.phase))
    return { ...still, phase: state.phase, message: tell({ is: 'ended', phase: state.phase }, still, state, facts) };

  const { sick, unclear } = watch(state, wave, facts);
  const progress = markProgress(state.progress, sick.keys(), 's');
  const letters = progress.split('');
  const view = { ...still, progress };
  const working = letters.some((letter) => atWork.has(letter));
  const hasFailed = letters.some((letter) => failing.has(letter));
  const say = (story: Story): string => tell(story, view, state, facts);

  if (letters.includes('u')) {
    // Some are never seen: the device is gone. A person ends the plan then.
    const phase = facts.order === 'Stop' && !working ? 'Failed' : started(facts);
    return { ...view, phase, code: 'OutcomeUnknown', message: say({ is: phase === 'Failed' ? 'unknownStopped' : 'unknown' }) };
  }
  if (hasFailed) return back(view, working, state, facts, sick);
  if (facts.order === 'Stop') {
    if (working) return { ...view, phase: 'Running', code: 'Stopped', message: say({ is: 'stopping' }) };
    return { ...view, phase: 'Stopped', code: 'Stopped', message: say({ is: 'stopped' }) };
  }
  if (facts.order === 'Pause') return { ...view, phase: 'Paused', code: 'Paused', message: say({ is: 'paused' }) };
  return forward(view, state, facts, unclear);
}

/** The step when some of its sets got no place in their budgets: they wait as well. */
export function withholdSets(
  step: RolloutStep,
  refused: ReadonlyMap<number, Refusal>,
  state: RolloutState,
  facts: RolloutFacts,
): RolloutStep {
  if (refused.size === 0) return step;
  const [begin, takeBack] = [step.begin, step.takeBack].map((sets) => sets.filter((set) => !refused.has(set))) as [number[], number[]];
  const chosen = [...begin, ...takeBack];
  const refusals = new Map([...step.refusals, ...refused]);
  const letters = step.progress.split('');
  const isIdle = chosen.length === 0 && !letters.some((letter) => atWork.has(letter));
  const phase = isIdle && letters.every((letter) => letter === '.') ? 'Waiting' : step.phase;
  const code = isIdle ? foremost(refused.values())?.code : step.code;
  const message = tell({ is: step.takeBack.length > 0 ? 'takingBack' : 'going', chosen, refusals }, step, state, facts);
  return { ...step, begin, takeBack, refusals, phase, message, ...(code !== undefined && { code }) };
}

type View = Pick<RolloutStep, 'progress' | 'begin' | 'takeBack' | 'refusals' | 'wave' | 'bakedUntil'>;

function started({ order }: RolloutFacts): PlanPhase {
  return order === 'Pause' ? 'Paused' : 'Running';
}

/** The confirmed sets of the wave at work: those that are sick, and those of which it is not clear. */
function watch({ progress, waveOf, bakedUntil }: RolloutState, wave: number, { at, healthOf }: RolloutFacts) {
  const [sick, unclear] = [new Map<number, string>(), new Map<number, string>()];
  const isOver = bakedUntil !== undefined && at.getTime() >= Date.parse(bakedUntil) + unclearMs;
  for (const [set, letter] of progress.split('').entries()) {
    if (letter !== 'c' || waveOf[set] !== wave) continue;
    const health = healthOf(set);
    if (health.is === 'sick' || (health.is === 'unclear' && isOver)) sick.set(set, health.because);
    else if (health.is !== 'healthy') unclear.set(set, health.because);
  }
  return { sick, unclear };
}

/** A set failed: what runs ends, and then the confirmed ones stay or are taken back, the last ones first. */
function back(view: View, working: boolean, state: RolloutState, facts: RolloutFacts, sick: ReadonlyMap<number, string>): RolloutStep {
  const { policy, order } = facts;
  const letters = view.progress.split('');
  const code = letters.some((letter) => letter === 'i' || letter === 'k' || letter === 'p') ? 'RollbackIncomplete' : 'ApplyFailed';
  const say = (story: Story): string => tell(story, view, state, facts);
  const busy = letters.filter((letter) => atWork.has(letter)).length;
  const isForward = letters.includes('a');
  const left = letters.flatMap((letter, set) => (letter === 'c' || letter === 's' ? [set] : []));
  const givesUp = policy.onFailure === 'Keep' || order === 'Stop' || letters.includes('k') || left.length === 0;
  if (givesUp && !working) return { ...view, phase: 'Failed', code, message: say({ is: 'failed', sick }) };
  if (givesUp || isForward) return { ...view, phase: started(facts), code, message: say({ is: 'failing', sick }) };
  if (order === 'Pause') return { ...view, phase: 'Paused', code: 'Paused', message: say({ is: 'paused' }) };

  const latestFirst = left.toSorted((a, b) => (state.waveOf[b] ?? 0) - (state.waveOf[a] ?? 0) || b - a);
  const { chosen, refusals } = choose(latestFirst, Math.min(policy.atOnce - busy, facts.atOnceLeft), facts.mayTakeBack);
  const nextAt = earliest(refusals.values());
  return {
    ...view,
    takeBack: chosen,
    refusals,
    phase: 'Running',
    code,
    message: say({ is: 'takingBack', chosen, refusals }),
    ...(nextAt && { nextAt }),
  };
}

/** Nothing failed so far: bake, begin, wait, or be done. */
function forward(view: View, state: RolloutState, facts: RolloutFacts, unclear: ReadonlyMap<number, string>): RolloutStep {
  const { at, policy } = facts;
  const letters = view.progress.split('');
  const hasBegun = letters.some((letter) => letter !== '.');
  const busy = letters.filter((letter) => letter === 'a').length;
  const asked = new Map<number, MayBegin>();
  const ask = (set: number): MayBegin => {
    const known = asked.get(set) ?? facts.mayBegin(set);
    asked.set(set, known);
    return known;
  };
  const say = (story: Story): string => tell(story, view, state, facts);
  const current = currentWave(letters, state.waveOf, ask);

  // The wave of before is complete: it is watched before anything else begins.
  const isComplete = hasBegun && (current === undefined || current > view.wave);
  if (isComplete && letters.some((letter, set) => letter === 'c' && state.waveOf[set] === view.wave)) {
    const until = view.bakedUntil === undefined ? new Date(at.getTime() + policy.bakeSeconds * 1000) : new Date(view.bakedUntil);
    const baking = { ...view, bakedUntil: until.toISOString(), phase: 'Running' as const };
    if (at < until) return { ...baking, message: say({ is: 'baking', until }), nextAt: until };
    const because = unclear.values().next().value;
    if (because !== undefined) return { ...baking, ...hold(at, say({ is: 'unsettled', because })) };
  }
  const { bakedUntil: _baked, ...rest } = view;
  if (current === undefined) return finish(rest, asked, state, facts);

  const now: View = { ...rest, wave: current };
  const turn = letters.flatMap((letter, set) => (letter === '.' && state.waveOf[set] === current ? [set] : []));
  // Before a first set is confirmed nobody knows anything: no more at the same time than there would be canaries.
  const together = letters.includes('c') ? policy.atOnce : Math.min(policy.atOnce, Math.max(1, policy.canary));
  const { chosen, refusals } = choose(turn, Math.min(together - busy, facts.atOnceLeft), ask);
  if (chosen.length > 0 || busy > 0) return { ...now, begin: chosen, phase: 'Running', ...going(chosen, refusals, now, state, facts) };
  const first = foremost(refusals.values());
  const isRejected = !hasBegun && letters.every((_, set) => isRefusedFor('Rejected', ask(set)));
  const phase = hasBegun ? 'Running' : isRejected ? 'Rejected' : waitingPhase([...refusals.values()]);
  return { ...now, phase, code: first?.code ?? 'BudgetExhausted', ...going(chosen, refusals, now, state, facts) };
}

function going(chosen: readonly number[], refusals: ReadonlyMap<number, Refusal>, view: View, state: RolloutState, facts: RolloutFacts) {
  const nextAt = earliest(refusals.values());
  return { refusals, message: tell({ is: 'going', chosen, refusals }, view, state, facts), ...(nextAt && { nextAt }) };
}

function isRefusedFor(code: string, answer: MayBegin): boolean {
  return !answer.ok && answer.code === code;
}

function hold(at: Date, message: string): Pick<RolloutStep, 'code' | 'message' | 'nextAt'> {
  return { code: 'Held', message, nextAt: new Date(at.getTime() + againMs) };
}

/** The first wave with a set at work or one that could begin or will be able to. */
function currentWave(letters: readonly string[], waveOf: readonly number[], ask: (set: number) => MayBegin): number | undefined {
  const open = letters.flatMap((letter, set) => (letter === '.' || letter === 'a' ? [set] : []));
  for (const [wave, sets] of [...Map.groupBy(open, (set) => waveOf[set] ?? 0)].toSorted(([a], [b]) => a - b)) {
    // Without a single canary the waves would prove themselves on everybody.
    const needsCanary = wave === 0 && !letters.some((letter, set) => letter === 'c' && waveOf[set] === 0);
    if (needsCanary || sets.some((set) => letters[set] === 'a' || holdsWave(ask(set)))) return wave;
  }
  return undefined;
}

function holdsWave(answer: MayBegin): boolean {
  return answer.ok || answer.isBrief === true || (passing.has(answer.code) && answer.code !== 'ApprovalRequired');
}

/** Everything that can be done is done; a canary is confirmed, or there is none. Sets that wait for approval keep the plan open. */
function finish(view: View, asked: ReadonlyMap<number, MayBegin>, state: RolloutState, facts: RolloutFacts): RolloutStep {
  const refusals = new Map([...asked].flatMap(([set, answer]): [number, Refusal][] => (answer.ok ? [] : [[set, answer]])));
  const all = [...refusals.values()];
  const hasBegun = view.progress.includes('c');
  const first = foremost(all);
  if (first && (!hasBegun || first.code === 'ApprovalRequired')) {
    const isRejected = !hasBegun && all.every(({ code }) => code === 'Rejected');
    const phase = hasBegun ? 'Running' : isRejected ? 'Rejected' : waitingPhase(all);
    return { ...view, phase, code: first.code, ...going([], refusals, view, state, facts) };
  }
  return { ...view, phase: 'Succeeded', message: tell({ is: 'succeeded', refusals }, view, state, facts) };
}

function waitingPhase(refusals: readonly Refusal[]): PlanPhase {
  return refusals.length > 0 && refusals.every(({ code }) => code === 'ApprovalRequired') ? 'Proposed' : 'Waiting';
}

/** The first sets that may, up to the limit, and the answers of those that may not. */
function choose(sets: readonly number[], limit: number, ask: (set: number) => MayBegin) {
  const chosen: number[] = [];
  const refusals = new Map<number, Refusal>();
  for (const set of sets) {
    if (chosen.length >= limit) break;
    const answer = ask(set);
    if (answer.ok) chosen.push(set);
    else refusals.set(set, answer);
  }
  return { chosen, refusals };
}

/** What a person can do something about comes first. */
function foremost(refusals: Iterable<Refusal>): Refusal | undefined {
  const all = [...refusals];
  return all.find(({ code }) => code === 'ApprovalRequired') ?? all[0];
}

function earliest(refusals: Iterable<Refusal>): Date | undefined {
  const times = [...refusals].flatMap(({ until }) => until ?? []);
  return times.length === 0 ? undefined : new Date(Math.min(...times.map((time) => time.getTime())));
}

function tell(story: Story, { progress, wave }: Pick<View, 'progress' | 'wave'>, { waveOf }: RolloutState, facts: RolloutFacts): string {
  return describe(story, { progress, wave, waveOf, ...facts });
}
