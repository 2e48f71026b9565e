import { describe, expect, it } from 'vitest';
import { applyPlan, recover, sentDigestOf, type SetResult } from '../../controller/change/index.ts';
import type { Fate, ModelTarget } from './model-target.ts';
import { Stage, type StageProcess } from './stage.ts';

type Script = (ask: { request: string; nth: number; target: ModelTarget }) => Fate | 'die' | void;

/** A process that follows a script, request by request; what the script leaves open is answered. */
function startProcess(stage: Stage, script: Script = () => undefined, name = 'plumb'): StageProcess {
  const counts = new Map<string, number>();
  return stage.startProcess(name, (device, request) => {
    stage.clock.pass(100);
    const key = `${device} ${request}`;
    const nth = (counts.get(key) ?? 0) + 1;
    counts.set(key, nth);
    const target = [...stage.targets, ...stage.beside].find((each) => each.device === device);
    if (!target) throw new Error(`no target ${device}`);
    return script({ request, nth, target }) ?? 'answered';
  });
}

async function apply(stage: Stage, script?: Script): Promise<SetResult> {
  const ended = await startProcess(stage, script).apply();
  if (ended === 'killed') throw new Error('the process was killed');
  return ended[0]!;
}

const valuesOf = (stage: Stage) => stage.targets.map(({ values }) => [...new Set(values)].join());

describe('an apply that goes well', () => {
  it('arms, applies, reads back, probes, confirms and saves, in this order', async () => {
    const stage = new Stage(['a']);
    const result = await apply(stage);
    expect(result).toMatchObject({ end: 'Confirmed', devices: ['a'], notes: [] });
    expect(stage.targets[0]?.log).toEqual(['arm', 'apply', 'probe', 'confirm']);
    expect(stage.targets[0]?.saved).toBe(true);
    expect(result.reads.get('a')?.config).toBe(stage.targets[0]?.config);
  });

  it('waits until changes take effect before it probes', async () => {
    const stage = new Stage(['a']);
    const times: Record<string, number> = {};
    await apply(stage, ({ request }) => void (times[request] ??= stage.clock.monotonicMs()));
    expect(times['probe']! - times['apply']!).toBeGreaterThan(7_000);
  });

  it('takes both ends of a session through every step together', async () => {
    const stage = new Stage(['a', 'b']);
    const asked: string[] = [];
    const result = await apply(stage, ({ request, target }) => void asked.push(`${request} ${target.device}`));
    expect(result).toMatchObject({ end: 'Confirmed', devices: ['a', 'b'] });
    expect(asked.filter((each) => /arm|apply|confirm/.test(each))).toEqual([
      'arm a',
      'arm b',
      'apply a',
      'apply b',
      'confirm a',
      'confirm b',
    ]);
  });

  it('writes a line of history for every member', async () => {
    const stage = new Stage(['a', 'b']);
    await apply(stage);
    expect(stage.history.map(({ device, event }) => [device, event])).toEqual([
      ['a', 'Confirmed'],
      ['b', 'Confirmed'],
    ]);
  });
});

