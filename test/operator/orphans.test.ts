import { expect, onTestFinished, test } from 'vitest';
import { openOperatorDesk } from './desk.ts';

test('a report that nobody came to name goes by itself, and the one that an object names stays', async () => {
  const desk = await openOperatorDesk({ tidyMs: 200 });
  onTestFinished(() => desk.stop());
  await desk.allJudged();
  const lines = Array.from({ length: 150 }, (_, k) => `ip route 10.99.${k}.0/24 blackhole`);
  await desk.routers.edit('r00001', lines);
  await desk.look('r00001');
  const named = (await desk.drift('r00001'))?.status?.report;
  expect(named).toMatch(/^[0-9a-f]{64}$/);
  // As of a process that was killed before it wrote the object.
  const orphan = await desk.store.objects.putArtifact('a report of which nobody will tell');
  await desk.until('it to go', async () => !(await desk.store.objects.listArtifacts()).includes(orphan));
  expect(await desk.store.objects.listArtifacts()).toEqual([named]);
});
