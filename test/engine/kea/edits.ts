import type { JsonMap, JsonValue } from '../../../controller/config/index.ts';

export interface SingleEdit {
  what: string;
  edited: JsonMap;
}

/** Keys whose values somebody may change, and to what; what a server would refuse does not matter here. */
const changes: Readonly<Record<string, (value: string) => JsonValue>> = {
  'valid-lifetime': (value) => Number(value) + 1,
  'renew-timer': (value) => Number(value) + 1,
  'decline-probation-period': (value) => Number(value) + 1,
  test: () => "member('KNOWN')",
  hostname: (value) => `${value}x`,
  'ip-address': (value) => `${value}0`,
  pool: (value) => value.replace(/[\da-f](?=\s*$)/i, (digit) => (digit === '1' ? '2' : '1')),
  severity: () => 'WARN',
  'delegated-len': (value) => Number(value) + 1,
};

/** Members that somebody may take away. */
const members = new Set(['pools', 'reservations', 'option-data', 'pd-pools', 'subnet4', 'subnet6', 'client-classes']);

/** The configuration with one thing changed, for each thing. */
export function* editsOf(config: JsonMap): Iterable<SingleEdit> {
  const copy = structuredClone(config);
  yield* walk(copy, '', () => structuredClone(copy));
}

function* walk(value: JsonValue, path: string, snapshot: () => JsonMap): Iterable<SingleEdit> {
  if (Array.isArray(value)) {
    const isList = members.has(path.slice(path.lastIndexOf('/') + 1));
    for (let at = 0; at < value.length; at++) {
      const member = value[at] ?? null;
      yield* walk(member, `${path}/${at}`, snapshot);
      if (!isList) continue;
      value.splice(at, 1);
      yield { what: `${path}/${at} taken away`, edited: snapshot() };
      value.splice(at, 0, member);
    }
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, before] of Object.entries(value)) {
    yield* walk(before, `${path}/${key}`, snapshot);
    const change = changes[key];
    if (!change || typeof before === 'object' || before === '') continue;
    value[key] = change(String(before));
    yield { what: `${path}/${key} changed`, edited: snapshot() };
    value[key] = before;
  }
}
