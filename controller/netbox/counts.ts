import type { Lists } from './changes.ts';
import { errors } from './errors.ts';
import { type Resource } from './resource.ts';
import { type Kind, kinds, resources } from './resources.ts';
import { placeOf, type Row } from './rows.ts';

/** How often lists are read again that do not hold what is counted of them: somebody may have made or deleted just then. */
const mostReadings = 3;

/**
 * The lists, when they hold all that NetBox counts of them. It counts whatever the token may see, and leaves out of a list without a word what
 * the token may not: taken for whole, such a list would make objects look deleted. Not everything is counted, so this cannot find every such token.
 */
export async function withAllCounted(lists: Lists, host: string, readList: (kind: Kind) => Promise<Map<number, Row>>): Promise<Lists> {
  const whole: Lists = new Map(lists);
  for (const [kind, index, count] of counted()) {
    if (!lists.has(kind) || !lists.has(count.of)) continue; // forbidden as a whole, which is said
    for (let readings = 1; ; readings++) {
      const short = findShort(whole, kind, index, count);
      if (short === undefined) break;
      if (readings === mostReadings) throw errors.NetBoxIncomplete({ host, what: resources[count.of].path, why: short });
      whole.set(kind, await readList(kind));
      whole.set(count.of, await readList(count.of));
    }
  }
  return whole;
}

function counted(): (readonly [kind: Kind, index: number, count: { of: Kind; by: string }])[] {
  return kinds.flatMap((kind) => {
    const { counts = {} }: Resource = resources[kind];
    return Object.values(counts).map((count, index) => [kind, index, count as { of: Kind; by: string }] as const);
  });
}

function findShort(lists: Lists, kind: Kind, index: number, { of, by }: { of: Kind; by: string }): string | undefined {
  const listed: Resource = resources[of];
  const place = placeOf(listed, by);
  const found = new Map<unknown, number>();
  for (const row of lists.get(of)?.values() ?? []) {
    const id = row.values[place] ?? null;
    if (id !== null) found.set(id, (found.get(id) ?? 0) + 1);
  }
  for (const [id, row] of lists.get(kind) ?? []) {
    const [all, came] = [row.counts?.[index], found.get(id) ?? 0];
    if (all !== undefined && all > came)
      return `${resources[kind].word} ${nameOf(kind, row) ?? id} has ${all} of ${listed.word}, and ${came} came: perhaps the token may not see them all`;
  }
  return undefined;
}

function nameOf(kind: Kind, row: Row): string | undefined {
  return ['slug', 'name'].map((field) => row.values[placeOf(resources[kind], field)]).find((each) => typeof each === 'string');
}
