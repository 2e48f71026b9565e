import { type PlumblineError, type Secret, secretToken } from '../../lib/index.ts';
import type { Armed, ArmRequest, KeaService, KeaTarget, Lost, Refused, RevealHeld } from '../contract.ts';
import { errors } from '../errors.ts';
import { ask } from './ask.ts';
import { rootOf } from './canonical.ts';
import type { KeaDeps } from './deps.ts';
import { type Held, joinConfigs } from './held.ts';
import { checkIdentity, type Status } from './identify.ts';
import type { OpenChange } from './open-changes.ts';
import { refused, step } from './outcomes.ts';
import { hold, isLikelySaved } from './read.ts';

/**
 * Without a guard on the server nothing is written there before the change itself: lock and backup are this process's. What others may have left is
 * looked at: an open change, a higher epoch. That the backup would be taken back is tried with config-test.
 */
export async function arm(deps: KeaDeps, target: KeaTarget, request: ArmRequest, signal: AbortSignal): Promise<Armed | Refused | Lost> {
  if (!target.apply) return refused(errors.NotWritable({ device: target.device }));
  const change: OpenChange = {
    device: target.device,
    token: request.token,
    epoch: request.epoch,
    holder: request.holder,
    state: 'arming',
    endsAtMs: deps.clock.monotonicMs() + request.deadlineMs,
    before: new Map(),
    fingerprint: '',
    rollback: request.rollback,
    sent: new Map(),
  };
  if (deps.open.ended(request.token)) {
    return refused(
      errors.WrongState({ device: target.device, token: request.token, state: 'older than this attempt: its token was used before' }),
    );
  }
  const other = deps.open.lock(change);
  if (other) return refused(errors.Locked({ device: target.device, holder: `${other.token} ${other.holder}` }));
  const answer = await step(() => takeBackup(deps, target, change, request, signal));
  if (answer.outcome !== 'Armed') deps.open.forget(request.token);
  return answer;
}

async function takeBackup(
  deps: KeaDeps,
  target: KeaTarget,
  change: OpenChange,
  request: ArmRequest,
  signal: AbortSignal,
): Promise<Armed | Refused> {
  const before = await holdAll(deps, target, target.services, signal);
  const held = [...before.values()];
  const { config, fingerprint } = joinConfigs(held);
  const refusal = judge(target, before, config, request) ?? findMissing(target, held, request);
  if (refusal) return refused(refusal);
  for (const [service, { raw }] of before) {
    const options = { account: 'apply' as const, arguments: { [rootOf(service)]: raw }, fresh: true };
    const { result, text } = await ask(deps, target, service, 'config-test', options, signal);
    if (result !== 0)
      return refused(
        errors.NoWayBack({
          device: target.device,
          service,
          why: hideValues(
            text,
            held.flatMap(({ values }) => [...values.values()]),
          ),
        }),
      );
  }
  Object.assign(change, { before, fingerprint, state: 'armed' } satisfies Partial<OpenChange>);
  return { outcome: 'Armed', revealHeld: revealIn(held) };
}

/** Every daemon over new connections, with the account that may change it. */
export async function holdAll(
  deps: KeaDeps,
  target: KeaTarget,
  services: readonly KeaService[],
  signal: AbortSignal,
): Promise<ReadonlyMap<KeaService, Held & { status: Status }>> {
  const held = await Promise.all(
    services.map(async (service) => [service, await hold(deps, target, service, { account: 'apply', fresh: true }, signal)] as const),
  );
  return new Map(held);
}

function judge(
  target: KeaTarget,
  before: ReadonlyMap<KeaService, Held & { status: Status }>,
  config: string,
  request: ArmRequest,
): PlumblineError | undefined {
  const { device } = target;
  const wrong = checkIdentity(target, [...before]);
  if (wrong) return wrong;
  const stale = checkEpoch(device, [...before.values()], request.epoch);
  if (stale) return stale;
  for (const [service, { mark, elsewhere, status, isAsSaved }] of before) {
    if (mark.change) return errors.Unfinished({ device, holder: `${mark.change.token} ${mark.change.holder}` });
    if (elsewhere.length > 0) return errors.ConfigElsewhere({ device, service, where: elsewhere.join(' and ') });
    if (request.unsaved === 'refuse' && !isLikelySaved(status, { mark, isAsSaved })) {
      return errors.Unsaved({
        device,
        lines: `${service} was given another configuration since it began, and no command tells whether its file holds it`,
      });
    }
  }
  return request.isAsPlanned(config) ? undefined : errors.ConcurrentChange({ device, when: 'while the plan waited' });
}

/** Who is older than what was seen here may not write. */
export function checkEpoch(device: string, held: readonly Held[], epoch: number): PlumblineError | undefined {
  const seen = Math.max(0, ...held.map(({ mark }) => mark.epoch));
  return epoch < seen ? errors.StaleEpoch({ device, epoch, seen: String(seen) }) : undefined;
}

/** A value of the rollback that neither the device nor anybody else has. */
function findMissing(target: KeaTarget, held: readonly Held[], request: ArmRequest): PlumblineError | undefined {
  for (const { text } of request.rollback) {
    for (const token of text.match(secretToken) ?? []) {
      if (!valueIn(held, token) && !request.reveal(token)) {
        return errors.SecretMissing({ device: target.device, token, where: 'the rollback' });
      }
    }
  }
  return undefined;
}

export function valueIn(held: readonly Held[], token: string): Secret | undefined {
  return held.map(({ values }) => values.get(token)).find((value) => value !== undefined);
}

function revealIn(held: readonly Held[]): RevealHeld {
  const lines = new Set(held.flatMap(({ config }) => config.split('\n').map((line) => line.trim())));
  return (line, token) => (lines.has(line) ? valueIn(held, token) : undefined);
}

/** Words of Kea may repeat what they are about. */
export function hideValues(text: string, values: readonly Secret[]): string {
  return values.reduce((said, value) => said.replaceAll(value.reveal(), '<secret>'), text);
}
