import type { Unit } from '../claims.ts';
import type { FoundNeighbor, Spec } from '../found.ts';
import { patchSpec } from '../patch/patch.ts';
import type { Registry } from '../registry.ts';
import { type DeviceFacts, nameSession, pairSessions, specOfSession } from '../sessions.ts';
import type { StandingSession } from '../standing.ts';
import type { Book } from './book.ts';
import { groupKey } from './names.ts';
import type { Part } from './part.ts';

/** What sessions use of a device, by the names that it has there. */
interface Used {
  maps: Set<string>;
  groups: Set<string>;
}

/** A session of Git that got an imported device as its other end. */
export interface JoinedSession {
  session: StandingSession;
  units: readonly { device: string; unit: Unit }[];
}

/** Adds the sessions, new ones and ends to those of Git; gives the policies that they use, by device. */
export function addSessions(
  parts: readonly Part[],
  standing: readonly StandingSession[],
  registry: Registry,
  book: Book,
  files: Map<string, string>,
): { used: ReadonlyMap<string, Used>; joined: readonly JoinedSession[] } {
  const facts = new Map(parts.map((part) => [part.original.device, factsOf(part)]));
  const old = new Map(standing.map((session) => [session.neighbor, session]));
  const neighbors = parts.flatMap(({ found }) => found.neighbors);
  const perAs = Map.groupBy(neighbors, asKey);
  const used = new Map(parts.map(({ original }): [string, Used] => [original.device, { maps: new Set(), groups: new Set() }]));
  const sessions = pairSessions(
    [...neighbors, ...old.keys()],
    (end) => old.get(end)?.facts ?? facts.get(end.device) ?? noFacts,
    (end) => old.has(end),
  );
  const perPair = Map.groupBy(sessions, ({ ends }) => ends.map(({ neighbor }) => neighbor.device).join(' '));
  const joined: JoinedSession[] = [];
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
    for (const { device, families, group, vrf } of fresh) {
      for (const { maps } of families.values()) for (const map of Object.values(maps)) used.get(device)?.maps.add(map);
      if (group !== undefined) used.get(device)?.groups.add(groupKey(group, vrf));
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
    const isAlone = (end: FoundNeighbor): boolean => (ends.length > 1 ? pair?.length === 1 : perAs.get(asKey(end))?.length === 1);
    const specOf = (name: string): Spec =>
      specOfSession(session, name, first.password === undefined ? undefined : book.ofSession(name, ends));
    const name = registry.add('BGPSession', nameSession(session, isAlone), specOf, units);
    if (first.password !== undefined) book.keepRef(book.ofSession(name, ends), ends);
  }
  return { used, joined };
}

const noFacts: DeviceFacts = { interfaces: [], policyOf: () => undefined, profileOf: () => undefined, groupOf: () => undefined };

function asKey({ device, vrf = '', remoteAs }: FoundNeighbor): string {
  return `${device} ${vrf} ${remoteAs}`;
}

function factsOf({ found, names }: Part): DeviceFacts {
  return {
    interfaces: found.interfaces.map(({ spec }) => ({
      name: spec['name'] as string,
      isLoopback: spec['role'] === 'Loopback',
      addresses: (spec['addresses'] ?? []) as string[],
      ...(typeof spec['vrf'] === 'string' && { vrf: spec['vrf'] }),
    })),
    policyOf: (map) => names.policies.get(map),
    profileOf: (profile) => names.profiles.get(profile),
    groupOf: (group, vrf) => names.groups.get(groupKey(group, vrf)),
  };
}
