import type { CheckedState } from '../../api/index.ts';
import { createClaims, type Unit } from '../claims.ts';
import { splitEntries } from '../entries-file.ts';
import { findAll } from '../frr/index.ts';
import type { Original } from '../original.ts';
import { createRegistry, type UnitAt } from '../registry.ts';
import type { Standing } from '../standing.ts';
import { writeObject } from '../yaml-text.ts';
import { createBook, type SecretUse } from './book.ts';
import { type ComposedDevice, composeDevice, type DeviceWords } from './device.ts';
import { addNamed } from './names.ts';
import type { Part } from './part.ts';
import { addSessions, type JoinedSession } from './sessions.ts';

/** What must not become what: by device, units that do not come back as they were, and lines that cannot stand in Git. */
export interface Refusals {
  units: ReadonlyMap<string, { has(unit: Unit): boolean }>;
  lines: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** Files of the desired state, and who is behind each line of them. */
export interface Composition {
  files: ReadonlyMap<string, string>;
  secrets: readonly SecretUse[];
  devices: readonly ComposedDevice[];
  /** Units behind an object, by `KIND/NAME`. */
  unitsOf: (title: string) => readonly UnitAt[];
  /** Sessions of Git that got an imported device as their other end. */
  joined: readonly JoinedSession[];
  /** New objects, by kind. */
  countOf: Readonly<Record<string, number>>;
}

/** Makes the files for these originals. Pure: the same for the same input, whatever the order. */
export function compose(
  originals: readonly Original[],
  words: ReadonlyMap<string, DeviceWords>,
  existing: CheckedState | undefined,
  refusals: Refusals,
  standing: Standing = { sessions: [], before: new Map() },
): Composition {
  const registry = createRegistry(existing);
  const book = createBook();
  const sorted = originals.toSorted((a, b) => (a.device < b.device ? -1 : 1));
  const parts = sorted.map((original): Part => {
    const claims = createClaims(refusals.units.get(original.device) ?? new Set());
    const found = findAll(original, claims);
    return { original, claims, found, names: addNamed(found, original.device, registry, book) };
  });
  const files = new Map<string, string>();
  const { used, joined } = addSessions(parts, standing.sessions, registry, book, files);
  const devices = parts.map((part) => {
    const { device } = part.original;
    return composeDevice(part, words.get(device), refusals.lines.get(device), used.get(device) ?? none, registry, book, files);
  });
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

const none = { maps: new Set<string>(), groups: new Set<string>() };

/** Where objects of a kind are written. */
export const folders: Readonly<Record<string, string>> = {
  Device: 'devices',
  DeviceProfile: 'profiles',
  BGPSession: 'sessions',
  RoutePolicy: 'policies',
  PrefixSet: 'prefix-sets',
  CommunitySet: 'community-sets',
  ASPathSet: 'as-path-sets',
  PeerGroup: 'peer-groups',
  BFDProfile: 'bfd-profiles',
};
