import type { ProbePolicy } from '../../api/index.ts';
import { parsePattern } from '../../lib/index.ts';
import type { NamedCheck } from './run.ts';

/** What policy asks of a device, for its driver, with names for people. */
export function checksOf({ pings, commands }: ProbePolicy = { pings: [], commands: [] }): readonly NamedCheck[] {
  return [
    ...pings.map(({ to, from }): NamedCheck => {
      const name = from === undefined ? `ping ${to}` : `ping ${to} from ${from}`;
      return { name, check: { what: 'ping', to, ...(from !== undefined && { from }) } };
    }),
    ...commands.map(({ command, expect }): NamedCheck => {
      const pattern = parsePattern(expect);
      // Checked in Git. One that slipped through matches nothing, before the change neither, so it does not count and is said.
      const matches = 'mistake' in pattern ? () => false : (output: string) => pattern.isFoundIn(output);
      return { name: `\`${command}\` with ${JSON.stringify(expect)}`, check: { what: 'show', command, matches } };
    }),
  ];
}
