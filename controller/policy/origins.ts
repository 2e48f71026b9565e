import type { IpFamily } from '../api/index.ts';
import { type Network, ownRoute, readNetwork, type Route } from './route.ts';
import type { Router } from './region.ts';

/** Where a device takes a route of its own from; the first of them is the one that is used. */
export type OriginKind = 'network' | 'aggregate' | 'connected' | 'static';

/** A route that a device puts into BGP, as its origination policy leaves it. */
export interface Origin {
  kind: OriginKind;
  route: Route;
}

/** What a device originates, by what Git says. An aggregate is in it whether or not there is a route inside. */
export function originsOf(router: Router): Origin[] {
  return (
    router.intent.bgp?.families.flatMap(({ family, networks, aggregates, redistribute }) => [
      ...networks.flatMap(({ prefix, policy }) => originate(router, 'network', prefix, policy)),
      ...aggregates.flatMap(({ prefix, policy }) => originate(router, 'aggregate', prefix, policy)),
      ...redistribute.flatMap(({ protocol, policy }) => redistributed(router, protocol, family, policy)),
    ]) ?? []
  );
}

/** Protocols whose routes Git does not know. */
export function unknownProtocols({ intent }: Router): string[] {
  return [
    ...new Set(
      intent.bgp?.families.flatMap(({ redistribute }) => redistribute.map(({ protocol }) => protocol)).filter((each) => !isKnown(each)),
    ),
  ];
}

function isKnown(protocol: string): boolean {
  return protocol === 'Static' || protocol === 'Connected';
}

function redistributed(router: Router, protocol: string, family: IpFamily, policy: string | null): Origin[] {
  const { intent } = router;
  if (protocol === 'Static')
    return intent.staticRoutes
      .filter((route) => route.family === family)
      .flatMap(({ prefix, nextHop }) => originate(router, 'static', prefix, policy, { nextHop, origin: 'Incomplete' }));
  if (protocol !== 'Connected') return [];
  return intent.interfaces
    .filter(({ enabled, vrf }) => enabled && vrf === null)
    .flatMap(({ addresses }) => addresses.filter((each) => each.family === family))
    .flatMap(({ address }) => originate(router, 'connected', address, policy, { origin: 'Incomplete' }));
}

function originate({ policies }: Router, kind: OriginKind, prefix: string, policy: string | null, fields: Partial<Route> = {}): Origin[] {
  const network = networkOf(prefix);
  if (!network) return [];
  const route = { ...ownRoute(network), ...fields };
  if (policy === null) return [{ kind, route }];
  const outcome = policies.evaluate(policy, route, { at: 'origination' });
  return outcome.permitted ? [{ kind, route: outcome.route }] : [];
}

const networks = new Map<string, Network | undefined>();

/** Reads a prefix once: before and after a change, on every device. */
export function networkOf(prefix: string): Network | undefined {
  if (!networks.has(prefix)) {
    if (networks.size > 200_000) networks.clear();
    networks.set(prefix, readNetwork(prefix));
  }
  return networks.get(prefix);
}
