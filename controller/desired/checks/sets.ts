import { communityTypeOf, type DesiredObject, type PrefixSetEntry, sequenceOf } from '../../api/index.ts';
import { bitsOf, formatPosition, type IpPrefix, parsePrefix, type PlumblineError, type Position } from '../../lib/index.ts';
import { errors as shapeErrors } from '../errors.ts';
import { limits } from '../limits.ts';
import { errors } from './errors.ts';
import { type CheckInput, findRepetitions, nameOf, placeOf as placeOfSeen } from './input.ts';
import { ofLoad } from './rule.ts';

/** Sets: empty ones, entries that cannot match, entries that an earlier one has decided. */
export const checkSets = ofLoad(({ objects, before }) => {
  const sets = [...objects.PrefixSet.values(), ...objects.CommunitySet.values(), ...objects.ASPathSet.values()];
  return [
    ...sets.filter(isUnwantedEmpty).map((set) => errors.EmptySet({ object: nameOf(set) }, { at: set.locate(['spec', membersOf(set)]) })),
    ...[...objects.PrefixSet.values()].flatMap(checkPrefixSet),
    ...[...objects.PrefixSet.values()].flatMap((set) => checkShrink(set, before)),
    ...[...objects.CommunitySet.values()].flatMap(checkCommunitySet),
    ...[...objects.ASPathSet.values()].flatMap(checkASPathSet),
  ];
});

type AnySet = DesiredObject<'PrefixSet'> | DesiredObject<'CommunitySet'> | DesiredObject<'ASPathSet'>;

function membersOf(set: AnySet): 'communities' | 'entries' {
  return set.kind === 'CommunitySet' ? 'communities' : 'entries';
}

function isUnwantedEmpty(set: AnySet): boolean {
  const members = 'communities' in set.spec ? set.spec.communities : set.spec.entries;
  return members.length === 0 && !set.spec.allowEmpty;
}

/** A source that was empty for a moment must not withdraw a network. A set that was not there before cannot shrink. */
function checkShrink(set: DesiredObject<'PrefixSet'>, last: CheckInput['before']): PlumblineError[] {
  const { maxShrinkPercent: percent, entries } = set.spec;
  const before = last?.prefixSets.get(set.metadata.name)?.spec.entries.length ?? 0;
  if (!last || percent === undefined || (before - entries.length) * 100 <= before * percent) return [];
  const facts = { object: nameOf(set), before, after: entries.length, revision: last.revision, percent };
  return [errors.PrefixSetShrinks(facts, { at: set.locate(['spec', 'maxShrinkPercent']) })];
}

interface Range {
  index: number;
  entry: PrefixSetEntry;
  prefix: IpPrefix;
  shortest: number;
  longest: number;
}

/** What a router makes of a list goes by the numbers, and what Git shows by the order. Entries of one IP version, with their place among all. */
function checkNumbers(
  set: DesiredObject<'PrefixSet'> | DesiredObject<'ASPathSet'>,
  entries: readonly (readonly [entry: { sequence?: number | undefined }, index: number])[],
): PlumblineError[] {
  if (entries.every(([{ sequence }]) => sequence === undefined)) return [];
  let last = 0;
  const wrong = entries.flatMap(([entry, index], i) => {
    const number = sequenceOf(entry, i, set.spec.sequenceStep);
    const before = last;
    last = Math.max(last, number);
    if (number > before) return [];
    const at = set.locate(['spec', 'entries', index, ...(entry.sequence === undefined ? [] : ['sequence'])]);
    return [errors.EntryOrder({ object: nameOf(set), number, last: before }, { at })];
  });
  const told = wrong.slice(0, limits.problemsPerFile);
  const next = wrong[told.length]?.at;
  return next ? [...told, shapeErrors.MoreProblems({ count: wrong.length - told.length }, { at: next })] : told;
}

function checkPrefixSet(set: DesiredObject<'PrefixSet'>): PlumblineError[] {
  const versions = Map.groupBy(
    set.spec.entries.map((entry, index) => [entry, index] as const),
    ([{ prefix }]) => prefix.includes(':'),
  );
  return [...[...versions.values()].flatMap((entries) => checkNumbers(set, entries)), ...checkCovered(set)];
}

