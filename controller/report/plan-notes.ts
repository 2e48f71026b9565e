import type { DeviceVerdict, Difference, Plan } from '../api/index.ts';
import { adviseDevice, describeReason } from './advice.ts';

/**
 * What a reviewer has to know of a device beside the commands: whose work the plan takes back, what it leaves, and why it would be
 * refused. Nothing is said of what simply waits.
 */
export function notePlan(device: string, verdicts: readonly DeviceVerdict[]): readonly string[] {
  const judged = verdicts.find((each) => each.device === device);
  if (!judged) return [];
  if (judged.verdict === 'Unknown') return [`${device}: ${describeReason(judged)}. ${adviseDevice(judged).words}`];
  const { differences } = judged;
  const drifted = differences.filter(({ verdict }) => verdict === 'Drifted');
  return [
    ...note(
      `${device}: takes back what somebody did on the device`,
      drifted.filter(({ stays }) => !stays),
    ),
    ...note(
      `${device}: leaves what nobody in Git asked for`,
      drifted.filter(({ stays }) => stays),
    ),
    ...note(`${device}: refused until you decide, Git and the device both moved`, only(differences, 'Diverged')),
    ...note(`${device}: refused before plumb adopt ${device}, never seen equal to Git`, only(differences, 'Unadopted')),
  ];
}

/** The devices that an apply would not refuse for what was found on them or on those they change with. None when nobody looked. */
export function applicable({ sets }: Plan, verdicts: readonly DeviceVerdict[]): readonly string[] {
  const isFree = (device: string): boolean => {
    const judged = verdicts.find((each) => each.device === device);
    if (!judged || judged.verdict === 'Unknown') return false;
    return judged.differences.every(({ verdict }) => verdict !== 'Diverged' && verdict !== 'Unadopted');
  };
  return sets
    .filter((set) => set.every(isFree))
    .flat()
    .toSorted();
}

function only(differences: readonly Difference[], is: Difference['verdict']): readonly Difference[] {
  return differences.filter(({ verdict }) => verdict === is);
}

const shown = 3;

function note(words: string, differences: readonly Difference[]): string[] {
  if (differences.length === 0) return [];
  const names = differences.slice(0, shown).map(({ path }) => path.at(-1) ?? '');
  const more = differences.length > shown ? `, and ${differences.length - shown} more` : '';
  return [`${words}: ${names.join(', ')}${more}`];
}
