import {
  type BudgetJudgement,
  type BudgetWish,
  type Grant,
  type GrantClaimant,
  type GrantHolder,
  isSuperseded,
  judgeBudget,
} from '../../api/index.ts';
import type { ObjectStore, StoredObject } from '../contract.ts';
import { untilNotOutrun } from './outrun.ts';

/** What became of a wish: all of it, or nothing and why. */
export type GrantAnswer = { taken: true } | { taken: false; group: string; judgement: Extract<BudgetJudgement, { ok: false }> };

/**
 * Who may make which devices unavailable: one record for each budget group, changed by compare-and-swap, so that of two plans, two
 * operators, or a leader and one that believes to be, one gets the last place.
 */
export interface Grants {
  /**
   * All of the groups, or none: what was taken is given back when a later one refuses. Never waits. To be asked again for the same set is
   * the same as once; of two leaders that want it, the later one has it. Groups are taken in the order of their names.
   */
  take(claimant: GrantClaimant, wishes: readonly BudgetWish[], at: Date): Promise<GrantAnswer>;
  /** Everything that was taken for the set, unless a later leader has it. True when there was something. */
  give(claimant: GrantClaimant): Promise<boolean>;
  /** Groups of which somebody holds something, by name. */
  list(): Promise<readonly Grant[]>;
  /**
   * For a leader: gives back what this one or those before it took for sets of the region that are not at work. Those of other regions and
   * of later leaders stay. Not to be called between a take and the write that says that the set is at work. Answers the sets.
   */
  giveAllBut(atWork: ReadonlySet<string>, leader: Omit<GrantClaimant, 'holder'>): Promise<readonly string[]>;
}

export function openGrants(store: ObjectStore): Grants {
  const list = async () => (await store.list<Grant>('Grant')).map(({ spec }) => spec);
  const giveBack = async (isGone: (held: GrantHolder) => boolean): Promise<readonly string[]> => {
    const concerned = (await list()).filter(({ holders }) => holders.some(isGone));
    await Promise.all(concerned.map(({ group }) => change(store, group, (grant) => without(grant, isGone))));
    return [...new Set(concerned.flatMap(({ holders }) => holders.filter(isGone).map(({ holder }) => holder)))].toSorted();
  };
  return {
    take: async (claimant, wishes, at) => {
      const taken: string[] = [];
      const isOwn = (held: GrantHolder) => isSuperseded(held, claimant);
      for (const wish of wishes.toSorted((a, b) => (a.group < b.group ? -1 : 1))) {
        const judgement = await takeOne(store, claimant, wish, at);
        if (!judgement.ok) {
          await Promise.all(taken.map((group) => change(store, group, (grant) => without(grant, isOwn))));
          return { taken: false, group: wish.group, judgement };
        }
        taken.push(wish.group);
      }
      return { taken: true };
    },
    give: async (claimant) => (await giveBack((held) => isSuperseded(held, claimant))).length > 0,
    list,
    giveAllBut: (atWork, { region, epoch }) =>
      giveBack((held) => held.region === region && held.epoch <= epoch && !atWork.has(held.holder)),
  };
}

async function takeOne(store: ObjectStore, claimant: GrantClaimant, wish: BudgetWish, at: Date): Promise<BudgetJudgement> {
  let judgement: BudgetJudgement = { ok: true };
  const own: GrantHolder = { ...claimant, devices: wish.devices.toSorted(), at: at.toISOString() };
  await change(store, wish.group, (grant) => {
    const holders = grant?.holders ?? [];
    judgement = judgeBudget(wish, holders, claimant);
    const later = holders.find((held) => held.holder === claimant.holder && held.epoch > claimant.epoch);
    if (judgement.ok && later)
      judgement = { ok: false, because: `a later leader has ${claimant.holder}`, never: false, holders: [later.holder] };
    if (!judgement.ok) return grant;
    const before = holders.find((held) => held.holder === claimant.holder);
    const isSame = before?.epoch === own.epoch && String(before.devices) === String(own.devices);
    const others = holders.filter((held) => held.holder !== claimant.holder);
    return isSame && grant?.max === wish.max ? grant : { group: wish.group, max: wish.max, holders: [...others, own] };
  });
  return judgement;
}

async function change(store: ObjectStore, group: string, decide: (grant: Grant | undefined) => Grant | undefined): Promise<void> {
  await untilNotOutrun(async () => {
    const found = await store.get<Grant>('Grant', group);
    await write(store, group, found, decide(found?.spec));
  });
}

async function write(store: ObjectStore, group: string, found: StoredObject<Grant> | undefined, next: Grant | undefined): Promise<void> {
  if (found && next === found.spec) return;
  if (next && found) await store.update({ ...found, spec: next });
  else if (next) await store.create({ kind: 'Grant', name: group, spec: next });
  else if (found) await store.delete('Grant', group, found.resourceVersion);
}

function without(grant: Grant | undefined, isGone: (held: GrantHolder) => boolean): Grant | undefined {
  if (!grant) return undefined;
  const holders = grant.holders.filter((held) => !isGone(held));
  if (holders.length === grant.holders.length) return grant;
  return holders.length === 0 ? undefined : { ...grant, holders };
}
