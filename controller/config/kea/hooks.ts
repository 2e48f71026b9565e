import { type Defaults, isAtLeast, isDefault } from './defaults.ts';
import { isMap, type JsonMap, type JsonValue } from './json.ts';

/**
 * Parameters of a hook as they were given. The hook `ha` writes into what it was given what it does where nothing is said, and the server
 * prints that: it is left out again.
 */
export function parametersOf(library: string, parameters: JsonValue, version: string): JsonValue {
  if (!library.startsWith('libdhcp_ha.') || !isMap(parameters) || !Array.isArray(parameters['high-availability'])) return parameters;
  const pairs = parameters['high-availability'].map((each) => (isMap(each) ? withoutHaDefaults(each, version) : each));
  return { ...parameters, 'high-availability': pairs };
}

function withoutHaDefaults(pair: JsonMap, version: string): JsonMap {
  const threads = isAtLeast(version, '2.3.5');
  const own = without(pair, {
    'delayed-updates-limit': pair['mode'] === 'load-balancing' ? 100 : 0,
    'heartbeat-delay': 10_000,
    'max-ack-delay': 10_000,
    'max-response-delay': 60_000,
    'max-unacked-clients': 10,
    'max-rejected-lease-updates': 10,
    'require-client-certs': true,
    'restrict-commands': isAtLeast(version, '2.7.0'),
    'send-lease-updates': true,
    'sync-leases': true,
    'sync-timeout': 60_000,
    'sync-page-limit': 10_000,
    'wait-backup-ack': false,
  });
  const inner = (key: string, defaults: Defaults): void => {
    const value = own[key];
    if (!isMap(value)) return;
    const rest = without(value, defaults);
    if (Object.keys(rest).length > 0) own[key] = rest;
    else delete own[key];
  };
  inner('multi-threading', {
    'enable-multi-threading': threads,
    'http-client-threads': 0,
    'http-dedicated-listener': threads,
    'http-listener-threads': 0,
  });
  if (isMap(own['state-machine']) && Array.isArray(own['state-machine']['states'])) {
    const states = own['state-machine']['states'].map((each) => (isMap(each) ? without(each, { pause: 'never' }) : each));
    own['state-machine'] = { ...own['state-machine'], states };
  }
  if (Array.isArray(own['peers']))
    own['peers'] = own['peers'].map((peer) => (isMap(peer) ? without(peer, { 'auto-failover': true }) : peer));
  return own;
}

function without(map: JsonMap, defaults: Defaults): JsonMap {
  return Object.fromEntries(
    Object.entries(map).filter(([key, value]) => !Object.hasOwn(defaults, key) || !isDefault(defaults, key, value)),
  );
}
