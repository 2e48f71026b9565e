import type { NeighborState, SessionKey } from '../../api/index.ts';

/** True while a session is established in every family that it has. */
export function isUp(neighbors: readonly NeighborState[], { neighbor, vrf }: SessionKey): boolean {
  const families = neighbors.filter((each) => each.address === neighbor && each.vrf === vrf);
  return families.length > 0 && families.every(({ state }) => state === 'Established');
}
