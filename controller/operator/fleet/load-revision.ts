import { type CheckedState, type FleetSpec, type FleetStatus, hasErrors } from '../../api/index.ts';
import type { PlumblineError } from '../../lib/index.ts';
import type { StoredObject } from '../../store/index.ts';
import type { World } from '../world.ts';
import type { Found } from './source.ts';

/** A revision as it was loaded for one spec of a Fleet: another path of the same commit is another desired state. */
export interface LoadedRevision {
  fleet: string;
  generation: number;
  revision: string;
  content: string | undefined;
  /** Its errors; empty when it can be put in force. A state with errors is not kept: it may be large and serves nobody. */
  refused: readonly PlumblineError[];
}

/** A revision that can be put in force, or why not. */
export type Loading = { state: CheckedState } | { revision: string; problems: readonly PlumblineError[] };

/** Loads what the source found, or gives what it came to the last time: a refused revision is not read at every look. */
export async function loadRevision(world: World, fleet: StoredObject<FleetSpec, FleetStatus>, found: Found): Promise<Loading> {
  const { loaded: last, inForce } = world;
  const { revision, content } = found;
  const isSameSpec = last?.fleet === fleet.name && last.generation === fleet.generation;
  const isKnown = isSameSpec && last.revision === revision && last.content === content;
  if (isKnown && last.refused.length > 0) return { revision: last.revision, problems: last.refused };
  if (isKnown && inForce?.revision === revision) return { state: inForce.asWritten };
  const state = await found.load();
  const refused = hasErrors(state.problems) ? state.problems.filter(({ severity }) => severity === 'error') : [];
  world.loaded = { fleet: fleet.name, generation: fleet.generation, revision, content, refused };
  return refused.length > 0 ? { revision: state.revision, problems: refused } : { state };
}