describe('the baseline', () => {
  it('is what was confirmed, and what nobody manages stays what it was', async () => {
    const stage = new Stage(['a']);
    await apply(stage);
    expect(stage.known).toEqual(['new']);
    expect(stage.baselines.get('a')).toMatchObject({ revision: 'main@sha1:1', unmanaged: ['log'], adopted: true });
    expect(stage.baselines.get('a')?.items).toMatchObject({ 'router bgp': 'router bgp 64496' });
  });

  it('moves with its set: who dies in the second set has not forgotten the first', async () => {
    const stage = new Stage(['a', 'b']);
    const process = startProcess(stage, ({ request, target }) => (request === 'probe' && target.device === 'b' ? 'die' : undefined));
    expect(await process.apply({}, undefined, { ...stage.plan, sets: [['a'], ['b']] })).toBe('killed');
    expect(stage.known).toEqual(['new', 'old']);
    await startProcess(stage, undefined, 'second').recover();
    expect(stage.known).toEqual(['new', 'old']);
  });

  it('moves when a recovery confirms what was decided', async () => {
    const stage = new Stage(['a', 'b']);
    await startProcess(stage, ({ request }) => (request === 'confirm' ? 'die' : undefined)).apply();
    expect(stage.known).toEqual(['old', 'old']);
    await startProcess(stage, undefined, 'second').recover();
    expect(stage.known).toEqual(['new', 'new']);
  });

  it('holds nothing that a person changed since the change was confirmed', async () => {
    const stage = new Stage(['a']);
    await startProcess(stage, ({ request }) => (request === 'confirm' ? 'die' : undefined)).apply();
    const [result] = (await startProcess(
      stage,
      ({ request, target }) => {
        if (request === 'observe') target.edit('192.0.2.2', 'by hand');
      },
      'second',
    ).recover()) as SetResult[];
    expect(result?.end).toBe('Confirmed');
    expect(stage.known).toEqual(['new,old']);
  });

  it('stays, and the result says so, when the device cannot be read after a recovery', async () => {
    const stage = new Stage(['a']);
    await startProcess(stage, ({ request }) => (request === 'confirm' ? 'die' : undefined)).apply();
    const dark: Script = ({ request }) => (request === 'observe' ? 'notReached' : undefined);
    expect(await startProcess(stage, dark, 'second').recover()).toMatchObject([
      { end: 'Confirmed', notes: [expect.stringContaining('could not be read after the change')] },
    ]);
    expect(stage.known).toEqual(['old']);
  });

  it('is not taken from under another process that moves it at the same moment', async () => {
    const stage = new Stage(['a']);
    const process = startProcess(stage);
    const deps = stage.depsFor(process, new Set(['plumb']));
    let meanwhile = 1;
    const { baselines } = deps;
    const replace: typeof baselines.replace = async (was, baseline) => {
      if (meanwhile-- > 0 && was) stage.baselines.set('a', { ...was, items: { ...was.items, log: 'log syslog' } });
      return baselines.replace(was, baseline);
    };
    await applyPlan({ ...deps, baselines: { ...baselines, replace } }, stage.plan, new AbortController().signal, () => {});
    expect(stage.known).toEqual(['new']);
    expect(stage.baselines.get('a')?.items).toMatchObject({ log: 'log syslog' });
  });
});

describe('an apply with a store that knows less than the target', () => {
  it('uses the epoch it finds, though no receipt tells of it', async () => {
    const stage = new Stage(['a']);
    stage.targets[0]?.seeEpoch(40);
    expect(await apply(stage)).toMatchObject({ end: 'Confirmed' });
    expect([...stage.records.values()].map(({ record }) => record.epoch)).toEqual([40]);
  });
});

describe('an apply that writes nothing', () => {
  it.each<{ name: string; script: Script; code: string }>([
    { name: 'the device cannot be read', script: ({ request }) => (request === 'observe' ? 'notReached' : undefined), code: 'Unreachable' },
    {
      name: 'somebody changed the device since the plan',
      script: ({ request, target }) => (request === 'observe' ? target.edit('192.0.2.2', 'by hand') : undefined),
      code: 'ConcurrentChange',
    },
    {
      name: 'somebody changes the device between the last look and the lock',
      script: ({ request, target }) => (request === 'arm' ? target.edit('192.0.2.2', 'by hand') : undefined),
      code: 'ConcurrentChange',
    },
    {
      name: 'another controller took over',
      script: ({ request, target }) => (request === 'arm' ? target.seeEpoch(99) : undefined),
      code: 'StaleEpoch',
    },
    { name: 'arming is not answered', script: ({ request }) => (request === 'arm' ? 'replyLost' : undefined), code: 'ConnectionLost' },
  ])('because $name', async ({ script, code }) => {
    const stage = new Stage(['a']);
    const result = await apply(stage, script);
    expect(result).toMatchObject({ end: 'NothingWritten', reason: { code } });
    expect(stage.targets[0]?.log).not.toContain('apply');
    expect(stage.targets[0]?.unfinished).toBe(false);
    expect(stage.quarantines.size).toBe(0);
  });

  it('leaves the other member alone when one cannot be armed', async () => {
    const stage = new Stage(['a', 'b']);
    const result = await apply(stage, ({ request, target }) => (request === 'arm' && target.device === 'b' ? 'notReached' : undefined));
    expect(result.end).toBe('NothingWritten');
    expect(stage.targets[0]?.statesOf()).toEqual(['restored']);
    expect(stage.targets[1]?.log).toEqual([]);
  });

  it('refuses a deadline in which traffic could not leave', async () => {
    const stage = new Stage(['a'], [], { waitSeconds: 60, leftPrefixes: 0 });
    expect(await startProcess(stage).apply({ deadlineMs: 100_000 })).toMatchObject([
      { end: 'Skipped', reason: { code: 'DeadlineTooShort', message: expect.stringContaining('at least 106 s are needed') } },
    ]);
  });

  it('refuses a deadline in which nothing could be probed', async () => {
    const stage = new Stage(['a']);
    const ended = await startProcess(stage).apply({ deadlineMs: 20_000 });
    expect(ended).toMatchObject([{ end: 'Skipped', reason: { code: 'DeadlineTooShort' } }]);
    expect(stage.records.size).toBe(0);
  });
});

