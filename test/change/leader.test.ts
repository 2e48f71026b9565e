import { describe, expect, it } from 'vitest';
import { type ApplyDeps, applyPlan, leaderEpoch, recover } from '../../controller/change/index.ts';
import { Stage, type StageProcess } from './stage.ts';

const never = new AbortController().signal;
const quiet = () => undefined;

/** A leader: its epoch was raised when it was elected, and whatever others began is abandoned. */
async function elect(stage: Stage, process: StageProcess): Promise<ApplyDeps> {
  return {
    ...stage.depsFor(process, new Set()),
    epoch: leaderEpoch(stage.epoch, await stage.epoch.lead()),
    isAlive: () => false,
    atWork: new Set(),
  };
}

const answering = (stage: Stage, name: string) => stage.startProcess(name, () => 'answered');
const recordsOf = (stage: Stage) => [...stage.records.values()].map(({ record }) => record);

describe('leaderEpoch', () => {
  it('is one for all changes of a leadership', async () => {
    const stage = new Stage(['a']);
    const deps = await elect(stage, answering(stage, 'leader'));
    expect(await Promise.all([deps.epoch.current(), deps.epoch.raise(1), deps.epoch.current(1)])).toEqual([1, 1, 1]);
  });

  it('rises above what a target has seen, once for all that ask at the same time', async () => {
    const stage = new Stage(['a']);
    const deps = await elect(stage, answering(stage, 'leader'));
    expect(await Promise.all([deps.epoch.current(7), deps.epoch.current(7), deps.epoch.current()])).toEqual([8, 8, 8]);
    expect(await stage.epoch.stored()).toEqual({ value: 8, led: 1 });
  });

  it('does not rise, and writes nothing, when another leader was elected', async () => {
    const stage = new Stage(['a']);
    const deps = await elect(stage, answering(stage, 'leader'));
    await elect(stage, answering(stage, 'next'));
    await expect(deps.epoch.current()).rejects.toMatchObject({ code: 'StaleEpoch' });
    await expect(deps.epoch.current(7)).rejects.toMatchObject({ code: 'StaleEpoch' });
    expect(await stage.epoch.stored()).toEqual({ value: 2, led: 2 });
  });

  it('does not rise when another leader is elected between its look and its write', async () => {
    let [value, led] = [1, 1];
    const replace = async () => {
      [value, led] = [2, 2];
      return false;
    };
    await expect(leaderEpoch({ stored: async () => ({ value, led }), replace }, 1).current(7)).rejects.toMatchObject({
      code: 'StaleEpoch',
    });
  });

  it('does not ask for ever where every move is called a conflict', async () => {
    let asked = 0;
    const replace = async () => (asked++, false);
    const never = leaderEpoch({ stored: async () => ({ value: 1, led: 1 }), replace }, 1);
    await expect(never.current(7)).rejects.toMatchObject({ code: 'StaleEpoch' });
    expect(asked).toBe(100);
  });

  it('goes on above a command on the same store that took a change over: nobody was elected', async () => {
    const stage = new Stage(['a']);
    const leader = await elect(stage, answering(stage, 'leader'));
    const command = stage.depsFor(answering(stage, 'command'), new Set());
    expect(await command.epoch.raise(5)).toBe(6);
    expect([await leader.epoch.current(), await leader.epoch.current(9)]).toEqual([6, 10]);
    expect(await applyPlan(leader, stage.plan, never, quiet)).toMatchObject([{ end: 'Confirmed' }]);
  });
});

