import type { PlannedCommand, Proof } from '../api/plan-records.ts';
import { type Change, compare } from './compare.ts';
import { type CompiledDialect, isNegated } from './rules.ts';
import { execute } from './simulate.ts';
import { createState, nodesOf, rewind, type State } from './state.ts';
import type { Node } from './types.ts';

/** Above this many commands the prefixes are sampled. */
const allPrefixesUpTo = 2_000;
/** Simulated commands that a proof may cost beyond its two full runs. */
const budget = 400_000;

/**
 * Runs the plan on the simulated device: forward gives the target; rollback gives the old configuration back from the end and from every
 * prefix, which is also what a section that stops at its first refused line leaves behind.
 */
export function prove(
  live: readonly Node[],
  target: readonly Node[],
  commands: readonly PlannedCommand[],
  rollback: readonly PlannedCommand[],
  compiled: CompiledDialect,
): Proof {
  if (commands.length === 0) return { forward: true, rollback: true, checked: 0, of: 0 };
  const state = createState(live, compiled);
  const stride = strideFor(commands.length, rollback.length);
  let restored = true;
  let checked = 0;
  const tryRollback = (): void => {
    const mark = state.undo.length;
    for (const command of rollback) execute(state, command);
    restored &&= holds(state, live);
    rewind(state, mark);
    checked++;
  };
  for (const [i, command] of commands.entries()) {
    if (i % stride === 0) tryRollback();
    execute(state, command);
  }
  const forward = holds(state, target);
  tryRollback();
  return { forward, rollback: restored, checked, of: commands.length + 1 };
}

function strideFor(commands: number, rollback: number): number {
  const affordable = Math.max(50, Math.floor(budget / Math.max(1, rollback)));
  const prefixes = commands <= allPrefixesUpTo ? Math.min(commands, Math.max(affordable, 50)) : Math.min(200, affordable);
  return Math.max(1, Math.ceil(commands / prefixes));
}

/** True when the simulated device holds exactly this, as far as it can be known. */
function holds(state: State, want: readonly Node[]): boolean {
  return compare(nodesOf(state), want).every((change) => isAsGood(change, state.compiled));
}

/** A negated line, wanted or left over, on a platform of which we do not know whether it prints it: as good as absent. */
export function isAsGood(change: Change, { dialect, negations }: CompiledDialect): boolean {
  if (dialect.negated !== 'kept' || change.kind === 'rewrite' || change.kind === 'change') return false;
  const node = change.kind === 'add' ? change.want : change.live;
  return node.children.length === 0 && isNegated(node.text, negations);
}
