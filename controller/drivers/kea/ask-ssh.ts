import type { KeaService, KeaTarget } from '../contract.ts';
import { errors } from '../errors.ts';
import type { KeaAnswer } from './answers.ts';
import type { AskOptions } from './ask.ts';
import type { KeaDeps } from './deps.ts';

export async function askOverSsh(
  _deps: KeaDeps,
  target: KeaTarget,
  service: KeaService,
  _command: string,
  _options: AskOptions,
  _deadlineMs: number,
  _signal: AbortSignal,
): Promise<KeaAnswer> {
  throw errors.Unreachable({ device: target.device, address: service, why: 'no way leads to it' });
}
