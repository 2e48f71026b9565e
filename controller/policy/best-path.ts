import { parseAddress } from '../lib/index.ts';
import { usualLocalPreference, type HeldRoute } from './announce.ts';
import { lengthOfPath, type Route } from './route.ts';

const origins: readonly Route['origin'][] = ['IGP', 'EGP', 'Incomplete'];

/**
 * Orders routes to one prefix as FRR chooses, the best first. What only a running router knows is left out: distance to the next hop,
 * age, router ids; the lowest address of a neighbor stands for them, so that the same state gives the same answer.
 */
export function compareRoutes(a: HeldRoute, b: HeldRoute, defaultLocalPreference: number | null): number {
  return byMerit(a, b, defaultLocalPreference) || compareNeighbors(a, b);
}

/** The same without the last resort: 0 means that a router would go by distance or age. */
export function byMerit(a: HeldRoute, b: HeldRoute, defaultLocalPreference: number | null): number {
  const [left, right] = [a.route, b.route];
  const usual = defaultLocalPreference ?? usualLocalPreference;
  return (
    right.weight - left.weight ||
    (right.localPreference ?? usual) - (left.localPreference ?? usual) ||
    Number(a.from !== null) - Number(b.from !== null) ||
    lengthOfPath(left.asPath) - lengthOfPath(right.asPath) ||
    origins.indexOf(left.origin) - origins.indexOf(right.origin) ||
    (firstAs(left) === firstAs(right) ? (left.med ?? 0) - (right.med ?? 0) : 0) ||
    Number(isInternal(a)) - Number(isInternal(b))
  );
}

function firstAs({ asPath }: Route): string {
  return asPath.split(' ', 1)[0] ?? '';
}

function isInternal({ from }: HeldRoute): boolean {
  return from?.neighbor.type === 'Internal';
}

function compareNeighbors(a: HeldRoute, b: HeldRoute): number {
  const [left, right] = [a, b].map(({ from }) => (from ? parseAddress(from.neighbor.address)?.value : undefined) ?? 0n) as [bigint, bigint];
  return left < right ? -1 : left > right ? 1 : 0;
}