describe('an apply that is rolled back', () => {
  it.each<{ name: string; script: Script; code: string }>([
    {
      name: 'the device refuses a command half-way',
      script: ({ request }) => (request === 'apply' ? 'refusedHalfway' : undefined),
      code: 'Rejected',
    },
    {
      name: 'the reply to the commands is lost',
      script: ({ request }) => (request === 'apply' ? 'replyLost' : undefined),
      code: 'ConnectionLost',
    },
    { name: 'a session stays down', script: ({ request }) => (request === 'probe' ? 'refusedHalfway' : undefined), code: 'ProbeFailed' },
    {
      name: 'the device cannot be reached any more',
      script: ({ request }) => (request === 'probe' ? 'notReached' : undefined),
      code: 'ProbeFailed',
    },
  ])('because $name, and is not tried again', async ({ script, code }) => {
    const stage = new Stage(['a']);
    const result = await apply(stage, script);
    expect(result).toMatchObject({ end: 'RolledBack', reason: { code } });
    expect(valuesOf(stage)).toEqual(['old']);
    expect(stage.quarantines.get(sentDigestOf(stage.plan.devices[0]!.effect))).toMatchObject({ device: 'a', reason: { code } });
  });

  it.each<{ name: string; script: Script; code: string }>([
    { name: 'it could not be reached', script: ({ request }) => (request === 'apply' ? 'notReached' : undefined), code: 'Unreachable' },
    {
      name: 'its dead-man was gone',
      script: ({ request, target }) => (request === 'apply' ? target.killGuard() : undefined),
      code: 'WrongState',
    },
  ])('because a device took no commands when $name may be tried again: the change is not at fault', async ({ script, code }) => {
    const stage = new Stage(['a', 'b']);
    const result = await apply(stage, (ask) => (ask.target.device === 'b' ? script(ask) : undefined));
    expect(result).toMatchObject({ end: 'RolledBack', reason: { code, device: 'b' } });
    expect(valuesOf(stage)).toEqual(['old', 'old']);
    expect(stage.quarantines.size).toBe(0);
  });

  it('says once what it waits for', async () => {
    const stage = new Stage(['a']);
    const deps = stage.depsFor(
      startProcess(stage, ({ request }) => (request === 'probe' ? 'refusedHalfway' : undefined)),
      new Set(['plumb']),
    );
    const messages: string[] = [];
    await applyPlan(deps, stage.plan, new AbortController().signal, ({ message }) => void messages.push(message));
    expect(messages.filter((message) => message.startsWith('waiting:'))).toEqual([
      'waiting: a: neighbor 192.0.2.1 ipv4-unicast was Established and is Active',
    ]);
  });

  it('rolls both ends back when one of them fails', async () => {
    const stage = new Stage(['a', 'b']);
    const result = await apply(stage, ({ request, target }) =>
      request === 'apply' && target.device === 'b' ? 'refusedHalfway' : undefined,
    );
    expect(result).toMatchObject({ end: 'RolledBack', reason: { code: 'Rejected', device: 'b' } });
    expect(valuesOf(stage)).toEqual(['old', 'old']);
    expect(stage.quarantines.size).toBe(2);
  });

  it('does not confirm what a person changed after the read back', async () => {
    const stage = new Stage(['a']);
    const result = await apply(stage, ({ request, target }) => (request === 'probe' ? target.edit('192.0.2.1', 'by hand') : undefined));
    expect(result).toMatchObject({ end: 'RolledBack', reason: { code: 'NotAsPredicted' } });
    expect(stage.targets[0]?.log).not.toContain('confirm');
  });

  it('is not confirmed when a command took a line of others with it, which no plan has shown', async () => {
    const stage = new Stage(['a']);
    const result = await apply(stage, ({ request, target }) => void (request === 'apply' && (target.others = '')));
    expect(result).toMatchObject({
      end: 'RollbackIncomplete',
      reason: { code: 'NotAsPredicted', message: expect.stringContaining('`log syslog`, which the plan does not touch, is gone') },
    });
    expect(stage.targets[0]?.log).not.toContain('confirm');
  });

  it('does not confirm what it cannot read once more after the probe', async () => {
    const stage = new Stage(['a']);
    const result = await apply(stage, ({ request, target }) =>
      request === 'observe' && target.log.includes('probe') ? 'notReached' : undefined,
    );
    expect(result).toMatchObject({
      end: 'RolledBack',
      reason: { code: 'ProbeFailed', message: expect.stringContaining('could not be read again') },
    });
    expect(stage.targets[0]?.log).not.toContain('confirm');
  });

  it('does not decide when there is no time left to reach every member', async () => {
    const stage = new Stage(['a']);
    const deadlineMs = 60_000;
    let armedAtMs = Number.POSITIVE_INFINITY;
    const script: Script = ({ request }) => {
      if (request === 'arm') armedAtMs = stage.clock.monotonicMs();
      const isLate = stage.clock.monotonicMs() > armedAtMs + deadlineMs - 14_000;
      return request === 'probe' && !isLate ? 'notReached' : undefined;
    };
    // Twenty seconds without an answer fail a probe; the read back takes the time before.
    const deaf: Script = (ask) =>
      ask.request === 'observe' && stage.clock.monotonicMs() > armedAtMs && stage.clock.monotonicMs() < armedAtMs + 30_000
        ? 'notReached'
        : script(ask);
    const ended = await startProcess(stage, deaf).apply({ deadlineMs });
    expect(ended).toMatchObject([{ end: 'RolledBack' }]);
    expect(stage.targets[0]?.log).not.toContain('confirm');
  });

  it('stops when a person says so, and puts no blame on the plan', async () => {
    for (const at of ['observe', 'arm', 'apply', 'probe']) {
      const stage = new Stage(['a']);
      const stop = new AbortController();
      const ended = await startProcess(stage, ({ request }) => (request === at ? stop.abort() : undefined)).apply({}, stop.signal);
      expect([at, valuesOf(stage), ended]).toMatchObject([at, ['old'], [{ reason: { code: 'Stopped' } }]]);
      expect(stage.targets[0]?.unfinished).toBe(false);
      expect(stage.quarantines.size).toBe(0);
    }
  });

  it('does not stop half-way once it has decided', async () => {
    const stage = new Stage(['a', 'b']);
    const stop = new AbortController();
    const ended = await startProcess(stage, ({ request }) => (request === 'confirm' ? stop.abort() : undefined)).apply({}, stop.signal);
    expect(ended).toMatchObject([{ end: 'Confirmed' }]);
  });

  it('is undone by the device itself when it cannot be reached until the deadline', async () => {
    const stage = new Stage(['a']);
    const result = await apply(stage, ({ request }) => {
      const dark = stage.clock.monotonicMs() < 1_000_000 + 130_000;
      return dark && !['observe', 'arm', 'apply'].includes(request) ? 'notReached' : undefined;
    });
    expect(result.end).toBe('RolledBack');
    expect(valuesOf(stage)).toEqual(['old']);
  });

  it('says that the router itself went back when it restarted', async () => {
    const stage = new Stage(['a']);
    const result = await apply(stage, ({ request, target }) => (request === 'probe' ? target.reboot() : undefined));
    expect(result).toMatchObject({ end: 'RolledBack', notes: [expect.stringContaining('restarted')] });
  });

  it('is rolled back even when nobody guards the change any more', async () => {
    const stage = new Stage(['a']);
    const result = await apply(stage, ({ request, target }) => (request === 'probe' ? (target.killGuard(), 'refusedHalfway') : undefined));
    expect(result.end).toBe('RolledBack');
    expect(valuesOf(stage)).toEqual(['old']);
  });
});

