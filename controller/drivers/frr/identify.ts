import type { DeviceHold, Receipt } from '../../api/index.ts';
import { parseHold, parseReceipt } from '../guard/index.ts';

/** What the observer's `facts` tell: who answers, which daemons run since when, and what the guard left. */
export interface Facts {
  hostname: string;
  machineId: string;
  bootId: string;
  /** How long the router is up. */
  upSeconds: number;
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
    upSeconds: Math.floor(uptime),
    machineId: word('machine-id') ?? '',
    daemons: lines.filter((line) => line.startsWith('daemon ')).map((line) => parseDaemon(line, uptime, ticks)),
    epoch: Number(word('epoch')) || 0,
    ...(token && state && holder !== undefined ? { lastChange: { token, state, holder } } : {}),
    ...(receipt === undefined ? {} : { receipt }),
    ...(hold === undefined ? {} : { hold: parseHold(hold) }),
  };
}

function parseDaemon(line: string, uptime: number, ticks: number): DaemonFact {
  const [, name = '', pid, start] = line.split(' ');
  if (pid === undefined || start === undefined) return { name, upSeconds: 0 };
  return { name, pid: Number(pid), upSeconds: Math.max(0, Math.floor(uptime - Number(start) / ticks)) };
}