function checkCovered(set: DesiredObject<'PrefixSet'>): PlumblineError[] {
  const ranges = set.spec.entries.flatMap((entry, index) => {
    const prefix = parsePrefix(entry.prefix);
    return prefix ? [{ index, entry, prefix, ...lengthsOf(entry, prefix) }] : [];
  });
  const placeOf = ({ index }: Range): Position => set.locate(['spec', 'entries', index]);
  // Lists that IRR tools write name a route beside the range that holds it: said twice, meant once.
  const isGenerated = (range: Range): boolean => placeOf(range).file !== set.position.file;
  const covered = findCovered(ranges).filter(([range, cover]) => range.entry.action !== cover.entry.action || !isGenerated(range));

  const problems = covered.slice(0, limits.problemsPerFile).map(([range, cover]) => {
    const facts = {
      object: nameOf(set),
      entry: showEntry(range.entry),
      first: showEntry(cover.entry),
      where: formatPosition(placeOf(cover)),
    };
    return errors.OverlappingEntries(facts, { at: placeOf(range) });
  });
  const next = covered[problems.length]?.[0];
  return next ? [...problems, shapeErrors.MoreProblems({ count: covered.length - problems.length }, { at: placeOf(next) })] : problems;
}

function lengthsOf({ ge, le }: PrefixSetEntry, prefix: IpPrefix): { shortest: number; longest: number } {
  return { shortest: ge ?? prefix.length, longest: le ?? (ge === undefined ? prefix.length : bitsOf(prefix.version)) };
}

/**
 * Entries whose every match is already decided by one earlier entry, with that entry. Overlaps that still decide something
 * are normal: an exception before its rule, or two ranges that share a part. Walks up from each prefix, so 100,000 entries
 * stay fast.
 */
function findCovered(ranges: readonly Range[]): [Range, Range][] {
  const covered: [Range, Range][] = [];
  const byNetwork = new Map<string, Range[]>();
  const lengths = { 4: new Set<number>(), 6: new Set<number>() };
  for (const range of ranges) {
    const cover = findCover(range, byNetwork, lengths[range.prefix.version]);
    if (cover) {
      covered.push([range, cover]);
      continue;
    }
    const key = networkKey(range.prefix, range.prefix.length);
    const same = byNetwork.get(key);
    if (same) same.push(range);
    else byNetwork.set(key, [range]);
    lengths[range.prefix.version].add(range.prefix.length);
  }
  return covered;
}

function findCover(range: Range, byNetwork: ReadonlyMap<string, Range[]>, lengths: ReadonlySet<number>): Range | undefined {
  for (const length of lengths) {
    if (length > range.prefix.length) continue;
    const cover = byNetwork
      .get(networkKey(range.prefix, length))
      ?.find((each) => each.shortest <= range.shortest && range.longest <= each.longest);
    if (cover) return cover;
  }
  return undefined;
}

function networkKey(prefix: IpPrefix, length: number): string {
  return `${prefix.version}/${length}/${prefix.first >> BigInt(bitsOf(prefix.version) - length)}`;
}

function showEntry({ prefix, ge, le }: PrefixSetEntry): string {
  return `${prefix}${ge === undefined ? '' : ` ge ${ge}`}${le === undefined ? '' : ` le ${le}`}`;
}

function checkCommunitySet(set: DesiredObject<'CommunitySet'>): PlumblineError[] {
  const problems: PlumblineError[] = [];
  const object = nameOf(set);
  const { type, communities } = set.spec;
  communities.forEach((community, i) => {
    const found = communityTypeOf(community);
    if (found === type) return;
    const path = `spec.communities[${i}]`;
    const shown = found === undefined ? `${community}, with a number out of range` : `${community}, ${article(found)} community`;
    problems.push(
      errors.WrongSetType({ object, path, found: shown, expected: `${article(type)} one` }, { at: set.locate(['spec', 'communities', i]) }),
    );
  });
  const members = communities.map((community, i) => [community, { object: set, path: ['spec', 'communities', i] }] as const);
  findRepetitions(members, (again, first) => {
    problems.push(errors.DuplicateEntry({ object, what: 'this community', where: placeOfSeen(first) }, { at: set.locate(again.path) }));
  });
  return problems;
}

function article(type: string): string {
  return `${type === 'Extended' ? 'an' : 'a'} ${type.toLowerCase()}`;
}

function checkASPathSet(set: DesiredObject<'ASPathSet'>): PlumblineError[] {
  const problems = checkNumbers(
    set,
    set.spec.entries.map((entry, index) => [entry, index]),
  );
  const entries = set.spec.entries.map((entry, i) => [entry.regex, { object: set, path: ['spec', 'entries', i, 'regex'] }] as const);
  findRepetitions(entries, (again, first) => {
    problems.push(
      errors.DuplicateEntry({ object: nameOf(set), what: 'this expression', where: placeOfSeen(first) }, { at: set.locate(again.path) }),
    );
  });
  return problems;
}
