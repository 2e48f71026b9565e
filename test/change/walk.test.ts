import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fate } from './model-target.ts';
import { Stage, type StageProcess } from './stage.ts';

/** One thing that happens when a process asks a target something. */
type Happening =
  | Fate
  | 'die'
  | 'dieAfter'
  | 'edit'
  | 'reboot'
  | 'killGuard'
  | 'killGuardHalfway'
  | 'dark'
  | 'slow'
  | 'jumpBack'
  | 'jumpAhead';

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Happening>('answered') },
  { weight: 3, arbitrary: fc.constantFrom<Happening>('notReached', 'replyLost', 'refusedHalfway', 'slow') },
  { weight: 2, arbitrary: fc.constantFrom<Happening>('die', 'dieAfter', 'edit', 'reboot', 'jumpBack', 'jumpAhead') },
  { weight: 2, arbitrary: fc.constantFrom<Happening>('killGuard', 'killGuardHalfway', 'dark') },
);

/** One request of one process, as it was made. */
interface Attempt {
  process: string;
  device: string;
  request: string;
}

/** Plays a tape of happenings; when it is over everything answers. Says what happened, for promises that hold only when nobody meddled. */
function play(stage: Stage, tape: Happening[], happened: Set<Happening>, attempts: Attempt[]) {
  let darkUntilMs = 0;
  return (process: string) =>
    (device: string, request: string): Fate | 'die' | 'dieAfter' => {
      attempts.push({ process, device, request });
      stage.clock.pass(200);
      if (stage.clock.monotonicMs() < darkUntilMs) return 'notReached';
      const next = tape.shift() ?? 'answered';
      happened.add(next);
      const target = stage.targets.find((each) => each.device === device);
      if (next === 'edit') target?.edit('192.0.2.2', 'by hand');
      if (next === 'reboot') target?.reboot();
      if (next === 'killGuard') target?.killGuard();
      if (next === 'killGuardHalfway') target?.killGuardHalfway();
      // Longer than any dead-man waits: who asks gives up, and what the targets did meanwhile is found afterwards.
      if (next === 'dark') darkUntilMs = stage.clock.monotonicMs() + 170_000;
      if (next === 'slow') stage.clock.pass(40_000);
      if (next === 'jumpBack') stage.clock.jump(-86_400_000);
      if (next === 'jumpAhead') stage.clock.jump(86_400_000);
      const isFate =
        next === 'answered' ||
        next === 'notReached' ||
        next === 'replyLost' ||
        next === 'refusedHalfway' ||
        next === 'die' ||
        next === 'dieAfter';
      // A device refuses commands and a probe fails; other requests have no half-way.
      if (next === 'refusedHalfway' && request !== 'apply' && request !== 'probe') return 'answered';
      if (next === 'dark') return 'notReached';
      return isFate ? next : 'answered';
    };
}

/** One process applies; whenever one dies the next recovers, until nothing is open. Returns the stage as it came to rest. */
async function walk(
  devices: readonly string[],
  tape: Happening[],
  drain?: { waitSeconds: number; leftPrefixes: number },
): Promise<{ stage: Stage; happened: Set<Happening>; attempts: Attempt[] }> {
  const stage = new Stage(devices, [], drain);
  const happened = new Set<Happening>();
  const attempts: Attempt[] = [];
  const fatesOf = play(stage, tape, happened, attempts);
  let ended = await stage.startProcess('first', fatesOf('first')).apply();
  for (let i = 0; ended === 'killed' || isOpen(stage); i++) {
    if (i > 60) throw new Error(`does not come to rest: ${JSON.stringify([...stage.records.values()])}`);
    stage.clock.pass(1_000);
    ended = await stage.startProcess(`recovery ${i}`, fatesOf(`recovery ${i}`)).recover();
  }
  return { stage, happened, attempts };
}

function isOpen(stage: Stage): boolean {
  return [...stage.records.values()].some(({ record }) => record.endedAt === undefined || record.state === 'OutcomeUnknown');
}

const tapes = fc.array(happening, { maxLength: 40, size: 'max' });
const meddling: readonly Happening[] = ['edit', 'reboot', 'killGuard', 'killGuardHalfway'];

const drain = { waitSeconds: 60, leftPrefixes: 0 };

