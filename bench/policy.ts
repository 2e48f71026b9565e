/**
 * `node bench/policy.ts`: policies over routes. Raw: every route through every policy, nothing shared but the lists. Whole: what a change of
 * one term does to the announcements of a router with a neighbor for each policy, before and after, as `plumb plan --base` asks it.
 * Goal: 10,000 prefixes and 200 policies under 2 s.
 */
import { compileDevice } from '../controller/compile/index.ts';
import { compilePolicies, compareRouting, readNetwork, type Route } from '../controller/policy/index.ts';
import { stateOf } from '../test/builders/state.ts';
import type { DeviceIntent } from '../controller/api/index.ts';

const sizes = [
  { prefixes: 1_000, policies: 20 },
  { prefixes: 10_000, policies: 200 },
] as const;

function main(): void {
  process.stdout.write(
    'raw: each route through each policy; whole: announcements before and after a change. Times in ms, in parentheses of the processor.\n\n',
  );
  print(['prefixes', 'policies', 'answers', 'raw', 'whole', 'withdrawn']);
  for (const { prefixes, policies } of sizes) {
    const before = router(prefixes, policies, false);
    const after = router(prefixes, policies, true);
    const routes = routesOf(before);
    const raw = middle(() => evaluateAll(before, routes));
    let withdrawn = 0;
    const whole = middle(() => {
      const { neighbors } = compareRouting({ before: [before], after: [after] });
      withdrawn = neighbors.reduce((sum, each) => sum + each.withdrawn.count, 0);
    });
    print([prefixes, policies, prefixes * policies, raw, whole, withdrawn].map(String));
  }
}

function evaluateAll(intent: DeviceIntent, routes: readonly Route[]): number {
  const policies = compilePolicies(intent);
  let permitted = 0;
  for (const { routeMap } of intent.routeMaps)
    for (const route of routes) if (policies.evaluate(routeMap, route, { at: 'export' }).permitted) permitted += 1;
  return permitted;
}

/** Routes with paths and communities of their own, so that no two are alike. */
function routesOf({ bgp }: DeviceIntent): Route[] {
  return (bgp?.families[0]?.networks ?? []).flatMap(({ prefix }, i) => {
    const network = readNetwork(prefix);
    return network
      ? [
          {
            network,
            nextHop: '192.0.2.1',
            asPath: `${64_496 + (i % 16)} ${65_536 + (i % 1000)}`,
            origin: 'IGP' as const,
            localPreference: null,
            med: i % 7,
            weight: 0,
            communities: [`64500:${i % 300}`, `64501:${i % 11}`],
            largeCommunities: [],
            extendedCommunities: [],
          },
        ]
      : [];
  });
}

/** A router with a neighbor for each policy; each policy has six terms over lists of a hundred prefixes, communities and paths. */
function router(prefixes: number, policies: number, changed: boolean): DeviceIntent {
  const numbers = Array.from({ length: policies }, (_, i) => i);
  const prefixAt = (i: number): string => `${10 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}.0/24`;
  const documents: unknown[] = [
    {
      kind: 'Device',
      name: 'edge',
      spec: {
        platform: 'frr',
        management: { address: '10.255.0.1', hostKeys: [`SHA256:${'A'.repeat(43)}`] },
        credentials: { observe: { name: 'o' } },
        interfaces: [{ name: 'lan', addresses: ['172.16.0.1/16'] }],
        bgp: {
          asn: 64_500,
          routerId: '10.255.0.1',
          networks: Array.from({ length: Math.min(prefixes, 4096) }, (_, i) => ({ prefix: prefixAt(i) })),
        },
      },
    },
    ...numbers.flatMap((i) => [
      {
        kind: 'PrefixSet',
        name: `p${i}`,
        spec: { entries: Array.from({ length: 100 }, (_, k) => ({ prefix: `${10 + (k & 1)}.${(k * 7 + i) & 255}.0.0/16`, le: 24 })) },
      },
      {
        kind: 'CommunitySet',
        name: `c${i}`,
        spec: { type: 'Standard', communities: Array.from({ length: 10 }, (_, k) => `64500:${i + k}`) },
      },
      { kind: 'ASPathSet', name: `a${i}`, spec: { entries: [{ regex: `_${65_536 + i}_` }, { regex: `^6450[${i % 10}]_` }] } },
      {
        kind: 'RoutePolicy',
        name: `policy-${i}`,
        spec: {
          default: changed && i === 0 ? 'Deny' : 'Permit',
          terms: [
            { name: 'mine', action: 'Permit', match: { communitySet: `c${i}`, prefixSet: `p${i}` }, set: { med: 10 }, continue: true },
            { name: 'paths', action: 'Deny', match: { asPathSet: `a${i}` } },
            {
              name: 'other',
              action: 'Permit',
              match: { prefixSet: `p${(i + 1) % policies}`, med: 3 },
              set: { communities: { add: ['64500:1'] } },
              continue: true,
            },
            { name: 'egp', action: 'Deny', match: { origin: 'EGP' } },
            { name: 'more', action: 'Permit', match: { communitySet: `c${(i + 2) % policies}` }, set: { asPathPrepend: [64_500] } },
            { name: 'last', action: 'Permit', match: { prefixSet: `p${(i + 3) % policies}` } },
          ],
        },
      },
      {
        kind: 'BGPSession',
        name: `s${i}`,
        spec: {
          type: 'External',
          relationship: 'Customer',
          families: ['ipv4-unicast'],
          ends: [
            { device: 'edge', interface: 'lan', families: { 'ipv4-unicast': { import: 'policy-0', export: `policy-${i}` } } },
            { external: { name: `n${i}`, asn: 65_000, address: `172.16.1.${i + 1}` } },
          ],
        },
      },
    ]),
  ];
  const { intent, problems } = compileDevice(stateOf(documents.map((each) => JSON.stringify(each)).join('\n---\n')), 'edge');
  const [family] = intent?.bgp?.families ?? [];
  if (!intent?.bgp || !family) throw new Error(problems.map(({ message }) => message).join('; '));
  // A Device holds 4096 networks at most; here the rest stands beside them.
  const [first] = family.networks;
  const networks = Array.from({ length: prefixes }, (_, i) => ({ ...(first ?? family), prefix: prefixAt(i), policy: null }));
  return { ...intent, bgp: { ...intent.bgp, families: [{ ...family, networks }] } };
}

/** The middle of three runs: milliseconds on the clock and of the processor, which differ on a machine that others use too. */
function middle(work: () => void): string {
  const runs = [0, 1, 2].map(() => {
    const [start, { user }] = [performance.now(), process.cpuUsage()];
    work();
    return { clock: performance.now() - start, processor: (process.cpuUsage().user - user) / 1000 };
  });
  const [, { clock, processor } = { clock: 0, processor: 0 }] = runs.toSorted((a, b) => a.clock - b.clock);
  return `${clock.toFixed(0)} (${processor.toFixed(0)})`;
}

function print(cells: readonly string[]): void {
  process.stdout.write(`${cells.map((each) => each.padStart(14)).join('')}\n`);
}

main();
