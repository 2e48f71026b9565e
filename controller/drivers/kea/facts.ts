import type { DeviceHold, Receipt } from '../../api/index.ts';
import type { KeaService, KeaTarget } from '../contract.ts';
import { errors } from '../errors.ts';
import { parseHold, parseReceipt } from '../guard/index.ts';
import { runObserver } from './ask-ssh.ts';
import type { KeaDeps } from './deps.ts';

/** What a server with SSH tells of itself beside Kea: which machine it is, and what the guard left. */
export interface Facts {
  hostname: string;
  machineId: string;
  bootId: string;
  hostKey: string;
  epoch: number;
  lastChange?: { token: string; state: string; holder: string };
  receipt?: Receipt;
  hold?: DeviceHold;
}

/** Identity first: nothing that another machine says is believed. */
export async function readFacts(deps: KeaDeps, target: KeaTarget, fresh: boolean, signal: AbortSignal): Promise<Facts> {
  const { device } = target;
  const { rc, stdout, stderr, hostKey } = await runObserver(deps, target, ['facts'], { deadlineMs: 15_000, fresh }, signal);
  const facts = parseFacts(stdout, hostKey);
  if (rc !== 0 || !facts) {
    throw errors.PartialRead({ device, why: `no facts: ${stderr.trim().slice(0, 200) || `exit ${rc ?? 'by signal'}`}` });
  }
  const expected = target.ssh?.machineId;
  if (expected !== undefined && facts.machineId !== expected) {
    throw errors.WrongDevice({ device, what: 'its machine id', expected, found: facts.machineId || 'not told' });
  }
  return facts;
}

/** Undefined when the answer is not whole. */
export function parseFacts(stdout: string, hostKey: string): Facts | undefined {
  const lines = stdout.trimEnd().split('\n');
  if (lines.at(-1) !== 'end facts') return undefined;
  const word = (name: string) => lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1);
  const [hostname, bootId] = [word('hostname'), word('boot-id')];
  if (!hostname || !bootId) return undefined;
  const [, token, state, holder] = /^(\S+) (\S+) (.*)$/.exec(word('change') ?? '') ?? [];
  const receipt = parseReceipt(word('receipt'));
  const hold = word('hold');
  return {
    hostname,
    bootId,
    hostKey,
    machineId: word('machine-id') ?? '',
    epoch: Number(word('epoch')) || 0,
    ...(token && state && holder !== undefined && { lastChange: { token, state, holder } }),
    ...(receipt && { receipt }),
    ...(hold !== undefined && { hold: parseHold(hold) }),
  };
}

export function isSameChange({ lastChange: a }: Facts, { lastChange: b }: Facts): boolean {
  return a?.token === b?.token && a?.state === b?.state;
}

/** The file that a restart of a daemon would load; undefined when the observer cannot read it. */
export async function readStartup(deps: KeaDeps, target: KeaTarget, service: KeaService, signal: AbortSignal): Promise<string | undefined> {
  const { rc, stdout } = await runObserver(deps, target, ['startup', service], { deadlineMs: 60_000, fresh: false }, signal);
  const end = stdout.lastIndexOf('// end of startup');
  return rc === 0 && end >= 0 ? stdout.slice(0, end) : undefined;
}
