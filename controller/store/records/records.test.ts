import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Baseline, ChangeRecord, DevicePlan, Plan } from '../../api/index.ts';
import { openHistory } from './history.ts';
import { openStore, type Store } from '../open.ts';

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plumb-records-'));
  store = await openStore(folder);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const baseline = (given: Partial<Baseline> = {}): Baseline => ({
  device: 'edge1-fra',
  platform: 'frr',
  revision: 'main@sha1:1',
  items: { 'router bgp': 'router bgp 64496' },
  unmanaged: ['log'],
  adopted: true,
  ...given,
});
/** Items that compress to more than a record takes. */
const bigItems = (seed: string): Record<string, string> =>
  Object.fromEntries(Array.from({ length: 1_500 }, (_, i) => [`item ${i}`, createHash('sha256').update(`${seed} ${i}`).digest('hex')]));

const record = (given: Partial<ChangeRecord> = {}): ChangeRecord => ({
  token: 'plan-1-a',
  planId: 'plan-1',
  revision: 'main@sha1:1',
  devices: ['a'],
  epoch: 1,
  deadlineMs: 120_000,
  state: 'Fencing',
  owner: 'host/boot/1/1',
  startedAt: '2026-11-20T12:00:00.000Z',
  ...given,
});
const versions = async () =>
  Promise.all(['Baseline', 'Plan', 'Observation'].map(async (kind) => (await store.objects.list(kind)).map((o) => o.resourceVersion)));

