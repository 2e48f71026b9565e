import type { ChangePlanStatus, ChangeRecord, DevicePlan, SetLetter } from '../../../controller/api/index.ts';
import {
  type ApplyDeps,
  applyPlan,
  isPlanEnd,
  judgeApproval,
  leaderEpoch,
  letterOf,
  markProgress,
  type MayBegin,
  planRollback,
  recover,
  type SetRecord,
  settleProgress,
  stepRollout,
  type Way,
  wishesOf,
} from '../../../controller/change/index.ts';
import { judgeBudget } from '../../../controller/api/index.ts';
import { PlumblineError } from '../../../controller/lib/index.ts';
import type { StoredObject } from '../../../controller/store/index.ts';
import { openChanges } from '../../../controller/store/records/changes.ts';
import { openEpoch } from '../../../controller/store/records/epoch.ts';
import { openGrants } from '../../../controller/store/records/grants.ts';
import { clear, groupsOf, type ModelPlan } from './network.ts';
import type { Look, Stage } from './stage.ts';

type PlanObject = StoredObject<unknown, ChangePlanStatus>;

class Retired extends Error {}

/**
 * A leader of the operator, as small as it can be: it looks, asks `stepRollout`, takes grants, marks the sets, and applies them. What it
 * holds to is the protocol that every leader must hold to; everything that it decides by is the product's own.
 */
