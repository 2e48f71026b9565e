import type { PlannedCommand } from '../../api/index.ts';
import { secretToken } from '../../lib/index.ts';
import { compileDialect, isNegated } from '../rules.ts';
import type { Dialect } from '../dialect.ts';
import { errors } from '../errors.ts';
import { bounds, inherited, serverDefaults } from './defaults.ts';
import { entriesOf } from './entries.ts';
import { type JsonMap, type JsonValue, isMap, nowhere } from './json.ts';
import { createEditor } from './editor.ts';
import { ownSettings, type Settings } from './networks.ts';
import { removeKey } from './raw-keys.ts';
import { guessVersion } from './read.ts';
import { serverSettings } from './server.ts';
import { createWorkbench, type Workbench } from './workbench.ts';

/**
 * Carries the commands of a plan out on the configuration that a server gave (`{ "Dhcp4": … }`, `{ "Dhcp6": … }` or both) and gives the new one;
 * what the lines do not speak of stays as it is, and `live` is left alone. What servers print in every subnet because it holds around it is taken
 * away, or a new value there would reach none of them. Secret tokens are put in clear by `reveal`; throws SecretUnknown where it has no value.
 */
export function editJson(
  live: JsonMap,
  commands: readonly PlannedCommand[],
  dialect: Dialect,
  reveal: (token: string) => string | undefined,
): JsonMap {
  const { negations } = compileDialect(dialect);
  const version = guessVersion([live], ['Dhcp4', 'Dhcp6']) ?? dialect.versions.at(-1) ?? '';
  const bench = createWorkbench();
  const edited = bench.own(live);
  for (const [root, own] of Map.groupBy(commands, ({ path, text }) => path[0] ?? text)) {
    if (root !== 'Dhcp4' && root !== 'Dhcp6') continue;
    const isNew = edited[root] === undefined;
    edited[root] ??= {};
    const server = bench.map(edited, root);
    if (!server) continue;
    // Said as it goes without the map: as soon as there is one, a server looks for interfaces again unless it says that it does not.
    const isWithoutMap = server[interfaces] === undefined;
    if (isWithoutMap) server[interfaces] = bench.own(isNew ? { interfaces: [] } : { 're-detect': false });
    const family = root === 'Dhcp4' ? 4 : 6;
    dropTakenOver(server, family, version, bench);
    const editor = createEditor(server, family, version, bench);
    for (const { path, text } of own) {
      if (path.length === 0) continue;
      const sections = path.slice(1);
      if (isNegated(text, negations)) editor.remove(sections, text.slice(text.indexOf(' ') + 1));
      else editor.set(sections, revealed(text, reveal));
    }
    editor.finish();
    if (isWithoutMap && !isNew && JSON.stringify(server[interfaces]) === '{"re-detect":false}') delete server[interfaces];
  }
  bench.finish();
  return edited;
}

const interfaces = 'interfaces-config';

function revealed(text: string, reveal: (token: string) => string | undefined): string {
  return text.replace(secretToken, (token) => {
    const value = reveal(token);
    if (value === undefined) throw errors.SecretUnknown({ token });
    return JSON.stringify(value);
  });
}

/** Settings that a subnet or shared network has from around it. */
function dropTakenOver(server: JsonMap, family: 4 | 6, version: string, bench: Workbench): void {
  const name = family === 4 ? 'ipv4' : 'ipv6';
  const around = serverSettings(entriesOf(server, nowhere), serverDefaults(name, version));
  const subnets = `subnet${family}`;
  const clean = (map: JsonMap, from: Settings): Settings => {
    const { entries, settings } = ownSettings(map, nowhere, from);
    for (const key of [...inherited, ...bounds.map(([bound]) => bound)]) if (!entries.has(key)) removeKey(map, key);
    if (isSameRelay(map, settings, from)) delete map['relay'];
    return settings;
  };
  const cleanAll = (list: JsonValue[] | undefined, from: Settings): void => {
    for (const at of list?.keys() ?? []) {
      const map = list && bench.member(list, at);
      if (map) clean(map, from);
    }
  };
  const networks = bench.list(server, 'shared-networks');
  for (const at of networks?.keys() ?? []) {
    const network = networks && bench.member(networks, at);
    if (network) cleanAll(bench.list(network, subnets), clean(network, around));
  }
  cleanAll(bench.list(server, subnets), around);
}

function isSameRelay(map: JsonMap, settings: Settings, from: Settings): boolean {
  return isMap(map['relay']) && JSON.stringify(settings.relay) === JSON.stringify(from.relay);
}