describe('a change past the operator', () => {
  const glass = { by: 'mona@desk', reason: 'transit is lost', at: '2026-11-20T12:00:00.000Z' };

  it('says who and why in the journal, in the history from the beginning, and on the device', async () => {
    const stage = new Stage(['a']);
    await startProcess(stage).apply({ glass });
    expect([...stage.records.values()].map(({ record }) => record.glass)).toEqual([glass]);
    expect(stage.history.map(({ event, actor }) => [event, actor])).toEqual([
      ['BreakGlass', 'mona@desk'],
      ['Confirmed', undefined],
    ]);
    expect(stage.targets[0]?.receipt?.glass).toEqual(glass);
  });

  it('says so on the device too when another process had to confirm it', async () => {
    const stage = new Stage(['a']);
    await startProcess(stage, ({ request }) => (request === 'confirm' ? 'die' : undefined)).apply({ glass });
    await startProcess(stage, undefined, 'second').recover();
    expect(stage.targets[0]?.receipt?.glass).toEqual(glass);
  });
});

describe('devices of the site that do not change', () => {
  it('are reached before and after, and no more is asked of them', async () => {
    const stage = new Stage(['a', 'b'], ['c']);
    expect(await apply(stage)).toMatchObject({ end: 'Confirmed', notes: [] });
    expect(stage.beside[0]?.log).toEqual(['probe', 'probe']);
  });

  it('and that nobody could reach before do not count', async () => {
    const stage = new Stage(['a'], ['c']);
    const result = await apply(stage, ({ target }) => (target.device === 'c' ? 'notReached' : undefined));
    expect(result).toMatchObject({ end: 'Confirmed', notes: [] });
  });

  it('are waited for while there is time, and then the change goes back', async () => {
    const stage = new Stage(['a'], ['c']);
    let probedAtMs = 0;
    const result = await apply(stage, ({ target, nth }) => {
      if (target.device === 'c') probedAtMs = stage.clock.monotonicMs();
      return target.device === 'c' && nth > 1 ? 'notReached' : undefined;
    });
    expect(result).toMatchObject({
      end: 'RolledBack',
      reason: { code: 'ProbeFailed', message: 'c: it could be reached before the change, over a new connection, and cannot now' },
    });
    expect(valuesOf(stage)).toEqual(['old']);
    expect(probedAtMs - 1_000_000).toBeGreaterThan(90_000);
  });

  it('may flap', async () => {
    const stage = new Stage(['a'], ['c']);
    const result = await apply(stage, ({ target, nth }) => (target.device === 'c' && nth > 1 && nth < 30 ? 'notReached' : undefined));
    expect(result).toMatchObject({ end: 'Confirmed', notes: [] });
  });

  it('may lose a session for reasons of their own: it is waited for, and then said', async () => {
    const stage = new Stage(['a'], ['c']);
    const result = await apply(stage, ({ target, nth }) => (target.device === 'c' && nth > 1 ? 'refusedHalfway' : undefined));
    expect(result).toMatchObject({
      end: 'Confirmed',
      notes: ['c, which did not change: neighbor 192.0.2.1 ipv4-unicast was Established and is not'],
    });
  });
});

