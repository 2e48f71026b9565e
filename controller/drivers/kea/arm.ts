import { PlumblineError, type Secret, secretToken } from '../../lib/index.ts';
import type { PlannedCommand } from '../../api/index.ts';
import type { Armed, ArmRequest, KeaService, KeaTarget, Lost, Refused, RevealHeld } from '../contract.ts';
import { errors } from '../errors.ts';
import { ask } from './ask.ts';
import { rootOf } from './canonical.ts';
import type { KeaDeps } from './deps.ts';
import { type Held, joinConfigs } from './held.ts';
import { checkIdentity } from './identify.ts';
import type { OpenChange } from './open-changes.ts';
import { refused, step } from './outcomes.ts';
import { hold, isLikelySaved, peek, type Seen } from './read.ts';

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
    values: new Map(),
    sent: new Map(),
    asSet: new Map(),
  };
  if (deps.open.ended(target.device, request.token)) {
    return refused(
      errors.WrongState({ device: target.device, token: request.token, state: 'older than this attempt: its token was used before' }),
    );
  }
  const other = deps.open.lock(change);
  if (other) return refused(errors.Locked({ device: target.device, holder: `${other.token} ${other.holder}` }));
  const answer = await step(() => takeBackup(deps, target, change, request, signal));
  if (answer.outcome !== 'Armed') deps.open.forget(target.device, request.token);
  return answer;
}

async function takeBackup(
  deps: KeaDeps,
  target: KeaTarget,
  change: OpenChange,
  request: ArmRequest,
  signal: AbortSignal,
): Promise<Armed | Refused> {
  const before = await each(target, (service) => hold(deps, target, service, { account: 'apply', fresh: true }, signal));
  const held = [...before.values()];
  const { fingerprint } = joinConfigs(held);
  const refusal = judge(target, before, request);
  if (refusal) return refused(refusal);
  const values = findValues(target, held, request);
  if (values instanceof PlumblineError) return refused(values);
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
  Object.assign(change, { before, fingerprint, values, state: 'armed' } satisfies Partial<OpenChange>);
  return { outcome: 'Armed', revealHeld: revealIn(held) };
}

/** Every daemon over new connections, with the account that may change it. */
export async function peekAll(deps: KeaDeps, target: KeaTarget, signal: AbortSignal): Promise<ReadonlyMap<KeaService, Seen>> {
  return each(target, (service) => peek(deps, target, service, { account: 'apply', fresh: true }, signal));
}

async function each<Answer>(target: KeaTarget, look: (service: KeaService) => Promise<Answer>): Promise<ReadonlyMap<KeaService, Answer>> {
  return new Map(await Promise.all(target.services.map(async (service) => [service, await look(service)] as const)));
}

/** Why a change must not begin on what the server holds. Who can see the files of the daemons says whether one differs. */
export function judge(
  target: KeaTarget,
  before: ReadonlyMap<KeaService, Held & Seen>,
  request: ArmRequest,
  isUnsaved?: (service: KeaService, config: string) => boolean,
): PlumblineError | undefined {
  const { device } = target;
  const wrong = checkIdentity(target, [...before]);
  if (wrong) return wrong;
  const stale = checkEpoch(device, [...before.values()], request.epoch);
  if (stale) return stale;
  for (const [service, { config, mark, elsewhere, status, isAsSaved }] of before) {
    if (mark.change) return errors.Unfinished({ device, holder: `${mark.change.token} ${mark.change.holder}` });
    if (elsewhere.length > 0) return errors.ConfigElsewhere({ device, service, where: elsewhere.join(' and ') });
    if (request.unsaved === 'accept') continue;
    if (isUnsaved?.(service, config)) return errors.Unsaved({ device, lines: `the file of ${service} does not say what it holds` });
    if (!isUnsaved && !isLikelySaved(status, { mark, isAsSaved })) {
      const lines = `${service} was given another configuration since it began, and no command tells whether its file holds it`;
      return errors.Unsaved({ device, lines });
    }
  }
  return request.isAsPlanned(joinConfigs([...before.values()]).config)
    ? undefined
    : errors.ConcurrentChange({ device, when: 'while the plan waited' });
}

/** Who is older than what was seen here may not write. */
export function checkEpoch(device: string, seen: readonly Pick<Seen, 'mark'>[], epoch: number): PlumblineError | undefined {
  const highest = Math.max(0, ...seen.map(({ mark }) => mark.epoch));
  return epoch < highest ? errors.StaleEpoch({ device, epoch, seen: String(highest) }) : undefined;
}

/** Values of the rollback, held by the device or by whoever asks; or the first that nobody has. */
function findValues(target: KeaTarget, held: readonly Held[], request: ArmRequest): ReadonlyMap<string, Secret> | PlumblineError {
  const values = new Map<string, Secret>();
  for (const token of tokensOf(request.rollback)) {
    const value = valueIn(held, token) ?? request.reveal(token);
    if (!value) return errors.SecretMissing({ device: target.device, token, where: 'the rollback' });
    values.set(token, value);
  }
  return values;
}

export function tokensOf(commands: readonly PlannedCommand[]): readonly string[] {
  return [...new Set(commands.flatMap(({ text }) => text.match(secretToken) ?? []))];
}

export function valueIn(held: readonly Held[], token: string): Secret | undefined {
  return held.map(({ values }) => values.get(token)).find((value) => value !== undefined);
}

export function revealIn(held: readonly Held[]): RevealHeld {
  const lines = new Set(held.flatMap(({ config }) => config.split('\n').map((line) => line.trim())));
  return (line, token) => (lines.has(line) ? valueIn(held, token) : undefined);
}

/** Words of Kea may repeat what they are about. */
export function hideValues(text: string, values: readonly Secret[]): string {
  // The longest first: of a value that begins with another one the end would stay.
  const words = values.map((value) => value.reveal()).filter((value) => value !== '');
  return words.toSorted((a, b) => b.length - a.length).reduce((said, word) => said.replaceAll(word, '<secret>'), text);
}