describe('baselines', () => {
  it('come back as they were put', async () => {
    expect(await store.baselines.get('edge1-fra')).toBeUndefined();
    await store.baselines.put(baseline());
    expect(await store.baselines.get('edge1-fra')).toEqual(baseline());
  });

  it('come back with the lines of others, and without them when they are of an older version', async () => {
    const seen = baseline({ unmanaged: ['log', 'peer'], unmanagedLines: { peer: 'peer remote-as 64511' } });
    await store.baselines.put(seen);
    expect(await store.baselines.get('edge1-fra')).toEqual(seen);
    expect(await store.baselines.replace(baseline(), baseline())).toBe(false);
    expect(await store.baselines.replace(seen, baseline())).toBe(true);
    expect(await store.baselines.get('edge1-fra')).toEqual(baseline());
  });

  it('are written only when they move', async () => {
    await store.baselines.put(baseline());
    const before = await versions();
    await store.baselines.put(baseline());
    expect(await versions()).toEqual(before);
  });

  it('that are small are one write, and no artifact', async () => {
    await store.baselines.put(baseline());
    const [stored] = await store.objects.list<{ artifact: string; inline?: string }>('Baseline');
    expect(stored?.resourceVersion).toBe('1');
    expect(gunzipSync(Buffer.from(stored!.spec.inline!, 'base64')).toString()).toBe(
      '{"items":{"router bgp":"router bgp 64496"},"unmanaged":["log"]}',
    );
    expect(await store.objects.getArtifact(stored!.spec.artifact)).toBeUndefined();
  });

  it('that grow and shrink move between record and artifact, and leave nothing behind', async () => {
    await store.baselines.put(baseline());
    await store.baselines.put(baseline({ items: bigItems('a') }));
    expect(await store.baselines.get('edge1-fra')).toEqual(baseline({ items: bigItems('a') }));
    const [big] = await store.objects.list<{ artifact: string; inline?: string }>('Baseline');
    expect(big?.spec.inline).toBeUndefined();
    await store.baselines.put(baseline());
    expect(await store.baselines.get('edge1-fra')).toEqual(baseline());
    expect(await store.objects.getArtifact(big!.spec.artifact)).toBeUndefined();
  });

  it('of a store where every text was an artifact are read, and moved on', async () => {
    const artifact = await store.objects.putArtifact('{"items":{"router bgp":"router bgp 64496"},"unmanaged":["log"]}');
    const { items: _, unmanaged: __, ...rest } = baseline();
    await store.objects.create({ kind: 'Baseline', name: 'edge1-fra', spec: { ...rest, artifact, items: 1 } });
    expect(await store.baselines.get('edge1-fra')).toEqual(baseline());
    expect(await store.baselines.replace(baseline(), baseline({ items: {} }))).toBe(true);
    expect(await store.baselines.get('edge1-fra')).toEqual(baseline({ items: {} }));
    expect(await store.objects.getArtifact(artifact)).toBeUndefined();
  });

  it('keep the artifact that another device shares, and drop one that nobody uses', async () => {
    const items = bigItems('shared');
    await store.baselines.put(baseline({ items }));
    await store.baselines.put(baseline({ items, device: 'edge2-fra' }));
    await store.baselines.put(baseline({ items: {} }));
    expect(await store.baselines.get('edge2-fra')).toEqual(baseline({ items, device: 'edge2-fra' }));
    const [old] = (await store.objects.list<{ artifact: string }>('Baseline')).filter(({ name }) => name === 'edge2-fra');
    expect(await store.baselines.forget('edge2-fra')).toBe(true);
    expect(await store.objects.getArtifact(old!.spec.artifact)).toBeUndefined();
    expect(await store.baselines.get('edge1-fra')).toEqual(baseline({ items: {} }));
    expect(await store.baselines.forget('edge2-fra')).toBe(false);
  });

  it('are replaced by who derived the new one from the stored one, and by nobody else', async () => {
    expect(await store.baselines.replace(baseline(), baseline())).toBe(false);
    expect(await store.baselines.replace(undefined, baseline())).toBe(true);
    expect(await store.baselines.replace(undefined, baseline({ items: {} }))).toBe(false);
    const readByDrift = await store.baselines.get('edge1-fra');
    const adopted = baseline({ items: { y: 'y as it is' } });
    expect(await store.baselines.replace(readByDrift, adopted)).toBe(true);
    expect(await store.baselines.replace(readByDrift, baseline({ items: { z: 'z' } }))).toBe(false);
    expect(await store.baselines.get('edge1-fra')).toEqual(adopted);
  });

  it('are replaced by one of two processes that do it in the same moment', async () => {
    await store.baselines.put(baseline());
    const other = await openStore(folder);
    const derived = ['a', 'b'].map((name) => baseline({ items: { [name]: name } }));
    const done = await Promise.all([store, other].map(({ baselines }, i) => baselines.replace(baseline(), derived[i]!)));
    other.close();
    expect(done.filter(Boolean)).toHaveLength(1);
    expect(await store.baselines.get('edge1-fra')).toEqual(derived[done.indexOf(true)]);
  });

  it('that lost their artifact are damage, not a first contact, until they are put again', async () => {
    const big = baseline({ items: bigItems('a') });
    await store.baselines.put(big);
    const [pointer] = await store.objects.list<{ artifact: string }>('Baseline');
    await store.objects.deleteArtifact(pointer!.spec.artifact);
    await expect(store.baselines.get('edge1-fra')).rejects.toMatchObject({ code: 'StoreDamaged' });
    await store.baselines.put(big);
    expect(await store.baselines.get('edge1-fra')).toEqual(big);
  });

  it.each(['', 'H4sIAAAA', gzipSync('{"items":{}}').toString('base64')])(
    'whose text became %j are damage, until they are put again',
    async (inline) => {
      await store.baselines.put(baseline());
      const [stored] = await store.objects.list<{ inline: string }>('Baseline');
      await store.objects.update({ ...stored!, spec: { ...stored!.spec, inline } });
      await expect(store.baselines.get('edge1-fra')).rejects.toMatchObject({ code: 'StoreDamaged' });
      await store.baselines.put(baseline());
      expect(await store.baselines.get('edge1-fra')).toEqual(baseline());
    },
  );

  it('keep item keys that are names of object members', async () => {
    const items = JSON.parse('{"__proto__":"a","constructor":"b"}') as Record<string, string>;
    await store.baselines.put(baseline({ items }));
    expect(Object.entries((await store.baselines.get('edge1-fra'))!.items)).toEqual(Object.entries(items));
  });

  it('of a hundred thousand lines take a moment', async () => {
    const items = Object.fromEntries(
      Array.from({ length: 100_000 }, (_, i) => [`ip prefix-list P seq ${i}`, `ip prefix-list P seq ${i} permit 2001:db8::/32`]),
    );
    await store.baselines.put(baseline({ items }));
    expect(Object.keys((await store.baselines.get('edge1-fra'))!.items)).toHaveLength(100_000);
  });
});

describe('plans', () => {
  it('come back by id, with the newest provenance', async () => {
    const plan = (revision: string): Plan => ({
      id: 'plan-1',
      createdAt: '',
      revision,
      sets: [['a']],
      devices: [{ effect: { device: 'a' } } as DevicePlan],
    });
    await store.plans.put(plan('main@sha1:1'));
    await store.plans.put(plan('main@sha1:2'));
    expect(await store.plans.get('plan-1')).toEqual(plan('main@sha1:2'));
    expect(await store.plans.get('plan-2')).toBeUndefined();
  });
});

