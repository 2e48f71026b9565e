import type { PlanPhase, RolloutPolicy } from '../../api/index.ts';
import type { Refusal } from './step-rollout.ts';

/** What a step came to, to be told to people. */
export type Story =
  | { is: 'unknown' | 'unknownStopped' | 'stopping' | 'stopped' | 'paused' }
  | { is: 'ended'; phase: PlanPhase }
  | { is: 'failing' | 'failed'; sick: ReadonlyMap<number, string> }
  | { is: 'takingBack' | 'going'; chosen: readonly number[]; refusals: ReadonlyMap<number, Refusal> }
  | { is: 'baking'; until: Date }
  | { is: 'unsettled'; because: string }
  | { is: 'succeeded'; refusals: ReadonlyMap<number, Refusal> };

interface Scene {
  progress: string;
  wave: number;
  waveOf: readonly number[];
  plan: string;
  nameOf: (set: number) => string;
  policy: RolloutPolicy;
}

/** One or two sentences: which wave, how many are done, what it waits for, what to do next. */
export function describe(story: Story, scene: Scene): string {
  const { plan } = scene;
  const setsOf = (letters: string) => scene.progress.split('').flatMap((letter, set) => (letters.includes(letter) ? [set] : []));
  const names = (letters: string) => list(setsOf(letters).map(scene.nameOf));
  const [all, done, working] = [scene.progress.length, setsOf('c').length, setsOf('ab').length];
  const tally = `${done} of ${all === 1 ? '1 set' : `${all} sets`} confirmed`;
  const busy = working > 0 ? `${tally}, ${working} at work` : tally;
  switch (story.is) {
    case 'unknown':
      return `Nobody has seen how ${names('u')} ended. Nothing begins until it is known; ${busy}. To end the plan all the same: plumb stop ${plan}.`;
    case 'unknownStopped':
      return `Stopped by a person, and nobody has seen how ${names('u')} ended; ${tally}, and they stay.`;
    case 'stopping':
      return `Stopped by a person: nothing further begins, what runs ends; ${busy}.`;
    case 'stopped':
      return `Stopped by a person; ${tally}, and they stay.${done > 0 ? ` To take them back: plumb rollback ${plan}.` : ''}`;
    case 'paused':
      return `Paused by a person: nothing begins; ${busy}. To go on: plumb continue ${plan}.`;
    case 'ended':
      return `${story.phase}; ${tally}.`;
    case 'failing':
      return `${failure(names, story.sick)} Nothing further begins, what runs ends; ${busy}.`;
    case 'failed':
      return `${failure(names, story.sick)} ${rest(scene, setsOf, names)}`;
    case 'takingBack':
      return (
        `${failure(names, new Map())} What was confirmed is taken back, the last first: ` +
        `${setsOf('t').length} done, ${setsOf('b').length + story.chosen.length} at work, ${setsOf('cs').length - story.chosen.length} left` +
        `${waits(story.refusals, scene)}.`
      );
    case 'going':
      return `${upper(nameOfWave(scene))}: ${tally}${doing(working + story.chosen.length, story.refusals.size)}${waits(story.refusals, scene)}.`;
    case 'baking':
      return `${upper(nameOfWave(scene))} is watched until ${story.until.toISOString()}; ${tally}.`;
    case 'unsettled':
      return `${upper(nameOfWave(scene))}: ${busy}. Nothing begins, because ${story.because}; it is looked at again.`;
    case 'succeeded':
      return story.refusals.size === 0
        ? `All of ${all === 1 ? '1 set' : `${all} sets`} confirmed.`
        : `${upper(tally)}. Left out: ${reasons(story.refusals, scene)}.`;
  }
}

function doing(working: number, waiting: number): string {
  if (working > 0) return `, ${working} at work`;
  return waiting > 0 ? '' : '; it waits until sets of other plans are done, more may not change at the same time';
}

function nameOfWave({ wave, waveOf }: Scene): string {
  return wave === 0 ? 'canary' : `wave ${wave} of ${waveOf.reduce((a, b) => Math.max(a, b), 0)}`;
}

function waits(refusals: ReadonlyMap<number, Refusal>, scene: Scene): string {
  if (refusals.size === 0) return '';
  return `; ${refusals.size} ${refusals.size === 1 ? 'waits' : 'wait'}: ${reasons(refusals, scene)}`;
}

/** Each reason once, the most frequent first. */
function reasons(refusals: ReadonlyMap<number, Refusal>, { nameOf, plan }: Scene): string {
  const byReason = Map.groupBy(refusals, ([, { because }]) => because);
  const shown = [...byReason].toSorted(([, a], [, b]) => b.length - a.length).slice(0, 3);
  const said = shown.map(([because, sets]) => `${list(sets.map(([set]) => nameOf(set)))}: ${because}`);
  return [...said, ...(byReason.size > 3 ? [`${byReason.size - 3} other reasons, see plumb plan show ${plan}`] : [])].join('; ');
}

const endings = [
  ['r', 'rolled back'],
  ['n', 'not begun, and nothing was written'],
  ['p', 'applied in part'],
  ['i', 'not rolled back completely'],
  ['k', 'not taken back'],
] as const;

function failure(names: (letters: string) => string, sick: ReadonlyMap<number, string>): string {
  const found = endings.flatMap(([letter, words]) => (names(letter) === '' ? [] : [`${names(letter)}: ${words}`]));
  const why = [...new Set(sick.values())].slice(0, 3).join('; ');
  const ill = names('s') === '' ? [] : [`${names('s')}: confirmed, then not healthy${why === '' ? '' : ` (${why})`}`];
  return [...found, ...ill].length > 0 ? `${[...found, ...ill].join('; ')}.` : 'A set was not healthy.';
}

function rest({ progress, plan, policy }: Scene, setsOf: (letters: string) => number[], names: (letters: string) => string): string {
  const [stay, taken, waiting] = [setsOf('cs').length, setsOf('t').length, setsOf('.').length];
  const parts = [
    ...(stay > 0 ? [`${stay} of ${progress.length} sets stay confirmed`] : []),
    ...(taken > 0 ? [`${taken} were taken back`] : []),
    ...(waiting > 0 ? [`${waiting} were not begun`] : []),
  ];
  const next = [
    ...(names('ipk') === '' ? [] : [`Look at ${names('ipk')} first: the device holds neither all of the old nor all of the new`]),
    ...(stay > 0 && policy.onFailure === 'Keep' ? [`To take back what stays: plumb rollback ${plan}`] : []),
  ];
  return [...(parts.length > 0 ? [upper(parts.join(', '))] : []), ...next].map((each) => `${each}.`).join(' ');
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
