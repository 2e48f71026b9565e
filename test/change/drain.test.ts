import { describe, expect, it } from 'vitest';
import type { SetResult } from '../../controller/change/index.ts';
import { Stage } from './stage.ts';
import type { Fate, ModelTarget } from './model-target.ts';

type Script = (ask: { request: string; nth: number; target: ModelTarget }) => Fate | 'die' | void;

const policy = { waitSeconds: 60, leftPrefixes: 2 };
const requests = ['drain', 'apply', 'probe', 'undrain', 'confirm'];

async function apply(stage: Stage, script: Script = () => undefined, name = 'plumb'): Promise<SetResult | 'killed'> {
  const counts = new Map<string, number>();
  const process = stage.startProcess(name, (device, request) => {
    stage.clock.pass(100);
    const nth = (counts.get(`${device} ${request}`) ?? 0) + 1;
    counts.set(`${device} ${request}`, nth);
    const target = stage.targets.find((each) => each.device === device);
    return (target && script({ request, nth, target })) ?? 'answered';
  });
  const ended = await process.apply();
  return ended === 'killed' ? ended : ended[0]!;
}

const valuesOf = (stage: Stage) => stage.targets.map(({ values }) => [...new Set(values)].join());
const drainedOf = (stage: Stage) => stage.targets.map(({ isDrained }) => isDrained);

describe('a change that drains first', () => {
  it('leads traffic away, waits, changes, probes, leads traffic back, probes again and confirms', async () => {
    const stage = new Stage(['a', 'b'], [], policy);
    const log: string[] = [];
    expect(await apply(stage, ({ request }) => void log.push(request))).toMatchObject({ end: 'Confirmed', notes: [] });
    expect(stage.targets[0]?.log).toEqual(['arm', 'drain', 'apply', 'probe', 'undrain', 'probe', 'confirm']);
    const order = requests.filter((each) => each !== 'probe').map((each) => [log.indexOf(each), log.lastIndexOf(each)]);
    expect(order.flat()).toEqual(order.flat().toSorted((x, y) => x - y));
    expect([valuesOf(stage), drainedOf(stage), stage.targets.map(({ saved }) => saved)]).toEqual([
      ['new', 'new'],
      [false, false],
      [true, true],
    ]);
  });

  it('is no news to the baseline', async () => {
    const stage = new Stage(['a'], [], policy);
    await apply(stage);
    expect(Object.values(stage.baselines.get('a')?.items ?? {}).join()).not.toContain('graceful-shutdown');
  });

  it('waits until what is in use has fallen to what policy allows', async () => {
    const stage = new Stage(['a'], [], policy);
    const left = [900, 40, 3, 2];
    stage.targets[0]!.inUse = () => left.shift() ?? 0;
    expect(await apply(stage)).toMatchObject({ end: 'Confirmed' });
    expect(left).toEqual([]);
  });

  it('sends no command when traffic stays, and brings it back', async () => {
    const stage = new Stage(['a', 'b'], [], policy);
    stage.targets[1]!.inUse = () => 3;
    expect(await apply(stage)).toMatchObject({
      end: 'RolledBack',
      reason: {
        code: 'DrainTimedOut',
        message: expect.stringContaining('b: traffic did not leave in time: still in use over 192.0.2.1 ipv4-unicast: 3 prefixes'),
      },
    });
    expect(stage.targets.flatMap(({ log }) => log)).not.toContain('apply');
    expect([valuesOf(stage), drainedOf(stage)]).toEqual([
      ['old', 'old'],
      [false, false],
    ]);
    expect(stage.quarantines.size).toBe(0);
  });

  it('does not take a device that cannot be asked for empty', async () => {
    const stage = new Stage(['a'], [], policy);
    const result = await apply(stage, ({ request }) => (request === 'count' ? 'notReached' : undefined));
    expect(result).toMatchObject({ end: 'RolledBack', reason: { code: 'DrainTimedOut', message: expect.stringContaining('not known') } });
  });

  it('goes back when somebody changes the device while traffic leaves', async () => {
    const stage = new Stage(['a'], [], policy);
    const result = await apply(stage, ({ request, target }) => void (request === 'count' && target.edit('192.0.2.9', 'by hand')));
    expect(result).toMatchObject({ end: 'RollbackIncomplete', reason: { code: 'WrongState' } });
    expect([stage.targets[0]?.log.includes('apply'), drainedOf(stage)]).toEqual([false, [false]]);
  });

  it('is not confirmed while it is drained, whatever the router says', async () => {
    const stage = new Stage(['a'], [], policy);
    const result = await apply(stage, ({ request, target }) => void (request === 'undrain' && (target.keepsDrain = true)));
    expect(result).toMatchObject({ end: 'RollbackIncomplete', reason: { code: 'DrainStuck' } });
    expect(stage.targets[0]?.log).not.toContain('confirm');
  });

  it('goes back when something fails after traffic came back', async () => {
    const stage = new Stage(['a'], [], policy);
    const result = await apply(stage, ({ request, target }) =>
      request === 'probe' && target.log.includes('undrain') ? 'refusedHalfway' : undefined,
    );
    expect(result).toMatchObject({ end: 'RolledBack', reason: { code: 'ProbeFailed' } });
    expect([valuesOf(stage), drainedOf(stage)]).toEqual([['old'], [false]]);
  });

  it.each(['drain', 'count', 'apply', 'undrain', 'confirm'])('killed at %s is found and ended, and nobody stays drained', async (at) => {
    const stage = new Stage(['a', 'b'], [], policy);
    expect(await apply(stage, ({ request, target }) => (request === at && target.device === 'b' ? 'die' : undefined))).toBe('killed');
    const [result] = (await stage.startProcess('second', () => 'answered').recover()) as SetResult[];
    expect(result?.end).toBe(at === 'confirm' ? 'Confirmed' : 'RolledBack');
    expect(drainedOf(stage)).toEqual([false, false]);
  });

  it.each(['drain', 'count', 'apply', 'undrain'])('killed at %s, and never found, leads traffic back by itself', async (at) => {
    const stage = new Stage(['a'], [], policy);
    await apply(stage, ({ request }) => (request === at ? 'die' : undefined));
    stage.clock.pass(400_000);
    expect([valuesOf(stage), drainedOf(stage)]).toEqual([['old'], [false]]);
  });

  it('that is stuck is loud: an end, a reason, a note and a line of history', async () => {
    const stage = new Stage(['a'], [], policy);
    stage.targets[0]!.keepsDrain = true;
    const result = await apply(stage, ({ request }) => (request === 'probe' ? 'refusedHalfway' : undefined));
    expect(result).toMatchObject({
      end: 'RollbackIncomplete',
      reason: { code: 'DrainStuck', message: expect.stringContaining('router bgp 64496 > bgp graceful-shutdown') },
      notes: expect.arrayContaining([expect.stringContaining('a: is still drained')]),
    });
    expect(stage.history.map(({ event }) => event)).toEqual(['RollbackIncomplete', 'DrainStuck']);
  });
});
