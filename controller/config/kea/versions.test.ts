import { describe, expect, it } from 'vitest';
import { dialectFor, diffText, parseDocument } from '../index.ts';
import type { JsonMap } from './json.ts';

/**
 * What newer servers print, put together from what their documentation says of keys and defaults. None of these was run: Debian has Kea 2.2, which
 * is held to the real daemon elsewhere.
 */
const globals: JsonMap = {
  'decline-probation-period': 86_400,
  'dhcp4o6-port': 0,
  'server-tag': '',
  'reservations-global': false,
  'reservations-in-subnet': true,
  'reservations-out-of-pool': false,
  'calculate-tee-times': false,
  't1-percent': 0.5,
  't2-percent': 0.875,
  'ddns-send-updates': true,
  'ddns-override-no-update': false,
  'ddns-override-client-update': false,
  'ddns-replace-client-name': 'never',
  'ddns-generated-prefix': 'myhost',
  'ddns-qualifying-suffix': '',
  'ddns-update-on-renew': false,
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
  'host-reservation-identifiers': ['hw-address', 'duid', 'circuit-id', 'client-id'],
  'echo-client-id': true,
  'match-client-id': true,
  authoritative: false,
  'next-server': '0.0.0.0',
  'server-hostname': '',
  'boot-file-name': '',
  'dhcp-queue-control': { capacity: 64, 'enable-queue': false, 'queue-type': 'kea-ring4' },
  'multi-threading': { 'enable-multi-threading': true, 'packet-queue-size': 64, 'thread-pool-size': 0 },
  'sanity-checks': { 'lease-checks': 'warn', 'extended-info-checks': 'fix' },
  'interfaces-config': { interfaces: ['eth0'], 're-detect': true },
  'lease-database': { type: 'memfile' },
  'option-data': [],
  'option-def': [],
  'hooks-libraries': [],
  reservations: [],
  'shared-networks': [],
};

/** As people wrote it for Kea 2.2. */
const file: JsonMap = {
  'interfaces-config': { interfaces: ['eth0'] },
  'valid-lifetime': 4000,
  'control-socket': { 'socket-type': 'unix', 'socket-name': '/run/kea/kea4-ctrl-socket' },
  'client-classes': [
    { name: 'voip', test: "member('ALL')" },
    { name: 'late', 'only-if-required': true, test: "member('KNOWN')" },
  ],
  loggers: [{ name: 'kea-dhcp4', output_options: [{ output: 'stdout' }] }],
  subnet4: [
    {
      id: 1,
      subnet: '192.0.2.0/24',
      'client-class': 'voip',
      'require-client-classes': ['late'],
      'reservation-mode': 'all',
      pools: [{ pool: '192.0.2.10 - 192.0.2.20', 'client-class': 'voip' }],
    },
  ],
};

const taken: JsonMap = {
  'valid-lifetime': 4000,
  'min-valid-lifetime': 4000,
  'max-valid-lifetime': 4000,
  't1-percent': 0.5,
  't2-percent': 0.875,
};

/** What became of keys, from version to version. */
function printedBy(version: string): JsonMap {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isNew = major > 2 || minor >= 7;
  const socket = { 'socket-type': 'unix', 'socket-name': '/run/kea/kea4-ctrl-socket' };
  const limited = isNew ? { 'client-classes': ['voip'] } : { 'client-class': 'voip' };
  const late = isNew ? { 'evaluate-additional-classes': ['late'] } : { 'require-client-classes': ['late'] };
  const additional = isNew ? { 'only-in-additional-list': true } : { 'only-if-required': true };
  const output = [{ output: 'stdout', flush: true, pattern: '' }];
  return {
    ...globals,
    'valid-lifetime': 4000,
    ...(version === '2.4.0' ? { 'ddns-use-conflict-resolution': true } : { 'ddns-conflict-resolution-mode': 'check-with-dhcid' }),
    ...(isNew && { 'cache-threshold': 0.25, 'stash-agent-options': false }),
    ...(isNew ? { 'control-sockets': [socket] } : { 'control-socket': socket }),
    loggers: [
      {
        name: 'kea-dhcp4',
        severity: 'INFO',
        debuglevel: 0,
        ...(version === '2.4.0' ? { output_options: output } : { 'output-options': output }),
      },
    ],
    'client-classes': [
      { name: 'voip', test: "member('ALL')", 'next-server': '0.0.0.0', 'server-hostname': '', 'boot-file-name': '' },
      { name: 'late', test: "member('KNOWN')", ...additional, 'next-server': '0.0.0.0', 'server-hostname': '', 'boot-file-name': '' },
    ],
    subnet4: [
      {
        id: 1,
        subnet: '192.0.2.0/24',
        ...taken,
        ...limited,
        ...late,
        ...(isNew && { 'cache-threshold': 0.25 }),
        '4o6-interface': '',
        '4o6-interface-id': '',
        '4o6-subnet': '',
        'calculate-tee-times': false,
        'store-extended-info': false,
        relay: { 'ip-addresses': [] },
        'option-data': [],
        reservations: [],
        pools: [{ pool: '192.0.2.10-192.0.2.20', 'option-data': [], ...limited }],
      },
    ],
  };
}

describe.each(['2.4.0', '2.6.0', '2.7.9', '3.0.0', '3.1.0'])('a server of Kea %s as its documentation has it', (version) => {
  const dialect = dialectFor('kea-dhcp4');
  const live = parseDocument({ Dhcp4: printedBy(version), hash: 'AB' }, dialect, { version });
  const differences = (map: JsonMap): string => diffText(live, parseDocument({ Dhcp4: map }, dialect, { version, like: live }), dialect);

  it('shows nothing where nobody touched it', () => {
    expect(differences(file)).toBe('');
    expect(differences(printedBy(version))).toBe('');
  });

  it('shows the one thing that somebody changed, in the words of today', () => {
    expect(differences({ ...file, 'adaptive-lease-time-threshold': 0.8 })).toBe('  Dhcp4\n+  adaptive-lease-time-threshold 0.8\n');
    // The subnet says `all` itself.
    expect(differences({ ...file, 'reservation-mode': 'global' })).toBe('  Dhcp4\n-  reservation-mode all\n+  reservation-mode global\n');
  });
});
