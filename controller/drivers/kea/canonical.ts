import type { PlannedCommand } from '../../api/index.ts';
import { dialectFor, editJson, type JsonMap as EditedMap, parse, print, redact } from '../../config/index.ts';
import { PlumblineError, type Secret } from '../../lib/index.ts';
import type { KeaService } from '../contract.ts';
import { isMap, type JsonMap } from './answers.ts';
import { writeMark } from './mark.ts';

const dialect = dialectFor('kea');

/** What a daemon's configuration is called where it stands beside others. */
export const rootOf = (service: KeaService): 'Dhcp4' | 'Dhcp6' => (service === 'dhcp4' ? 'Dhcp4' : 'Dhcp6');

/** One daemon's configuration as canonical text. `hide` gives the token for each secret value. */
export function toCanonical(service: KeaService, raw: JsonMap, version: string, hide: (value: string) => string): string {
  const { text } = redact(JSON.stringify({ [rootOf(service)]: writeMark(raw, undefined) }), dialect, hide);
  return print(parse(text, dialect, { version }));
}

/** A file of one daemon in the same form, comments and all; undefined when it cannot be read as one. */
export function fileToCanonical(service: KeaService, text: string, version: string, hide: (value: string) => string): string | undefined {
  try {
    const tree = parse(redact(text, dialect, hide).text, dialect, { version });
    return print({ ...tree, roots: tree.roots.filter((root) => root.text === rootOf(service)) });
  } catch (error) {
    if (error instanceof PlumblineError) return undefined;
    throw error;
  }
}

/** The configurations of these daemons with the commands carried out in them. What no command speaks of stays to the letter. */
export function editConfigs(
  live: ReadonlyMap<KeaService, JsonMap>,
  commands: readonly PlannedCommand[],
  reveal: (token: string) => Secret | undefined,
): ReadonlyMap<KeaService, JsonMap> {
  const whole = Object.fromEntries([...live].map(([service, config]) => [rootOf(service), config]));
  // The engine gives new maps and leaves these alone: only its types could write.
  const edited = editJson(whole as unknown as EditedMap, commands, dialect, (token) => reveal(token)?.reveal());
  return new Map(
    [...live].map(([service, config]) => {
      const found = edited[rootOf(service)];
      return [service, isMap(found) ? found : config];
    }),
  );
}
