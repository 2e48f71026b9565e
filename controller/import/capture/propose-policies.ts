import type { CheckedState } from '../../api/index.ts';
import type { Owner } from '../../config/index.ts';
import { canonicalJson } from '../../lib/index.ts';
import type { FoundPolicy, FoundSet, FoundTerm, Spec } from '../found.ts';
import type { Found } from '../frr/index.ts';
import { carryOver } from './delta.ts';
import type { NamesInGit } from './found.ts';
import { listOf, pairs } from './propose-device.ts';
import { type Proposal, proposeSpec } from './proposal.ts';

/** Changes of the policies and sets that the device uses. They are of all devices: what others would get with it refuses the proposal. */
export function proposePolicies(
  state: CheckedState,
  before: Found,
  after: Found,
  names: NamesInGit,
  owners: ReadonlyMap<string, Owner>,
): Proposal[] {
  return [
    ...pairs(before.sets, after.sets, ({ key }) => key).flatMap(([key, was, is]) => {
      const set = names.setOf(key);
      return was && is && set ? [proposeSpec(state, set.kind, set.name, `list ${was.list}`, (spec) => withSet(spec, was, is))] : [];
    }),
    ...pairs(before.policies, after.policies, ({ map }) => map).flatMap(([map, was, is]) => {
      const name = names.policyOf(map);
      if (!was || !is || name === undefined) return [];
      return [
        proposeSpec(state, 'RoutePolicy', name, `route-map ${map}`, (spec) =>
          withTerms(spec, was, is, names, placesOf(state, name, was, owners)),
        ),
      ];
    }),
  ];
}

/** The set with the entries that the device has; numbers are written where the place of an entry does not give them. */
function withSet(spec: Spec, was: FoundSet, is: FoundSet): Spec | undefined {
  if (was.kind === 'CommunitySet') return carryOver(was.spec, is.spec, spec) as Spec;
  const old = listOf(spec['entries']);
  const [before, after] = [was, is].map(numbersOf);
  if (!before || !after || old.length !== before.length) return undefined;
  const step = typeof spec['sequenceStep'] === 'number' ? spec['sequenceStep'] : 10;
  const entries = after.map(({ sequence, entry }, i): Spec => {
    const index = before.findIndex((each) => each.sequence === sequence);
    const own = index < 0 ? entry : (carryOver(before[index]?.entry, entry, old[index]) as Spec);
    const isGiven = 'sequence' in own || sequence === (i + 1) * step;
    return isGiven ? own : { ...own, sequence };
  });
  return { ...spec, entries };
}

function numbersOf({ spec }: FoundSet): { sequence: number; entry: Spec }[] {
  const step = typeof spec['sequenceStep'] === 'number' ? spec['sequenceStep'] : 10;
  return listOf(spec['entries']).map(({ sequence, ...entry }, i) => ({
    sequence: typeof sequence === 'number' ? sequence : (i + 1) * step,
    entry,
  }));
}

/** By number on the device: the place in the list of terms from which Git prints it. */
function placesOf(
  state: CheckedState,
  name: string,
  { map, terms }: FoundPolicy,
  owners: ReadonlyMap<string, Owner>,
): ReadonlyMap<number, number> {
  const policy = state.objects.RoutePolicy.get(name);
  const lines = (policy?.spec.terms ?? []).map((_term, i) => policy?.locate(['spec', 'terms', i]).line);
  return new Map(
    terms.flatMap(({ spec }) => {
      const number = Number(spec['sequence']);
      const owner = [...owners].find(([key]) => key.startsWith(`route-map ${map} `) && key.split(' ').includes(String(number)))?.[1];
      const index = lines.indexOf(owner?.line);
      return index < 0 ? [] : [[number, index] as const];
    }),
  );
}

function withTerms(
  spec: Spec,
  was: FoundPolicy,
  is: FoundPolicy,
  names: NamesInGit,
  places: ReadonlyMap<number, number>,
): Spec | undefined {
  const old = listOf(spec['terms']);
  const numberOf = (term: FoundTerm): number => Number(term.spec['sequence']);
  const known = new Map(was.terms.map((term) => [numberOf(term), term]));
  const terms: Spec[] = [];
  const taken = new Set<number>();
  for (const term of is.terms) {
    const number = numberOf(term);
    const before = known.get(number);
    const index = places.get(number);
    if (before && index === undefined) continue; // printed by what is around the terms
    const after = inGit(term, names);
    if (!after) return undefined;
    const there = index === undefined ? undefined : old[index];
    if (index !== undefined && taken.has(index)) continue;
    if (index !== undefined) taken.add(index);
    if (before && there) terms.push(carryOver(inGit(before, names), after, there) as Spec);
    else terms.push({ name: freeName(String(term.spec['name']), [...old, ...terms]), sequence: number, ...after });
  }
  const lost = was.terms.filter((term) => !is.terms.some((each) => numberOf(each) === numberOf(term)));
  const isKept = (index: number): boolean => !taken.has(index) && !lost.some((term) => places.get(numberOf(term)) === index);
  // Terms that this device does not print stay where they are.
  for (const [index, term] of old.entries()) if (isKept(index)) terms.splice(Math.min(index, terms.length), 0, term);
  return canonicalJson(terms) === canonicalJson(old) ? undefined : { ...spec, terms };
}

/** The term in the words of Git, without its name and number. */
function inGit({ spec, sets }: FoundTerm, names: NamesInGit): Spec | undefined {
  const { name: _name, sequence: _sequence, ...rest } = structuredClone(spec) as Record<string, unknown>;
  for (const [place, key] of Object.entries(sets)) {
    const set = names.setOf(key);
    if (!set) return undefined;
    const steps = place.split('.');
    const last = steps.pop() ?? '';
    let at: Record<string, unknown> = rest;
    for (const step of steps) at = (at[step] ??= {}) as Record<string, unknown>;
    at[last] = set.name;
  }
  return rest;
}

function freeName(wish: string, terms: readonly Spec[]): string {
  const used = new Set(terms.map(({ name }) => name));
  let name = wish;
  for (let number = 2; used.has(name); number++) name = `${wish}-${number}`;
  return name;
}
