/**
 * verdict: who is wrong. Desired, baseline and live values of each owned item in, verdicts out; and how a baseline moves
 * forward. Pure: no I/O, and time is an input.
 */
export { adoptBaseline, advanceBaseline, refreshBaseline } from './baseline.ts';
export type { DesiredItem, Facts, LiveItem, Standing } from './facts.ts';
export { judge, judgeUnknown } from './judge.ts';
export { observe, sinceFrom } from './observation.ts';
