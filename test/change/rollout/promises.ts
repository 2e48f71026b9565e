import type { ChangeRecord } from '../../../controller/api/index.ts';
import { budgets, devices, type ModelPlan } from './network.ts';
import type { Stage } from './stage.ts';

/** What a leader knew may be so old when it acts on it: people do not wait for it. */
const graceMs = 12_000;

/** The promises, looked at after every single step by what the store and the routers hold, and by nothing that a process says. */
export class Promises {
  /** Letters that any set had at any time. */
  readonly seen = new Set<string>();
  readonly #stage: Stage;
  /** When a set was last marked as being at work. */
  readonly #markedAtMs = new Map<string, number>();
  readonly #letters = new Map<string, string>();
  readonly #logged = new Map<string, number>();

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  check(): void {
    const { journal, plans } = this.#stage;
    const records = new Map(journal.map((record) => [record.token, record]));
    for (const plan of plans) this.#noteMarks(plan);
    for (const device of devices) {
      this.#checkTarget(device, records);
      // To arm is not to write: a leader of before may, and what it armed lets go by itself.
      if (this.#news(device).includes('apply')) this.#checkApply(device, records);
    }
    this.#checkWriters(journal);
    this.#checkLetters(journal);
  }

  #noteMarks(plan: ModelPlan): void {
    const progress = this.#stage.statusOf(plan).progress ?? '';
    for (const [set, letter] of progress.split('').entries()) {
      const key = `${plan.name}/${set}`;
      if ('ab'.includes(letter) && this.#letters.get(key) !== letter) this.#markedAtMs.set(key, this.#stage.schedule.nowMs);
      this.#letters.set(key, letter);
      this.seen.add(letter);
    }
  }

  #news(device: string): readonly string[] {
    const log = this.#stage.targets.get(device)?.log ?? [];
    const seen = this.#logged.get(device) ?? 0;
    this.#logged.set(device, log.length);
    return log.slice(seen);
  }

  /** Never an unconfirmed change without a timer, nor two changes under way on one router. */
  #checkTarget(device: string, records: ReadonlyMap<string, ChangeRecord>): void {
    const underWay = this.#stage.targets.get(device)?.underWay ?? [];
    if (underWay.length > 1) fail(`two writers: ${underWay.map(({ token }) => token).join(', ')} are under way on ${device}`);
    for (const { token, isSent, isGuarded } of underWay) {
      if (isSent && !isGuarded) fail(`no timer: ${token} is not confirmed on ${device}, and nothing undoes it`);
      if (!records.has(token)) fail(`no record: ${token} is under way on ${device}`);
    }
  }

  /** Of two changes that sent something to the same router, one has ended. */
  #checkWriters(journal: readonly ChangeRecord[]): void {
    const sending = journal.filter(({ state }) => ['Applying', 'ReadingBack', 'Probing', 'Confirming'].includes(state));
    for (const device of devices) {
      const writers = sending.filter((record) => record.devices.includes(device));
      if (writers.length > 1) fail(`two writers: ${writers.map(({ token }) => token).join(', ')} write to ${device}`);
    }
  }

  #checkApply(device: string, records: ReadonlyMap<string, ChangeRecord>): void {
    const { ways, kept, plans } = this.#stage;
    const [underWay] = this.#stage.targets.get(device)?.underWay ?? [];
    const record = underWay && records.get(underWay.token);
    if (!record) return; // it ended within the step
    const of = ways.get(record.planId);
    const plan = plans.find(({ name }) => name === of?.plan);
    if (!of || !plan || !kept.has(record.planId)) return fail(`no plan: ${device} is written to, and ${record.planId} is not kept`);
    const key = `${of.plan}/${of.set}`;
    const letter = this.#letters.get(key) ?? '';
    if (letter !== (of.way === 'forward' ? 'a' : 'b')) fail(`not marked: ${device} is written to for ${key}, which is ${letter}`);
    const markedAtMs = this.#markedAtMs.get(key) ?? 0;
    this.#checkBudget(device, plan.sets[of.set] ?? [], markedAtMs);
    if (of.way === 'forward') this.#checkAllowed(plan, of.set, markedAtMs);
  }

  /** Never without what people and time allow, as it was when the set was marked. */
  #checkAllowed(plan: ModelPlan, set: number, atMs: number): void {
    const { approved, orders, window, moved } = this.#stage;
    const from = atMs - graceMs;
    const key = `${plan.name}/${set}`;
    if (plan.mode === 'Approve' && !approved.get(plan.name)?.wasEver(from, atMs, Boolean)) fail(`not approved: ${key} began`);
    if (!window.wasEver(from, atMs, Boolean)) fail(`no window: ${key} began`);
    if (!orders.get(plan.name)?.wasEver(from, atMs, (order) => order !== 'Pause' && order !== 'Stop')) fail(`stopped: ${key} began`);
    for (const device of plan.sets[set] ?? []) {
      if (!moved.get(device)?.wasEver(from, atMs, (isMoved) => !isMoved)) fail(`another effect: ${key} began`);
    }
  }

  /** Whoever changes and whoever is away for another reason, counted together. What a person did since it was decided does not count. */
  #checkBudget(device: string, set: readonly string[], atMs: number): void {
    const { drained, dark, targets } = this.#stage;
    for (const { group, max, members } of budgets) {
      if (!members.includes(device)) continue;
      const away = members.filter((each) => {
        if (set.includes(each) || targets.get(each)?.unfinished) return true;
        return [drained, dark].some((facts) => facts.get(each)?.now && !facts.get(each)?.wasEver(atMs - graceMs, Infinity, (is) => !is));
      });
      if (away.length > max) fail(`budget: of ${group} at most ${max}, and ${away.join(', ')} are away while ${device} is written to`);
    }
  }

  /** What the plan says of a set is what the journal says. */
  #checkLetters(journal: readonly ChangeRecord[]): void {
    const { ways } = this.#stage;
    for (const [key, letter] of this.#letters) {
      const ofSet = journal.filter(({ planId }) => {
        const of = ways.get(planId);
        return of && `${of.plan}/${of.set}` === key;
      });
      const has = (way: string, state: string) => ofSet.some((record) => ways.get(record.planId)?.way === way && record.state === state);
      const sent = ofSet.filter(({ state, endedAt }) => endedAt === undefined && !['Fencing', 'Arming', 'Disarming'].includes(state));
      const wrong = {
        '.': sent.length > 0,
        c: !has('forward', 'Confirmed'),
        s: !has('forward', 'Confirmed'),
        t: !has('back', 'Confirmed'),
        r: !has('forward', 'RolledBack'),
        n: !has('forward', 'NothingWritten'),
        p: !has('forward', 'PartiallyApplied'),
        i: !has('forward', 'RollbackIncomplete'),
      }[letter];
      const states = ofSet.map(({ state, planId }) => `${ways.get(planId)?.way} ${state}`).join(', ');
      if (wrong) fail(`letters: ${key} is ${letter}, and the journal says ${states || 'nothing'}`);
    }
  }
}

function fail(what: string): never {
  throw new Error(`broken promise: ${what}`);
}