describe('what is kept', () => {
  const plan = (i: number): Plan => ({ id: `plan-${i}`, createdAt: new Date(i).toISOString(), revision: '', sets: [], devices: [] });

  it('is the newest two hundred plans, and those that an open change names', async () => {
    await store.changes.begin(record({ planId: 'plan-1' }));
    for (let i = 0; i < 203; i++) await store.plans.put(plan(i));
    const kept = await Promise.all([0, 1, 2, 3, 4, 202].map(async (i) => (await store.plans.get(`plan-${i}`)) !== undefined));
    expect(kept).toEqual([false, true, false, false, true, true]);
  });

  it('is the newest five hundred ended changes, and every open one', async () => {
    await store.changes.begin(record({ token: 'open', startedAt: new Date(0).toISOString() }));
    for (let i = 1; i <= 502; i++) {
      const begun = await store.changes.begin(record({ token: `t${i}`, startedAt: new Date(i).toISOString() }));
      await store.changes.advance(begun, { ...begun.record, state: 'Confirmed', endedAt: new Date(i).toISOString() });
    }
    const kept = await Promise.all(['open', 't1', 't2', 't502'].map(async (token) => (await store.changes.get(token)) !== undefined));
    expect(kept).toEqual([true, false, true, true]);
  });
});

describe('changes', () => {
  it('are not open any more when nobody can be asked', async () => {
    const entry = await store.changes.begin(record());
    await store.changes.advance(entry, record({ state: 'OutcomeUnknown', endedAt: '2026-11-20T12:01:00.000Z', closed: true }));
    expect(await store.changes.listOpen()).toEqual([]);
  });

  it('are open until they end, the oldest first', async () => {
    await store.changes.begin(record({ token: 'b', startedAt: '2026-11-20T13:00:00.000Z' }));
    const first = await store.changes.begin(record({ token: 'a' }));
    expect((await store.changes.listOpen()).map((entry) => entry.record.token)).toEqual(['a', 'b']);
    await store.changes.advance(first, record({ token: 'a', state: 'Confirmed', endedAt: '2026-11-20T12:01:00.000Z' }));
    expect((await store.changes.listOpen()).map((entry) => entry.record.token)).toEqual(['b']);
  });

  it('stay open while nobody has seen their outcome', async () => {
    const entry = await store.changes.begin(record());
    await store.changes.advance(entry, record({ state: 'OutcomeUnknown', endedAt: '2026-11-20T12:01:00.000Z' }));
    expect(await store.changes.listOpen()).toHaveLength(1);
  });

  it('are found by the ChangePlan that they were begun for, not by devices, times or a name that was used before', async () => {
    const of = (uid: string, set: number, way: 'forward' | 'back') => ({ cause: { plan: 'plan-1', uid, set, way } });
    await store.changes.begin(record({ token: 'forward', ...of('now', 0, 'forward') }));
    await store.changes.begin(record({ token: 'back', startedAt: '2026-11-20T13:00:00.000Z', ...of('now', 0, 'back') }));
    await store.changes.begin(record({ token: 'glass', startedAt: '2026-11-20T14:00:00.000Z' }));
    await store.changes.begin(record({ token: 'before', startedAt: '2026-11-20T15:00:00.000Z', ...of('then', 1, 'forward') }));
    const found = await store.changes.newestOfPlan('now');
    expect([...found].map(([set, { token }]) => [set, token])).toEqual([[0, 'back']]);
  });

  it('let one of two processes decide', async () => {
    const entry = await store.changes.begin(record({ state: 'Probing' }));
    const other = await openStore(folder);
    const theirs = (await other.changes.listOpen())[0]!;
    await other.changes.advance(theirs, record({ state: 'RollingBack', decision: 'rollback' }));
    await expect(store.changes.advance(entry, record({ state: 'Confirming', decision: 'confirm' }))).rejects.toMatchObject({
      code: 'Conflict',
    });
    expect((await store.changes.get('plan-1-a'))?.record.decision).toBe('rollback');
    other.close();
  });

  it('are kept by when they ended: whoever waited long for an end still finds it', async () => {
    const ended = (token: string, day: string, at: string) =>
      record({ token, state: 'RolledBack', startedAt: `2026-11-${day}T00:00:00.000Z`, endedAt: at });
    await store.changes.begin(ended('late', '01', '2026-11-21T00:00:00.000Z'));
    for (let i = 0; i < 500; i++) {
      const spec = ended(`other-${i}`, '02', '2026-11-20T00:00:00.000Z');
      await store.objects.create({ kind: 'ChangeRecord', name: spec.token, labels: { open: 'false' }, spec });
    }
    await store.changes.begin(record({ token: 'next' }));
    expect((await store.changes.get('late'))?.record.state).toBe('RolledBack');
    expect(await store.objects.list('ChangeRecord')).toHaveLength(501);
  });

  it('refuse a token that was used before', async () => {
    await store.changes.begin(record());
    await expect(store.changes.begin(record())).rejects.toMatchObject({ code: 'AlreadyExists' });
  });
});