describe('what policy asks of a device', () => {
  const ping = { pings: [{ to: '198.51.100.1' }], commands: [] };

  it('is asked before and after', async () => {
    const stage = new Stage(['a']);
    stage.probes = { ...ping, commands: [{ command: 'show bgp summary', expect: 'up$' }] };
    const asked: unknown[] = [];
    stage.targets[0]!.answers = (check) => {
      asked.push([check.what, check.what === 'show' ? check.matches('all is up') : check.to, stage.targets[0]?.log.length]);
      return { holds: true };
    };
    expect(await apply(stage)).toMatchObject({ end: 'Confirmed', notes: [] });
    expect(asked).toEqual([
      ['ping', '198.51.100.1', 1],
      ['show', true, 1],
      ['ping', '198.51.100.1', 4],
      ['show', true, 4],
    ]);
  });

  it('turns the change back when it held before and does not come back', async () => {
    const stage = new Stage(['a']);
    stage.probes = ping;
    const [target] = stage.targets;
    target!.answers = () => (target!.log.includes('apply') ? { holds: false, why: 'no answer' } : { holds: true });
    expect(await apply(stage)).toMatchObject({
      end: 'RolledBack',
      reason: { code: 'ProbeFailed', message: 'a: ping 198.51.100.1 held before the change and does not now: no answer' },
    });
  });

  it('does not count when it did not hold before, and that is said', async () => {
    const stage = new Stage(['a']);
    stage.probes = ping;
    stage.targets[0]!.answers = () => ({ holds: false, why: 'no answer' });
    expect(await apply(stage)).toMatchObject({
      end: 'Confirmed',
      notes: ['a: ping 198.51.100.1 did not hold before the change and does not count: no answer'],
    });
  });

  it('keeps anything from being written when it cannot be asked before', async () => {
    const stage = new Stage(['a']);
    stage.probes = ping;
    const result = await apply(stage, ({ request, nth }) => (request === 'probe' && nth === 1 ? 'notReached' : undefined));
    expect(result).toMatchObject({ end: 'NothingWritten', reason: { code: 'Unreachable' } });
  });
});

