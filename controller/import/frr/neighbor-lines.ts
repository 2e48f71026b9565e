import { SessionEndFamily } from '../../api/index.ts';
import type { FoundFamily, FoundOption, Spec } from '../found.ts';

/** What one line of a neighbor says in a field: of the session, or of the end. */
export interface Said {
  remoteAs?: string;
  description?: string;
  password?: string;
  shutdown?: true;
  multihop?: number;
  gtsmHops?: number;
  updateSource?: string;
  timers?: Spec;
  end?: Spec;
}

type Reader = readonly [pattern: RegExp, read: (words: readonly string[]) => Said];

/** By the words behind the address. `words` are the groups of the pattern. */
const readers: readonly Reader[] = [
  [/^remote-as (\S+)$/, ([asn = '']) => ({ remoteAs: asn })],
  [/^description (.+)$/, ([text = '']) => ({ description: text })],
  [/^password (<secret:\S+>)$/, ([token = '']) => ({ password: token })],
  [/^shutdown$/, () => ({ shutdown: true })],
  [/^passive$/, () => ({ end: { passive: true } })],
  [/^ebgp-multihop (\d+)$/, ([hops]) => ({ multihop: Number(hops) })],
  [/^ttl-security hops (\d+)$/, ([hops]) => ({ gtsmHops: Number(hops) })],
  [/^update-source (\S+)$/, ([source = '']) => ({ updateSource: source })],
  [/^timers (\d+) (\d+)$/, ([keepalive, hold]) => ({ timers: { keepaliveSeconds: Number(keepalive), holdSeconds: Number(hold) } })],
  [/^timers connect (\d+)$/, ([seconds]) => ({ timers: { connectRetrySeconds: Number(seconds) } })],
  [
    /^local-as (\d+)( no-prepend)?( replace-as)?$/,
    ([asn, noPrepend, replaceAs]) => ({
      end: { localAs: { asn: Number(asn), ...(noPrepend && { noPrepend: true }), ...(replaceAs && { replaceAs: true }) } },
    }),
  ],
];

export function readSessionLine(rest: string): Said | undefined {
  for (const [pattern, read] of readers) {
    const match = pattern.exec(rest);
    if (match) return read(match.slice(1));
  }
  return undefined;
}

const options: ReadonlyMap<string, Spec> = new Map<string, Spec>([
  ['bfd', { bfd: {} }],
  ['graceful-restart', { gracefulRestart: 'Full' }],
  ['graceful-restart-helper', { gracefulRestart: 'HelperOnly' }],
  ['graceful-restart-disable', { gracefulRestart: 'Disabled' }],
  ['capability extended-nexthop', { extendedNextHop: true }],
]);

/** What lines of a neighbor say of the session as a whole. `carriesOther`: IPv4 routes over IPv6. */
export function readOptions(lines: readonly string[], carriesOther: boolean): { found: FoundOption[]; rest: string[] } {
  const found: FoundOption[] = [];
  const rest = lines.filter((line) => {
    const spec = options.get(line);
    if (!spec || (line === 'bfd' && lines.some((each) => each.startsWith('bfd '))) || ('extendedNextHop' in spec && !carriesOther))
      return true;
    found.push({ spec, line });
    return false;
  });
  return { found, rest };
}

const privateAs: ReadonlyMap<string, string> = new Map([
  ['', 'Remove'],
  ['all', 'RemoveAll'],
  ['replace-AS', 'Replace'],
  ['all replace-AS', 'ReplaceAll'],
]);
const kinds: readonly (readonly [word: string, kind: string])[] = [
  ['', 'Standard'],
  ['extended', 'Extended'],
  ['large', 'Large'],
];

/** The lines of a neighbor in one family, `no` in front where they have it, `activate` left out. */
export function readFamily(all: readonly string[], isExternal: boolean): FoundFamily {
  const said = new Set(all);
  const spec: Record<string, unknown> = {};
  const maps: Record<string, string> = {};
  const lines: string[] = [];
  const flag = (field: string): true => (spec[field] = true);
  const withheld = kinds.flatMap(([word, kind]) => (said.has(`no send-community${word && ` ${word}`}`) ? [kind] : []));

  const read = (line: string): boolean => {
    const [, map = '', direction = ''] = /^route-map (\S+) (in|out)$/.exec(line) ?? [];
    if (map !== '') return (maps[direction === 'in' ? 'import' : 'export'] = map) !== '';
    if (line === 'next-hop-self') return flag('nextHopSelf');
    if (line === 'next-hop-self force') return !said.has('next-hop-self') && flag('nextHopSelfForce');
    if (line === 'addpath-tx-all-paths') return put('addPath', 'All');
    if (line === 'soft-reconfiguration inbound') return flag('softReconfiguration');
    if (line === 'route-reflector-client') return !isExternal && flag('routeReflectorClient');
    // FRR makes the second of the first, and a router server client has both.
    if (line === 'route-server-client') return isExternal && said.has('attribute-unchanged next-hop') && flag('routeServerClient');
    if (line === 'attribute-unchanged next-hop') return isExternal && said.has('route-server-client');
    if (line === 'as-override') return isExternal && flag('asOverride');
    if (line.startsWith('remove-private-AS')) {
      const value = privateAs.get(line.slice('remove-private-AS '.length));
      return isExternal && value !== undefined && (spec['removePrivateAs'] = value) !== '';
    }
    if (line === 'allowas-in') return put('allowAsIn', 3);
    const allow = /^allowas-in (\d+)$/.exec(line);
    if (allow) return allow[1] !== '3' && put('allowAsIn', Number(allow[1]));
    const originate = /^default-originate(?: route-map (\S+))?$/.exec(line);
    if (originate) {
      if (originate[1] !== undefined) maps['defaultOriginatePolicy'] = originate[1];
      return flag('defaultOriginate');
    }
    if (/^no send-community( extended| large)?$/.test(line)) return withheld.length < 3;
    if (line === 'no send-community all') return withheld.length === 0 && put('sendCommunity', []);
    return readMaximum(line);
  };
  const put = (field: string, value: unknown): boolean => {
    if (!SessionEndFamily.safeParse({ [field]: value }).success) return false;
    spec[field] = value;
    return true;
  };
  const readMaximum = (line: string): boolean => {
    const match = /^maximum-prefix (\d+)(?: (\d+))?(?: (warning-only)| restart (\d+))?$/.exec(line);
    if (!match) return false;
    const [, limit, threshold, warn, minutes] = match;
    if (threshold === '75') return false;
    return put('maximumPrefixes', {
      limit: Number(limit),
      ...(threshold !== undefined && { thresholdPercent: Number(threshold) }),
      ...(warn !== undefined && { action: 'Warn' }),
      ...(minutes !== undefined && { action: 'Restart', restartMinutes: Number(minutes) }),
    });
  };

  for (const line of all) if (!read(line)) lines.push(line);
  if (withheld.length > 0 && withheld.length < 3) {
    spec['sendCommunity'] = ['Standard', 'Extended', 'Large'].filter((kind) => !withheld.includes(kind));
  }
  return { spec, maps, lines };
}
