import type { PrefixListIntent } from '../api/index.ts';
import { bitsOf } from '../lib/index.ts';
import { type Network, readNetwork } from './route.ts';

/** Whether a list permits a prefix. A prefix of the other family is in no list. */
export type PrefixMatcher = (network: Network) => boolean;

interface Range {
  /** Place in the list: the lowest that matches decides. */
  order: number;
  shortest: number;
  longest: number;
  permits: boolean;
}

/**
 * Reads a list once into a table for each length that its entries have, so that a prefix costs one look-up for each of them, however long
 * the list is. As on routers: the first entry that matches decides, and what none matches is not in the list.
 */
export function compilePrefixList({ family, entries }: Pick<PrefixListIntent, 'family' | 'entries'>): PrefixMatcher {
  const tables = new Map<number, Map<number | bigint, Range[]>>();
  const bits = bitsOf(family === 'ipv4' ? 4 : 6);
  entries.forEach(({ action, prefix, ge, le }, order) => {
    const network = readNetwork(prefix);
    if (network?.family !== family) return;
    const { length } = network;
    const table = tables.get(length) ?? new Map<number | bigint, Range[]>();
    tables.set(length, table);
    const range = { order, shortest: ge ?? length, longest: le ?? (ge === null ? length : bits), permits: action === 'Permit' };
    const same = table.get(network.within(length));
    if (same) same.push(range);
    else table.set(network.within(length), [range]);
  });
  const lengths = [...tables.keys()];
  const byLength = [...tables.values()];
  return (network) => {
    if (network.family !== family) return false;
    let first: Range | undefined;
    // Counted loops: this is asked millions of times.
    for (let i = 0; i < lengths.length; i++) {
      const length = lengths[i] ?? 0;
      if (length > network.length) continue;
      const ranges = byLength[i]?.get(network.within(length));
      if (!ranges) continue;
      for (const range of ranges) {
        if (range.shortest > network.length || range.longest < network.length) continue;
        if (!first || range.order < first.order) first = range;
        break; // the entries of one network stand in their order
      }
    }
    return first?.permits === true;
  };
}
