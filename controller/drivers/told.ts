import type { ToldFacts } from '../api/index.ts';
import { tellFrr } from './frr/told.ts';

/** A line of a configuration, or of a baseline, in canonical form. */
export interface ToldLine {
  /** Section lines, or their keys, from the outside in. */
  path: readonly string[];
  text: string;
}

/** What a configuration says in the terms of an inventory. A platform that is not here tells nothing. */
export function tell(platform: string, lines: readonly ToldLine[]): ToldFacts {
  return platform === 'frr' ? tellFrr(lines) : {};
}
