import { SessionEndFamily } from '../../api/index.ts';
import type { FoundFamily, FoundOption, FoundProfile, Spec } from '../found.ts';

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

/** Whether a session is one with the own AS. Either: a group that does not say it takes both. */
export type SessionKind = 'Internal' | 'External' | 'Either';

const options: ReadonlyMap<string, Spec> = new Map<string, Spec>([
  ['graceful-restart', { gracefulRestart: 'Full' }],
  ['graceful-restart-helper', { gracefulRestart: 'HelperOnly' }],
  ['graceful-restart-disable', { gracefulRestart: 'Disabled' }],
  ['capability extended-nexthop', { extendedNextHop: true }],
]);

/** What lines of a neighbor say of the session as a whole. `carriesOther`: IPv4 routes over IPv6. */
export function readOptions(
  all: readonly string[],
  carriesOther: boolean,
  profiles: ReadonlyMap<string, FoundProfile>,
): { found: FoundOption[]; rest: string[] } {
  const bfd = readBfd(all, profiles);
  const found: FoundOption[] = [];
  if (bfd) found.push({ spec: { bfd: {} }, lines: bfd.lines, ...(bfd.profile !== undefined && { profile: bfd.profile }) });
  const rest = all.filter((line) => {
    if (bfd?.lines.includes(line)) return false;
    const spec = options.get(line);
    if (!spec || ('extendedNextHop' in spec && !carriesOther)) return true;
    found.push({ spec, lines: [line] });
    return false;
  });
  return { found, rest };
}

/** The lines that say that a session is watched, and with which profile; undefined when they say more than that, or nothing. */
export function readBfd(
  all: readonly string[],
  profiles: ReadonlyMap<string, FoundProfile>,
): { lines: string[]; profile?: string } | undefined {
  const named = all.flatMap((line) => /^bfd profile (\S+)$/.exec(line)?.[1] ?? []);
  const [profile] = named;
  const odd = all.some((line) => line.startsWith('bfd ') && !/^bfd (profile \S+|check-control-plane-failure)$/.test(line));
  if (!all.includes('bfd') || odd || named.some((each) => !profiles.has(each))) return undefined;
  return { lines: ['bfd', ...named.map((each) => `bfd profile ${each}`)], ...(profile !== undefined && { profile }) };
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
export function readFamily(all: readonly string[], session: SessionKind, isDeterministic: boolean): FoundFamily {
  const [mayBeExternal, mayBeInternal] = [session !== 'Internal', session !== 'External'];
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
    // FRR makes the paths of each AS comparable for it, and says so in a line of the instance.
    if (line === 'addpath-tx-bestpath-per-AS') return isDeterministic && put('addPath', 'BestPerAs');
    if (line === 'soft-reconfiguration inbound') return flag('softReconfiguration');
    if (line === 'route-reflector-client') return mayBeInternal && flag('routeReflectorClient');
    // FRR makes the second of the first, and a router server client has both.
    if (line === 'route-server-client') return mayBeExternal && said.has('attribute-unchanged next-hop') && flag('routeServerClient');
    if (line === 'attribute-unchanged next-hop') return mayBeExternal && said.has('route-server-client');
    if (line === 'as-override') return mayBeExternal && flag('asOverride');
    if (line.startsWith('remove-private-AS')) {
      const value = privateAs.get(line.slice('remove-private-AS '.length));
      return mayBeExternal && value !== undefined && (spec['removePrivateAs'] = value) !== '';
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
