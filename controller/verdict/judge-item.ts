import type { Verdict } from '../api/index.ts';
import type { Standing } from './facts.ts';

/** The three values of one item; absent means that the side does not hold it. */
export interface ItemFacts {
  desired: string | undefined;
  baseline: string | undefined;
  live: string | undefined;
  standing: Standing;
  /** The device as a whole was adopted. */
  adopted: boolean;
  /** The line was among the unmanaged ones when the device was adopted. */
  seenAtAdoption: boolean;
}

export type ItemVerdict = Exclude<Verdict, 'Unknown'> | 'Unmanaged';

/** Who is wrong about one item. The rows of the table in docs/architecture, in the order in which they are asked. */
export function judgeItem({ desired, baseline, live, standing, adopted, seenAtAdoption }: ItemFacts): ItemVerdict {
  if (desired === undefined && baseline === undefined) return judgeForeign(standing, adopted, seenAtAdoption);
  if (live === desired) return 'InSync';
  if (standing === 'released') return 'Unmanaged';
  // Never seen in agreement: what the device holds may be right, so nobody but a person decides. What it lacks harms nobody.
  if (baseline === undefined) return adopted && live === undefined ? 'Pending' : 'Unadopted';
  if (live === baseline) return 'Pending';
  return desired === baseline ? 'Drifted' : 'Diverged';
}

/** A line of the device that Git does not want and that we never owned. */
function judgeForeign(standing: Standing, adopted: boolean, seenAtAdoption: boolean): ItemVerdict {
  const appeared = adopted && !seenAtAdoption;
  if (standing === 'unmanaged' || standing === 'released') return 'Unmanaged';
  // Git takes the object away while somebody works on it: both moved, though no line did so on both sides.
  if (appeared) return standing === 'orphaned' ? 'Diverged' : 'Drifted';
  return standing === 'beside' ? 'Unmanaged' : 'Unadopted';
}
