import type { CheckedState, DesiredObject } from '../api/index.ts';
import { createSubnetMemory, type DesiredSource, loadDesired } from '../desired/index.ts';
import { comparePositions, formatPosition, type PlumblineError, type Position, systemClock } from '../lib/index.ts';
import { findDeadTerms } from '../policy/index.ts';
import { checkTemplates } from './check-templates.ts';
import { errors } from './errors.ts';
import { type KeptWork, openKeptWork } from './kept-work.ts';
import { prepareDevices } from './prepare.ts';

/**
 * Loads the desired state and finds every mistake in it at once: in the files, in templates, in what would be rendered for each device. `since`: a
 * revision before it, for what may not change from one to the other. `kept`: what an earlier command found the same.
 */
export async function checkDesired(
  source: DesiredSource,
  { since, kept = openKeptWork() }: { since?: string | undefined; kept?: KeptWork } = {},
): Promise<{ state: CheckedState; problems: readonly PlumblineError[] }> {
  const [cache, memory] = [kept.manifests, createSubnetMemory()];
  if (since !== undefined) await loadDesired({ folder: source.folder, rev: since }, systemClock, cache, memory);
  const state = await loadDesired(source, systemClock, cache, memory);
  const { devices, templateProblems } = await prepareDevices(
    withoutBlamed(state),
    [...state.objects.Device.keys()],
    undefined,
    kept.devices,
  );
  kept.save({ state, devices });
  // What compile misses in a state with errors was said by the checks already, at the place of the mistake.
  const broken = state.problems.some(({ severity }) => severity === 'error');
  const rendered = devices
    .flatMap(({ problems }) => problems)
    // A template with a mistake fails for each device that needs it: said where the mistake is.
    .filter(({ code }) => code !== 'TemplateBroken' && (code !== 'IntentIncomplete' || !broken));
  const nothing = Object.values(state.objects).every(({ size }) => size === 0);
  if (nothing && !broken) return { state, problems: [...state.problems, errors.NothingDesired({ what: 'no object' })] };
  return {
    state,
    problems: inOrder([
      ...state.problems,
      ...withoutRepeats([...templateProblems, ...rendered]),
      ...checkTemplates(state),
      ...findDeadTerms(state.objects),
    ]),
  };
}

/** Without the sessions that have an error: their lines would only say the same mistake again, for example as a line with two owners. */
function withoutBlamed(state: CheckedState): CheckedState {
  const objects = Object.values<ReadonlyMap<string, DesiredObject>>(state.objects).flatMap((map) => [...map.values()]);
  const byFile = Map.groupBy(
    inOrderOf(objects, ({ position }) => position),
    ({ position }) => position.file,
  );
  const blamed = new Set<DesiredObject>();
  for (const { at, severity } of state.problems) {
    if (!at || severity !== 'error') continue;
    const object = byFile.get(at.file)?.findLast(({ position }) => comparePositions(position, at) <= 0);
    if (object) blamed.add(object);
  }
  const sound = [...state.objects.BGPSession].filter(([, object]) => !blamed.has(object));
  return { ...state, objects: { ...state.objects, BGPSession: new Map(sound) } };
}

/** A profile's mistake shows on each of its devices, in other words: said once. */
function withoutRepeats(problems: readonly PlumblineError[]): readonly PlumblineError[] {
  const unique = new Map(
    problems.map((problem) => [`${problem.at ? formatPosition(problem.at) : problem.message} ${problem.code}`, problem]),
  );
  return [...unique.values()];
}

/** By position; what has none comes last. */
function inOrder(problems: readonly PlumblineError[]): readonly PlumblineError[] {
  return inOrderOf(problems, ({ at }) => at);
}

function inOrderOf<Item>(items: readonly Item[], placeOf: (item: Item) => Position | undefined): readonly Item[] {
  return items.toSorted((left, right) => {
    const [a, b] = [placeOf(left), placeOf(right)];
    return a && b ? comparePositions(a, b) : Number(!a) - Number(!b);
  });
}
