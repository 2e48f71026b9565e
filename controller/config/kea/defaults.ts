import type { JsonMap, JsonValue } from './json.ts';

/** What a server does when nothing is said: values by key. Several values: all of them mean the same. */
export type Defaults = Readonly<Record<string, JsonValue | { readonly any: readonly JsonValue[] }>>;

/** Versions whose defaults are written down here. Older and newer ones are taken for the nearest. */
export const keaVersions = ['2.2.0', '2.4.0', '2.6.0', '3.0.0'] as const;

/** True when the version is this one or newer. */
export function isAtLeast(version: string, than: string): boolean {
  const [a, b] = [version, than].map((each) => each.split('.').map((part) => Number.parseInt(part, 10) || 0)) as [number[], number[]];
  for (let at = 0; at < 3; at++) if ((a[at] ?? 0) !== (b[at] ?? 0)) return (a[at] ?? 0) > (b[at] ?? 0);
  return true;
}

type Family = 'ipv4' | 'ipv6';

/** Of `Dhcp4` and `Dhcp6`: scalars. Those that subnets and shared networks take over are compared with what they take over, not with this. */
export function serverDefaults(family: Family, version: string): Defaults {
  const is4 = family === 'ipv4';
  return {
    'valid-lifetime': 7200,
    ...(!is4 && !isAtLeast(version, '2.7.0') && { 'preferred-lifetime': 3600 }),
    'decline-probation-period': 86_400,
    'dhcp4o6-port': 0,
    'server-tag': '',
    'reservations-global': false,
    'reservations-in-subnet': true,
    'reservations-out-of-pool': false,
    'calculate-tee-times': !is4,
    't1-percent': 0.5,
    't2-percent': is4 ? 0.875 : 0.8,
    'ddns-send-updates': true,
    'ddns-override-no-update': false,
    'ddns-override-client-update': false,
    'ddns-replace-client-name': 'never',
    'ddns-generated-prefix': 'myhost',
    'ddns-qualifying-suffix': '',
    'ddns-update-on-renew': false,
    'ddns-conflict-resolution-mode': 'check-with-dhcid',
    'hostname-char-set': '[^A-Za-z0-9.-]',
    'hostname-char-replacement': '',
    'store-extended-info': false,
    'statistic-default-sample-count': 20,
    'statistic-default-sample-age': 0,
    'early-global-reservations-lookup': false,
    'ip-reservations-unique': true,
    'reservations-lookup-first': false,
    'parked-packet-limit': 256,
    allocator: 'iterative',
    'host-reservation-identifiers': is4 ? ['hw-address', 'duid', 'circuit-id', 'client-id'] : ['hw-address', 'duid'],
    ...(isAtLeast(version, '2.7.0') && { 'cache-threshold': 0.25 }),
    ...(is4
      ? {
          'echo-client-id': true,
          'match-client-id': true,
          authoritative: false,
          'next-server': '0.0.0.0',
          'server-hostname': '',
          'boot-file-name': '',
          'stash-agent-options': false,
        }
      : {
          'pd-allocator': 'iterative',
          'mac-sources': ['any'],
          'relay-supplied-options': [],
          'data-directory': '',
        }),
  };
}

/** Of maps inside a server, by key. One that says nothing else is as good as absent. */
export function mapDefaults(family: Family, version: string): Readonly<Record<string, Defaults>> {
  return {
    'expired-leases-processing': {
      'flush-reclaimed-timer-wait-time': 25,
      'hold-reclaimed-time': 3600,
      'max-reclaim-leases': 100,
      'max-reclaim-time': 250,
      'reclaim-timer-wait-time': 10,
      'unwarned-reclaim-cycles': 5,
    },
    'dhcp-ddns': {
      'enable-updates': false,
      'max-queue-size': 1024,
      'ncr-format': 'JSON',
      'ncr-protocol': 'UDP',
      'sender-ip': { any: ['0.0.0.0', '::'] },
      'sender-port': 0,
      'server-ip': '127.0.0.1',
      'server-port': 53_001,
    },
    'dhcp-queue-control': { capacity: 64, 'enable-queue': false, 'queue-type': family === 'ipv4' ? 'kea-ring4' : 'kea-ring6' },
    'multi-threading': { 'enable-multi-threading': isAtLeast(version, '2.3.5'), 'packet-queue-size': 64, 'thread-pool-size': 0 },
    'sanity-checks': { 'lease-checks': 'warn', 'extended-info-checks': 'fix' },
    'interfaces-config': {
      interfaces: [],
      're-detect': true,
      'dhcp-socket-type': 'raw',
      'outbound-interface': 'same-as-inbound',
      'service-sockets-max-retries': 0,
      'service-sockets-retry-wait-time': 5000,
      'service-sockets-require-all': false,
    },
    'server-id': { type: 'LLT', 'enterprise-id': 0, htype: 0, identifier: '', persist: true, time: 0 },
    'lease-database': { type: 'memfile', persist: true },
    compatibility: {
      'lenient-option-parsing': false,
      'ignore-rai-link-selection': false,
      'ignore-dhcp-server-identifier': false,
      'exclude-first-last-24': false,
    },
    'config-control': { 'config-databases': [], 'config-fetch-wait-time': 30 },
  };
}

