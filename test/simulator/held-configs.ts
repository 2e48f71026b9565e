import { type FleetShape, fleetPassword, linkOf, loopbackOf, openerOf, reachOf } from './desired-state.ts';
import { nameOf } from './identity.ts';

export interface HeldConfig {
  name: string;
  config: string;
}

/**
 * What the simulated routers hold at the beginning: what `writeDesiredState` wants of them, as FRR prints it. Written here a second time
 * because rendering ten thousand devices takes minutes; `held-configs.test.ts` shows that it is what is rendered.
 */
export function heldConfigs(shape: Pick<FleetShape, 'devices' | 'sessionsPerDevice'>): HeldConfig[] {
  const shared = sharedPolicies().join('\n');
  return Array.from({ length: shape.devices }, (_, i) => ({ name: nameOf(i), config: `${[...ownLines(i, shape), shared].join('\n')}\n` }));
}

function ownLines(i: number, shape: Pick<FleetShape, 'devices' | 'sessionsPerDevice'>): string[] {
  const loopback = loopbackOf(i);
  const inside = neighborsOf(i, shape);
  return [
    'frr version 8.4.4',
    'frr defaults traditional',
    `hostname ${nameOf(i)}`,
    '!',
    ...Array.from({ length: 20 }, (_, k) => `ip route 198.18.${k}.0/24 ${linkOf(i, 1, 0)}`),
    '!',
    'router bgp 64500',
    ` bgp router-id ${loopback}`,
    ' bgp log-neighbor-changes',
    ' no bgp default ipv4-unicast',
    ...inside.flatMap((j) => {
      const opener = openerOf(i, j, shape);
      const start = ` neighbor ${loopbackOf(j)}`;
      const name = `${nameOf(opener)}-${nameOf(opener === i ? j : i)}`;
      return [
        `${start} remote-as 64500`,
        `${start} description ${name}`,
        `${start} password ${fleetPassword}`,
        `${start} update-source ${loopback}`,
      ];
    }),
    ...externals.flatMap(({ name, asn }, link) => {
      const start = ` neighbor ${linkOf(i, link, 0)}`;
      return [`${start} remote-as ${asn}`, `${start} description ${nameOf(i)}-${name}`];
    }),
    ' !',
    ' address-family ipv4 unicast',
    ...Array.from({ length: 10 }, (_, k) => `  network 198.18.${k}.0/24`),
    ...inside.flatMap((j) => [`  neighbor ${loopbackOf(j)} activate`, `  neighbor ${loopbackOf(j)} next-hop-self`]),
    ...externals.flatMap(({ name, limit }, link) => {
      const start = `  neighbor ${linkOf(i, link, 0)}`;
      return [
        `${start} activate`,
        `${start} maximum-prefix ${limit}`,
        `${start} route-map ${name}-in in`,
        `${start} route-map ${name}-out out`,
      ];
    }),
    '  maximum-paths 1',
    '  maximum-paths ibgp 1',
    ' exit-address-family',
    'exit',
    '!',
  ];
}

const externals = [
  { name: 'transit', asn: 64_496, limit: 1_200_000 },
  { name: 'customer', asn: 64_511, limit: 100 },
] as const;

/** Who has a session with router `i`, in the order of their numbers. */
function neighborsOf(i: number, shape: Pick<FleetShape, 'devices' | 'sessionsPerDevice'>): number[] {
  const { devices } = shape;
  const around = Array.from({ length: reachOf(shape) }, (_, k) => [(i + k + 1) % devices, (i - k - 1 + devices) % devices]).flat();
  return [...new Set(around)].filter((j) => j !== i).toSorted((a, b) => a - b);
}

function sharedPolicies(): string[] {
  const list = (name: string, entries: readonly string[]) =>
    entries.map((entry, k) => `ip prefix-list ${name} seq ${(k + 1) * 10} permit ${entry}`);
  const term = (start: string, ...lines: string[]) => [`route-map ${start}`, ...lines.map((line) => ` ${line}`), 'exit', '!'];
  const matching = (set: string) => `match ip address prefix-list ${set}`;
  return [
    ...list(
      'bogons',
      Array.from({ length: 40 }, (_, k) => `10.${k}.0.0/16 le 32`),
    ),
    ...list(
      'customers',
      Array.from({ length: 20 }, (_, k) => `203.0.113.${k * 8}/29 le 32`),
    ),
    ...list('ours', ['198.18.0.0/15 le 24']),
    ...list('routable', ['0.0.0.0/0 ge 8 le 24']),
    '!',
    ...term('customer-in permit 10', 'description theirs', matching('customers'), 'set local-preference 200'),
    ...term('customer-in deny 65535'),
    ...term('customer-out permit 10', 'description full-table', matching('routable')),
    ...term('customer-out deny 65535'),
    ...term('transit-in deny 10', 'description bogons', matching('bogons')),
    ...term('transit-in permit 20', 'description rest', matching('routable'), 'set local-preference 90'),
    ...term('transit-in deny 65535'),
    ...term('transit-out permit 10', 'description ours', matching('ours')),
    ...term('transit-out deny 65535'),
  ];
}
