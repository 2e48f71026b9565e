import type { CheckedState } from '../api/index.ts';
import type { Node } from '../config/index.ts';
import { unsetToken } from '../lib/index.ts';
import { type Claims, createClaims, type Unit } from './claims.ts';
import { type Found, findAll, type FoundItem } from './frr/index.ts';
import type { FoundNeighbor, FoundPolicy, FoundSet, Spec } from './found.ts';
import { secretKey, slug } from './names.ts';
import { type Original, tokensIn } from './original.ts';
import { createRegistry, type Registry, type UnitAt } from './registry.ts';
import { composeSections, type RawSection } from './sections.ts';
import { type DeviceFacts, nameSession, pairSessions, specOfSession } from './sessions.ts';
import { splitEntries } from './entries-file.ts';
import type { Standing, StandingSession } from './standing.ts';
import { patchSpec } from './patch/patch.ts';
import { writeObject } from './yaml-text.ts';

/** What is known of a device beside its configuration. */
export interface DeviceWords {
  management?: Spec;
  credentials: string;
}

/** What must not become what: by device, units that do not come back as they were, and lines that cannot stand in Git. */
export interface Refusals {
  units: ReadonlyMap<string, { has(unit: Unit): boolean }>;
  lines: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

export interface SecretUse {
  name: string;
  key: string;
  device: string;
  purpose: 'bgp-password' | 'template';
  token: string;
}

/** Files of the desired state, and who is behind each line of them. */
export interface Composition {
  files: ReadonlyMap<string, string>;
  secrets: readonly SecretUse[];
  devices: readonly ComposedDevice[];
  /** Units behind an object, by `KIND/NAME`. */
  unitsOf: (title: string) => readonly { device: string; unit: Unit }[];
  /** Sessions of Git that got an imported device as their other end. */
  joined: readonly { session: StandingSession; units: readonly { device: string; unit: Unit }[] }[];
  /** New objects, by kind. */
  countOf: Readonly<Record<string, number>>;
}

export interface ComposedDevice {
  original: Original;
  claims: Claims;
  sections: readonly RawSection[];
  /** By list of the spec and place in it: the unit. */
  items: ReadonlyMap<string, Unit>;
  /** The text that a node of the original has when secrets stand in it as references that are not set. */
  expected: (node: Node) => string;
}

const profileName = 'imported-frr';

/** Makes the files for these originals. Pure: the same for the same input, whatever the order. */
export function compose(
  originals: readonly Original[],
  words: ReadonlyMap<string, DeviceWords>,
  existing: CheckedState | undefined,
  refusals: Refusals,
  standing: Standing = { sessions: [], before: new Map() },
): Composition {
  const registry = createRegistry(existing);
  const sorted = originals.toSorted((a, b) => (a.device < b.device ? -1 : 1));
  const parts = sorted.map((original): Part => {
    const claims = createClaims(refusals.units.get(original.device) ?? new Set());
    const found = findAll(original, claims);
    const setNames = addSets(found.sets, original.device, registry);
    return { original, claims, found, setNames, policyNames: addPolicies(found.policies, setNames, original.device, registry) };
  });
  const book = createBook();
  const files = new Map<string, string>();
  const { used: usedPolicies, joined } = addSessions(parts, standing.sessions, registry, book, files);
  const devices = parts.map((part) => composeDevice(part, words.get(part.original.device), refusals, usedPolicies, registry, book, files));
  const objects = [...registry.all()];
  for (const { kind, name, spec, isNew } of objects) {
    if (!isNew) continue;
    const { rest, path, text } = splitEntries(kind, name, spec);
    if (path !== undefined) files.set(path, text);
    files.set(`${folders[kind] ?? 'objects'}/${name}.yaml`, writeObject(kind, name, rest));
  }
  const byTitle = new Map<string, readonly UnitAt[]>(objects.map(({ kind, name, units }) => [`${kind}/${name}`, units]));
  for (const { session, units } of joined) byTitle.set(`BGPSession/${session.name}`, units);
  const countOf: Record<string, number> = {};
  for (const { kind, isNew } of objects) if (isNew) countOf[kind] = (countOf[kind] ?? 0) + 1;
  return { files, secrets: book.uses(), devices, unitsOf: (title) => byTitle.get(title) ?? [], countOf, joined };
}

const folders: Readonly<Record<string, string>> = {
  Device: 'devices',
  DeviceProfile: 'profiles',
  BGPSession: 'sessions',
  RoutePolicy: 'policies',
  PrefixSet: 'prefix-sets',
  CommunitySet: 'community-sets',
  ASPathSet: 'as-path-sets',
};

interface Part {
  original: Original;
  claims: Claims;
  found: Found;
  /** By key of the set on the device. */
  setNames: ReadonlyMap<string, { kind: FoundSet['kind']; name: string }>;
  /** By name of the route-map. */
  policyNames: ReadonlyMap<string, string>;
}

function addSets(sets: readonly FoundSet[], device: string, registry: Registry): Part['setNames'] {
  return new Map(
    sets.map((set) => {
      const base = listName(set.list, 'set');
      const specOf = (name: string): Spec => ({ ...(name !== set.list && { nameOnDevice: set.list }), ...set.spec });
      const wishes = [base, ...(set.family === 'ipv6' ? [slug(`${base}-v6`)] : []), slug(`${base}-${device}`)];
      return [set.key, { kind: set.kind, name: registry.add(set.kind, wishes, specOf, [{ device, unit: set.unit }]) }];
    }),
  );
}

function addPolicies(policies: readonly FoundPolicy[], sets: Part['setNames'], device: string, registry: Registry): Part['policyNames'] {
  return new Map(
    policies.map(({ map, terms, unit }) => {
      const base = listName(map, 'policy');
      const named = terms.map((term) => {
        const spec = structuredClone(term.spec);
        for (const [place, key] of Object.entries(term.sets)) putIn(spec, place.split('.'), sets.get(key)?.name);
        return orderTerm(spec);
      });
      const specOf = (name: string): Spec => ({
        ...(name !== map && { nameOnDevice: map }),
        layout: 'Native',
        default: 'Deny',
        terms: named,
      });
      return [map, registry.add('RoutePolicy', [base, slug(`${base}-${device}`)], specOf, [{ device, unit }])];
    }),
  );
}

/** Names of digits alone are numbers to routers. */
function listName(list: string, what: string): string {
  const name = slug(list);
  return /^\d*$/.test(name) ? `${what}-${name}` : name;
}

function putIn(spec: Record<string, unknown>, [first = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) spec[first] = value;
  else putIn((spec[first] ??= {}) as Record<string, unknown>, rest, value);
}

function orderTerm({ name, sequence, action, description, match, set, ...rest }: Spec): Spec {
  return {
    name,
    sequence,
    action,
    ...(description !== undefined && { description }),
    ...(match !== undefined && { match }),
    ...(set !== undefined && { set }),
    ...rest,
  };
}

/** Adds the sessions, new ones and ends to those of Git; gives the policies that they use, by device. */
function addSessions(
  parts: readonly Part[],
  standing: readonly StandingSession[],
  registry: Registry,
  book: Book,
  files: Map<string, string>,
): { used: ReadonlyMap<string, Set<string>>; joined: Composition['joined'] } {
  const facts = new Map(parts.map((part) => [part.original.device, factsOf(part)]));
  const old = new Map(standing.map((session) => [session.neighbor, session]));
  const neighbors = parts.flatMap(({ found }) => found.neighbors);
  const perAs = Map.groupBy(neighbors, ({ device, remoteAs }) => `${device} ${remoteAs}`);
  const used = new Map(parts.map(({ original }) => [original.device, new Set<string>()]));
  const sessions = pairSessions(
    [...neighbors, ...old.keys()],
    (end) => old.get(end)?.facts ?? facts.get(end.device) ?? { interfaces: [], policyOf: () => undefined },
    (end) => old.has(end),
  );
  const perPair = Map.groupBy(sessions, ({ ends }) => ends.map(({ neighbor }) => neighbor.device).join(' '));
  const joined: { session: StandingSession; units: { device: string; unit: Unit }[] }[] = [];
  for (const session of sessions) {
    const ends = session.ends.map(({ neighbor }) => neighbor);
    const fresh = ends.filter((end) => !old.has(end));
    const units = fresh.map(({ device, unit }) => ({ device, unit }));
    const [first] = fresh;
    if (!first) continue;
    // Whoever is there: without the other end nobody knows its AS number.
    if (ends.length === 1 && first.remoteAs === undefined) {
      parts.find(({ original }) => original.device === first.device)?.claims.release(first.nodes);
      continue;
    }
    for (const { device, families } of fresh) {
      for (const { maps } of families.values()) for (const map of Object.values(maps)) used.get(device)?.add(map);
    }
    const there = ends.flatMap((end) => old.get(end) ?? [])[0];
    if (there) {
      joined.push({ session: there, units });
      const spec = { ...specOfSession(session, there.name, there.secret), ...there.kept };
      const text = files.get(there.path) ?? there.text;
      // Where the file cannot be patched the session stays as it is, and the end that it lacks is found missing.
      files.set(there.path, patchSpec(text, { kind: 'BGPSession', name: there.name }, spec) ?? text);
      if (there.secret) book.keepRef(there.secret, fresh);
      continue;
    }
    const pair = perPair.get(ends.map(({ device }) => device).join(' '));
    const isAlone = (end: FoundNeighbor): boolean =>
      ends.length > 1 ? pair?.length === 1 : perAs.get(`${end.device} ${end.remoteAs}`)?.length === 1;
    const specOf = (name: string): Spec =>
      specOfSession(session, name, first.password === undefined ? undefined : book.ofSession(name, ends));
    const name = registry.add('BGPSession', nameSession(session, isAlone), specOf, units);
    if (first.password !== undefined) book.keepRef(book.ofSession(name, ends), ends);
  }
  return { used, joined };
}

function factsOf({ found, policyNames }: Part): DeviceFacts {
  return {
    interfaces: found.interfaces.map(({ spec }) => ({
      name: spec['name'] as string,
      isLoopback: spec['role'] === 'Loopback',
      addresses: (spec['addresses'] ?? []) as string[],
    })),
    policyOf: (map) => policyNames.get(map),
  };
}

function composeDevice(
  part: Part,
  words: DeviceWords | undefined,
  refusals: Refusals,
  usedPolicies: ReadonlyMap<string, Set<string>>,
  registry: Registry,
  book: Book,
  files: Map<string, string>,
): ComposedDevice {
  const { original, claims, found, policyNames } = part;
  const { device } = original;
  const leftOut = refusals.lines.get(device);
  const keyOf = (node: Node): string => original.entryOf.get(node)?.key ?? '';
  const sections = composeSections(
    original,
    claims,
    (node) => leftOut?.has(keyOf(node)) === true,
    (node, token) => book.ofRaw(original, node, token),
  );
  for (const { path, text } of sections) files.set(path, text);

  const items = new Map<string, Unit>();
  const list = (name: string, found: readonly FoundItem[]): Spec[] =>
    found.map(({ spec, unit, map }, i) => {
      items.set(`${name} ${i}`, unit);
      return { ...spec, ...(map !== undefined && { policy: policyNames.get(map) }) };
    });
  const bgp = found.instance && {
    ...found.instance.spec,
    ...present('networks', list('bgp.networks', found.instance.networks)),
    ...present('aggregates', list('bgp.aggregates', found.instance.aggregates)),
    ...present('redistribute', list('bgp.redistribute', found.instance.redistribute)),
  };
  const used = new Set(usedPolicies.get(device));
  for (const name of ['networks', 'aggregates', 'redistribute'] as const)
    for (const { map } of found.instance?.[name] ?? []) if (map !== undefined) used.add(map);
  const hasInterfaces = found.interfaces.some(({ unit }) => original.entries.some(({ node }) => claims.unitOf(node) === unit));
  const profile = hasInterfaces
    ? registry.add('DeviceProfile', [profileName], () => ({ platform: original.platform, renderInterfaces: true }), [])
    : undefined;
  const keeps = keptBy(part, used);
  const spec: Spec = {
    platform: original.platform,
    ...(profile !== undefined && { profile }),
    ...(words?.management ? { management: words.management } : { lifecycle: 'Planned' }),
    credentials: { observe: { name: words?.credentials ?? 'routers-observe' } },
    ...present('interfaces', list('interfaces', found.interfaces)),
    ...present('staticRoutes', list('staticRoutes', found.routes)),
    ...(bgp && { bgp }),
    ...(found.rpki && { rpki: found.rpki }),
    ...present(
      'sections',
      sections.map(({ name, path, isTemplate }) => ({ name, [isTemplate ? 'template' : 'file']: path })),
    ),
    ...(Object.keys(keeps).length > 0 && { keeps }),
  };
  registry.add('Device', [device], () => spec, []);
  const expected = (node: Node): string =>
    tokensIn(node.text).reduce((text, token) => {
      const { name, key } = book.find(device, node, token);
      return text.replace(token, unsetToken(name, key));
    }, node.text);
  return { original, claims, sections, items, expected };
}

function present(name: string, list: readonly unknown[]): Spec {
  return list.length > 0 ? { [name]: list } : {};
}

/** What stands on the device and nothing of Git uses: policies of raw lines, and the sets of raw policies. */
function keptBy({ found, setNames, policyNames }: Part, used: ReadonlySet<string>): Spec {
  const usedSets = new Set(found.policies.flatMap(({ terms }) => terms.flatMap(({ sets }) => Object.values(sets))));
  const routePolicies = [...new Set(found.policies.flatMap(({ map }) => (used.has(map) ? [] : (policyNames.get(map) ?? []))))];
  const setsOf = (kind: FoundSet['kind']): string[] => [
    ...new Set([...setNames].flatMap(([key, set]) => (set.kind === kind && !usedSets.has(key) ? [set.name] : []))),
  ];
  return {
    ...present('routePolicies', routePolicies),
    ...present('prefixSets', setsOf('PrefixSet')),
    ...present('communitySets', setsOf('CommunitySet')),
    ...present('asPathSets', setsOf('ASPathSet')),
  };
}

/** Which secret stands for which token. A value that a device uses twice is one secret. */
type Book = ReturnType<typeof createBook>;

function createBook() {
  const bySession = new Map<Node, SecretUse>();
  const byToken = new Map<string, SecretUse>();
  const names = new Set<string>();

  function useOf(device: string, token: string, purpose: SecretUse['purpose'], wish: { name: string; key: string }): SecretUse {
    const id = `${device} ${purpose} ${token}`;
    const known = byToken.get(id);
    if (known) return known;
    let { key } = wish;
    for (let number = 2; names.has(`${wish.name}/${key}`); number++) key = `${wish.key}-${number}`;
    names.add(`${wish.name}/${key}`);
    const use = { name: wish.name, key, device, purpose, token };
    byToken.set(id, use);
    return use;
  }

  return {
    /** The secret that the session will have; nothing is remembered. */
    ofSession(name: string, ends: readonly FoundNeighbor[]): { name: string; key: string } {
      const known = ends.flatMap(({ device, password }) => byToken.get(`${device} bgp-password ${password}`) ?? [])[0];
      return known ? { name: known.name, key: known.key } : { name: `bgp-${name}`, key: 'password' };
    },
    /** The ends use this secret from now on. */
    keepRef(wish: { name: string; key: string }, ends: readonly FoundNeighbor[]): void {
      names.add(`${wish.name}/${wish.key}`);
      for (const { device, password, nodes } of ends) {
        if (password === undefined) continue;
        const id = `${device} bgp-password ${password}`;
        const use = { ...wish, device, purpose: 'bgp-password' as const, token: password };
        if (!byToken.has(id)) byToken.set(id, use);
        for (const node of nodes) if (node.text.includes(password)) bySession.set(node, use);
      }
    },
    ofRaw({ device, entryOf }: Original, node: Node, token: string): { name: string; key: string } {
      const entry = entryOf.get(node);
      const before = node.text.slice(0, node.text.indexOf(token));
      const around = (entry?.path ?? []).map((text) => text.replace(/^(router|interface) /, '')).join(' ');
      const use = useOf(device, token, 'template', { name: slug(`device-${device}`), key: secretKey(`${around} ${before}`) || 'secret' });
      bySession.set(node, use);
      return use;
    },
    find: (device: string, node: Node, token: string): { name: string; key: string } =>
      bySession.get(node) ?? byToken.get(`${device} template ${token}`) ?? { name: 'unknown', key: 'unknown' },
    uses: (): SecretUse[] => [...byToken.values()],
  };
}
