import type { Read } from '../../controller/api/index.ts';
import { sha256 } from '../../controller/lib/index.ts';

/** A whole read of router r1, which holds this configuration, and is well. */
export function readOf(config: string, more: Partial<Read> = {}): Read {
  return {
    state: 'Read',
    device: 'r1',
    at: '2026-11-20T12:00:00.000Z',
    config,
    fingerprint: sha256(config),
    version: '8.4.4',
    identity: { hostname: 'r1', bootId: 'b' },
    daemons: [],
    neighbors: [],
    startupDiffers: false,
    ...more,
  };
}
