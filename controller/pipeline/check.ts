import type { CheckedState } from '../api/index.ts';
import { type DesiredSource, loadDesired } from '../desired/index.ts';
import { comparePositions, formatPosition, type PlumblineError } from '../lib/index.ts';
import { prepareDevices } from './prepare.ts';

/** Loads the desired state and finds every mistake in it at once: in the files, in templates, in what would be rendered for each device. */
export async function checkDesired(source: DesiredSource): Promise<{ state: CheckedState; problems: readonly PlumblineError[] }> {
  const state = await loadDesired(source);
  const { devices, templateProblems } = await prepareDevices(state, [...state.objects.Device.keys()], undefined);
  // What compile misses in a state with errors was said by the checks already, at the place of the mistake.
  const broken = state.problems.some(({ severity }) => severity === 'error');
  const rendered = devices.flatMap(({ problems }) => problems).filter(({ code }) => !broken || code !== 'IntentIncomplete');
  return { state, problems: withoutRepeats([...state.problems, ...templateProblems, ...rendered]) };
}

/** A profile's mistake shows on each of its devices: said once. */
function withoutRepeats(problems: readonly PlumblineError[]): readonly PlumblineError[] {
  const unique = new Map(
    problems.map((problem) => [`${problem.at ? formatPosition(problem.at) : problem.message} ${problem.code}`, problem]),
  );
  return [...unique.values()].toSorted((a, b) => (a.at && b.at ? comparePositions(a.at, b.at) : Number(!a.at) - Number(!b.at)));
}
