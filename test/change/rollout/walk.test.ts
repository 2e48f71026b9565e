import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { devices } from './network.ts';
import type { Rule, Stage } from './stage.ts';
import { expectedValues, tapeOf, tapes, type Tape, walk } from './walk.ts';

/** The promises that can be looked at when all is over; `walk` looks at the others after every step. */
function checkRest(stage: Stage): void {
  for (const plan of stage.plans) expect(stage.statusOf(plan).progress).not.toMatch(/[abu]/);
  for (const device of devices) {
    const values = [...new Set(stage.targets.get(device)?.values)];
    expect([device, values.length, expectedValues(stage, device)]).toEqual([device, 1, expect.arrayContaining(values)]);
  }
}

/** Two replaced leaders, of which the second one wakes with a status that nobody has written since it read it. */
const staleStatus = tapeOf('RollBack', {
  25: 'freeze',
  29: 'thaw',
  44: 'window',
  47: 'reject',
  48: 'freeze',
  55: 'die',
  57: 'darkMidway',
  66: 'window',
  72: 'thaw',
});

describe('plans, walked over dying leaders, frozen ones, people, a dark network and a store that fails', () => {
  it('keep every promise at every step, and come to rest in old, new or a loud end', { timeout: 900_000 }, async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(tapes, async (tape) => {
        const stage = await walk(tape);
        checkRest(stage);
        for (const plan of stage.plans) seen.add(stage.statusOf(plan).phase ?? '');
        for (const letter of stage.promises.seen) seen.add(letter);
      }),
      { numRuns: Number(process.env['ROLLOUT_WALKS'] ?? 250), examples: [[staleStatus]], endOnFailure: true },
    );
    // The walk is only worth something when it gets around.
    const places = ['Succeeded', 'Failed', 'Stopped', 'Rejected', 'Superseded', '.', 'a', 'c', 'r', 'n', 'b', 't'];
    expect([...seen]).toEqual(expect.arrayContaining(places));
  });

  it('keep them when a leader freezes at any step, is replaced, and wakes at any later one', { timeout: 300_000 }, async () => {
    for (let step = 1; step < 60; step++) {
      for (const later of [1, 6, 15, 30, 80]) checkRest(await freezeAt(step, later));
    }
  });
});

async function freezeAt(step: number, later: number, broken: readonly Rule[] = []): Promise<Stage> {
  return walk(tapeOf('RollBack', { 0: 'approve', [step]: 'freeze', [step + later]: 'thaw' }), broken);
}

describe('somebody notices a leader that no longer', () => {
  const breaks = async (rule: Rule, tries: readonly Tape[]) => {
    for (const tape of tries) {
      const found = await walk(tape, [rule]).catch((error: unknown) => error);
      if (found instanceof Error && found.message.startsWith('broken promise')) return found.message;
    }
    return 'nobody';
  };
  const some = fc.sample(tapes, { numRuns: 150, seed: 7 });

  it.each<{ rule: Rule; says: RegExp; tries: readonly Tape[] }>([
    { rule: 'takes grants', says: /budget: of \S+/, tries: some },
    { rule: 'asks whether it is approved', says: /not approved/, tries: some },
    { rule: 'keeps the plan first', says: /no plan/, tries: some },
    { rule: 'writes what it settled first', says: /letters: .* is \./, tries: [staleStatus] },
  ])('$rule', async ({ rule, says, tries }) => expect(await breaks(rule, tries)).toMatch(says));

  it('asks for the epoch before it writes', { timeout: 300_000 }, async () => {
    const tries = Array.from({ length: 60 }, (_, step) =>
      [1, 6, 15, 30, 80].map((later) => tapeOf('RollBack', { 0: 'approve', [step + 1]: 'freeze', [step + 1 + later]: 'thaw' })),
    ).flat();
    expect(await breaks('asks for the epoch before it writes', tries)).toMatch(/letters|not marked/);
  });

  it('finishes what others left: then nothing comes to rest', async () => {
    const stage = walk(tapeOf('Keep', { 0: 'approve', 45: 'die' }), ['finishes what others left']);
    await expect(stage).rejects.toThrow('does not come to rest');
  });
});
