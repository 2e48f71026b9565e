import type { CheckedState, DesiredObject, Kind } from '../api/index.ts';
import { subnetsOf } from './dhcp-subnet-index.ts';
import { type SessionAtDevice, sessionsOf } from './session-index.ts';

/** What one compilation looked at, and found or did not find. */
export interface Inputs {
  readonly device: string;
  readonly objects: readonly DesiredObject[];
  readonly missing: readonly { kind: Kind; name: string }[];
  /** Every session that names the device, by name. */
  readonly sessions: readonly DesiredObject<'BGPSession'>[];
  /** Every subnet that names the device as a server, by name. */
  readonly subnets: readonly DesiredObject<'DHCPSubnet'>[];
  /** Path and text of each; undefined where there is none. */
  readonly files: readonly (readonly [path: string, text: string | undefined])[];
}

/** The only way of a compilation to the desired state: what it asks for is noted. */
export interface InputReader {
  get<K extends Kind>(kind: K, name: string): DesiredObject<K> | undefined;
  sessions(): readonly SessionAtDevice[];
  subnets(): readonly DesiredObject<'DHCPSubnet'>[];
  file(path: string): string | undefined;
  /** Everything asked for so far. */
  inputs(): Inputs;
}

export function readInputs(state: CheckedState, device: string): InputReader {
  const objects = new Set<DesiredObject>();
  const missing: { kind: Kind; name: string }[] = [];
  const files = new Map<string, string | undefined>();
  return {
    get(kind, name) {
      const found = state.objects[kind].get(name);
      if (found) objects.add(found);
      else missing.push({ kind, name });
      return found;
    },
    sessions: () => sessionsOf(state, device),
    subnets: () => subnetsOf(state, device),
    file(path) {
      const text = state.files.get(path);
      files.set(path, text);
      return text;
    },
    inputs: () => ({
      device,
      objects: [...objects],
      missing,
      sessions: sessionsOf(state, device).map(({ object }) => object),
      subnets: subnetsOf(state, device),
      files: [...files],
    }),
  };
}

/**
 * True when a compilation of the device would find in this state just what the noted one found: the same objects, not equal ones. A load
 * with the manifest cache of an earlier one gives the same objects for files that did not change.
 */
export function areInputsSame({ device, objects, missing, sessions, subnets, files }: Inputs, state: CheckedState): boolean {
  const now = sessionsOf(state, device);
  const subnetsNow = subnetsOf(state, device);
  return (
    objects.every((object) => state.objects[object.kind].get(object.metadata.name) === object) &&
    missing.every(({ kind, name }) => !state.objects[kind].has(name)) &&
    sessions.length === now.length &&
    sessions.every((session, i) => session === now[i]?.object) &&
    subnets.length === subnetsNow.length &&
    subnets.every((subnet, i) => subnet === subnetsNow[i]) &&
    files.every(([path, text]) => state.files.get(path) === text)
  );
}
