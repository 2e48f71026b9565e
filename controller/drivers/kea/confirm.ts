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
import { askStatus, peek, type Seen } from './read.ts';
import { markedOf } from './rollback.ts';
import { findGone, statusIn } from './status.ts';

const account = { account: 'apply', fresh: true } as const;

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
    const isLost = findGone(now, request.token, open, [...marked.values()][0]?.mark.change).length > 0;
    if ((marked.size === 0 && signed.size === 0 && !isEmpty) || isLost) {
      const status = statusIn(deps, target, now, request.token);
      const { state, rebooted } = status;
      if (open && (state === 'restored' || state === 'restore-failed')) deps.open.end(open, { state, persisted: false, rebooted });
      return { outcome: 'TooLate', status };
    }
    const unsaved = [...signed].filter(([, { mark }]) => mark.saved === undefined);
    for (const [service, held] of [...marked, ...unsaved]) {
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
    last: { token: request.token, holder: change?.holder ?? mark.last?.holder ?? '' },
  });
  const now = await askStatus(deps, target, service, account, signal);
  if (!isSameRun(status, now)) return lost(errors.ConcurrentChange({ device: target.device, when: 'while it was confirmed' }));
  const set = (config: typeof raw) =>
    ask(deps, target, service, 'config-set', { ...account, arguments: { [rootOf(service)]: config } }, signal);
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

/** Why a file was not written. The daemons whose files were not do not say any more that they were: nobody else would know. */
async function save(
  deps: KeaDeps,
  target: KeaTarget,
  services: readonly KeaService[],
  signal: AbortSignal,
): Promise<PlumblineError | undefined> {
  for (const [at, service] of services.entries()) {
    const { result, text } = await ask(deps, target, service, 'config-write', account, signal);
    if (result === 0) continue;
    for (const unsaved of services.slice(at)) {
      const { raw, mark } = await peek(deps, target, unsaved, account, signal);
      const { saved: _wrong, ...rest } = mark;
      await ask(deps, target, unsaved, 'config-set', { ...account, arguments: { [rootOf(unsaved)]: writeMark(raw, rest) } }, signal);
    }
    return errors.NotPersisted({ device: target.device, why: `${service}: ${text}` });
  }
  return undefined;
}
