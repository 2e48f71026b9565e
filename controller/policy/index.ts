/**
 * policy: what a compiled policy does to a route, and what a change of policies does to what a network announces. Pure.
 * Knows BGP as FRR carries it out; how a policy is written on a router is in `templates/`.
 */
export { findDeadTerms } from './dead-terms.ts';
export { errors as policyErrors } from './errors.ts';
export { type Outcome, type Policies, compilePolicies, type PolicyUse } from './evaluate.ts';
export { compareRouting, type RoutingChange } from './compare-routing.ts';
export { type ReadTable, readTable } from './read-table.ts';
export { runRouteTests } from './route-tests.ts';
export type { ReceivedRoute } from './seeds.ts';
export { type Network, readNetwork, type Route } from './route.ts';
