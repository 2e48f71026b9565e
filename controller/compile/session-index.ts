import type { BGPSessionSpec, CheckedState, DesiredObject } from '../api/index.ts';

/** One session as seen from one of its managed ends. */
export interface SessionAtDevice {
  object: DesiredObject<'BGPSession'>;
  spec: BGPSessionSpec;
  /** Index of the device's own end in `spec.ends`. */
  own: 0 | 1;
}

const indexes = new WeakMap<CheckedState['objects']['BGPSession'], ReadonlyMap<string, readonly SessionAtDevice[]>>();

/** The sessions that name a device, by name of the session. The index of a state is made once, and again when one of them changed: a fleet asks a thousand times. */
export function sessionsOf(state: CheckedState, device: string): readonly SessionAtDevice[] {
  let index = indexes.get(state.objects.BGPSession);
  if (index === undefined) {
    index = makeIndex(state);
    indexes.set(state.objects.BGPSession, index);
  }
  return index.get(device) ?? [];
}

function makeIndex(state: CheckedState): Map<string, SessionAtDevice[]> {
  const index = new Map<string, SessionAtDevice[]>();
  const names = [...state.objects.BGPSession.keys()].sort();
  for (const name of names) {
    const object = state.objects.BGPSession.get(name);
    if (!object) continue;
    for (const own of [0, 1] as const) {
      const device = object.spec.ends[own]?.device;
      if (device === undefined) continue;
      const sessions = index.get(device) ?? [];
      sessions.push({ object, spec: object.spec, own });
      index.set(device, sessions);
    }
  }
  return index;
}
