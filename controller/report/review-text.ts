import type { Plan, PlanReview } from '../api/index.ts';
import type { Part } from './fit.ts';
import { cell } from './markdown-cell.ts';
import { plural } from './problems.ts';
import { printable, type Style } from './style.ts';

/** RouteTests that do not hold. */
export function testParts(review: PlanReview | undefined): readonly Part[] {
  const failures = review?.tests.failures ?? [];
  if (failures.length === 0) return [];
  return [
    {
      head: '\n### RouteTests that do not hold\n\n',
      entries: failures.map(({ message, next, place }) => [
        `- ${place === undefined ? '' : `<code>${cell(place)}</code> `}${cell(message)}. ${cell(next)}\n`,
      ]),
      left: (count) => `- ${plural(count, 'more')} left out\n`,
    },
  ];
}

/** What stands around a plan: how old the reading is, who must agree, when and in which steps, and what nobody looked at. */
export function reviewParts({ devices, routing }: Plan, review: PlanReview | undefined): readonly Part[] {
  const missing = [...(routing?.notEvaluated ?? []), ...(review?.notEvaluated ?? [])];
  return [
    ...(review && devices.length > 0 ? [listPart('Before it begins', describeReview(review))] : []),
    ...(missing.length > 0 ? [listPart('Not evaluated', missing)] : []),
  ];
}

function listPart(title: string, lines: readonly string[]): Part {
  return {
    head: `\n### ${title}\n\n`,
    entries: lines.map((line) => [`- ${cell(line)}\n`]),
    left: (count) => `- ${plural(count, 'more line')} left out\n`,
  };
}

/** For a terminal only what it does not say elsewhere: RouteTests and holds. */
export function formatReview({ tests: { tests, failures }, holds }: PlanReview, style: Style): string {
  const lines = [
    ...(tests > 0 && failures.length === 0 ? [style.faint(`${plural(tests, 'RouteTest')}: all hold`)] : []),
    ...failures.map(({ message, next, place }) =>
      style.bad(printable(`${place === undefined ? '' : `${place}: `}does not hold: ${message}. ${next}`)),
    ),
    ...holds.map(({ device, says }) => style.warn(printable(`${device}: held: ${says}`))),
  ];
  return lines.length === 0 ? '' : `\n${lines.map((line) => `${line}\n`).join('')}`;
}

function describeReview({ looked, holds, modes, closed, rollout }: PlanReview): readonly string[] {
  const { canaries, waves, onFailure } = rollout;
  const steps = [
    ...(canaries.length > 0 ? [`first ${nameSome(canaries)}`] : []),
    ...waves.map((sets, wave) => `${wave === 0 && canaries.length === 0 ? 'first' : 'then'} ${plural(sets, 'set')}`),
  ];
  return [
    ...(looked ? [`devices read ${looked.from === looked.to ? looked.to : `${looked.from} to ${looked.to}`}`] : []),
    ...holds.map(({ device, says }) => `${device}: held: ${says}`),
    ...modes.map(({ mode, devices, because }) => {
      const places = because.map(({ file, line }) => `${file}:${line}`).join(', ');
      return `${modeWords[mode]}: ${nameSome(devices)}${places === '' ? ', no ReconcilePolicy selects them' : ` (${places})`}`;
    }),
    ...closed.map(({ devices, because }) => `${nameSome(devices)}: ${because}`),
    ...(steps.length > 0
      ? [
          `an operator goes in steps: ${steps.join(', ')}; when one fails, ${onFailure === 'RollBack' ? 'all of it is taken back' : 'the rest does not begin'}`,
        ]
      : []),
  ];
}

const modeWords = {
  Report: 'Git allows an operator to report only',
  Approve: 'people must approve',
  Enforce: 'Git lets an operator begin by itself',
} as const;

function nameSome(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
}
