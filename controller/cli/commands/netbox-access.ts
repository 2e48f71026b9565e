import { readFileSync } from 'node:fs';
import { Secret, systemClock } from '../../lib/index.ts';
import type { openNetBox } from '../../netbox/index.ts';
import { errors } from '../errors.ts';
import { describeSystemError } from '../files.ts';

export interface NetBoxOptions {
  netbox?: string;
  netboxCa?: string;
}

/** The token comes by the environment alone: arguments of a process are seen by everybody on the machine. */
export function accessOf({ netbox, netboxCa }: NetBoxOptions): Parameters<typeof openNetBox>[0] {
  if (netbox === undefined) throw errors.NetBoxUnnamed({});
  return {
    url: netbox,
    token: new Secret((process.env['PLUMB_NETBOX_TOKEN'] ?? '').trim()),
    clock: systemClock,
    ...(netboxCa !== undefined && { ca: readCa(netboxCa) }),
  };
}

function readCa(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw errors.FileUnusable({ path, doing: 'read', why: describeSystemError(error as NodeJS.ErrnoException) }, { cause: error });
  }
}
