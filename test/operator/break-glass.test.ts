import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openOperatorDesk } from './desk.ts';

test('a change that somebody made past the operator is told of once, with who and why', { timeout: 90_000 }, async () => {
  const desk = await openOperatorDesk({ mode: 'Approve' });
  onTestFinished(() => desk.stop());
  await desk.allJudged();
  // Another machine, whose store knows the routers as they are.
  const elsewhere = ['--store', join(desk.folder, 'elsewhere'), '--secrets', desk.secretsFolder];
  expect((await desk.plumb('drift', ...elsewhere)).code).toBe(0);
  const revision = desk.commit({ 'policies.yaml': desk.edited('policies.yaml', '"localPreference": 90', '"localPreference": 95') });
  await desk.deviceReady('r00000', 'Pending');
  const said = await desk.plumb('apply', 'r00000', '--yes', '--break-glass', '--reason', 'the API server is down', ...elsewhere);
  expect(said).toMatchObject({ code: 0 });
  await desk.look('r00000');
  await desk.look('r00000');
  const told = desk.notices.filter(({ reason }) => reason === 'BreakGlass');
  expect(told).toMatchObject([{ kind: 'Device', name: 'r00000', type: 'Warning' }]);
  expect(told[0]?.message).toMatch(/broke the glass at .*: the API server is down\. Nothing is undone by itself/);
  expect((await desk.store.history.list('r00000')).filter(({ event }) => event === 'BreakGlass')).toMatchObject([{ revision }]);
  expect((await desk.device('r00000'))?.status?.verdict).toBe('InSync');
});
