import type { Lists } from './changes.ts';
import { type RawRow, type RawValue } from './codecs.ts';
import { errors } from './errors.ts';
import { type Resource } from './resource.ts';
import { type Kind, kinds, resources } from './resources.ts';

/** How often lists are read again that do not hold what is counted of them: somebody may have made or deleted just then. */
const mostReadings = 3;

/**
 * The lists, when they hold all that NetBox counts of them. It counts whatever the token may see, and leaves out of a list without a word what
 * the token may not: taken for whole, such a list would make objects look deleted. Not everything is counted, so this cannot find every such token.
 */
export async function withAllCounted(lists: Lists, host: string, readList: (kind: Kind) => Promise<Map<number, RawRow>>): Promise<Lists> {
  const whole: Lists = new Map(lists);
  for (const [kind, field, count] of counted()) {
    for (let readings = 1; ; readings++) {
      const short = findShort(whole, kind, field, count);
      if (short === undefined) break;
      if (readings === mostReadings) throw errors.NetBoxIncomplete({ host, what: resources[count.of].path, why: short });
      whole.set(kind, await readList(kind));
      whole.set(count.of, await readList(count.of));
    }
  }
  return whole;
}

function counted(): (readonly [kind: Kind, field: string, count: { of: Kind; by: string }])[] {
  return kinds.flatMap((kind) => {
    const { counts = {} }: Resource = resources[kind];
    return Object.entries(counts).map(([field, count]) => [kind, field, count as { of: Kind; by: string }] as const);
  });
}

function findShort(lists: Lists, kind: Kind, field: string, { of, by }: { of: Kind; by: string }): string | undefined {
  const { fields, word }: Resource = resources[of];
  const found = new Map<number, number>();
  for (const row of lists.get(of)?.values() ?? []) {
    const id = idOf(fields[by]?.read(row) ?? null);
    if (id !== undefined) found.set(id, (found.get(id) ?? 0) + 1);
  }
  for (const [id, row] of lists.get(kind) ?? []) {
    const [all, came] = [row[field], found.get(id) ?? 0];
    if (typeof all === 'number' && all > came)
      return `${resources[kind].word} ${nameOf(row) ?? id} has ${all} of ${word}, and ${came} came: perhaps the token may not see them all`;
  }
  return undefined;
}

function nameOf({ slug, name }: RawRow): string | undefined {
  return [slug, name].find((each) => typeof each === 'string');
}

function idOf(value: RawValue): number | undefined {
  return typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined;
}
