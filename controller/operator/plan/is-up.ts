import type { NeighborState } from '../../api/index.ts';

/** True while a session is established in every family that it has. */
export function isUp(neighbors: readonly NeighborState[], address: string): boolean {
  const families = neighbors.filter((each) => each.address === address);
  return families.length > 0 && families.every(({ state }) => state === 'Established');
}
