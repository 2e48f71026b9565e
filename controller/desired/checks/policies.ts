import type { CommunitySetSpec, DesiredObject, PolicyTerm, PrefixSetSpec, ValuePath } from '../../api/index.ts';
import { formatPosition, type PlumblineError } from '../../lib/index.ts';
import { formatPath } from '../words.ts';
import { errors } from './errors.ts';
import { findRepetitions, nameOf, placeOf } from './input.ts';
import { between, type SeenObjects } from './rule.ts';

type Policy = DesiredObject<'RoutePolicy'>;

const sees = { RoutePolicy: 'all', PrefixSet: 'all', CommunitySet: 'all', ASPathSet: 'all' } as const;
type Objects = SeenObjects<typeof sees>;

/** Terms of route policies: names, numbers, order, and what they match and set. */
export const checkPolicies = between(sees, ({ objects }) =>
  [...objects.RoutePolicy.values()].flatMap((policy) => [
    ...checkNames(policy),
    ...checkSequence(policy),
    ...checkReach(policy),
    ...policy.spec.terms.flatMap((term, i) => [
      ...checkDeny(policy, term, i),
      ...checkMatch(policy, term, i, objects),
      ...checkDelete(policy, term, i, objects),
      ...checkCommunities(policy, term, i),
    ]),
  ]),
);

function checkNames(policy: Policy): PlumblineError[] {
  const problems: PlumblineError[] = [];
  const names = policy.spec.terms.map(
    (term, i) => [term.name, { object: policy, path: ['spec', 'terms', i, 'name'] as ValuePath }] as const,
  );
  findRepetitions(names, (again, first) => {
    problems.push(
      errors.DuplicateEntry(
        { object: nameOf(policy), what: 'the name of this term', where: placeOf(first) },
        { at: policy.locate(again.path) },
      ),
    );
  });
  return problems;
}

/** Numbers stay with their terms when others come and go, so they are written for all terms or for none. */
function checkSequence(policy: Policy): PlumblineError[] {
  const { terms } = policy.spec;
  if (terms.every((term) => term.sequence === undefined)) return [];
  let last = 0;
  return terms.flatMap(({ name, sequence }, i) => {
    const path: ValuePath = ['spec', 'terms', i, 'sequence'];
    if (sequence === undefined)
      return [
        errors.SequenceOrder({ object: nameOf(policy), term: name, why: 'has no sequence, others have' }, { at: policy.locate(path) }),
      ];
    const why = `has sequence ${sequence}, not greater than ${last} before it`;
    const problems =
      sequence > last ? [] : [errors.SequenceOrder({ object: nameOf(policy), term: name, why }, { at: policy.locate(path) })];
    last = Math.max(last, sequence);
    return problems;
  });
}

function checkReach(policy: Policy): PlumblineError[] {
  const { terms } = policy.spec;
  const last = terms.findIndex(
    (term) => Object.values(term.match).every((value) => value === undefined) && !term.continue && !term.lines.some(isCondition),
  );
  const unreached = last < 0 ? undefined : terms[last + 1];
  if (!unreached) return [];
  const first = `${terms[last]?.name ?? ''} at ${formatPosition(policy.locate(['spec', 'terms', last]))}`;
  return [
    errors.UnreachableTerm({ object: nameOf(policy), term: unreached.name, first }, { at: policy.locate(['spec', 'terms', last + 1]) }),
  ];
}

/** Lines are the platform's words, of which this much is the same everywhere. */
function isCondition(line: string): boolean {
  return line.startsWith('match ') || line.startsWith('call ') || line.startsWith('on-match ');
}

function checkDeny(policy: Policy, term: PolicyTerm, i: number): PlumblineError[] {
  if (term.action === 'Permit') return [];
  const fields = Object.values(term.set).some((value) => value !== undefined) ? ['set'] : [];
  if (term.continue) fields.push('continue');
  return fields.map((field) =>
    errors.SetOnDeny({ object: nameOf(policy), term: term.name, field }, { at: policy.locate(['spec', 'terms', i, field]) }),
  );
}

function checkMatch(policy: Policy, { name, match }: PolicyTerm, i: number, objects: Objects): PlumblineError[] {
  const never = (key: string, why: string): PlumblineError =>
    errors.NeverMatches({ object: nameOf(policy), term: name, why }, { at: policy.locate(['spec', 'terms', i, 'match', key]) });
  const prefixes: PrefixSetSpec | undefined = match.prefixSet === undefined ? undefined : objects.PrefixSet.get(match.prefixSet)?.spec;
  if (!prefixes || match.family === undefined || prefixes.entries.length === 0) return [];
  const version = match.family === 'ipv4-unicast' ? 4 : 6;
  const fits = prefixes.entries.some(({ prefix }) => prefix.includes(':') === (version === 6));
  return fits
    ? []
    : [never('prefixSet', `PrefixSet/${match.prefixSet} holds no IPv${version} prefix, and the term asks for ${match.family}`)];
}

/** Each community is written once per term, in replace or in add: routers keep a set. Spellings are one already (`api/communities.ts`). */
function checkCommunities(policy: Policy, { set }: PolicyTerm, i: number): PlumblineError[] {
  const problems: PlumblineError[] = [];
  for (const field of ['communities', 'largeCommunities', 'extendedCommunities'] as const) {
    const change: { replace?: readonly string[] | undefined; add?: readonly string[] } = set[field] ?? {};
    const members = (['replace', 'add'] as const).flatMap((list) =>
      (change[list] ?? []).map((text, j) => [text, { object: policy, path: ['spec', 'terms', i, 'set', field, list, j] }] as const),
    );
    findRepetitions(members, (again, first) => {
      const facts = { object: nameOf(policy), what: 'this community', where: placeOf(first) };
      problems.push(errors.DuplicateEntry(facts, { at: policy.locate(again.path) }));
    });
  }
  return problems;
}

/** A set to delete from must be of the kind of communities that is changed. */
function checkDelete(policy: Policy, { set }: PolicyTerm, i: number, objects: Objects): PlumblineError[] {
  const rows = [
    ['communities', 'Standard', set.communities?.delete],
    ['largeCommunities', 'Large', set.largeCommunities?.delete],
  ] as const;
  return rows.flatMap(([key, expected, name]) => {
    const found: CommunitySetSpec | undefined = name === undefined ? undefined : objects.CommunitySet.get(name)?.spec;
    if (!found || found.type === expected) return [];
    const path: ValuePath = ['spec', 'terms', i, 'set', key, 'delete'];
    const facts = {
      object: nameOf(policy),
      path: formatPath(path),
      found: `a set of type ${found.type}`,
      expected: `one of type ${expected}`,
    };
    return [errors.WrongSetType(facts, { at: policy.locate(path) })];
  });
}
