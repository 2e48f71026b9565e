import { randomBytes } from 'node:crypto';
import type { Clock, Log } from '../lib/index.ts';
import type { ObjectStore } from '../store/index.ts';
import type { Notice, NoticeSink } from './runtime.ts';

/** Notices that are kept, the oldest go first; it takes a list of all to find those, so it is not done for each. */
const limits = { keep: 1000, pruneEvery: 50 };

/** One notice as `plumb events` shows it. */
export interface NoticeRecord extends Notice {
  at: string;
}

/** Keeps notices as objects of the store, where nobody else keeps them: under `plumb up`. */
export function openNoticeLog(objects: ObjectStore, clock: Clock, log: Log, { keep, pruneEvery } = limits): NoticeSink {
  let last = Promise.resolve();
  let kept = 0;
  return (notice) => {
    const at = clock.now().toISOString();
    last = last
      .then(async () => {
        await write(objects, { ...notice, at });
        if (kept++ % pruneEvery === 0) await prune(objects, keep);
      })
      .catch((err: unknown) => log.warn({ err }, 'Notice was not kept'));
  };
}

async function write(objects: ObjectStore, spec: NoticeRecord): Promise<void> {
  // The time leads the name, so that the order of names is the order of events.
  const name = `${spec.at.replace(/[^0-9]/g, '')}-${randomBytes(4).toString('hex')}`;
  await objects.create<NoticeRecord>({ kind: 'Notice', name, labels: { kind: spec.kind, name: spec.name }, spec });
}

async function prune(objects: ObjectStore, keep: number): Promise<void> {
  const all = await objects.list('Notice');
  for (const old of all.slice(0, Math.max(0, all.length - keep))) await objects.delete('Notice', old.name);
}
