import { z } from 'zod';

/** Numbers of the entries of a list on routers, where nothing else is said. FRR itself gives steps of five. */
export const SequenceStep = z
  .int()
  .min(1)
  .max(1000)
  .default(10)
  .describe('Entries are numbered in steps of this on routers: 10, 20, 30. Entries with a sequence have that one.');

export const EntrySequence = z
  .int()
  .min(1)
  .max(4_294_967_294)
  .describe('Number of the entry on routers; must grow from entry to entry of one IP version. Default: its place times sequenceStep.');

/** Number of the entry at an index among those of its IP version. Steps of ten leave room for people who look at the device. */
export function sequenceOf({ sequence }: { sequence?: number | undefined }, index: number, step: number): number {
  return sequence ?? (index + 1) * step;
}