describe('the epoch', () => {
  it('begins at one and never falls', async () => {
    expect(await store.epoch.current()).toBe(1);
    expect(await store.epoch.current(7)).toBe(7);
    expect(await store.epoch.current(3)).toBe(7);
    expect(await store.epoch.raise()).toBe(8);
    expect(await store.epoch.raise(20)).toBe(21);
    expect(await store.epoch.current()).toBe(21);
  });

  it('is moved from a value that was seen only while it is still that', async () => {
    const { value: seen } = await store.epoch.stored();
    expect(await store.epoch.replace(seen, seen + 5)).toBe(true);
    expect(await store.epoch.replace(seen, seen + 9)).toBe(false);
    expect((await store.epoch.stored()).value).toBe(seen + 5);
    const other = await openStore(folder);
    const both = await Promise.all([store, other].map(({ epoch }, i) => epoch.replace(seen + 5, seen + 20 + i)));
    expect(both.filter(Boolean)).toHaveLength(1);
    other.close();
  });

  it('says which leadership began last, whoever raises it since', async () => {
    expect(await store.epoch.stored()).toEqual({ value: 0, led: 0 });
    expect(await store.epoch.lead()).toBe(1);
    await store.epoch.raise(6);
    await store.epoch.current(9);
    await store.epoch.replace(9, 12);
    expect(await store.epoch.stored()).toEqual({ value: 12, led: 1 });
    expect(await store.epoch.lead()).toBe(13);
    expect(await store.epoch.stored()).toEqual({ value: 13, led: 13 });
  });

  it('is raised by each of many at once, never to the same value', async () => {
    const other = await openStore(folder);
    const raised = await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? store : other).epoch.raise()));
    expect(new Set(raised).size).toBe(20);
    other.close();
  });
});

describe('the epochs of regions', () => {
  it('know nothing of each other', async () => {
    await store.epoch.raise();
    expect(await store.epochOf('site=fra').raise()).toBe(1);
    expect(await store.epochOf('site=fra').raise(7)).toBe(8);
    const stored = await Promise.all(['site=fra', 'site=lon', ''].map((region) => store.epochOf(region).stored()));
    expect(stored.map(({ value }) => value)).toEqual([8, 0, 1]);
  });
});

describe('quarantines', () => {
  it('are kept by effect until they are released', async () => {
    const entry = {
      effectDigest: 'sha256:ab',
      device: 'a',
      inputsDigest: 'sha256:cd',
      reason: { code: 'ProbeFailed', message: 'm' },
      at: '',
    };
    await store.quarantines.put(entry);
    await store.quarantines.put({ ...entry, at: 'later' });
    expect(await store.quarantines.get('sha256:ab')).toEqual({ ...entry, at: 'later' });
    expect(await store.quarantines.release('sha256:ab')).toBe(true);
    expect(await store.quarantines.get('sha256:ab')).toBeUndefined();
  });
});

describe('observations', () => {
  it('write nothing when the same is seen again', async () => {
    const seen = { device: 'a', verdict: 'Drifted', revision: 'r', since: 's', differences: { 'Drifted x': 's' } };
    await store.observations.put(seen);
    const before = await versions();
    await store.observations.put(seen);
    expect(await versions()).toEqual(before);
    expect(await store.observations.list()).toEqual([seen]);
  });

  // `plumb drift` in one terminal while `plumb apply` in another one reads back: neither may end with an error for it.
  it.each([
    { name: 'nothing', before: undefined },
    { name: 'a difference', before: 'Drifted' },
  ])('of two processes at once are one of the two, where there was $name', async ({ before }) => {
    const seen = (verdict: string) => ({ device: 'a', verdict, revision: 'r', since: 's', differences: {} });
    if (before) await store.observations.put(seen(before));
    await Promise.all([store.observations.put(seen('Pending')), store.observations.put(seen('Unknown'))]);
    expect(['Pending', 'Unknown']).toContain((await store.observations.get('a'))?.verdict);
    await Promise.all([store.observations.put(seen('InSync')), store.observations.put(seen('Drifted'))]);
    expect(await store.observations.list()).toHaveLength((await store.observations.get('a')) ? 1 : 0);
  });
});