describe.each<{ devices: string[]; drain?: typeof drain }>([
  { devices: ['a'] },
  { devices: ['a', 'b'] },
  { devices: ['a', 'b', 'c', 'd'] },
  { devices: ['a'], drain },
  { devices: ['a', 'b'], drain },
])('the apply of $devices, walked over crashes, losses, people and reboots; drained: $drain', ({ devices, drain }) => {
  it('comes to rest in old, new or a loud end, and says which', async () => {
    const ends = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(tapes, async (tape) => {
        const { stage, happened } = await walk(devices, [...tape], drain);
        const record = [...stage.records.values()][0]?.record;
        if (!record) throw new Error('nothing was recorded');
        ends.set(record.state, (ends.get(record.state) ?? 0) + 1);
        // Time for dead-men of members that nobody could reach.
        stage.clock.pass(record.deadlineMs + 60_000);
        // The next survey asks about a change that looks unfinished.
        for (const target of stage.targets) target.settleArmed();
        expect(stage.targets.map(({ unfinished }) => unfinished)).not.toContain(true);

        const meddled = meddling.some((each) => happened.has(each));
        const values = stage.targets.map((target) => [...new Set(target.values)].join());
        const truths: Record<string, boolean> = {
          Confirmed: values.every((value) => value === 'new'),
          RolledBack: values.every((value) => value === 'old'),
          NothingWritten: values.every((value) => value === 'old'),
          // Loud ends need a person or a reboot in the middle, or ends that differ between the members.
          RollbackIncomplete: false,
          PartiallyApplied: new Set(values).size === 2 && values.every((value) => value === 'old' || value === 'new'),
          OutcomeUnknown: false,
        };
        expect([record.state, values, meddled || truths[record.state]]).toEqual([record.state, values, true]);
        // Traffic is led back wherever a change ended quietly, whoever meddled.
        const isQuiet = ['Confirmed', 'RolledBack', 'NothingWritten'].includes(record.state);
        expect([record.state, isQuiet && stage.targets.some(({ isDrained }) => isDrained)]).toEqual([record.state, false]);
        // What is known moves with what was confirmed, whoever died in between, and with nothing else.
        const knows = { Confirmed: values, PartiallyApplied: stage.known }[record.state as string] ?? devices.map(() => 'old');
        const blind = meddled || happened.has('dark'); // a device that cannot be looked at again keeps what is known of it
        expect([record.state, blind ? knows : stage.known]).toEqual([record.state, knows]);
      }),
      { numRuns: 1_500 },
    );
    if (process.env['SHOW_ENDS']) process.stderr.write(`${JSON.stringify([...ends])}\n`);
    // The walk is only worth something when it gets around.
    const loud = devices.length > 1 ? ['RollbackIncomplete'] : []; // of one member alone it takes two people at once
    expect([...ends.keys()]).toEqual(expect.arrayContaining(['Confirmed', 'RolledBack', 'NothingWritten', ...loud]));
  });

  it('keeps the promises about order, whoever meddles', async () => {
    await fc.assert(
      fc.asyncProperty(tapes, async (tape) => {
        const { stage, attempts } = await walk(devices, [...tape], drain);
        const of = (request: string) => attempts.filter((attempt) => attempt.request === request);
        // What was sent is never sent again, least of all by the one who finds it.
        expect([...of('arm'), ...of('apply')].filter(({ process }) => process !== 'first')).toEqual([]);
        for (const device of devices) expect(of('apply').filter((each) => each.device === device).length).toBeLessThanOrEqual(1);
        for (const device of devices) expect(of('undrain').filter((each) => each.device === device).length).toBeLessThanOrEqual(1);
        expect([...of('drain'), ...of('undrain')].filter(({ process }) => process !== 'first')).toEqual([]);
        // A probe that did not reach the device proves nothing: only what the target answered is in its log.
        const lacks = (request: string) => stage.targets.filter(({ log }) => !log.includes(request));
        expect(of('apply').length > 0 ? lacks('arm') : []).toEqual([]);
        expect(of('confirm').length > 0 ? lacks('probe') : []).toEqual([]);
        const { record } = [...stage.records.values()][0]!;
        const logged = stage.targets.flatMap(({ log }) => log);
        expect(record.state === 'NothingWritten' && logged.includes('apply')).toBe(false);
        expect(record.decision !== 'confirm' && logged.includes('confirm')).toBe(false);
        expect(stage.history.map(({ device, event }) => `${device} ${event}`)).toEqual(
          expect.arrayContaining(devices.map((device) => `${device} ${record.state}`)),
        );
      }),
      { numRuns: 1_000 },
    );
  });

  it('survives a kill at every single step', async () => {
    const calm = await walk(devices, [], drain);
    const steps = calm.attempts.length + 1;
    for (let step = 0; step < steps; step++) {
      for (const death of ['die', 'dieAfter'] as const) {
        const tape = [...Array.from({ length: step }, (): Happening => 'answered'), death];
        const { stage } = await walk(devices, tape, drain);
        const { record } = [...stage.records.values()][0]!;
        const want = record.state === 'Confirmed' ? 'new' : 'old';
        expect([step, death, record.state, stage.targets.map(({ values }) => values)]).toEqual([
          step,
          death,
          expect.stringMatching(/^(Confirmed|RolledBack|NothingWritten)$/),
          stage.targets.map(() => [want, want]),
        ]);
      }
    }
  });
});

describe('a process that froze and wakes up', () => {
  it('cannot confirm what a recovery has rolled back, nor undo what it has confirmed', async () => {
    for (let step = 0; step < 12; step++) {
      const stage = new Stage(['a', 'b']);
      const thaw = Promise.withResolvers<void>();
      let asked = 0;
      const sleeper: StageProcess = stage.startProcess('sleeper', () => 'answered');
      const fate = sleeper.fate.bind(sleeper);
      const frozen = Promise.withResolvers<void>();
      sleeper.fate = async (device, request) => {
        if (asked++ >= step) {
          frozen.resolve();
          await thaw.promise;
        }
        return fate(device, request);
      };
      const sleeping = sleeper.apply();
      await Promise.race([frozen.promise, sleeping]);
      await stage.startProcess('recovery', () => 'answered').recover();
      const decided = stage.targets.map(({ values }) => values.join());
      thaw.resolve();
      await sleeping;
      expect([step, ...stage.targets.map(({ values }) => values.join())]).toEqual([step, ...decided]);
      expect(new Set(decided).size).toBe(1);
      // What it armed after it was given up is undone by the dead-man: nothing was sent to those members.
      stage.clock.pass(200_000);
      expect(stage.targets.map(({ unfinished }) => unfinished)).toEqual([false, false]);
      expect([step, ...stage.targets.map(({ values }) => values.join())]).toEqual([step, ...decided]);
    }
  });
});
