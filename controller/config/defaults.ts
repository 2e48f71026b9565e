import { type Atom, toAtom } from './atoms.ts';
import { compare, nodeOf } from './compare.ts';
import type { CompiledDialect } from './rules.ts';
import { execute } from './simulate.ts';
import { createState, nodesOf } from './state.ts';
import type { Node } from './types.ts';

/**
 * A line that says what goes without saying for others, `bgp default ipv4-unicast`: when it changes, those that are there stay as they
 * are and are printed anew. So it is settled ahead of everything: what comes after is said in the new words, and what nobody wants
 * changed is not.
 */
export function saysDefaults({ rule }: Node): boolean {
  return rule.row.aftermath !== undefined && !rule.object;
}

export function settlesDefaults({ change }: Pick<Atom, 'change'>): boolean {
  return change.kind !== 'rewrite' && saysDefaults(nodeOf(change));
}

/** What the device prints once it has the defaults of the target, and nothing else of it. */
export function withDefaultsOf(target: readonly Node[], live: readonly Node[], compiled: CompiledDialect): readonly Node[] {
  const state = createState(live, compiled);
  for (const change of compare(live, target)) {
    if (settlesDefaults({ change })) for (const command of toAtom(change, 0, compiled).commands) execute(state, command);
  }
  return nodesOf(state);
}