describe('quarantines', () => {
  it('of two processes that saw the same change fail are one', async () => {
    const failed = (at: string) => ({
      effectDigest: 'sha256:1',
      device: 'a',
      inputsDigest: 'sha256:2',
      reason: { code: 'c', message: 'm' },
      at,
    });
    await Promise.all([store.quarantines.put(failed('1')), store.quarantines.put(failed('2'))]);
    expect(await store.quarantines.get('sha256:1')).toMatchObject({ device: 'a' });
  });
});

describe('what is in sync', () => {
  const seen = (verdict: string, differences: Record<string, string> = {}) => ({
    device: 'a',
    verdict,
    revision: 'r',
    since: 's',
    differences,
  });

  it('is not kept', async () => {
    await store.observations.put(seen('InSync'));
    expect(await store.observations.get('a')).toBeUndefined();
    expect(await versions()).toEqual([[], [], []]);
  });

  it('takes away what was kept of a device that differed', async () => {
    await store.observations.put(seen('Drifted', { 'Drifted x': 's' }));
    await store.observations.put(seen('InSync'));
    expect(await store.observations.list()).toEqual([]);
  });

  it('is kept while there is news, so that its age is known', async () => {
    await store.observations.put(seen('InSync', { 'news x': 's' }));
    expect(await store.observations.get('a')).toEqual(seen('InSync', { 'news x': 's' }));
  });
});

describe('history', () => {
  it('is told per device, the oldest first, from a time on', async () => {
    const entry = (device: string, at: string) => ({ device, at, event: 'Confirmed', message: at });
    for (const at of ['2026-11-20T12:00:00.000Z', '2026-11-20T14:00:00.000Z', '2026-11-20T13:00:00.000Z'])
      await store.history.append(entry('a', at));
    await store.history.append(entry('b', '2026-11-20T12:30:00.000Z'));
    const times = async (since?: string) => (await store.history.list('a', since)).map(({ at }) => at.slice(11, 13));
    expect(await times()).toEqual(['12', '13', '14']);
    expect(await times('2026-11-20T13:00:00.000Z')).toEqual(['13', '14']);
  });

  it('goes on under the next name, and does not mix in what a name stood for later', async () => {
    const tell = (device: string, hour: string, rest: { renamedFrom?: string } = {}) =>
      store.history.append({ device, at: `2026-11-20T${hour}:00:00.000Z`, event: 'Confirmed', message: `${device} ${hour}`, ...rest });
    await tell('old', '10');
    await tell('new', '11', { renamedFrom: 'old' });
    await tell('new', '12');
    await tell('old', '13'); // another router that took the name over
    await tell('newest', '14', { renamedFrom: 'new' });
    const told = async (device: string, since?: string) => (await store.history.list(device, since)).map(({ message }) => message);
    expect(await told('newest')).toEqual(['old 10', 'new 11', 'new 12', 'newest 14']);
    expect(await told('newest', '2026-11-20T12:00:00.000Z')).toEqual(['new 12', 'newest 14']);
    expect(await told('old')).toEqual(['old 10', 'old 13']);
  });

  it("ends for two devices that took each other's name", async () => {
    const entry = { at: '2026-11-20T10:00:00.000Z', event: 'Renamed', message: '' };
    await store.history.append({ ...entry, device: 'a', renamedFrom: 'b' });
    await store.history.append({ ...entry, device: 'b', renamedFrom: 'a' });
    expect(await store.history.list('a')).toHaveLength(2);
  });

  it('tells the last 500 entries, and keeps no more when it is time to prune', async () => {
    const isTime = { now: false };
    const history = openHistory(store.objects, () => isTime.now);
    const append = (k: number) =>
      history.append({ device: 'a', at: new Date(Date.UTC(2026, 10, 20) + k).toISOString(), event: 'Confirmed', message: `entry ${k}` });
    for (let k = 0; k < 509; k++) await append(k);
    const told = await history.list('a');
    expect([told.length, told[0]?.message]).toEqual([500, 'entry 9']);
    expect(await store.objects.list('HistoryEntry')).toHaveLength(509);
    isTime.now = true;
    await append(509);
    expect(await store.objects.list('HistoryEntry')).toHaveLength(500);
    expect((await history.list('a'))[0]?.message).toBe('entry 10');
  });
});
