import type { PlumblineError } from '../../lib/index.ts';
import type { KeaService } from '../contract.ts';
import { errors } from '../errors.ts';
import type { HttpAnswer } from '../transport/index.ts';

/** JSON that Kea gave or takes. */
export type Json = null | boolean | number | string | readonly Json[] | JsonMap;
export type JsonMap = { readonly [key: string]: Json };

/** 0 done, 1 error, 2 no such command, 3 nothing found, 4 conflict, 5 failed and partly in effect. */
export interface KeaAnswer {
  result: number;
  text: string;
  arguments: JsonMap;
}

/**
 * What an HTTP answer says. Kea answers with status 200 whatever the result is; commands to daemons come back in an array, and what is wrong with the
 * request itself in a bare map. The agent's own words about a daemon that it does not reach are no answer of that daemon.
 */
export function readHttp(device: string, user: string, service: KeaService, { status, body }: HttpAnswer): KeaAnswer | PlumblineError {
  if (status === 401 || status === 403) {
    return errors.AuthFailed({
      device,
      user: user || 'nobody',
      why: status === 401 ? 'the API wants another name or password' : 'the API forbids it',
    });
  }
  const answer = readAnswer(body);
  if (!answer || status !== 200) {
    const text = answer?.text ?? '';
    return errors.PartialRead({
      device,
      why: `the API answers with HTTP status ${status}${text === '' ? ', which is not Kea' : `: ${text}`}`,
    });
  }
  return explainAgent(device, service, answer) ?? answer;
}

/** An answer in the form of a daemon, or the first of an array. Undefined: not whole, or not Kea. */
export function readAnswer(body: string): KeaAnswer | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return undefined;
  }
  const answer: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
  if (!isMap(answer) || typeof answer['result'] !== 'number') return undefined;
  const { result, text, arguments: held } = answer;
  return { result, text: typeof text === 'string' ? text : '', arguments: isMap(held) ? held : {} };
}

export function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text or a number as it stands in JSON; anything else is no word. */
export function sayWord(value: Json | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** The agent could not hand the command to the daemon: nothing was done. */
function explainAgent(device: string, service: KeaService, { result, text }: KeaAnswer): PlumblineError | undefined {
  if (result === 0) return undefined;
  if (/forwarding socket is not configured/.test(text)) {
    return errors.Unreachable({ device, address: service, why: 'the control agent knows no socket of it' });
  }
  if (/server is likely to be offline|unable to forward command/.test(text)) return errors.DaemonDown({ device, daemon: service });
  return undefined;
}
