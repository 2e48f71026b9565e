import { canonicalJson } from '../../lib/index.ts';
import type { PlannedCommand } from '../../api/index.ts';
import { isMap, type Json, type JsonMap, sayWord } from './answers.ts';

/**
 * Why a configuration must not be sent though Kea would take it; undefined when it may be.
 * - Without its control socket, or with another one, Kea answers 0, and nobody reaches it any more.
 * - Without loggers it goes on and says nothing, unless the plan takes them away.
 * - What config-get prints as empty though it is not (option 43 in hex that is no list of options) would be emptied by sending it back.
 */
export function cutsOff(live: JsonMap, next: JsonMap, commands: readonly PlannedCommand[]): string | undefined {
  for (const key of ['control-socket', 'control-sockets']) {
    if (canonicalJson(live[key] ?? null) !== canonicalJson(next[key] ?? null)) {
      return `its \`${key}\` would ${next[key] === undefined ? 'be gone' : 'change'}, and nobody would reach it any more`;
    }
  }
  const lost = namesOfLoggers(live).filter((name) => !namesOfLoggers(next).includes(name));
  const isMeant = (name: string) => commands.some(({ path, text }) => text.startsWith('no ') && [...path, text].join(' ').includes(name));
  const unmeant = lost.find((name) => !isMeant(name));
  if (unmeant !== undefined) return `its logger ${unmeant} would be gone, and the plan does not say so`;
  const emptied = findEmptied(next, []);
  return emptied === undefined ? undefined : `${emptied}: Kea does not print its value, and would lose it when it takes its own words back`;
}

function namesOfLoggers(config: JsonMap): readonly string[] {
  const { loggers } = config;
  return Array.isArray(loggers) ? (loggers as readonly Json[]).map((logger) => (isMap(logger) ? sayWord(logger['name']) : '')) : [];
}

/** Where an option 43 stands that has no data. One that is empty on purpose has no use. */
function findEmptied(value: Json, path: readonly string[]): string | undefined {
  if (Array.isArray(value)) {
    for (const [i, member] of (value as readonly Json[]).entries()) {
      const found = findEmptied(member, [...path.slice(0, -1), `${path.at(-1) ?? ''} ${nameOf(member) ?? i + 1}`]);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (!isMap(value)) return undefined;
  if (value['code'] === 43 && value['data'] === '' && (value['space'] ?? 'dhcp4') === 'dhcp4')
    return `option 43 in ${path.slice(0, -1).join(', ') || 'the global options'} is empty`;
  for (const [key, member] of Object.entries(value)) {
    const found = findEmptied(member, [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function nameOf(member: Json): string | undefined {
  if (!isMap(member)) return undefined;
  const name = member['id'] ?? member['name'] ?? member['pool'] ?? member['ip-address'] ?? member['hw-address'];
  return typeof name === 'string' || typeof name === 'number' ? String(name) : undefined;
}