describe('a set of thirty', () => {
  const thirty = Array.from({ length: 30 }, (_, i) => `r${i + 1}`);

  it('is armed whole before the first command is sent, and confirmed after the last one was probed', async () => {
    const stage = new Stage(thirty);
    const asked: string[] = [];
    expect(await apply(stage, ({ request }) => void asked.push(request))).toMatchObject({ end: 'Confirmed', devices: thirty });
    const order = ['arm', 'apply', 'probe', 'confirm'].map((request) => [asked.indexOf(request), asked.lastIndexOf(request)]);
    expect(order.flat()).toEqual(order.flat().toSorted((a, b) => a - b));
    expect(stage.history).toHaveLength(30);
  });

  it.each(['arm', 'apply', 'probe', 'confirm'])('with one member that dies with the process at %s ends the same on all', async (at) => {
    const stage = new Stage(thirty);
    await startProcess(stage, ({ request, target }) => (request === at && target.device === 'r17' ? 'die' : undefined)).apply();
    const [result] = (await startProcess(stage, undefined, 'second').recover()) as SetResult[];
    expect(result?.end).toBe({ arm: 'NothingWritten', apply: 'RolledBack', probe: 'RolledBack', confirm: 'Confirmed' }[at]);
    expect(new Set(valuesOf(stage)).size).toBe(1);
  });

  it('goes back on all when one member refuses', async () => {
    const stage = new Stage(thirty);
    const result = await apply(stage, ({ request, target }) =>
      request === 'apply' && target.device === 'r30' ? 'refusedHalfway' : undefined,
    );
    expect(result).toMatchObject({ end: 'RolledBack', reason: { device: 'r30' } });
    expect(new Set(valuesOf(stage))).toEqual(new Set(['old']));
  });
});

describe('a target whose dead-man died', () => {
  const isCompared = (stage: Stage) => [...stage.records.values()][0]?.record.state === 'Comparing';

  it('is asked once more for what was decided, when it could not be asked in time', async () => {
    const stage = new Stage(['a']);
    const result = await apply(stage, ({ request, target }) => {
      if (request !== 'confirm' || isCompared(stage)) return undefined;
      target.killGuard();
      return 'notReached';
    });
    expect([result.end, stage.targets[0]?.statesOf(), stage.targets[0]?.saved]).toEqual(['Confirmed', ['confirmed'], true]);
  });

  it('is asked once more to roll back, when it could not be asked in time', async () => {
    const stage = new Stage(['a']);
    const result = await apply(stage, ({ request, target }) => {
      if (request === 'probe') return 'refusedHalfway';
      if (request !== 'rollback' || isCompared(stage)) return undefined;
      target.killGuard();
      return 'notReached';
    });
    expect([result.end, stage.targets[0]?.statesOf()]).toEqual(['RolledBack', ['restored']]);
    expect(valuesOf(stage)).toEqual(['old']);
  });

  it('in the middle of restoring goes back, whatever was decided: there is nothing left to confirm', async () => {
    const stage = new Stage(['a']);
    const result = await apply(stage, ({ request, target, nth }) => {
      if (request === 'confirm' && nth === 1) target.killGuardHalfway();
    });
    expect([result.end, stage.targets[0]?.statesOf()]).toEqual(['RolledBack', ['restored']]);
    expect(valuesOf(stage)).toEqual(['old']);
  });

  it('is not called settled while it does not say so itself', async () => {
    const stage = new Stage(['a']);
    const deaf: Script = ({ request, target }) => (request === 'confirm' ? (target.killGuard(), 'notReached') : undefined);
    expect(await apply(stage, deaf)).toMatchObject({ end: 'OutcomeUnknown' });
    expect(await startProcess(stage, undefined, 'second').recover()).toMatchObject([{ end: 'Confirmed' }]);
    expect(stage.targets[0]?.statesOf()).toEqual(['confirmed']);
  });
});

