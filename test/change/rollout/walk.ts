import * as fc from 'fast-check';
import { devices, type ModelPlan } from './network.ts';
import { type Rule, Stage, type StepFate } from './stage.ts';

/** What happens before a step: to the step itself, to the leader, to the network, or what a person does. */
const happenings = {
  notReached: 'step',
  replyLost: 'step',
  refusedHalfway: 'step',
  fails: 'step',
  die: (stage: Stage) => stage.die(),
  freeze: (stage: Stage) => stage.freeze(true),
  freezeAlone: (stage: Stage) => stage.freeze(false),
  thaw: (stage: Stage) => stage.thaw(),
  approve: (stage: Stage, plan: ModelPlan) => stage.approve(plan, 'Approve'),
  reject: (stage: Stage, plan: ModelPlan) => stage.approve(plan, 'Reject'),
  withdraw: (stage: Stage, plan: ModelPlan) => stage.withdraw(plan),
  pause: (stage: Stage, plan: ModelPlan) => stage.order(plan, 'Pause'),
  goOn: (stage: Stage, plan: ModelPlan) => stage.order(plan, 'Continue'),
  stop: (stage: Stage, plan: ModelPlan) => stage.order(plan, 'Stop'),
  command: (stage: Stage) => stage.command(),
  touch: (stage: Stage, plan: ModelPlan) => stage.touch(plan),
  window: (stage: Stage) => stage.window.set(stage.schedule.nowMs, !stage.window.now),
  drain: (stage: Stage, _: ModelPlan, device: string) => toggle(stage, 'drained', device),
  dark: (stage: Stage, _: ModelPlan, device: string) => toggle(stage, 'dark', device),
  // Where it hurts: in the middle of a change, and while a wave is watched.
  darkMidway: (stage: Stage, _: ModelPlan, device: string) =>
    toggle(stage, 'dark', devices.find((each) => stage.targets.get(each)?.unfinished) ?? device),
  sickInBake: (stage: Stage, plan: ModelPlan, device: string) => {
    const { progress = '' } = stage.statusOf(plan);
    toggle(stage, 'sick', plan.sets[progress.lastIndexOf('c')]?.[0] ?? device);
  },
  move: (stage: Stage, _: ModelPlan, device: string) => stage.moved.get(device)?.set(stage.schedule.nowMs, true),
  minutes: (stage: Stage) => void (stage.schedule.nowMs += 40_000),
} as const;

function toggle(stage: Stage, what: 'drained' | 'dark' | 'sick', device: string): void {
  const fact = stage[what].get(device);
  fact?.set(stage.schedule.nowMs, !fact.now);
}

type Happening = keyof typeof happenings;

interface Moment {
  pick: number;
  happens: Happening | 'nothing';
  plan: number;
  device: string;
}

const moment: fc.Arbitrary<Moment> = fc.record({
  pick: fc.nat(5),
  happens: fc.oneof(
    { weight: 60, arbitrary: fc.constant('nothing' as const) },
    { weight: 3, arbitrary: fc.constantFrom<Happening>('notReached', 'replyLost', 'refusedHalfway', 'fails') },
    { weight: 3, arbitrary: fc.constantFrom<Happening>('die', 'freeze', 'freezeAlone', 'thaw', 'thaw') },
    { weight: 2, arbitrary: fc.constantFrom<Happening>('approve', 'approve', 'approve', 'reject', 'withdraw') },
    { weight: 1, arbitrary: fc.constantFrom<Happening>('pause', 'goOn', 'goOn', 'stop', 'touch', 'touch', 'command') },
    {
      weight: 5,
      arbitrary: fc.constantFrom<Happening>(
        'window',
        'window',
        'drain',
        'drain',
        'dark',
        'darkMidway',
        'darkMidway',
        'sickInBake',
        'sickInBake',
        'move',
        'minutes',
      ),
    },
  ),
  plan: fc.nat(1),
  device: fc.constantFrom(...devices),
});

export const tapes: fc.Arbitrary<Tape> = fc.record({
  onFailure: fc.constantFrom('Keep' as const, 'RollBack' as const),
  tape: fc.array(moment, { maxLength: 350, size: 'max' }),
});

export interface Tape {
  onFailure: 'Keep' | 'RollBack';
  tape: readonly Moment[];
}

/** A tape on which little happens: what, by the step. */
export function tapeOf(onFailure: Tape['onFailure'], happens: Readonly<Record<number, Happening>>): Tape {
  const length = Math.max(...Object.keys(happens).map(Number)) + 1;
  const tape = Array.from({ length }, (_, i): Moment => ({ pick: 0, happens: happens[i] ?? 'nothing', plan: 0, device: 'a' }));
  return { onFailure, tape };
}

/** Plays the tape, then lets everything come to rest. Throws with the first promise that is broken. */
export async function walk({ onFailure, tape }: Tape, broken: readonly Rule[] = []): Promise<Stage> {
  const stage = new Stage(onFailure, broken);
  for (const { pick, happens, plan, device } of tape) {
    const effect = happens === 'nothing' ? 'nothing' : happenings[happens];
    if (typeof effect === 'function') effect(stage, stage.plans[plan] as ModelPlan, device);
    await stage.turn(pick, effect === 'step' ? (happens as StepFate) : 'answered');
  }
  // Who is dark stays so for a night: longer than anybody waits for an answer.
  const nightMs = devices.some((device) => stage.dark.get(device)?.now) ? 400_000 : 0;
  const morningMs = stage.schedule.nowMs + nightMs;
  while (stage.schedule.nowMs < morningMs && (await stage.turn(0)));
  stage.calm();
  for (let i = 0; !stage.isAtRest; i++) {
    if (i > 8_000) throw new Error(`does not come to rest: ${JSON.stringify(stage.plans.map((plan) => stage.statusOf(plan)))}`);
    await stage.turn(0);
  }
  return stage;
}

/** What a router may hold, by the letters of the sets that it is in. */
export function expectedValues(stage: Stage, device: string): readonly string[] {
  const held = stage.plans.flatMap((plan) => {
    const set = plan.sets.findIndex((members) => members.includes(device));
    const value = /description (\S+)/.exec(plan.devices.get(device)?.effect.commands[0]?.text ?? '')?.[1] ?? '';
    return set < 0 ? [] : [{ letter: stage.statusOf(plan).progress?.[set] ?? '', value }];
  });
  const certain = held.filter(({ letter }) => letter === 'c' || letter === 's');
  if (certain.length > 0) return certain.map(({ value }) => value);
  return ['old', ...held.filter(({ letter }) => 'kpi'.includes(letter)).map(({ value }) => value)];
}
