import type { PlumblineError } from '../../lib/index.ts';
import type { KeaService, KeaTarget } from '../contract.ts';
import { errors } from '../errors.ts';
import { isMap, type KeaAnswer, sayWord } from './answers.ts';
import type { Told } from './held.ts';

/** What status-get tells of one daemon. */
export interface Status {
  pid: number;
  /** Seconds since the process began, and since it last took a configuration. */
  upSeconds: number;
  reloadSeconds: number;
  /** Of the sockets to its clients; `unknown` before Kea 2.0. While `retrying` it may still give up, and end. */
  sockets: 'ready' | 'retrying' | 'failed' | 'unknown';
  /** Kea's words on sockets that are not open. */
  faults: readonly string[];
  /** State of a high-availability pair as this end sees it; empty without one. */
  pairs: readonly PairState[];
}

export interface PairState {
  mode: string;
  local: string;
  remote: string;
  /** False: clients are answered by the other one alone. */
  serves: boolean;
}

export function readStatus({ result, arguments: told }: KeaAnswer): Status | undefined {
  const { pid, uptime, reload, sockets } = told;
  if (result !== 0 || typeof pid !== 'number' || typeof uptime !== 'number') return undefined;
  const word = isMap(sockets) ? sockets['status'] : undefined;
  const faults = isMap(sockets) && Array.isArray(sockets['errors']) ? sockets['errors'].map(String) : [];
  return {
    pid,
    upSeconds: uptime,
    reloadSeconds: typeof reload === 'number' ? reload : uptime,
    sockets: word === 'ready' || word === 'retrying' || word === 'failed' ? word : 'unknown',
    faults,
    pairs: Array.isArray(told['high-availability']) ? told['high-availability'].flatMap(readPair) : [],
  };
}

function readPair(found: unknown): readonly PairState[] {
  if (!isMap(found)) return [];
  const servers = isMap(found['ha-servers']) ? found['ha-servers'] : {};
  const [local, remote] = [servers['local'], servers['remote']];
  return [
    {
      mode: sayWord(found['ha-mode']),
      local: isMap(local) ? sayWord(local['state']) : '',
      remote: isMap(remote) ? sayWord(remote['last-state']) : '',
      serves: !isMap(local) || !Array.isArray(local['scopes']) || local['scopes'].length > 0,
    },
  ];
}

/** Same process, and nobody gave it another configuration in between. Seconds are whole, so one may be lost in counting. */
export function isSameRun(before: Status, after: Status): boolean {
  return before.pid === after.pid && after.reloadSeconds - before.reloadSeconds >= -1;
}

/**
 * What the configuration itself says about who answers. Certificate and host key were checked when the connection was made: over HTTP without TLS
 * nothing else tells one server from another.
 */
export function checkIdentity(target: KeaTarget, told: readonly (readonly [KeaService, Told])[]): PlumblineError | undefined {
  for (const [service, { serverTag, mark }] of told) {
    if (target.serverTag !== undefined && serverTag !== target.serverTag) {
      return errors.WrongDevice({
        device: target.device,
        what: `server-tag of ${service}`,
        expected: target.serverTag,
        found: serverTag || 'not set',
      });
    }
    if (mark.device !== undefined && ![target.device, target.movedFrom].includes(mark.device)) {
      return errors.WrongDevice({
        device: target.device,
        what: `what we left in its ${service} configuration`,
        expected: target.device,
        found: mark.device,
      });
    }
  }
  return undefined;
}

export function isIdentified({ http, ssh, serverTag }: KeaTarget): boolean {
  if (ssh || serverTag !== undefined) return true;
  const urls = [http?.agent, http?.direct?.dhcp4, http?.direct?.dhcp6].filter((url) => url !== undefined);
  return urls.length > 0 && urls.every((url) => url.startsWith('https:'));
}
