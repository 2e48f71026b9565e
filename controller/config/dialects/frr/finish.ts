import type { Finish } from '../../dialect.ts';

/** Whole-tree work on FRR configurations, in this order. */
export const finish: readonly Finish[] = [];
