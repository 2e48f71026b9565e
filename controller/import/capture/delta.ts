import { canonicalJson } from '../../lib/index.ts';

/**
 * Carries what changed from `before` to `after` over to a value that says the same as `before` in its own words: fields that did not change
 * stay as they are written. Lists of bare values gain and lose entries; any other list is replaced.
 */
export function carryOver(before: unknown, after: unknown, value: unknown): unknown {
  if (canonicalJson(before ?? null) === canonicalJson(after ?? null)) return value;
  if (isMap(after) && (isMap(before) || before === undefined) && (isMap(value) || value === undefined)) {
    const result: Record<string, unknown> = { ...value };
    for (const key of new Set([...Object.keys(before ?? {}), ...Object.keys(after)])) {
      const next = carryOver(before?.[key], after[key], result[key]);
      if (next === undefined) delete result[key];
      else result[key] = next;
    }
    return result;
  }
  if (after === undefined && isMap(before) && isMap(value)) {
    const rest = Object.entries(value).filter(([key]) => !(key in before));
    return rest.length > 0 ? Object.fromEntries(rest) : undefined;
  }
  if (isBareList(before ?? []) && isBareList(after ?? []) && isBareList(value ?? [])) {
    const [was, is] = [before ?? [], after ?? []] as [unknown[], unknown[]];
    const kept = ((value ?? []) as unknown[]).filter((each) => is.includes(each) || !was.includes(each));
    const list = [...kept, ...is.filter((each) => !was.includes(each) && !kept.includes(each))];
    return list.length > 0 || after !== undefined ? list : undefined;
  }
  return after;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isBareList(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each !== 'object');
}
