import type { CheckedState } from '../../api/index.ts';
import { canonicalJson } from '../../lib/index.ts';
import type { FoundItem, Spec } from '../found.ts';
import type { Found, FoundInstance } from '../frr/index.ts';
import { carryOver } from './delta.ts';
import type { NamesInGit } from './found.ts';
import { type Proposal, proposeSpec } from './proposal.ts';

/** What the router does when the field is not said. */
const instanceDefaults: Readonly<Record<string, unknown>> = {
  logNeighborChanges: true,
  multipathRelax: false,
  gracefulRestart: false,
  networkImportCheck: true,
  defaultIpv4Unicast: false,
  defaultLocalPreference: 100,
};

/** Changes of the Device itself: interfaces, static routes, the BGP instance and what it originates. */
export function proposeDevice(state: CheckedState, device: string, before: Found, after: Found, names: NamesInGit): Proposal[] {
  const propose = (what: string, change: (spec: Spec) => Spec | undefined) => proposeSpec(state, 'Device', device, what, change);
  return [
    ...pairs(before.interfaces, after.interfaces, ({ spec }) => String(spec['name'])).map(([name, was, is]) =>
      propose(`interface ${name}`, (spec) => ({
        ...spec,
        interfaces: withInterface(listOf(spec['interfaces']), name, was?.spec, is?.spec),
      })),
    ),
    ...pairs(before.routes, after.routes, ({ spec }) => canonicalJson(spec)).map(([, was, is]) =>
      propose(`route ${String((is ?? was)?.spec['prefix'])}`, (spec) => ({
        ...spec,
        staticRoutes: withEntry(listOf(spec['staticRoutes']), was?.spec, is?.spec),
      })),
    ),
    ...(canonicalJson(before.rpki ?? null) === canonicalJson(after.rpki ?? null)
      ? []
      : [propose('rpki', (spec) => withField(spec, 'rpki', carryOver(before.rpki, after.rpki, spec['rpki'])))]),
    ...before.instances.flatMap((was) => {
      const is = after.instances.find(({ prefix }) => prefix === was.prefix);
      return is ? proposeInstance(propose, was, is, names) : [];
    }),
  ];
}

function proposeInstance(
  propose: (what: string, change: (spec: Spec) => Spec | undefined) => Proposal,
  before: FoundInstance,
  after: FoundInstance,
  names: NamesInGit,
): Proposal[] {
  const [was, is] = [before.spec, after.spec];
  const { prefix, vrf } = before;
  const inBgp = (spec: Spec, change: (bgp: Spec) => Spec): Spec | undefined => inInstance(spec, vrf, change);
  const ofLists = (['networks', 'aggregates', 'redistribute'] as const).flatMap((list) =>
    pairs(before[list], after[list], ({ unit }) => unit).map(([unit, old, now]) =>
      propose(unit, (spec) =>
        inBgp(spec, (bgp) => ({ ...bgp, [list]: withEntry(listOf(bgp[list]), named(old, names), named(now, names)) })),
      ),
    ),
  );
  const fields = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter(
    (field) => canonicalJson(was[field] ?? null) !== canonicalJson(is[field] ?? null),
  );
  const ofFields = fields.map((field) =>
    propose(`${prefix}bgp ${field}`, (spec) =>
      inBgp(spec, (bgp) => {
        const { [field]: old, ...rest } = bgp;
        if (is[field] !== undefined) return { ...bgp, [field]: carryOver(was[field], is[field], old) };
        // Where the device does not write it, its profile may: then what the router does by itself has to be said.
        return old === undefined && field in instanceDefaults ? { ...bgp, [field]: instanceDefaults[field] } : rest;
      }),
    ),
  );
  const [wasOn, isOn] = [before, after].map(({ listening }) => listenOf(listening, vrf, names));
  const ofListening =
    canonicalJson(wasOn ?? null) === canonicalJson(isOn ?? null)
      ? []
      : [propose(`${prefix}bgp listen`, (spec) => inBgp(spec, (bgp) => withField(bgp, 'listen', carryOver(wasOn, isOn, bgp['listen']))))];
  return [...ofFields, ...ofLists, ...ofListening];
}

