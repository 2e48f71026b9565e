import { expect, onTestFinished, test } from 'vitest';
import { type DeskOptions, openOperatorDesk } from './desk.ts';

async function deskWith(options: DeskOptions = {}) {
  const desk = await openOperatorDesk(options);
  onTestFinished(() => desk.stop());
  await desk.allJudged();
  return desk;
}

test('a repository is put in force, and every device of it is judged', async () => {
  const desk = await deskWith({ devices: 3 });
  expect(await desk.allJudged()).toEqual({ r00000: 'InSync', r00001: 'InSync', r00002: 'InSync' });
  const head = `main@sha1:${desk.repository.git('rev-parse', 'HEAD')}`;
  expect(await desk.fleetReady('InForce')).toMatchObject({ status: 'True', message: `${head} is in force` });
  expect((await desk.fleet())?.status).toMatchObject({ revision: head, attemptedRevision: head });
  expect((await desk.look('r00001')).status).toMatchObject({ revision: head, appliedRevision: head });
});
