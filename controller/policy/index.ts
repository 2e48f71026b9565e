/**
 * policy: what a compiled policy does to a route, and what a change of policies does to what a network announces. Pure.
 * Knows BGP as FRR carries it out; how a policy is written on a router is in `templates/`.
 */
export { type Outcome, type Policies, compilePolicies, type PolicyUse } from './evaluate.ts';
export { type Network, ownRoute, readNetwork, type Route } from './route.ts';
