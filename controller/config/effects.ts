import type { SessionReset } from '../api/index.ts';
import type { Atom } from './atoms.ts';
import type { CompiledDialect } from './rules.ts';
import type { Tree } from './types.ts';

export interface Effects {
  readonly resets: readonly SessionReset[];
  readonly deferred: readonly { text: string; until: string }[];
}

/** What the steps of a plan cost: the sessions that drop, and what is accepted but waits. */
export function effectsOf(_atoms: readonly Atom[], _live: Tree, _compiled: CompiledDialect): Effects {
  return { resets: [], deferred: [] };
}
