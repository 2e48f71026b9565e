import type { FoundFamily, Spec } from './found.ts';

const wordsOf: Readonly<Record<string, (map: string) => string>> = {
  import: (map) => `route-map ${map} in`,
  export: (map) => `route-map ${map} out`,
  defaultOriginatePolicy: (map) => `default-originate route-map ${map}`,
};

/** What a neighbor or a group does in one family, with the policies that stand for its route-maps. */
export function specOfFamily(found: FoundFamily, policyOf: (map: string) => string | undefined): Spec {
  const spec: Record<string, unknown> = {};
  const lines = [...found.lines];
  const said = { ...found.spec };
  for (const [field, map] of Object.entries(found.maps)) {
    const policy = policyOf(map);
    if (policy !== undefined) spec[field] = policy;
    else {
      lines.push(wordsOf[field]?.(map) ?? '');
      if (field === 'defaultOriginatePolicy') delete said['defaultOriginate'];
    }
  }
  return { ...spec, ...said, ...(lines.length > 0 && { lines }) };
}
