import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { ChangeRecord, DeviceStatus } from '../../controller/api/index.ts';
import { openOperatorDesk } from '../operator/desk.ts';
import { createRandom } from '../operator/kube/killing.ts';
import { deviceFile, overlaps, policy } from '../operator/plan-desk.ts';
import { openUpProcess } from '../operator/up-process.ts';
import { nameOf } from '../simulator/identity.ts';

const kills = 10;
/** The same seed: the same moments, as far as a machine repeats itself. */
const seed = Number(process.env['SEED'] ?? 20_261_121);

/** Six routers, of which two are redundant to each other; a commit moves one line on each, and one kill follows. */
test('plumb up, killed at ten random moments of its rollouts, leaves each router old or new, and its journal says which', async () => {
  const desk = await openOperatorDesk({ devices: 6, patience: 180 });
  onTestFinished(() => desk.stop());
  await desk.allJudged();
  await desk.pause(); // its routers and its repository are what is needed here
  const random = createRandom(seed);
  const names = Array.from({ length: 6 }, (_, i) => nameOf(i));
  const places = { repository: desk.repository.folder, store: join(desk.folder, 'store-of-up'), secrets: desk.secretsFolder };
  const up = await openUpProcess(places);
  onTestFinished(() => up.close());
  const preferenceOf = async (name: string) =>
    Number(/route-map transit-in permit 20\n(?: .*\n)*? set local-preference (\d+)/.exec(await desk.routers.running(name))?.[1]);

  const platform = '"platform": "frr"';
  const paired = (name: string) => ({
    [deviceFile(name)]: desk.edited(deviceFile(name), platform, `${platform}, "redundancyGroups": ["pair"]`),
  });
  const rollout = { canary: 1, waves: [50, 100], bakeSeconds: 1 };
  desk.repository.commit({ ...paired('r00000'), ...paired('r00001'), 'reconcile.yaml': policy('Enforce', rollout) });
  let preference = 90;
  const commit = () => {
    const from = `"localPreference": ${preference++}`;
    desk.repository.commit({ 'policies.yaml': desk.edited('policies.yaml', from, `"localPreference": ${preference}`) });
  };
  const allowed = new Set([preference]);
  let amid = 0;
  up.start();
  // What differs before it was seen in sync is first contact, which is another story.
  await desk.until(
    'every router to be in sync',
    async () =>
      (await up.store.objects.list<never, DeviceStatus>('Device')).filter(({ status }) => status?.verdict === 'InSync').length ===
      names.length,
  );
  for (let k = 0; k < kills; k++) {
    commit();
    allowed.add(preference);
    const before = (await desk.routers.changes()).length;
    await desk.until('something to begin', async () => {
      await up.approveAll();
      return (await desk.routers.changes()).length > before;
    });
    await delay(random.below(12_000)); // the random moment itself
    await up.kill();
    if ((await up.store.changes.listOpen()).length > 0) amid++;
    for (const name of names) expect(allowed).toContain(await preferenceOf(name));
    up.start();
  }
  await desk.until(
    'every router to be what Git says',
    async () => {
      await up.approveAll();
      return (await Promise.all(names.map(preferenceOf))).every((each) => each === preference);
    },
    undefined,
    300,
  );
  let left: string[] = [];
  await desk.until(
    'all to be over',
    async () => (left = await up.unfinished()).length === 0,
    () => left.join('; '),
  );

  const steps = await desk.routers.changes();
  expect(overlaps(steps)).toEqual([]);
  expect(steps.filter(({ why = 'Abandoned' }) => why !== 'Abandoned')).toEqual([]);
  const records = (await up.store.objects.list<ChangeRecord>('ChangeRecord')).map(({ spec }) => spec);
  const outcomes = (token: string) => steps.filter((each) => each.token === token).map(({ step }) => step);
  for (const { token, state } of records) {
    const isSaved = outcomes(token).includes('persisted');
    expect([token, state, isSaved]).toEqual([
      token,
      isSaved ? 'Confirmed' : expect.stringMatching(/^(RolledBack|NothingWritten)$/),
      isSaved,
    ]);
  }
  const known = new Set(records.map(({ token }) => token));
  expect(steps.filter(({ token }) => !known.has(token))).toEqual([]);
  process.stdout.write(`${kills} kills, ${amid} of them amid a change, ${records.length} changes (seed ${seed})\n`);
}, 900_000);