/** Undefined when nothing is said. */
function listenOf({ limit, ranges }: FoundInstance['listening'], vrf: string | undefined, names: NamesInGit): Spec | undefined {
  if (limit === undefined && ranges.length === 0) return undefined;
  const named = ranges.map(({ spec, group }) => ({ ...spec, peerGroup: names.groupOf(group, vrf)?.name }));
  return { ...(limit !== undefined && { limit }), ...(named.length > 0 && { ranges: named }) };
}

function withField(spec: Spec, field: string, value: unknown): Spec {
  const { [field]: _old, ...rest } = spec;
  return value === undefined ? rest : { ...spec, [field]: value };
}

/** What is there only before, only after, or with another value. */
export function pairs<Each>(
  before: readonly Each[],
  after: readonly Each[],
  nameOf: (each: Each) => string,
): [name: string, was: Each | undefined, is: Each | undefined][] {
  const [old, now] = [before, after].map((list) => new Map(list.map((each) => [nameOf(each), each])));
  const all = [...new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])])];
  return all.flatMap((name): [string, Each | undefined, Each | undefined][] => {
    const [was, is] = [old?.get(name), now?.get(name)];
    return isAlike(was, is) ? [] : [[name, was, is]];
  });
}

/** Nodes of the trees that they were read from do not count. */
function isAlike(was: unknown, is: unknown): boolean {
  const text = (value: unknown): string =>
    JSON.stringify(value, (key, each: unknown) =>
      key === 'node' || key === 'nodes' || key === 'unit' ? undefined : each instanceof Map ? [...each] : each,
    ) ?? '';
  return text(was) === text(is);
}

export function listOf(value: unknown): readonly Spec[] {
  return Array.isArray(value) ? (value as Spec[]) : [];
}

/** The instance of the VRF, changed. */
function inInstance(spec: Spec, vrf: string | undefined, change: (bgp: Spec) => Spec): Spec | undefined {
  if (vrf !== undefined) {
    const vrfs = listOf(spec['vrfs']);
    const index = vrfs.findIndex(({ name }) => name === vrf);
    const changed = vrfs[index] && inInstance(vrfs[index], undefined, change);
    return changed && { ...spec, vrfs: vrfs.with(index, changed) };
  }
  const bgp = spec['bgp'];
  return typeof bgp === 'object' && bgp !== null ? { ...spec, bgp: dropEmpty(change(bgp as Spec), bgp as Spec) } : undefined;
}

/** A list that was not there does not come as an empty one. */
function dropEmpty(value: Spec, before: Spec): Spec {
  return Object.fromEntries(Object.entries(value).filter(([key, each]) => key in before || !Array.isArray(each) || each.length > 0));
}

function withInterface(list: readonly Spec[], name: string, was: Spec | undefined, is: Spec | undefined): Spec[] {
  const index = list.findIndex((each) => each['name'] === name);
  const { role: _was, ...before } = was ?? {};
  const { role, ...after } = is ?? { name };
  if (index < 0) return [...list, { name, ...(role !== undefined && { role }), ...(carryOver(undefined, after, { name }) as Spec) }];
  const changed = carryOver(before, { name, ...after }, list[index]) as Spec;
  return list.toSpliced(index, 1, changed);
}

/** The entry that says the same, whatever defaults it writes. */
function withEntry(list: readonly Spec[], was: Spec | undefined, is: Spec | undefined): Spec[] {
  const index =
    was === undefined
      ? -1
      : list.findIndex((each) => Object.entries(was).every(([key, value]) => canonicalJson(each[key] ?? null) === canonicalJson(value)));
  const old = list[index];
  if (!old) return is ? [...list, is] : [...list];
  return list.toSpliced(index, 1, ...(is ? [carryOver(was, is, old) as Spec] : []));
}

function named(item: FoundItem | undefined, names: NamesInGit): Spec | undefined {
  if (!item) return undefined;
  const policy = item.map === undefined ? undefined : names.policyOf(item.map);
  return { ...item.spec, ...(policy !== undefined && { policy }) };
}
