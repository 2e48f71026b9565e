import { describe, expect, test } from 'vitest';
import type { Facts } from './identify.ts';
import { type Masked, maskRunning } from './mask.ts';
import { findStopped, findUnreached } from './missing-daemons.ts';

const factsOf = (...names: string[]): Facts => ({
  hostname: 'edge1',
  machineId: 'm',
  bootId: 'b',
  upSeconds: 100_000,
  epoch: 0,
  daemons: names.map((name, k) => ({ name, pid: k + 1, upSeconds: 100 })),
});
const configOf = (...lines: string[]): Masked => {
  const masked = maskRunning(`${lines.join('\n')}\nend\n`, () => '');
  if (!masked) throw new Error('not whole');
  return masked;
};

describe('a daemon that vtysh does not reach', () => {
  test('is one that runs and that show daemons leaves out', () => {
    expect(findUnreached(factsOf('bgpd', 'staticd', 'zebra'), ' zebra bgpd\n')).toBe('staticd');
    expect(findUnreached(factsOf('bgpd', 'zebra'), '')).toBe('bgpd');
  });

  test('is none that only vtysh knows, and not watchfrr', () => {
    expect(findUnreached(factsOf('bgpd', 'watchfrr', 'zebra'), ' zebra bgpd staticd\n')).toBeUndefined();
  });
});

describe('a daemon that was stopped', () => {
  test.each([
    ['bgpd', 'router bgp 64501'],
    ['bgpd', 'router bgp 64501 vrf red'],
    ['ospfd', 'router ospf'],
    ['ospf6d', 'router ospf6'],
    ['isisd', 'router isis core'],
    ['ripngd', 'router ripng'],
    ['staticd', 'ip route 198.51.100.0/24 blackhole'],
    ['staticd', ' ipv6 route 2001:db8::/32 blackhole'],
  ])('is %s, when `%s` is saved and does not run', (daemon, line) => {
    const [running, startup] = [configOf('hostname edge1'), configOf('hostname edge1', line)];
    expect(findStopped(factsOf('zebra'), running, startup)).toBe(daemon);
    expect(findStopped(factsOf('zebra', daemon), running, startup)).toBeUndefined();
    expect(findStopped(factsOf('zebra'), startup, startup)).toBeUndefined();
  });

  test('is not told by lines that any daemon may hold, or without a startup config', () => {
    const running = configOf('hostname edge1');
    expect(findStopped(factsOf('zebra'), running, configOf('ip prefix-list A seq 5 permit any', 'log syslog'))).toBeUndefined();
    expect(findStopped(factsOf('zebra'), running, undefined)).toBeUndefined();
  });
});