export async function lead(stage: Stage, name: string): Promise<void> {
  const { schedule } = stage;
  const clock = schedule.clockOf(name);
  const objects = stage.store.handle(async (what) => stage.storeFate(await schedule.pass(name, what)));
  const [changes, epochs, grants] = [openChanges(objects), openEpoch(objects), openGrants(objects)];
  const ours = await insist(() => epochs.lead());
  const running = new Map<string, Way>();
  const deps: ApplyDeps = {
    ...stage.depsOf(name),
    clock,
    changes,
    epoch: leaderEpoch(epochs, ours),
    owner: name,
    isAlive: () => false,
    atWork: new Set(),
  };
  const office = { isHeld: true };

  /** The store fails now and then: once more. */
  async function insist<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (error instanceof Retired) throw error;
        await clock.sleep(1_000);
      }
    }
  }

  const finish = async () => (stage.holds('finishes what others left') ? recover(deps, () => {}) : []);
  await insist(finish);
  let recovering: Promise<unknown> | undefined;
  while (office.isHeld) {
    recovering ??= finish()
      .catch(() => undefined)
      .finally(() => (recovering = undefined));
    try {
      await passAll();
    } catch (error) {
      if (error instanceof Retired) return;
    }
    await clock.sleep(5_000);
  }

  async function passAll(): Promise<void> {
    const plans = await Promise.all(stage.plans.map((plan) => objects.get<unknown, ChangePlanStatus>('ChangePlan', plan.name)));
    const marked = plans.flatMap((plan) =>
      (plan?.status?.progress ?? '').split('').flatMap((letter, set) => ('abu'.includes(letter) ? [`${plan?.name}/${set}`] : [])),
    );
    await grants.giveAllBut(new Set([...marked, ...running.keys()]), { region: '', epoch: ours });
    for (const plan of stage.plans) await pass(plan);
  }

  async function pass(plan: ModelPlan): Promise<void> {
    const found = (await objects.get<unknown, ChangePlanStatus>('ChangePlan', plan.name)) as PlanObject;
    const status = found.status as ChangePlanStatus;
    // Also of a plan that ended: until its last outcome is known it keeps a place in its budgets.
    if (isPlanEnd(status.phase ?? 'Proposed') && !status.progress?.includes('u')) return;
    const journal = (await objects.list<ChangeRecord>('ChangeRecord')).map(({ spec }) => spec);
    const progress = settleProgress(status.progress ?? '', (set) => recordOf(plan, set, status.progress?.[set] as SetLetter, journal));
    // Written before anything is decided: a leader of before that has read the same object is refused from then on.
    if (progress !== status.progress && stage.holds('writes what it settled first'))
      return void (await write(found, { ...status, progress }));
    if (isPlanEnd(status.phase ?? 'Proposed')) return;
    const look = await stage.look(name);
    const approvals = await objects.list('ChangeApproval');
    const held = await grants.list();
    const { policy, waveOf } = plan.layout;
    const mayTakeBack = (set: number): MayBegin => mayChange(plan, set, look, held, journal);
    const step = stepRollout(
      { progress, waveOf, phase: status.phase ?? 'Proposed', wave: status.wave, bakedUntil: status.bakedUntil },
      {
        at: schedule.now(),
        plan: plan.name,
        nameOf: (set) => (plan.sets[set] ?? []).join('+'),
        policy,
        order: found.annotations['order'] as 'Pause' | undefined,
        atOnceLeft: 3 - running.size,
        mayBegin: (set) => mayBegin(plan, set, look, approvals, mayTakeBack),
        mayTakeBack,
        healthOf: (set) => healthOf(plan.sets[set] ?? [], look),
      },
    );
    const isMoved = !/[^.]/.test(step.progress) && plan.sets.flat().some((device) => look.moved.has(device));
    if (isMoved) return void (await write(found, { ...status, progress: step.progress, phase: 'Superseded' }));

    const begin = await claim(plan, step.begin, look);
    const back = await claim(plan, step.takeBack, look);
    const next: ChangePlanStatus = {
      ...status,
      progress: markProgress(markProgress(step.progress, begin, 'a'), back, 'b'),
      phase: step.phase,
      wave: step.wave,
      bakedUntil: step.bakedUntil,
    };
    const isWritten = await write(found, next);
    if (!isWritten) await Promise.all([...begin, ...back].map((set) => grants.give(claimantOf(plan, set))));
    else for (const set of [...begin, ...back]) start(plan, set, next.progress?.[set] === 'a' ? 'forward' : 'back');
  }

  /**
   * The object is read first, then the epoch, then it is written at the version that was read: whoever was replaced in between either
   * finds another epoch, or writes before its successor has read, or is refused. False: read it again.
   */
  async function write(found: PlanObject, status: ChangePlanStatus): Promise<boolean> {
    if (JSON.stringify(found.status) === JSON.stringify(status)) return true;
    if (stage.holds('asks for the epoch before it writes') && (await epochs.stored()).led !== ours) retire();
    try {
      await objects.updateStatus({ ...found, status });
      return true;
    } catch (error) {
      if (error instanceof PlumblineError && error.code === 'Conflict') return false;
      throw error;
    }
  }

  function retire(): never {
    office.isHeld = false;
    throw new Retired();
  }

  async function claim(plan: ModelPlan, sets: readonly number[], look: Look): Promise<readonly number[]> {
    const had: number[] = [];
    for (const set of sets) {
      const wishes = wishesOf(plan.sets[set] ?? [], groupsOf, (group) => look.unavailableIn(group));
      const answer = stage.holds('takes grants') ? await grants.take(claimantOf(plan, set), wishes, schedule.now()) : { taken: true };
      if (answer.taken) had.push(set);
    }
    return had;
  }

  function start(plan: ModelPlan, set: number, way: Way): void {
    const key = `${plan.name}/${set}`;
    running.set(key, way);
    void work(plan, set, way)
      .catch(() => undefined) // the store failed, or we are no leader any more: whoever leads settles it by the journal
      .finally(() => running.delete(key));
  }

  async function work(plan: ModelPlan, set: number, way: Way): Promise<void> {
    const end = await carryOut(plan, set, way);
    if (end === undefined) return;
    for (;;) {
      const found = (await objects.get<unknown, ChangePlanStatus>('ChangePlan', plan.name)) as PlanObject;
      const progress = found.status?.progress ?? '';
      if (progress[set] !== (way === 'forward' ? 'a' : 'b')) return;
      if (await write(found, { ...(found.status as ChangePlanStatus), progress: markProgress(progress, [set], end) })) break;
    }
    if (end !== 'u') await grants.give(claimantOf(plan, set));
  }

  /** The letter of its end. Undefined: another leader has it. */
  async function carryOut(plan: ModelPlan, set: number, way: Way): Promise<SetLetter | undefined> {
    const members = plan.sets[set] ?? [];
    const plans = way === 'forward' ? plan.devices : await planBack(plan, members);
    if (!plans) return letterOf('NothingWritten', way);
    const cleared = clear(members, plans, schedule.now());
    stage.ways.set(cleared.id, { plan: plan.name, set, way });
    const whyNot = () => (way === 'forward' ? whyNotAnyMore(plan, set) : undefined);
    const [result] = await applyPlan(deps, cleared, new AbortController().signal, () => {}, { whyNot });
    if (result?.reason?.code === 'StaleEpoch') retire();
    return !result || result.reason?.code === 'TakenOver' ? undefined : letterOf(result.end, way, result.reason);
  }

  /** What people and time say at this very moment. */
  function whyNotAnyMore(plan: ModelPlan, set: number): string | undefined {
    const order = stage.store.find('ChangePlan', plan.name)?.annotations['order'];
    if (order === 'Pause' || order === 'Stop') return order;
    const answer = mayBegin(plan, set, stage.seen(), stage.store.list('ChangeApproval'), () => ({ ok: true }));
    return answer.ok ? undefined : answer.because;
  }

  async function planBack(plan: ModelPlan, members: readonly string[]): Promise<ReadonlyMap<string, DevicePlan> | undefined> {
    const back = new Map<string, DevicePlan>();
    for (const device of members) {
      const reach = deps.reach(device);
      const read = await reach?.driver.observe(reach.target, {}, new AbortController().signal);
      if (read?.state !== 'Read') return undefined;
      const facts = { shown: plan.devices.get(device) as DevicePlan, read, baseline: undefined, revision: 'main@sha1:1' };
      const { plan: way } = planRollback({ ...facts, management: { address: '203.0.113.1' } });
      if (!way) return undefined;
      back.set(device, way);
    }
    return back;
  }

  function claimantOf(plan: ModelPlan, set: number) {
    return { holder: `${plan.name}/${set}`, region: '', epoch: ours };
  }

  /** What the journal says of the set, by this very plan. What we work on ourselves has no end yet. */
  function recordOf(plan: ModelPlan, set: number, letter: SetLetter, journal: readonly ChangeRecord[]): SetRecord | undefined {
    const way: Way = letter === 'b' ? 'back' : 'forward';
    if (running.has(`${plan.name}/${set}`)) return { way, record: { state: 'Fencing' } };
    const ofSet = journal.filter(({ planId }) => {
      const found = stage.ways.get(planId);
      return found?.plan === plan.name && found.set === set && (letter === 'u' || found.way === way);
    });
    const newest = ofSet.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1))[0];
    return newest && { way: stage.ways.get(newest.planId)?.way ?? way, record: newest };
  }

  function mayBegin(
    plan: ModelPlan,
    set: number,
    look: Look,
    approvals: Parameters<typeof stage.approvalFacts>[0],
    mayTouch: (set: number) => MayBegin,
  ): MayBegin {
    const members = plan.sets[set] ?? [];
    const moved = members.find((device) => look.moved.has(device));
    if (moved !== undefined) return { ok: false, code: 'Superseded', because: `${moved} needs another change by now` };
    if (plan.mode === 'Approve' && stage.holds('asks whether it is approved')) {
      for (const effectDigest of stage.effectsOf(plan, set)) {
        const { state, waitsFor = '' } = judgeApproval(
          { effectDigest, devices: members, risk: 'medium' },
          stage.approvalFacts(approvals, schedule.now()),
        );
        if (state !== 'Approved') {
          return { ok: false, code: state === 'Rejected' ? 'Rejected' : 'ApprovalRequired', because: waitsFor };
        }
      }
    }
    if (!look.windowOpen) return { ok: false, code: 'WindowClosed', because: 'closed' };
    return mayTouch(set);
  }

  function mayChange(
    plan: ModelPlan,
    set: number,
    look: Look,
    held: Awaited<ReturnType<typeof grants.list>>,
    journal: readonly ChangeRecord[],
  ): MayBegin {
    const members = plan.sets[set] ?? [];
    const busy = journal.find((record) => record.endedAt === undefined && record.devices.some((device) => members.includes(device)));
    if (busy) return { ok: false, code: 'ChangeInProgress', because: `${busy.devices.join()} is changed` };
    for (const wish of wishesOf(members, groupsOf, (group) => look.unavailableIn(group))) {
      const judged = judgeBudget(wish, held.find(({ group }) => group === wish.group)?.holders ?? [], claimantOf(plan, set));
      if (!judged.ok) return { ok: false, code: 'BudgetExhausted', because: judged.because };
    }
    return { ok: true };
  }
}

function healthOf(members: readonly string[], look: Look) {
  const [sick] = members.filter((device) => look.sick.has(device));
  const [dark] = members.filter((device) => look.dark.has(device));
  if (sick !== undefined) return { is: 'sick' as const, because: `${sick} is not healthy` };
  return dark === undefined ? { is: 'healthy' as const } : { is: 'unclear' as const, because: `${dark} does not answer` };
}