describe('loud ends', () => {
  it('calls a rollback that leaves something RollbackIncomplete', async () => {
    const stage = new Stage(['a']);
    const result = await apply(stage, ({ request, target }) => {
      if (request === 'apply') target.edit('192.0.2.9', 'a neighbor made by hand');
      return request === 'probe' ? 'refusedHalfway' : undefined;
    });
    expect(result).toMatchObject({ end: 'RollbackIncomplete', notes: [expect.stringContaining('left over')] });
  });

  it('calls a change that nobody decided to keep, and that the target forgot, RollbackIncomplete', async () => {
    const stage = new Stage(['a']);
    const result = await apply(stage, ({ request, target }) => (request === 'probe' ? (target.forget(), 'refusedHalfway') : undefined));
    expect(result.end).toBe('RollbackIncomplete');
    expect(valuesOf(stage)).toEqual(['new']);
  });

  it('says PartiallyApplied when one end was confirmed and the other undid itself', async () => {
    const stage = new Stage(['a', 'b']);
    const result = await apply(stage, ({ request, target }) => {
      const isCutOff = target.device === 'b' && target.log.includes('probe') && stage.clock.monotonicMs() < 1_000_000 + 125_000;
      return isCutOff && request !== 'probe' && request !== 'observe' ? 'notReached' : undefined;
    });
    expect(result).toMatchObject({ end: 'PartiallyApplied', reason: { code: 'PartiallyApplied' }, notes: ['a (new), b (old)'] });
    expect(stage.history.map(({ message }) => message)).toEqual([expect.stringMatching(/a \(new\), b \(old\)$/), expect.anything()]);
    expect(valuesOf(stage)).toEqual(['new', 'old']);
  });

  it('says OutcomeUnknown of a device that stays dark, and the next recovery finds out', async () => {
    const stage = new Stage(['a']);
    const dark: Script = ({ request }) =>
      ['observe', 'arm', 'apply'].includes(request) && !stage.targets[0]?.log.includes('apply') ? undefined : 'notReached';
    const result = await apply(stage, dark);
    expect(result).toMatchObject({ end: 'OutcomeUnknown' });
    expect(await startProcess(stage, dark, 'second').recover()).toMatchObject([{ end: 'OutcomeUnknown' }]);
    expect(stage.history.map(({ event }) => event)).toEqual(['OutcomeUnknown']);
    expect(await startProcess(stage, undefined, 'third').recover()).toMatchObject([{ end: 'RolledBack' }]);
    expect(await startProcess(stage, undefined, 'fourth').recover()).toEqual([]);
    expect(valuesOf(stage)).toEqual(['old']);
  });

  it.each([
    { name: 'is given up soon where nothing on it undoes the change by itself', hasDeadMan: false, from: 30_000, to: 90_000 },
    { name: 'is waited for until its dead-man is done', hasDeadMan: true, from: 140_000, to: 170_000 },
  ])('a device that stays dark $name', async ({ hasDeadMan, from, to }) => {
    const stage = new Stage(['a']);
    for (const target of stage.targets) target.hasDeadMan = hasDeadMan;
    const dark: Script = ({ request }) =>
      ['observe', 'arm', 'apply'].includes(request) && !stage.targets[0]?.log.includes('apply') ? undefined : 'notReached';
    const began = stage.clock.monotonicMs();
    expect(await apply(stage, dark)).toMatchObject({ end: 'OutcomeUnknown' });
    const tookMs = stage.clock.monotonicMs() - began;
    expect(tookMs).toBeGreaterThan(from);
    expect(tookMs).toBeLessThan(to);
    expect(await startProcess(stage, undefined, 'second').recover()).toMatchObject([{ end: 'RolledBack' }]);
  });
});

