import type { Node } from '../config/index.ts';
import type { ComposedDevice } from './compose/device.ts';

/** What became of each line of an original. */
export interface Account {
  device: string;
  from: string;
  /** Lines that a field of a kind expresses. */
  modelled: number;
  /** Lines kept as they stand: in sections, or among the lines of an object. */
  raw: number;
  /** Raw lines by file; lines among those of an object have the path ''. */
  sections: readonly { path: string; lines: number }[];
  /** Lines that are not kept, with why. */
  unowned: readonly { line: number; text: string; why: string }[];
  /** What was decided for the reader of the configuration. */
  notes?: readonly string[];
}

/** Counts lines that say something: no comments, no ends of blocks. */
export function account({ original, claims, sections }: ComposedDevice, leftOut: ReadonlyMap<string, string>): Account {
  const sectionOf = new Map(sections.flatMap(({ path, nodes }) => nodes.flatMap((node) => (node ? [[node, path] as const] : []))));
  const counts = new Map<string, number>();
  const unowned: { line: number; text: string; why: string }[] = [];
  let modelled = 0;
  let raw = 0;
  const reasonOf = (node: Node): string | undefined => {
    const entry = original.entryOf.get(node);
    const around = [node, ...(entry?.parents ?? [])];
    for (const each of around) {
      const why = leftOut.get(original.entryOf.get(each)?.key ?? '');
      if (why !== undefined) return why;
    }
    return undefined;
  };
  // A block is what the lines inside it are, modelled when one of them is.
  const isModelled = (node: Node): boolean => claims.unitOf(node) !== undefined || node.children.some(isModelled);
  // A block of which nothing inside may stand in Git stands nowhere itself.
  const emptied = (node: Node): string | undefined => {
    if (node.children.length === 0 || sectionOf.has(node)) return undefined;
    const whys = node.children.map((child) => reasonOf(child) ?? emptied(child));
    return whys.every((why) => why !== undefined) ? whys[0] : undefined;
  };
  for (const { number, text, node } of original.lines) {
    if (!node) {
      unowned.push({ line: number, text, why: 'says what the router does by itself, or is said again further down' });
      continue;
    }
    const why = reasonOf(node) ?? emptied(node);
    if (why !== undefined) unowned.push({ line: number, text, why });
    else if (isModelled(node)) modelled++;
    else {
      raw++;
      const path = sectionOf.get(node) ?? '';
      counts.set(path, (counts.get(path) ?? 0) + 1);
    }
  }
  return {
    device: original.device,
    from: original.from,
    modelled,
    raw,
    sections: [...counts].map(([path, lines]) => ({ path, lines })),
    unowned,
  };
}
