import type { DesiredObject, ValuePath } from '../../api/index.ts';
import { canonicalJson, type PlumblineError } from '../../lib/index.ts';
import { errors } from './errors.ts';
import { findRepetitions, nameOf, placeOf } from './input.ts';
import { ofLoad } from './rule.ts';

/** When and how changes are made: windows whose time is over, and what stands twice. */
export const checkChangeRules = ofLoad(({ objects, now }) => {
  const windows = [...objects.ChangeWindow.values()];
  const policies = [...objects.ReconcilePolicy.values()];
  return [
    ...windows.flatMap((window) => [
      ...checkPassed(window, now),
      ...findTwice(window, 'this interval', ['spec', 'intervals'], window.spec.intervals),
    ]),
    ...policies.flatMap((policy) => {
      const { pings = [], commands = [] } = policy.spec.probes ?? {};
      return [
        ...findTwice(policy, 'this ping', ['spec', 'probes', 'pings'], pings),
        ...findTwice(policy, 'this command with this expression', ['spec', 'probes', 'commands'], commands),
      ];
    }),
  ];
});

function checkPassed(window: DesiredObject<'ChangeWindow'>, now: Date): PlumblineError[] {
  const { intervals, schedule, effect } = window.spec;
  const ends = intervals.map(({ to }) => Date.parse(to));
  const last = Math.max(...ends);
  if (schedule || last > now.getTime()) return [];
  const i = ends.indexOf(last);
  const facts = { object: nameOf(window), effect, ended: intervals[i]?.to ?? '' };
  return [errors.WindowPassed(facts, { at: window.locate(['spec', 'intervals', i, 'to']) })];
}

function findTwice(object: DesiredObject, what: string, path: ValuePath, list: readonly object[]): PlumblineError[] {
  const problems: PlumblineError[] = [];
  const members = list.map((member, i) => [canonicalJson(member), { object, path: [...path, i] }] as const);
  findRepetitions(members, (again, first) => {
    problems.push(errors.DuplicateEntry({ object: nameOf(object), what, where: placeOf(first) }, { at: object.locate(again.path) }));
  });
  return problems;
}