describe('recover', () => {
  const killAt =
    (at: string): Script =>
    ({ request }) =>
      request === at ? 'die' : undefined;

  it.each([
    { at: 'arm', end: 'NothingWritten', values: 'old' },
    { at: 'apply', end: 'RolledBack', values: 'old' },
    { at: 'probe', end: 'RolledBack', values: 'old' },
    { at: 'confirm', end: 'Confirmed', values: 'new' },
  ])('ends a process killed before $at as $end', async ({ at, end, values }) => {
    const stage = new Stage(['a', 'b']);
    expect(await startProcess(stage, killAt(at)).apply()).toBe('killed');
    expect(await startProcess(stage, undefined, 'second').recover()).toMatchObject([{ end, devices: ['a', 'b'] }]);
    expect(valuesOf(stage)).toEqual([values, values]);
    expect(stage.quarantines.size).toBe(0);
  });

  it('rolls back what was to be confirmed when the store lost the plan that says what that is', async () => {
    const stage = new Stage(['a']);
    await startProcess(stage, killAt('confirm')).apply();
    stage.losePlans();
    expect(await startProcess(stage, undefined, 'second').recover()).toMatchObject([{ end: 'RolledBack' }]);
    expect(stage.targets[0]?.statesOf()).toEqual(['restored']);
  });

  it('leaves the change of a living process alone, and that process keeps others from its devices', async () => {
    const stage = new Stage(['a']);
    await startProcess(stage, killAt('apply')).apply();
    const again = startProcess(stage); // the same name: it counts as alive
    expect(await again.recover()).toEqual([]);
    expect(await again.apply()).toMatchObject([{ end: 'Skipped', reason: { code: 'ChangeInProgress' } }]);
  });

  it('leaves a change alone that began on another machine until its dead-men are done', async () => {
    const stage = new Stage(['a']);
    await startProcess(stage, killAt('probe')).apply();
    const recoverHere = (name: string) => {
      const deps = stage.depsFor(startProcess(stage, undefined, name), new Set([name]));
      return recover({ ...deps, isAlive: () => undefined }, () => {});
    };
    expect(await recoverHere('second')).toEqual([]);
    expect(stage.targets[0]?.statesOf()).toEqual(['applied']);
    stage.clock.pass(400_000);
    expect(await recoverHere('third')).toMatchObject([{ end: 'RolledBack' }]);
  });

  it('raises the epoch, so that the one it replaces cannot write any more', async () => {
    const stage = new Stage(['a']);
    await startProcess(stage, killAt('apply')).apply();
    const [before] = [...stage.records.values()].map(({ record }) => record.epoch);
    await startProcess(stage, undefined, 'second').recover();
    const [after] = [...stage.records.values()].map(({ record }) => record.epoch);
    expect(after).toBeGreaterThan(before ?? 0);
  });

  it('does not go by what a device holds while its dead-man lives', async () => {
    const stage = new Stage(['a']);
    await startProcess(stage, killAt('probe')).apply();
    stage.clock.jump(86_400_000); // so the recovery believes that it is long past and asks only for a few seconds
    const deaf: Script = ({ request }) => (request === 'rollback' ? 'notReached' : undefined);
    expect(await startProcess(stage, deaf, 'second').recover()).toMatchObject([{ end: 'OutcomeUnknown' }]);
    stage.clock.pass(200_000);
    expect(await startProcess(stage, deaf, 'third').recover()).toMatchObject([{ end: 'RolledBack' }]);
  });

  it('tells once of a device that Git does not know any more, and then no longer', async () => {
    const stage = new Stage(['a']);
    await startProcess(stage, killAt('probe')).apply();
    stage.released.add('a');
    expect(await startProcess(stage, undefined, 'second').recover()).toMatchObject([{ end: 'OutcomeUnknown' }]);
    stage.clock.pass(400_000);
    expect(await startProcess(stage, undefined, 'third').recover()).toMatchObject([{ end: 'OutcomeUnknown' }]);
    expect(await startProcess(stage, undefined, 'fourth').recover()).toEqual([]);
    expect(stage.history.map(({ event }) => event)).toEqual(['OutcomeUnknown']);
    expect(valuesOf(stage)).toEqual(['old']);
  });

  it('stays open while Git knows the device, however long no account for it is at hand', async () => {
    const stage = new Stage(['a']);
    await startProcess(stage, killAt('probe')).apply();
    stage.withoutAccount.add('a');
    stage.clock.pass(400_000);
    for (const name of ['second', 'third']) {
      expect(await startProcess(stage, undefined, name).recover()).toMatchObject([{ end: 'OutcomeUnknown' }]);
    }
    stage.withoutAccount.delete('a');
    expect(await startProcess(stage, undefined, 'fourth').recover()).toMatchObject([{ end: 'RolledBack' }]);
  });

  it('is not misled by a wall clock that was set', async () => {
    for (const days of [-30, 30]) {
      const stage = new Stage(['a']);
      await startProcess(stage, killAt('probe')).apply();
      stage.clock.jump(days * 86_400_000);
      expect(await startProcess(stage, undefined, 'second').recover()).toMatchObject([{ end: 'RolledBack' }]);
    }
  });
});

describe('a store that fails', () => {
  /** Applies with a store that does not take one state. */
  async function applyWithout(stage: Stage, state: string): Promise<void> {
    const deps = stage.depsFor(startProcess(stage), new Set(['plumb']));
    const advance = deps.changes.advance.bind(deps.changes);
    const broken: typeof advance = (entry, record) =>
      record.state === state ? Promise.reject(new Error('disk full')) : advance(entry, record);
    const changes = { ...deps.changes, advance: broken };
    await expect(applyPlan({ ...deps, changes }, stage.plan, new AbortController().signal, () => {})).rejects.toThrow('disk full');
  }

  it('keeps an undecided change from being confirmed: it is rolled back, and the failure is told', async () => {
    const stage = new Stage(['a']);
    await applyWithout(stage, 'Confirming');
    expect(valuesOf(stage)).toEqual(['old']);
    expect(stage.targets[0]?.log).not.toContain('confirm');
  });

  it('does not undo what was decided: the next one finds it confirmed', async () => {
    const stage = new Stage(['a']);
    await applyWithout(stage, 'Confirmed');
    expect([valuesOf(stage), stage.targets[0]?.statesOf()]).toEqual([['new'], ['confirmed']]);
    expect(stage.targets[0]?.log).not.toContain('rollback');
    expect(await startProcess(stage, undefined, 'second').recover()).toMatchObject([{ end: 'Confirmed' }]);
  });

  it('has nothing to roll back when it fails before a target was armed', async () => {
    const stage = new Stage(['a']);
    await applyWithout(stage, 'Arming');
    expect(stage.targets[0]?.log).toEqual([]);
  });
});