describe('a leader', () => {
  it('that is none any more sends nothing, and says why', async () => {
    const stage = new Stage(['a']);
    const deps = await elect(stage, answering(stage, 'leader'));
    await elect(stage, answering(stage, 'next'));
    expect(await applyPlan(deps, stage.plan, never, quiet)).toMatchObject([{ end: 'Skipped', reason: { code: 'StaleEpoch' } }]);
    expect([stage.targets[0]?.log, stage.records.size]).toEqual([[], 0]);
  });

  it('that is replaced while it looks at the device arms nothing', async () => {
    const stage = new Stage(['a']);
    const process = stage.startProcess('leader', (_device, request) => {
      if (request === 'observe') void stage.epoch.lead();
      return 'answered';
    });
    const results = await applyPlan(await elect(stage, process), stage.plan, never, quiet);
    expect(results).toMatchObject([{ end: 'NothingWritten', reason: { code: 'StaleEpoch' } }]);
    expect(stage.targets[0]?.log).toEqual([]);
    expect(stage.quarantines.size).toBe(0);
  });

  it('writes above the epoch of whoever broke the glass', async () => {
    const stage = new Stage(['a', 'b']);
    stage.targets[1]?.seeEpoch(40);
    const results = await applyPlan(await elect(stage, answering(stage, 'leader')), stage.plan, never, quiet);
    expect(results).toMatchObject([{ end: 'Confirmed' }]);
    expect([recordsOf(stage)[0]?.epoch, (await stage.epoch.stored()).value]).toEqual([41, 41]);
  });

  it('does not take over what it begins itself at that very moment', async () => {
    const stage = new Stage(['a']);
    const deps = await elect(stage, answering(stage, 'leader'));
    const begin = deps.changes.begin.bind(deps.changes);
    const found: unknown[] = [];
    const beside = async (record: Parameters<typeof begin>[0]) => {
      const begun = await begin(record);
      found.push(...(await recover(deps, quiet)));
      return begun;
    };
    const results = await applyPlan({ ...deps, changes: { ...deps.changes, begin: beside } }, stage.plan, never, quiet);
    expect([found, results]).toMatchObject([[], [{ end: 'Confirmed' }]]);
  });

  it('arms nothing when what allowed it was taken back while it looked at the device', async () => {
    const stage = new Stage(['a']);
    const deps = await elect(stage, answering(stage, 'leader'));
    const results = await applyPlan(deps, stage.plan, never, quiet, { whyNot: () => 'one person must approve' });
    expect(results).toMatchObject([
      { end: 'NothingWritten', reason: { code: 'Withdrawn', message: expect.stringContaining('must approve') as string } },
    ]);
    expect([stage.targets[0]?.log, stage.quarantines.size]).toEqual([[], 0]);
  });

  it('takes over at once what any other left, however young it is', async () => {
    const stage = new Stage(['a', 'b']);
    const dying = stage.startProcess('before', (_device, request) => (request === 'probe' ? 'die' : 'answered'));
    await dying.apply();
    const deps = await elect(stage, answering(stage, 'leader'));
    expect(await recover(deps, quiet)).toMatchObject([{ end: 'RolledBack' }]);
    expect(recordsOf(stage)).toMatchObject([{ owner: 'leader', epoch: (await stage.epoch.stored()).value }]);
  });

  it('that is none any more takes nothing over', async () => {
    const stage = new Stage(['a']);
    await stage.startProcess('before', (_device, request) => (request === 'probe' ? 'die' : 'answered')).apply();
    const deps = await elect(stage, answering(stage, 'leader'));
    await elect(stage, answering(stage, 'next'));
    expect(await recover(deps, quiet)).toMatchObject([{ end: 'Skipped', reason: { code: 'StaleEpoch' } }]);
    expect(recordsOf(stage)).toMatchObject([{ owner: 'before', state: 'Probing' }]);
  });

  it('goes on with what it gave up itself when the store failed, and leaves what it works on alone', async () => {
    const stage = new Stage(['a']);
    const deps = await elect(stage, answering(stage, 'leader'));
    let broken = true;
    const advance: typeof deps.changes.advance = (entry, record) =>
      broken && record.state === 'Confirming' ? Promise.reject(new Error('the API is down')) : deps.changes.advance(entry, record);
    const failing = { ...deps, changes: { ...deps.changes, advance } };
    const during: unknown[] = [];
    const whileAtWork = async () => during.push(await recover(failing, quiet));
    await expect(applyPlan(failing, stage.plan, never, ({ state }) => void (state === 'Probing' && whileAtWork()))).rejects.toThrow(
      'the API is down',
    );
    expect(during).toEqual([[]]);
    broken = false;
    expect(await recover(failing, quiet)).toMatchObject([{ end: 'RolledBack' }]);
    expect(await recover(failing, quiet)).toEqual([]);
  });

  it('frozen at any step writes nothing more when another has taken over, and what it armed undoes itself', async () => {
    for (let step = 0; step < 14; step++) {
      const stage = new Stage(['a', 'b']);
      const [thaw, frozen] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const sleeper = answering(stage, 'sleeper');
      const fate = sleeper.fate.bind(sleeper);
      let asked = 0;
      sleeper.fate = async (device, request) => {
        if (asked++ >= step) {
          frozen.resolve();
          await thaw.promise;
        }
        return fate(device, request);
      };
      const sleeping = applyPlan(await elect(stage, sleeper), stage.plan, never, quiet);
      await Promise.race([frozen.promise, sleeping]);
      const next = await elect(stage, answering(stage, 'next'));
      await recover(next, quiet);
      const decided = stage.targets.map(({ values }) => values.join());
      const sent = stage.targets.flatMap(({ log }) => log).filter((request) => request === 'apply').length;
      thaw.resolve();
      await sleeping;
      expect([step, ...stage.targets.map(({ values }) => values.join())]).toEqual([step, ...decided]);
      expect(stage.targets.flatMap(({ log }) => log).filter((request) => request === 'apply').length).toBe(sent);
      stage.clock.pass(200_000);
      expect([step, ...stage.targets.map(({ unfinished }) => unfinished)]).toEqual([step, false, false]);
      // Whoever leads now is not hindered by what the other has seen.
      const again = [...new Set(decided)].join().includes('new') ? [] : await applyPlan(next, stage.plan, never, quiet);
      expect([step, ...again.map(({ end }) => end)]).toEqual([step, ...again.map(() => 'Confirmed')]);
    }
  });
});
