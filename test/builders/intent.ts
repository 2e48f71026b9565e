import type { DeviceIntent, SectionIntent, StaticRouteIntent } from '../../controller/api/index.ts';

/** A small intent for tests of the renderer: device r1 with two static routes. */
export function testIntent(route: Partial<StaticRouteIntent> = {}, sections: readonly SectionIntent[] = []): DeviceIntent {
  const owner = { kind: 'Device', name: 'r1', source: { file: 'devices/r1.yaml', line: 7 } };
  const plain: StaticRouteIntent = {
    ...owner,
    family: 'ipv4',
    prefix: '192.0.2.0/24',
    nextHop: null,
    interface: null,
    blackhole: true,
    distance: 1,
  };
  return {
    ...owner,
    device: 'r1',
    platform: 'frr',
    labels: { role: 'edge', site: 'fra' },
    lifecycle: 'Active',
    exactContainers: [],
    templateOverrides: {},
    renderInterfaces: false,
    interfaces: [],
    staticRoutes: [
      { ...plain, ...route },
      { ...plain, prefix: '198.51.100.0/24', nextHop: '192.0.2.1', blackhole: false },
    ],
    prefixLists: [],
    communityLists: [],
    asPathLists: [],
    routeMaps: [],
    bgp: null,
    bfdProfiles: [],
    rpki: null,
    vrfs: [],
    dhcp: null,
    sections,
    secrets: [],
    sessions: [],
  };
}
