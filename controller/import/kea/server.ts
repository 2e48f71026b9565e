import { isMap, type JsonValue } from '../../config/index.ts';
import type { Spec } from '../found.ts';
import { onlyKeys, takeBoot, takeLifetimes, takeOptions } from './parts.ts';
import { type Take, takeField, takeMembers, text, texts } from './take.ts';

/** A server in fields of `spec.dhcp.ipv4` or `ipv6` of its Device; what none expresses is left. */
export function takeServer(take: Take): void {
  takeInterfaces(take);
  takeField(take, 'controlSocket', ['control-socket', 'control-sockets'], unixSocket);
  takeField(take, 'leaseDatabase', ['lease-database'], memfile);
  takeLifetimes(take);
  // Plumbline says this of every server: never in a section.
  if (take.left['authoritative'] === true) take.spec['authoritative'] = true;
  if (typeof take.left['authoritative'] === 'boolean') delete take.left['authoritative'];
  takeBoot(take);
  takeOptions(take);
  takeMembers(take, 'loggers', 'loggers', takeLogger);
}

/** Plumbline writes this map always, and with it a server looks for interfaces that come later. */
function takeInterfaces(take: Take): void {
  const config = take.left['interfaces-config'] ?? { 're-detect': false };
  if (!isMap(config)) return;
  const { 're-detect': detect, ...left } = config;
  const inner: Take = { ...take, left };
  takeField(inner, 'interfaces', ['interfaces'], texts);
  if (Array.isArray(left['interfaces']) && left['interfaces'].length === 0) delete left['interfaces'];
  if (take.unit === 'Dhcp4')
    takeField(inner, 'socketType', ['dhcp-socket-type'], (value) => (value === 'raw' ? 'Raw' : value === 'udp' ? 'UDP' : undefined));
  if (detect === false) left['re-detect'] = false;
  if (Object.keys(left).length === 0) delete take.left['interfaces-config'];
  else take.left['interfaces-config'] = left;
}

function memfile(value: JsonValue): Spec | undefined {
  const map = onlyKeys(value, 'type', 'persist', 'name', 'lfc-interval');
  if (map?.['type'] !== 'memfile') return undefined;
  const { persist, name, 'lfc-interval': cleanup } = map;
  return {
    type: 'Memfile',
    ...(persist === false && { persist }),
    ...(name !== undefined && { path: name }),
    ...(cleanup !== undefined && { cleanupSeconds: cleanup }),
  };
}

function unixSocket(value: JsonValue): string | undefined {
  const [one = null, ...others] = Array.isArray(value) ? value : [value];
  const map = others.length === 0 ? onlyKeys(one, 'socket-type', 'socket-name') : undefined;
  return map?.['socket-type'] === 'unix' ? text(map['socket-name'] ?? '') : undefined;
}

function takeLogger({ left, spec }: Take): 'whole' | undefined {
  const { name, severity, debuglevel, output_options: old, 'output-options': now } = left;
  const outputs = old ?? now;
  const output = Array.isArray(outputs) && outputs.length === 1 ? onlyKeys(outputs[0] ?? null, 'output') : undefined;
  if (typeof name !== 'string' || !output) return undefined;
  spec['name'] = name;
  if (severity !== undefined && severity !== 'INFO') spec['severity'] = severity;
  if (debuglevel !== undefined && debuglevel !== 0) spec['debugLevel'] = debuglevel;
  spec['output'] = output['output'];
  for (const key of ['name', 'severity', 'debuglevel', 'output_options', 'output-options']) delete left[key];
  return 'whole';
}
