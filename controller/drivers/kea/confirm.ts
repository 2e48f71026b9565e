import type { Confirmed, ConfirmRequest, KeaService, KeaTarget, Lost, Refused, TooLate } from '../contract.ts';
import type { PlumblineError } from '../../lib/index.ts';
import { errors } from '../errors.ts';
import { checkEpoch, peekAll } from './arm.ts';
import { ask } from './ask.ts';
import { rootOf } from './canonical.ts';
import type { KeaDeps } from './deps.ts';
import { savedDigest } from './held.ts';
import { isSameRun } from './identify.ts';
import { writeMark } from './mark.ts';
import { lost, refused, step } from './outcomes.ts';
import { askStatus, type Seen } from './read.ts';
import { markedOf } from './rollback.ts';
import { statusIn } from './status.ts';

/**
 * Over new connections: the receipt takes the place of the change in the running configuration, and config-write saves it to the file that the
 * daemon was started with. Asked again it does again what is left of it.
 */
export async function confirm(
  deps: KeaDeps,
  target: KeaTarget,
  request: ConfirmRequest,
  signal: AbortSignal,
): Promise<Confirmed | TooLate | Refused | Lost> {
  return step(async () => {
    const now = await peekAll(deps, target, signal);
    const stale = checkEpoch(target.device, [...now.values()], request.epoch);
    if (stale) return refused(stale);
    const marked = markedOf(now, request.token);
    const signed = new Map([...now].filter(([, { mark }]) => mark.last?.token === request.token));
    const open = deps.open.of(target.device, request.token);
    const isEmpty = open?.state === 'applied' && open.sent.size === 0;
    const isLost = open?.state === 'applied' && [...open.sent.keys()].some((service) => !marked.has(service) && !signed.has(service));
    if ((marked.size === 0 && signed.size === 0 && !isEmpty) || isLost)
      return { outcome: 'TooLate', status: statusIn(deps, target, now, request.token) };
    for (const [service, held] of marked) {
      const failure = await sign(deps, target, service, held, request, signal);
      if (failure) return failure;
    }
    const holder = open?.holder ?? [...marked.values()][0]?.mark.change.holder ?? '';
    const error = await save(deps, target, [...new Set([...marked.keys(), ...signed.keys()])], signal);
    deps.open.end({ device: target.device, ...request, holder }, { state: 'confirmed', persisted: error === undefined });
    return { outcome: 'Confirmed', persisted: error === undefined, ...(error && { error }) };
  });
}

async function sign(
  deps: KeaDeps,
  target: KeaTarget,
  service: KeaService,
  { raw, mark, status }: Seen,
  request: ConfirmRequest,
  signal: AbortSignal,
): Promise<Refused | Lost | undefined> {
  const { change, ...older } = mark;
  const next = writeMark(raw, {
    ...older,
    device: target.device,
    epoch: request.epoch,
    at: deps.clock.now().toISOString(),
    receipt: request.receipt,
    saved: savedDigest(raw),
    last: { token: request.token, holder: change?.holder ?? '' },
  });
  const now = await askStatus(deps, target, service, { account: 'apply', fresh: true }, signal);
  if (!isSameRun(status, now)) return lost(errors.ConcurrentChange({ device: target.device, when: 'while it was confirmed' }));
  const set = (config: typeof raw) =>
    ask(deps, target, service, 'config-set', { account: 'apply', arguments: { [rootOf(service)]: config }, fresh: true }, signal);
  const { result } = await set(next);
  if (result === 0) return undefined;
  await set(raw);
  return lost(
    errors.NotPersisted({
      device: target.device,
      why: `${service} does not take its configuration with a receipt in it (result ${result})`,
    }),
  );
}

/** Why a file was not written. */
async function save(
  deps: KeaDeps,
  target: KeaTarget,
  services: readonly KeaService[],
  signal: AbortSignal,
): Promise<PlumblineError | undefined> {
  for (const service of services) {
    const { result, text } = await ask(deps, target, service, 'config-write', { account: 'apply', fresh: true }, signal);
    if (result !== 0) return errors.NotPersisted({ device: target.device, why: `${service}: ${text}` });
  }
  return undefined;
}