/** What a map must say although it goes without saying. */
export const neededIn: Readonly<Record<string, JsonMap>> = {
  'lease-database': { type: 'memfile' },
  'dhcp-ddns': { 'enable-updates': false },
  'dhcp-queue-control': { 'enable-queue': false },
  'server-id': { type: 'LLT' },
  // Without the map a server does not look for interfaces again; with it, it does.
  'interfaces-config': { interfaces: [] },
};

/** What a server of this version takes and never says again: nobody can tell whether it is there. */
export function unseen(version: string): readonly string[] {
  return isAtLeast(version, '2.4.0') ? [] : ['compatibility'];
}

/** What subnets take over from the shared network and the server, and shared networks from the server. */
export const inherited: ReadonlySet<string> = new Set([
  'valid-lifetime', 'preferred-lifetime', 'renew-timer', 'rebind-timer', 'calculate-tee-times', 't1-percent', 't2-percent', 'store-extended-info',
  'cache-threshold', 'cache-max-age', 'adaptive-lease-time-threshold', 'allocator', 'pd-allocator', 'offer-lifetime', 'reservations-global', 'reservations-in-subnet',
  'reservations-out-of-pool', 'match-client-id', 'authoritative', 'next-server', 'server-hostname', 'boot-file-name', 'ddns-send-updates',
  'ddns-override-no-update', 'ddns-override-client-update', 'ddns-replace-client-name', 'ddns-generated-prefix', 'ddns-qualifying-suffix',
  'ddns-update-on-renew', 'ddns-conflict-resolution-mode', 'ddns-ttl-percent', 'ddns-ttl', 'ddns-ttl-min', 'ddns-ttl-max', 'hostname-char-set',
  'hostname-char-replacement', 'interface', 'interface-id', 'rapid-commit',
]); // biome-ignore format: a list of words

/** The smallest and the largest lifetime, with the lifetime that they are where nothing is said. */
export const bounds: readonly (readonly [key: string, of: string])[] = [
  ['min-valid-lifetime', 'valid-lifetime'],
  ['max-valid-lifetime', 'valid-lifetime'],
  ['min-preferred-lifetime', 'preferred-lifetime'],
  ['max-preferred-lifetime', 'preferred-lifetime'],
];

/** Of subnets and shared networks, beside what they take over. */
export const networkDefaults: Defaults = {
  '4o6-interface': '',
  '4o6-interface-id': '',
  '4o6-subnet': '',
  interface: '',
  'interface-id': '',
  'rapid-commit': false,
};

export const poolDefaults: Defaults = { 'pool-id': 0, 'excluded-prefix': '::', 'excluded-prefix-len': 0 };

export const classDefaults: Defaults = {
  'next-server': '0.0.0.0',
  'server-hostname': '',
  'boot-file-name': '',
  test: '',
  'template-test': '',
  'only-in-additional-list': false,
};

export const reservationDefaults: Defaults = {
  'ip-address': { any: ['', '0.0.0.0'] },
  hostname: '',
  'next-server': '0.0.0.0',
  'server-hostname': '',
  'boot-file-name': '',
};

export const loggerDefaults: Defaults = { debuglevel: 0, severity: 'INFO' };
export const outputDefaults: Defaults = { flush: true, pattern: '', maxsize: 10_240_000, maxver: 1 };
export const socketDefaults: Defaults = { 'socket-address': '127.0.0.1', 'socket-port': 8000 };

/** True when the value says what the server does anyway; a text that says nothing, an empty list and an empty map always do. */
export function isDefault(defaults: Defaults, key: string, value: JsonValue): boolean {
  const usual = Object.hasOwn(defaults, key) ? defaults[key] : undefined;
  if (usual === undefined) return value === null || isEmpty(value);
  if (isAny(usual)) return usual.any.some((each) => isSame(each, value));
  return isSame(usual, value);
}

function isAny(usual: JsonValue | { readonly any: readonly JsonValue[] }): usual is { readonly any: readonly JsonValue[] } {
  return typeof usual === 'object' && usual !== null && !Array.isArray(usual) && Array.isArray((usual as JsonMap)['any']);
}

function isEmpty(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

export function isSame(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The value that stands for absence, where there is one. */
export function usualOf(defaults: Defaults, key: string): JsonValue | undefined {
  const usual = Object.hasOwn(defaults, key) ? defaults[key] : undefined;
  return usual === undefined ? undefined : isAny(usual) ? usual.any[0] : usual;
}
