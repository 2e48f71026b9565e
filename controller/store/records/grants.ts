import { type BudgetJudgement, type BudgetWish, type Grant, judgeBudget } from '../../api/index.ts';
import type { ObjectStore, StoredObject } from '../contract.ts';
import { isOutrun } from './outrun.ts';

/** What became of a wish: all of it, or nothing and why. */
export type GrantAnswer = { taken: true } | { taken: false; group: string; judgement: Extract<BudgetJudgement, { ok: false }> };

/**
 * Who may make which devices unavailable: one record for each budget group, changed by compare-and-swap, so that of two plans, two
 * operators, or a leader and one that believes to be, one gets the last place.
 */
export interface Grants {
  /**
   * All of the groups, or none: what was taken is given back when a later one refuses. Never waits. To be asked again by the same holder
   * is the same as once. Groups are taken in the order of their names.
   */
  take(holder: string, wishes: readonly BudgetWish[], at: Date): Promise<GrantAnswer>;
  /** Everything that the holder has. True when there was something. */
  give(holder: string): Promise<boolean>;
  /** Groups of which somebody holds something, by name. */
  list(): Promise<readonly Grant[]>;
  /**
   * For a recovery: gives back what holders have that begin with `prefix` and are not among those that are at work. A region passes its
   * own prefix: it knows nothing of the others' work. Answers whom it was taken from.
   */
  giveAllBut(atWork: ReadonlySet<string>, prefix: string): Promise<readonly string[]>;
}

export function openGrants(store: ObjectStore): Grants {
  const list = async () => store.list<Grant>('Grant');
  const drop = (groups: readonly string[], isGone: (holder: string) => boolean) =>
    Promise.all(groups.map((group) => change(store, group, (grant) => without(grant, isGone))));
  return {
    take: async (holder, wishes, at) => {
      const taken: string[] = [];
      for (const wish of wishes.toSorted((a, b) => (a.group < b.group ? -1 : 1))) {
        let judgement: BudgetJudgement = { ok: true };
        const own = { holder, devices: wish.devices.toSorted(), at: at.toISOString() };
        await change(store, wish.group, (grant) => {
          const holders = grant?.holders ?? [];
          judgement = judgeBudget(wish, holders, holder);
          if (!judgement.ok) return grant;
          const before = holders.find((each) => each.holder === holder);
          const kept = before && String(before.devices) === String(own.devices) ? before : own;
          return { group: wish.group, max: wish.max, holders: [...holders.filter((each) => each.holder !== holder), kept] };
        });
        const answer = judgement as BudgetJudgement; // assigned in the callback, which the compiler does not follow
        if (!answer.ok) {
          await drop(taken, (each) => each === holder);
          return { taken: false, group: wish.group, judgement: answer };
        }
        taken.push(wish.group);
      }
      return { taken: true };
    },
    give: async (holder) => {
      const groups = (await list()).filter(({ spec }) => spec.holders.some((each) => each.holder === holder)).map(({ name }) => name);
      await drop(groups, (each) => each === holder);
      return groups.length > 0;
    },
    list: async () => (await list()).map(({ spec }) => spec),
    giveAllBut: async (atWork, prefix) => {
      const isGone = (holder: string) => holder.startsWith(prefix) && !atWork.has(holder);
      const grants = await list();
      const gone = grants.flatMap(({ spec }) => spec.holders.map(({ holder }) => holder)).filter(isGone);
      await drop(
        grants.filter(({ spec }) => spec.holders.some(({ holder }) => isGone(holder))).map(({ name }) => name),
        isGone,
      );
      return [...new Set(gone)].toSorted();
    },
  };
}

/** Reads, decides, writes; again when somebody else was faster, which means that somebody made progress: so this ends. */
async function change(store: ObjectStore, group: string, decide: (grant: Grant | undefined) => Grant | undefined): Promise<void> {
  for (;;) {
    const found = await store.get<Grant>('Grant', group);
    const next = decide(found?.spec);
    try {
      await write(store, group, found, next);
      return;
    } catch (error) {
      if (!isOutrun(error)) throw error;
    }
  }
}

async function write(store: ObjectStore, group: string, found: StoredObject<Grant> | undefined, next: Grant | undefined): Promise<void> {
  if (found && next === found.spec) return;
  if (next && found) await store.update({ ...found, spec: next });
  else if (next) await store.create({ kind: 'Grant', name: group, spec: next });
  else if (found) await store.delete('Grant', group, found.resourceVersion);
}

function without(grant: Grant | undefined, isGone: (holder: string) => boolean): Grant | undefined {
  if (!grant) return undefined;
  const holders = grant.holders.filter(({ holder }) => !isGone(holder));
  if (holders.length === grant.holders.length) return grant;
  return holders.length === 0 ? undefined : { ...grant, holders };
}
