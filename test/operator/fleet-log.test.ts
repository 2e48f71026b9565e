import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { logFile } from '../../controller/cli/log.ts';
import { openOperatorDesk } from './desk.ts';

test('the log says once when a revision is fetched and when it is in force, also when something stood in its way at first', async () => {
  let isInTheWay = false;
  const desk = await openOperatorDesk({
    openSource: (_fleet, git) => {
      const source = git();
      const look: typeof source.look = async (...asked) => {
        const found = await source.look(...asked);
        const load = async () => {
          const state = await found.load();
          return isInTheWay ? { ...state, objects: { ...state.objects, Device: new Map() } } : state;
        };
        return { ...found, load };
      };
      return { ...source, look };
    },
  });
  onTestFinished(() => desk.stop());
  await desk.allJudged();
  const told = (): string[] =>
    readFileSync(logFile(desk.storeFolder), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { msg: string; revision?: string; changed?: number })
      .filter(({ msg }) => msg === 'Revision fetched' || msg === 'Revision in force')
      .map(({ msg, revision, changed }) => `${msg} ${revision} ${changed ?? ''}`.trim());
  const first = `main@sha1:${desk.repository.git('rev-parse', 'HEAD')}`;
  const atStart = [`Revision fetched ${first}`, `Revision in force ${first} 2`];
  expect(told()).toEqual(atStart);

  isInTheWay = true;
  const file = 'sites/site0000/r00000.yaml';
  const next = desk.commit({ [file]: desk.edited(file, '198.18.0.0/24', '198.18.77.0/24') });
  await desk.fleetReady('FleetEmpty');
  expect(told()).toEqual([...atStart, `Revision fetched ${next}`]);

  isInTheWay = false;
  await desk.lookAtFleet();
  await desk.fleetReady('InForce', next);
  await desk.lookAtFleet();
  expect(told()).toEqual([...atStart, `Revision fetched ${next}`, `Revision in force ${next} 1`]);
});
