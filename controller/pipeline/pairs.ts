import type { DeviceSpec } from '../api/index.ts';

/** Devices that stand in for this one: the other server of its DHCP pair. */
export function partnersOf({ dhcp }: Pick<DeviceSpec, 'dhcp'>): readonly string[] {
  const peers = [dhcp?.ipv4, dhcp?.ipv6].flatMap((server) => server?.highAvailability?.peer ?? []);
  return [...new Set(peers)];
}

/** When its turn comes where devices of a set change one after another: who stands by is first, so that the one that serves is never the trial. */
export function turnOf({ dhcp }: Pick<DeviceSpec, 'dhcp'>): number {
  return [dhcp?.ipv4, dhcp?.ipv6].some((server) => server?.highAvailability?.role === 'Primary') ? 1 : 0;
}
