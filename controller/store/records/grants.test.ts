import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BudgetWish } from '../../api/index.ts';
import { openStore, type Store } from '../open.ts';

let folder: string;
let store: Store;
let other: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plumb-grants-'));
  [store, other] = [await openStore(folder), await openStore(folder)];
});
afterEach(() => {
  store.close();
  other.close();
  rmSync(folder, { recursive: true, force: true });
});

const at = new Date('2026-11-20T12:00:00.000Z');
const wish = (group: string, devices: readonly string[], given: Partial<BudgetWish> = {}): BudgetWish => ({
  group,
  max: 1,
  devices,
  unavailable: [],
  ...given,
});
const set = (holder: string, epoch = 1, region = '') => ({ holder, region, epoch });
const holders = async () =>
  Object.fromEntries((await store.grants.list()).map((grant) => [grant.group, grant.holders.map(({ holder }) => holder)]));

describe('grants', () => {
  it('are kept until they are given back', async () => {
    expect(await store.grants.take(set('p1/0'), [wish('redundancyGroup rr', ['rr1'])], at)).toEqual({ taken: true });
    expect(await other.grants.list()).toEqual([
      { group: 'redundancyGroup rr', max: 1, holders: [{ holder: 'p1/0', region: '', epoch: 1, devices: ['rr1'], at: at.toISOString() }] },
    ]);
    expect(await other.grants.give(set('p1/0'))).toBe(true);
    expect(await store.grants.list()).toEqual([]);
    expect(await store.grants.give(set('p1/0'))).toBe(false);
  });

  it('are refused when another holder has the last place, who is named', async () => {
    await store.grants.take(set('p1/0'), [wish('site=fra', ['a'])], at);
    expect(await other.grants.take(set('p2/4'), [wish('site=fra', ['b'])], at)).toEqual({
      taken: false,
      group: 'site=fra',
      judgement: {
        ok: false,
        because: 'of site=fra at most 1 member may be unavailable, and a changes now for p1/0',
        never: false,
        holders: ['p1/0'],
      },
    });
  });

  it('are refused when somebody else is unavailable', async () => {
    const answer = await store.grants.take(set('p1/0'), [wish('site=fra', ['a'], { unavailable: ['b'] })], at);
    expect(answer).toMatchObject({ taken: false, judgement: { because: expect.stringContaining('b is not available') } });
    expect(await store.grants.list()).toEqual([]);
  });

  it('are all taken or none, and what was taken is given back', async () => {
    await other.grants.take(set('p2/0'), [wish('site=lon', ['z'])], at);
    const answer = await store.grants.take(
      set('p1/0'),
      [wish('site=lon', ['b']), wish('redundancyGroup rr', ['a']), wish('role=edge', ['a'])],
      at,
    );
    expect(answer).toMatchObject({ taken: false, group: 'site=lon' });
    expect(await holders()).toEqual({ 'site=lon': ['p2/0'] });
  });

  it('that one has already are not taken twice, and nothing is written for it', async () => {
    const wishes = [wish('site=fra', ['a', 'b'], { max: 2 })];
    await store.grants.take(set('p1/0'), wishes, at);
    const before = (await store.objects.list('Grant')).map(({ resourceVersion }) => resourceVersion);
    expect(await store.grants.take(set('p1/0'), wishes, new Date(at.getTime() + 60_000))).toEqual({ taken: true });
    expect((await store.objects.list('Grant')).map(({ resourceVersion }) => resourceVersion)).toEqual(before);
  });

  it('without a group are had at once', async () => {
    expect(await store.grants.take(set('p1/0'), [], at)).toEqual({ taken: true });
    expect(await store.grants.list()).toEqual([]);
  });

  it('of those who are gone are given back after a restart, and those of another region stay', async () => {
    await store.grants.take(set('p1/0', 1, 'site=fra'), [wish('role=edge', ['a'], { max: 9 })], at);
    await store.grants.take(set('p1/1', 1, 'site=fra'), [wish('role=edge', ['b'], { max: 9 }), wish('site=fra', ['b'])], at);
    await store.grants.take(set('p7/0', 1, 'site=lon'), [wish('role=edge', ['c'], { max: 9 })], at);
    expect(await other.grants.giveAllBut(new Set(['p1/0']), { region: 'site=fra', epoch: 2 })).toEqual(['p1/1']);
    expect(await holders()).toEqual({ 'role=edge': ['p1/0', 'p7/0'] });
  });

  describe('of a leader that was replaced', () => {
    const wishes = [wish('site=fra', ['a'])];

    it('are taken over by the next one for the same set, and cannot be given back by the one before', async () => {
      await store.grants.take(set('p1/0', 1), wishes, at);
      expect(await other.grants.take(set('p1/0', 2), wishes, at)).toEqual({ taken: true });
      expect(await store.grants.give(set('p1/0', 1))).toBe(false);
      expect(await store.grants.giveAllBut(new Set(), { region: '', epoch: 1 })).toEqual([]);
      expect(await holders()).toEqual({ 'site=fra': ['p1/0'] });
    });

    it('are not had again by the one before', async () => {
      await other.grants.take(set('p1/0', 2), wishes, at);
      expect(await store.grants.take(set('p1/0', 1), wishes, at)).toMatchObject({ taken: false });
      expect((await store.grants.list())[0]?.holders).toMatchObject([{ epoch: 2 }]);
    });
  });

  it('of one that two want at the same time have one holder, every time', async () => {
    for (let round = 0; round < 20; round++) {
      const answers = await Promise.all([
        store.grants.take(set('p1/0'), [wish('redundancyGroup rr', ['rr1']), wish('site=fra', ['rr1'])], at),
        other.grants.take(set('p2/0'), [wish('redundancyGroup rr', ['rr2']), wish('site=fra', ['rr2'])], at),
      ]);
      expect(answers.filter(({ taken }) => taken)).toHaveLength(1);
      expect(new Set(Object.values(await holders()).flat()).size).toBe(1);
      await Promise.all([store.grants.give(set('p1/0')), other.grants.give(set('p2/0'))]);
    }
  });

  it('of ten that take three places have three holders', async () => {
    const all = Array.from({ length: 10 }, (_, i) =>
      (i % 2 === 0 ? store : other).grants.take(set(`p${i}/0`), [wish('site=fra', [`r${i}`], { max: 3 })], at),
    );
    expect((await Promise.all(all)).filter(({ taken }) => taken)).toHaveLength(3);
    expect((await holders())['site=fra']).toHaveLength(3);
  });
});
