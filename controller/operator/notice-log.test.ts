import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Clock, silentLog, systemClock } from '../lib/index.ts';
import { openStore, type Store } from '../store/index.ts';
import { type NoticeRecord, openNoticeLog } from './notice-log.ts';

let folder: string;
let store: Store;
let ms = 0;
const clock: Clock = { ...systemClock, now: () => new Date(Date.UTC(2026, 10, 21) + ++ms) };

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plumbline-notices-'));
  store = await openStore(folder);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const notice = (k: number) => ({
  kind: 'Device' as const,
  name: 'r1',
  uid: 'u',
  type: 'Normal' as const,
  reason: 'InSync',
  message: `notice ${k}`,
});
const kept = async () => (await store.objects.list<NoticeRecord>('Notice')).map(({ spec }) => spec.message);

it('notices are kept in the order in which they were told', async () => {
  const tell = openNoticeLog(store.objects, clock, silentLog);
  for (let k = 0; k < 20; k++) tell(notice(k));
  await expect.poll(kept).toEqual(Array.from({ length: 20 }, (_, k) => `notice ${k}`));
});

it('only so many are kept: the newest', async () => {
  const tell = openNoticeLog(store.objects, clock, silentLog, { keep: 10, pruneEvery: 5 });
  for (let k = 0; k <= 40; k++) tell(notice(k));
  await expect.poll(kept).toEqual(Array.from({ length: 10 }, (_, k) => `notice ${31 + k}`));
});

it('a store that fails loses a notice, not the process', async () => {
  const warned: unknown[] = [];
  const log = { ...silentLog, warn: (...said: unknown[]) => void warned.push(said) };
  const tell = openNoticeLog(store.objects, clock, log);
  store.close();
  tell(notice(1));
  await expect.poll(() => warned).toHaveLength(1);
  store = await openStore(folder);
});
