import { PlumblineError } from '../../lib/index.ts';
import type { KeaService, KeaTarget, Login } from '../contract.ts';
import { errors } from '../errors.ts';
import type { HttpEnd } from '../transport/index.ts';
import { type JsonMap, type KeaAnswer, readHttp } from './answers.ts';
import type { KeaDeps } from './deps.ts';
import { askOverSsh } from './ask-ssh.ts';

/** Commands that change nothing: one whose answer was not seen may be asked again. */
const reads: ReadonlySet<string> = new Set([
  'config-get',
  'config-hash-get',
  'config-test',
  'status-get',
  'version-get',
  'list-commands',
  'lease4-get',
  'lease6-get',
  'lease4-get-page',
  'lease6-get-page',
  'lease4-get-all',
  'lease6-get-all',
  'stat-lease4-get',
  'stat-lease6-get',
]);

/** Large configurations take Kea a while: 200,000 reservations 16 s to print, 7 s to take. */
const deadlines: Readonly<Record<string, number>> = {
  'config-get': 180_000,
  'config-test': 180_000,
  'config-set': 180_000,
  'config-write': 60_000,
};

export interface AskOptions {
  account: 'observe' | 'apply';
  arguments?: JsonMap;
  /** Over a connection of its own. Always so for what changes something. */
  fresh?: boolean;
}

/**
 * One command to one daemon. Throws Unreachable, AuthFailed, WrongDevice, DaemonDown, PartialRead when nothing was done, ConnectionLost when that
 * was not seen. A result other than 0 is an answer like any other.
 */
export async function ask(
  deps: KeaDeps,
  target: KeaTarget,
  service: KeaService,
  command: string,
  options: AskOptions,
  signal: AbortSignal,
): Promise<KeaAnswer> {
  const deadlineMs = deadlines[command] ?? 15_000;
  if (!target.http) return askOverSsh(deps, target, service, command, options, deadlineMs, signal);
  const login = loginOf(target, options.account);
  const { agent, direct, ...trust } = target.http;
  const url = agent ?? direct?.[service];
  if (url === undefined) throw errors.Unreachable({ device: target.device, address: service, why: 'no URL leads to it' });
  const end: HttpEnd = { device: target.device, url, ...trust };
  const body = sayJson({
    command,
    ...(agent !== undefined && { service: [service] }),
    ...(options.arguments && { arguments: options.arguments }),
  });
  const isRead = reads.has(command);
  const post = (fresh: boolean) => deps.http.post(end, login, body, { during: `\`${command}\``, deadlineMs, fresh }, signal);
  let answer;
  try {
    answer = await post(options.fresh === true || !isRead);
  } catch (error) {
    // A kept connection may have been closed from the other side while it lay idle.
    if (!(error instanceof PlumblineError) || error.code !== 'ConnectionLost' || !isRead || options.fresh === true || signal.aborted)
      throw error;
    answer = await post(true);
  }
  const said = readHttp(target.device, login.user, service, answer);
  if (said instanceof PlumblineError) throw said;
  return said;
}

/** Numbers that Kea takes with a point alone; JSON here knows no difference between 1 and 1.0. Quotes inside of texts have a backslash before them. */
const wholeReals = /"(t1-percent|t2-percent|cache-threshold|adaptive-lease-time-threshold|ddns-ttl-percent)":(\d+)(?=[,}])/g;

export function sayJson(value: JsonMap): string {
  return JSON.stringify(value).replace(wholeReals, '"$1":$2.0');
}

function loginOf(target: KeaTarget, account: 'observe' | 'apply'): Login {
  if (account === 'observe') return target.observe;
  if (!target.apply) throw errors.NotWritable({ device: target.device });
  return target.apply;
}
