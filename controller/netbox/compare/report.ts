import type { CheckedState, NetBoxFacts, RecordReport, ToldSides } from '../../api/index.ts';
import { assertionsOf } from './assertions.ts';
import { type Comparison, compareRecord } from './compare.ts';

/** What a comparison is about: what Git says, what NetBox records, what devices say of themselves. */
export interface Compared {
  state: CheckedState;
  facts: NetBoxFacts;
  told: ReadonlyMap<string, ToldSides>;
  /** Names of the devices that it is about. Absent: all. */
  devices?: ReadonlySet<string> | undefined;
}

/** Compares, and keeps what a person reads of it beside what a write is planned from. Pure. */
export function compareWithNetBox({ state, facts, told, devices }: Compared): Comparison & { report: RecordReport } {
  const comparison = compareRecord(assertionsOf(state, told, devices), facts, told);
  const { url, version, at } = facts;
  const { compared, differences } = comparison;
  return { ...comparison, report: { revision: state.revision, url, version, at, compared, differences } };
}
