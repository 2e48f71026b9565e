import type { JsonMap, JsonValue } from '../../config/index.ts';
import { parsePrefix, parseRange } from '../../lib/index.ts';
import { onlyKeys, takeBoot, takeClasses, takeLifetimes, takeOptions } from './parts.ts';
import { type Take, takeField, takeMembers, text, texts } from './take.ts';

/** A subnet in fields of DHCPSubnet; what none expresses is left. */
export function takeSubnet(take: Take, network: string | undefined): void {
  const { left, spec, unit } = take;
  const isFour = unit.startsWith('Dhcp4');
  spec['family'] = isFour ? 'IPv4' : 'IPv6';
  spec['id'] = left['id'];
  spec['prefix'] = left['subnet'];
  for (const key of ['id', 'subnet']) delete left[key];
  spec['servedBy'] = [];
  if (network !== undefined) spec['sharedNetwork'] = network;
  takeField(take, 'interface', ['interface'], text);
  if (!isFour && spec['interface'] === undefined) takeField(take, 'interfaceId', ['interface-id'], lineId);
  takeField(take, 'relays', ['relay'], relays);
  takeClasses(take);
  takeLifetimes(take);
  takeBoot(take);
  takeOptions(take);
  takeMembers(take, 'pools', 'pools', takePool);
  if (!isFour) takeMembers(take, 'prefixPools', 'pd-pools', takePrefixPool);
  takeMembers(take, 'reservations', 'reservations', takeReservation);
}

function takePool(take: Take): { known: JsonMap } | undefined {
  const { pool } = take.left;
  if (typeof pool !== 'string') return undefined;
  // What stands beside it in a section names it as it is rendered.
  const range = parseRange(pool)?.text ?? pool;
  take.spec['range'] = range;
  delete take.left['pool'];
  takeClasses(take);
  takeOptions(take);
  return { known: { pool: range } };
}

function takePrefixPool(take: Take): { known: JsonMap } | undefined {
  const { prefix, 'prefix-len': length, 'delegated-len': delegated } = take.left;
  const { 'excluded-prefix': excluded, 'excluded-prefix-len': excludedLength } = take.left;
  if (typeof prefix !== 'string' || typeof length !== 'number' || typeof delegated !== 'number') return undefined;
  const address = parsePrefix(`${prefix}/${length}`)?.address.text ?? prefix;
  take.spec['prefix'] = `${address}/${length}`;
  take.spec['delegatedLength'] = delegated;
  if (typeof excluded === 'string' && typeof excludedLength === 'number' && excludedLength > 0)
    take.spec['excludedPrefix'] = `${excluded}/${excludedLength}`;
  for (const key of ['prefix', 'prefix-len', 'delegated-len', 'excluded-prefix', 'excluded-prefix-len']) delete take.left[key];
  takeClasses(take);
  takeOptions(take);
  return { known: { prefix: address, 'prefix-len': length } };
}

const identifiers = { hwAddress: 'hw-address', duid: 'duid', clientId: 'client-id', circuitId: 'circuit-id', flexId: 'flex-id' };

/** One client. What has more than fields say is left whole: two owners of one client help nobody. */
function takeReservation(take: Take): 'whole' | undefined {
  const found = Object.entries(identifiers).filter(([, key]) => take.left[key] !== undefined);
  const [[field, key] = ['', '']] = found;
  if (found.length !== 1) return undefined;
  takeField(take, field, [key], field === 'circuitId' || field === 'flexId' ? lineId : text);
  takeField(take, 'addresses', ['ip-address'], (value) => (typeof value === 'string' && value !== '' ? [value] : undefined));
  takeField(take, 'addresses', ['ip-addresses'], texts);
  takeField(take, 'prefixes', ['prefixes'], texts);
  takeField(take, 'hostname', ['hostname'], text);
  takeField(take, 'clientClasses', ['client-classes'], texts);
  takeBoot(take);
  takeOptions(take);
  return 'whole';
}

function relays(value: JsonValue): readonly string[] | undefined {
  const map = onlyKeys(value, 'ip-address', 'ip-addresses');
  return map && (texts(map['ip-addresses'] ?? []) ?? texts([map['ip-address'] ?? 0]));
}

/** Bytes in hex, or text in single quotes. */
function lineId(value: JsonValue): string | undefined {
  if (typeof value !== 'string') return undefined;
  return /^(?:'[^'\\]{1,126}'|(?:[\da-f]{2}:)*[\da-f]{2})$/.test(value) ? value : undefined;
}
