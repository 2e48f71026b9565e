import { expect, onTestFinished, test } from 'vitest';
import type { FleetSource } from '../../controller/operator/index.ts';
import { type DeskOptions, openOperatorDesk, type OperatorDesk } from './desk.ts';

const headOf = ({ repository }: OperatorDesk) => `main@sha1:${repository.git('rev-parse', 'HEAD')}`;
const fileOf = (device: string) => `sites/site0000/${device}.yaml`;

/** A Git that answers with what it had when it was held back, as a mirror of before does; and counts how often it was asked. */
function heldBackGit() {
  let held: Awaited<ReturnType<FleetSource['look']>> | undefined;
  let newest: typeof held;
  const git = {
    looks: 0,
    holdBack: () => void (held = newest),
    goOn: () => void (held = undefined),
    openSource: ((_fleet, open) => {
      const source = open();
      const look: FleetSource['look'] = async (...asked) => {
        newest = held ?? (await source.look(...asked));
        git.looks++;
        return newest;
      };
      return { ...source, look };
    }) satisfies DeskOptions['openSource'],
  };
  return git;
}

/** One store, one Fleet, and an operator each for routers in the core and at the edge. */
async function twoRegions() {
  const [core, edge] = [heldBackGit(), heldBackGit()];
  const desk = await openOperatorDesk({ devices: 4, selector: { role: 'core' }, openSource: core.openSource });
  onTestFinished(() => desk.stop());
  const other = await desk.another({ selector: { role: 'edge' }, openSource: edge.openSource });
  await desk.allJudged();
  await desk.until('the edge to be judged', () => ['r00002', 'r00003'].every((name) => other.world.lastJudged.has(name)));
  await desk.fleetReady('InForce');
  let probes = 0;
  /** Writes to the store so far, of whatever kind. */
  const writes = async () => {
    const { resourceVersion } = await desk.store.objects.create({ kind: 'Probe', name: `probe-${probes++}`, spec: {} });
    return Number(resourceVersion) - probes;
  };
  /** Lets both look at Git so often, one after the other and to the end of what follows. */
  const pass = async (times: number) => {
    for (let k = 0; k < times; k++) {
      for (const [operator, git] of [[desk.operator, core] as const, [other, edge] as const]) {
        const before = git.looks;
        operator.hint();
        await desk.until('a look at Git', () => git.looks > before);
      }
    }
    // A pass begins when the one before has written what it had to say.
    const [one, two] = [core.looks, edge.looks];
    for (const operator of [desk.operator, other]) operator.hint();
    await desk.until('the last looks', () => core.looks > one && edge.looks > two);
  };
  /** What follows from a commit has its end; then nothing is written however often they look. */
  const rest = async () => {
    await desk.until('nothing more to write', async () => {
      const before = await writes();
      await pass(1);
      return (await writes()) === before;
    });
    const written = await writes();
    await pass(3);
    expect(await writes()).toBe(written);
    return written;
  };
  return { desk, other, core, edge, writes, pass, rest };
}

test('two regions that see Git at different revisions write the Fleet when they move, and not at every pass', async () => {
  const { desk, other, edge, writes, pass, rest } = await twoRegions();
  const before = headOf(desk);
  await pass(1);
  edge.holdBack();
  const after = desk.commit({ [fileOf('r00000')]: desk.edited(fileOf('r00000'), '198.18.0.0/24', '198.18.77.0/24') });
  await desk.deviceReady('r00000', 'Pending');
  const written = await rest();
  expect([desk.operator, other].map(({ world }) => world.inForce?.revision)).toEqual([after, before]);
  expect((await desk.fleet())?.status).toMatchObject({ revision: after, attemptedRevision: after, problems: [] });

  edge.goOn();
  await pass(1);
  expect(other.world.inForce?.revision).toBe(after);
  expect(await writes()).toBe(written);
});

test('a region that refuses what another one holds in force lists its errors, and both come to rest', async () => {
  const { desk, other, core, pass, rest } = await twoRegions();
  const before = headOf(desk);
  await pass(1);
  core.holdBack();
  const text = desk.edited(fileOf('r00002'), '"kind": "Device"', '"kind": "Device",\n "colour": "red"');
  const bad = desk.repository.commit({ [fileOf('r00002')]: text });
  await rest();
  const { status } = (await desk.fleet()) ?? {};
  expect(status).toMatchObject({ revision: before, attemptedRevision: `main@sha1:${bad}` });
  expect(status?.problems).toEqual([expect.stringContaining('UnknownField')]);
  expect(status?.conditions[0]?.message).toMatch(/^The operator of role=edge: .* has 1 error/);
  expect(other.world.inForce?.revision).toBe(before);
});
