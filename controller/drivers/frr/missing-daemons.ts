import type { Facts } from './identify.ts';
import type { Masked } from './mask.ts';

/** Whose lines they are, of lines that a daemon alone holds. */
const holders: readonly [RegExp, string][] = [
  [/^router bgp /, 'bgpd'],
  [/^router ospf( |$)/, 'ospfd'],
  [/^router ospf6( |$)/, 'ospf6d'],
  [/^router isis /, 'isisd'],
  [/^router rip$/, 'ripd'],
  [/^router ripng$/, 'ripngd'],
  [/^router eigrp /, 'eigrpd'],
  [/^router babel$/, 'babeld'],
  [/^bfd$/, 'bfdd'],
  [/^router openfabric /, 'fabricd'],
  [/^ *(ip|ipv6) route /, 'staticd'],
];

/**
 * A daemon that runs and that vtysh cannot speak to: its socket is gone or belongs to somebody else. vtysh leaves its lines out, with
 * exit code 0 and no word. `reached` is what `show daemons` says. watchfrr holds no configuration.
 */
export function findUnreached({ daemons }: Facts, reached: string): string | undefined {
  const words = new Set(reached.split(/\s+/));
  return daemons.find(({ name, pid }) => pid !== undefined && name !== 'watchfrr' && !words.has(name))?.name;
}

/**
 * A daemon that was stopped in good order: the scripts of FRR remove its pid file, so nothing tells of it but the lines of the startup
 * config that are missing.
 */
export function findStopped({ daemons }: Facts, running: Masked, startup: Masked | undefined): string | undefined {
  const runs = new Set(daemons.map(({ name }) => name));
  return linesLost(running, startup)
    .map(holderOf)
    .find((name) => name !== undefined && !runs.has(name));
}

/** The one daemon that can hold a line; undefined when several can. */
export function holderOf(line: string): string | undefined {
  return holders.find(([says]) => says.test(line))?.[1];
}

/** Lines of the startup config that do not run. */
export function linesLost(running: Masked, startup: Masked | undefined): readonly string[] {
  if (startup === running) return [];
  const live = new Set(running.config.split('\n'));
  return (startup?.config ?? '').split('\n').filter((line) => !live.has(line));
}
