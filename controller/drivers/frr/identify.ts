import type { DeviceHold, Receipt } from '../../api/index.ts';

/** What the observer's `facts` tell: who answers, which daemons run since when, and what the guard left. */
export interface Facts {
  hostname: string;
  machineId: string;
  bootId: string;
  daemons: readonly DaemonFact[];
  /** Highest epoch the router has seen. */
  epoch: number;
  lastChange?: { token: string; state: string; holder: string };
  receipt?: Receipt;
  hold?: DeviceHold;
}

/** `pid` is absent when a pid file names a process that is gone: the daemon died. */
export interface DaemonFact {
  name: string;
  pid?: number;
  upSeconds: number;
}

/** Undefined when the answer is not whole, names no machine, or does not say how old a daemon is. */
export function parseFacts(stdout: string): Facts | undefined {
  const lines = stdout.trimEnd().split('\n');
  if (lines.at(-1) !== 'end facts') return undefined;
  const word = (name: string) => lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1);
  const [hostname, bootId] = [word('hostname'), word('boot-id')];
  const uptime = Number(word('uptime') || Number.NaN);
  if (!hostname || !bootId || Number.isNaN(uptime)) return undefined;
  const ticks = Number(word('ticks')) || 100;
  const [, token, state, holder] = /^(\S+) (\S+) (.*)$/.exec(word('change') ?? '') ?? [];
  const receipt = parseReceipt(word('receipt'));
  const hold = word('hold');
  return {
    hostname,
    bootId,
    machineId: word('machine-id') ?? '',
    daemons: lines.filter((line) => line.startsWith('daemon ')).map((line) => parseDaemon(line, uptime, ticks)),
    epoch: Number(word('epoch')) || 0,
    ...(token && state && holder !== undefined ? { lastChange: { token, state, holder } } : {}),
    ...(receipt === undefined ? {} : { receipt }),
    ...(hold === undefined ? {} : { hold: parseHold(hold) }),
  };
}

/**
 * Owner, time and first line of a hold file: `root 1795262400 mona: fibre work until six`. Whatever it holds, or when it cannot be read, it is a
 * hold: whoever wrote it meant to stop us.
 */
export function parseHold(text: string): DeviceHold {
  const [, owner = 'unknown', seconds = '0', line = ''] = /^(\S+) (\d+) ?(.*)$/.exec(text) ?? [];
  const [, name, reason] = /^([\w.@-]{1,64}): *(.+)$/.exec(line.trim()) ?? [];
  return { by: name ?? owner, reason: (reason ?? line).trim() || 'no reason given', at: new Date(Number(seconds) * 1000).toISOString() };
}

function parseDaemon(line: string, uptime: number, ticks: number): DaemonFact {
  const [, name = '', pid, start] = line.split(' ');
  if (pid === undefined || start === undefined) return { name, upSeconds: 0 };
  return { name, pid: Number(pid), upSeconds: Math.max(0, Math.floor(uptime - Number(start) / ticks)) };
}

/** A receipt that does not parse counts as none: it only ever saves work. */
function parseReceipt(text: string | undefined): Receipt | undefined {
  if (text === undefined) return undefined;
  try {
    const { revision, itemsDigest, effectDigest, epoch, glass } = JSON.parse(text) as Record<string, unknown>;
    if (typeof revision !== 'string' || typeof itemsDigest !== 'string' || typeof effectDigest !== 'string' || typeof epoch !== 'number')
      return undefined;
    const broken = parseGlass(glass);
    return { revision, itemsDigest, effectDigest, epoch, ...(broken && { glass: broken }) };
  } catch {
    return undefined;
  }
}

/** Words of a device: one line each, and no longer than a person writes. */
function parseGlass(found: unknown): Receipt['glass'] {
  if (found === null || typeof found !== 'object') return undefined;
  const [by, reason, at] = (['by', 'reason', 'at'] as const).map((name) => {
    const word = (found as Record<string, unknown>)[name];
    return typeof word === 'string' ? word.replace(/\p{Cc}+/gu, ' ').slice(0, 500) : 'not said';
  }) as [string, string, string];
  return { by, reason, at };
}
