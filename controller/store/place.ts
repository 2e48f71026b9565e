import { homedir } from 'node:os';
import { join } from 'node:path';

/** The folder of the store: `$PLUMB_STORE`, else the state folder that the XDG base directory specification names. */
export function storeFolder(environment: Readonly<Record<string, string | undefined>>): string {
  const state = environment['XDG_STATE_HOME'];
  // A relative XDG path is to be ignored, says the specification.
  const base = state?.startsWith('/') ? state : join(environment['HOME'] ?? homedir(), '.local', 'state');
  return environment['PLUMB_STORE'] || join(base, 'plumbline');
}
