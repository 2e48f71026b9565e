/** What the evaluation says of every route and session of a world, beside what the routers showed. */
import { compileDevice } from '../../controller/compile/index.ts';
import { accept, announce, type Peer, type Speaker } from '../../controller/policy/announce.ts';
import { compilePolicies, readNetwork, type Route } from '../../controller/policy/index.ts';
import { addressOf, type Seen, type ShownPath } from './policy-lab.ts';
import type { RandomWorld } from './random-policies.ts';

/** One line for each route and session about which the two do not agree. */
export function disagreements(world: RandomWorld, { state, imported, exported }: Seen): string[] {
  const { intent } = compileDevice(state, 'mid');
  if (!intent?.bgp) throw new Error('the world does not compile');
  const speaker: Speaker = { bgp: intent.bgp, policies: compilePolicies(intent) };
  const peerAt = (address: string, family: string): Peer => {
    const neighbor = intent.bgp?.neighbors.find((each) => each.address === address);
    const options = intent.bgp?.families.find((each) => each.family === family)?.neighbors.find((each) => each.address === address);
    if (!neighbor || !options) throw new Error(`no neighbor ${address}`);
    return { neighbor, options };
  };
  const wrong: string[] = [];
  for (const [key, shown] of imported) {
    if (!key.endsWith(` ${addressOf.sender(0)}`)) continue;
    const best = toRoute(shown);
    const { family } = best.network;
    world.policies.forEach((policy, i) => {
      const from = peerAt(addressOf.sender(i + 1), family);
      const taken = accept(speaker, { ...best, weight: 0 }, from);
      compare(
        `${policy} import`,
        shown,
        'route' in taken ? taken.route : undefined,
        imported.get(`${shown.prefix} ${addressOf.sender(i + 1)}`),
        addressOf.sender(i + 1),
      );
      const sent = announce(speaker, { route: best, from: peerAt(addressOf.sender(0), family) }, peerAt(addressOf.taker(i), family));
      compare(
        `${policy} export`,
        shown,
        'route' in sent ? sent.route : undefined,
        withoutPreference(exported.get(`${shown.prefix} ${addressOf.towardsTaker(i)}`)),
        addressOf.towardsTaker(i),
      );
    });
  }
  return wrong;

  function compare(what: string, input: ShownPath, expected: Route | undefined, got: ShownPath | undefined, self: string): void {
    const [ours, theirs] = [expected && describeRoute(expected, self), got && describeRoute(toRoute(got), self)];
    if (ours !== theirs)
      wrong.push(`${what}: ${describeRoute(toRoute(input), '')}\n  ours ${ours ?? 'nothing'}\n  FRR  ${theirs ?? 'nothing'}`);
  }
}

/** The taker sets one of its own on what carries graceful-shutdown. */
function withoutPreference(path: ShownPath | undefined): ShownPath | undefined {
  return path && { ...path, localPreference: undefined };
}

function toRoute(shown: ShownPath): Route {
  const network = readNetwork(shown.prefix);
  if (!network) throw new Error(shown.prefix);
  return {
    network,
    nextHop: shown.nextHop,
    asPath: shown.asPath,
    origin: shown.origin === 'incomplete' ? 'Incomplete' : shown.origin === 'EGP' ? 'EGP' : 'IGP',
    localPreference: shown.localPreference ?? null,
    med: shown.med ?? null,
    weight: shown.weight,
    communities: shown.communities,
    largeCommunities: shown.largeCommunities,
    extendedCommunities: shown.extendedCommunities,
  };
}

function describeRoute(route: Route, self: string): string {
  // The taker and the sender have one IPv6 address each: whose it is is the question.
  const isSelf = route.nextHop === null || route.nextHop === self || route.nextHop.startsWith('2001:db8:ff:');
  // Inside, FRR keeps an extended community twice that a policy adds to one that is there.
  const lists = [route.communities, route.largeCommunities, route.extendedCommunities].map(
    (each) => `{${[...new Set(each)].toSorted().join(' ')}}`,
  );
  return `${route.network.text} via ${isSelf ? 'self' : route.nextHop} path ${route.asPath} ${route.origin} lp ${route.localPreference} med ${route.med} w ${route.weight} ${lists.join(' ')}`;
}
