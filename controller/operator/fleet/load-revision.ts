import { type CheckedState, type FleetSpec, type FleetStatus, hasErrors } from '../../api/index.ts';
import type { PlumblineError } from '../../lib/index.ts';
import type { StoredObject } from '../../store/index.ts';
import type { World } from '../world.ts';
import type { Before, Found } from './source.ts';

/** A revision as it was loaded for one spec of a Fleet: another path of the same commit is another desired state. */
export interface LoadedRevision {
  fleet: string;
  generation: number;
  revision: string;
  content: string | undefined;
  /** Its errors; empty when it can be put in force. A state with errors is not kept: it may be large and serves nobody. */
  refused: readonly PlumblineError[];
  /** The place that the last one without errors came from. */
  goodAt: string | undefined;
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
  const goodAt = refused.length === 0 ? placeOf(fleet.spec) : goodPlace(last, fleet);
  world.loaded = { fleet: fleet.name, generation: fleet.generation, revision, content, refused, goodAt };
  return refused.length > 0 ? { revision: state.revision, problems: refused } : { state };
}

/**
 * What is in force, for the rules about what may change from one revision to the next: a set that shrinks, an id that moves. A process that starts reads
 * it once more, or what was refused a moment ago would be taken by the next one. A person who names another place, or an older revision, is not
 * held to what came before.
 */
export function beforeOf(
  { inForce, loaded }: World,
  fleet: StoredObject<FleetSpec, FleetStatus>,
  past: (revision: string) => Promise<CheckedState | undefined>,
): Before {
  return async (found) => {
    const { status, spec } = fleet;
    if (goodPlace(loaded, fleet) !== placeOf(spec)) return undefined;
    if (inForce) return inForce.asWritten;
    if (status?.revision === undefined || status.revision === found) return undefined;
    const state = await past(status.revision).catch(() => undefined); // Not kept: nobody knows.
    return state && !hasErrors(state.problems) ? state : undefined;
  };
}

/** Where the last revision without errors came from. A process that starts has it from the status: also when the first one that it loads is refused. */
function goodPlace(
  loaded: LoadedRevision | undefined,
  { status, generation, spec }: StoredObject<FleetSpec, FleetStatus>,
): string | undefined {
  if (loaded) return loaded.goodAt;
  return status?.observedGeneration === generation ? placeOf(spec) : undefined;
}

function placeOf({ git, sourceRef, path, revision }: FleetSpec): string {
  const { url, branch, tag, semver, commit } = git ?? {};
  return JSON.stringify([url, branch, tag, semver, commit, sourceRef, path, revision]);
}
