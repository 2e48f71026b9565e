import type { Plan, RoutingEffects } from '../../api/index.ts';
import { sentDigestOf, withRoutes } from '../../change/index.ts';
import { digestOf } from '../../lib/index.ts';
import { type Routed, routeChange } from '../../pipeline/index.ts';
import type { PlanPass } from './plan-pass.ts';
import type { Proposal } from './proposal.ts';

/** Devices that hang together by sessions: beyond it nobody else would have a turn meanwhile. */
const mostDevices = 2000;

/** Proposals with what they would do to routes if all of `devices` were changed, and the whole of that. */
export async function routeProposals(
  { world, fleet, past }: PlanPass,
  proposals: ReadonlyMap<string, Proposal>,
  devices: readonly string[],
): Promise<{ proposals: ReadonlyMap<string, Proposal>; routing: RoutingEffects | undefined }> {
  const chosen = devices.flatMap((name) => proposals.get(name) ?? []);
  const of = digestOf([
    fleet.revision,
    chosen.flatMap(({ planned: { plan }, facts }) =>
      plan ? [sentDigestOf(plan.effect), plan.provenance.liveFingerprint, facts.verdict.verdict] : [],
    ),
  ]);
  if (world.routed?.of !== of) world.routed = { of, routed: await route() };
  const { routing, shares } = world.routed.routed;
  return { proposals: new Map([...proposals].map(([name, each]) => [name, withShare(each, shares.get(name))])), routing };

  async function route(): Promise<Routed> {
    const { baselines } = world.runtime.corridor.store;
    const changing = await Promise.all(
      chosen.map(async ({ device: { name }, facts }) => ({ name, baseline: await baselines.get(name), verdict: facts.verdict.verdict })),
    );
    const after = { state: fleet.state, devices: chosen.map(({ device }) => device) };
    return routeChange(changing, after, past, mostDevices);
  }
}

/**
 * Proposals with what a plan says becomes of routes. As it goes on, what its rest does to them is another thing: people agreed to the whole, and
 * what is sent is the same.
 */
export function routeAsPlanned(
  proposals: ReadonlyMap<string, Proposal>,
  { devices }: Pick<Plan, 'devices'>,
): ReadonlyMap<string, Proposal> {
  const routes = new Map(devices.flatMap(({ effect }) => (effect.routes ? [[effect.device, effect.routes] as const] : [])));
  if (routes.size === 0) return proposals;
  return new Map([...proposals].map(([name, each]) => [name, withShare(each, routes.get(name))]));
}

function withShare(proposal: Proposal, routes: Parameters<typeof withRoutes>[1]): Proposal {
  const { plan } = proposal.planned;
  return plan && routes ? { ...proposal, planned: { ...proposal.planned, plan: withRoutes(plan, routes) } } : proposal;
}
