import type { DeviceHold } from '../../api/index.ts';

/**
 * Owner, time and first line of a hold file: `root 1795262400 mona: fibre work until six`. Whatever it holds, or when it cannot be read, it is a
 * hold: whoever wrote it meant to stop us.
 */
export function parseHold(text: string): DeviceHold {
  const [, owner = 'unknown', seconds = '0', line = ''] = /^(\S+) (\d+) ?(.*)$/.exec(text) ?? [];
  const [, name, reason] = /^([\w.@-]{1,64}): *(.+)$/.exec(line.trim()) ?? [];
  return { by: name ?? owner, reason: (reason ?? line).trim() || 'no reason given', at: new Date(Number(seconds) * 1000).toISOString() };
}
