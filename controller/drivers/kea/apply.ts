import { PlumblineError, secretToken } from '../../lib/index.ts';
import type { Applied, ApplyRequest, KeaService, KeaTarget, Lost, Refused, Rejected } from '../contract.ts';
import { errors } from '../errors.ts';
import type { JsonMap } from './answers.ts';
import { checkEpoch, hideValues, peekAll, tokensOf, valueIn } from './arm.ts';
import { ask } from './ask.ts';
import { editConfigs, rootOf } from './canonical.ts';
import { stampClosed } from './closed-pools.ts';
import { cutsOff } from './cuts-off.ts';
import type { KeaDeps } from './deps.ts';
import { isSameRun } from './identify.ts';
import { writeMark } from './mark.ts';
import type { OpenChange } from './open-changes.ts';
import { refused, step } from './outcomes.ts';
import { askStatus } from './read.ts';
import { restore } from './restore.ts';
import { seeServing } from './serving.ts';

/** A reason that Kea itself gave. */
interface Refusal {
  service: KeaService;
  text: string;
}

/**
 * The live configuration with the commands in it, whole: config-test, the fence, config-set. Whatever Kea does not take, or does not serve with, is
 * taken back before this returns: an unreachable lease database leaves it healthy to look at, and without an address for anybody.
 */
export async function apply(
  deps: KeaDeps,
  target: KeaTarget,
  request: ApplyRequest,
  signal: AbortSignal,
): Promise<Applied | Rejected | Refused | Lost> {
  const change = deps.open.of(target.device, request.token);
  if (!change || change.state !== 'armed') {
    return refused(errors.WrongState({ device: target.device, token: request.token, state: change?.state ?? 'unknown here' }));
  }
  if (request.stage !== undefined) return refused(errors.Unsupported({ what: `${target.device}: Kea has no traffic to lead away` }));
  return step(() => send(deps, target, change, request, signal));
}

async function send(
  deps: KeaDeps,
  target: KeaTarget,
  change: OpenChange,
  request: ApplyRequest,
  signal: AbortSignal,
): Promise<Applied | Rejected | Refused | Lost> {
  const { device } = target;
  const edited = edit(deps, target, change, request);
  if (edited instanceof PlumblineError) return refused(edited);
  const next = new Map([...edited].map(([service, config]) => [service, sign(deps, change, [...edited.keys()], service, config)]));
  const reject = (refusal: Refusal) => toRejected(device, change, request, refusal);
  for (const [service, config] of next) {
    const { result, text } = await ask(deps, target, service, 'config-test', withConfig(service, config), signal);
    if (result !== 0) return reject({ service, text });
  }
  const moved = await findMoved(deps, target, change, request.epoch, signal);
  if (moved) return refused(moved);
  change.state = 'applying';
  for (const [service, config] of next) {
    change.sent.set(service, config);
    const { result, text } = await ask(deps, target, service, 'config-set', withConfig(service, config), signal);
    const fault = result === 0 ? await seeServing(deps, target, service, { config, before: change.before.get(service) }, signal) : text;
    if (fault !== undefined) {
      await restore(deps, target, change, signal);
      return reject({ service, text: fault });
    }
  }
  change.state = 'applied';
  return { outcome: 'Applied' };
}

function withConfig(service: KeaService, config: JsonMap) {
  return { account: 'apply' as const, arguments: { [rootOf(service)]: config }, fresh: true };
}

/** What each daemon that the commands touch is to hold; or why it must not be sent. */
export function edit(
  { clock }: Pick<KeaDeps, 'clock'>,
  target: KeaTarget,
  change: OpenChange,
  request: ApplyRequest,
): ReadonlyMap<KeaService, JsonMap> | PlumblineError {
  const { device } = target;
  const held = [...change.before.values()];
  const live = new Map([...change.before].map(([service, { raw }]) => [service, raw]));
  const missing = findUnknown(request);
  if (missing !== undefined) return errors.SecretMissing({ device, token: missing, where: 'the commands' });
  const edited = tryEdit(() => editConfigs(live, request.commands, (token) => request.reveal(token) ?? valueIn(held, token)));
  if (edited instanceof PlumblineError) return edited;
  const touched = [...edited].filter(([service, config]) => JSON.stringify(config) !== JSON.stringify(live.get(service)));
  for (const [service, config] of touched) {
    const why = cutsOff(live.get(service) ?? {}, config, request.commands);
    if (why !== undefined) return errors.CutsOff({ device, service, why });
  }
  return new Map(touched.map(([service, config]) => [service, stampClosed(config, live.get(service) ?? {}, clock.now())]));
}

/** A command that cannot be carried out is a reason not to begin: nothing was sent yet. */
function tryEdit<Edited>(work: () => Edited): Edited | PlumblineError {
  try {
    return work();
  } catch (error) {
    if (error instanceof PlumblineError) return error;
    throw error;
  }
}

/** With the mark of the change in it, so that it is found again by whoever comes after this process. */
function sign(
  deps: KeaDeps,
  { device, epoch, token, holder, fingerprint, rollback, values, before }: OpenChange,
  services: readonly KeaService[],
  service: KeaService,
  config: JsonMap,
): JsonMap {
  const mark = before.get(service)?.mark;
  return writeMark(config, {
    ...mark,
    device,
    epoch,
    at: deps.clock.now().toISOString(),
    change: {
      token,
      holder,
      services,
      before: fingerprint,
      ...(mark && mark.at !== '' && { mark }),
      rollback,
      values: Object.fromEntries([...values].map(([name, value]) => [name, value.reveal()])),
    },
  });
}

function findUnknown(request: ApplyRequest): string | undefined {
  for (const { text } of request.commands) {
    for (const token of text.match(secretToken) ?? []) if (!request.reveal(token) && !request.revealHeld?.(text, token)) return token;
  }
  return undefined;
}

/** The fence, as close to the write as it can be without anybody's help on the server: a moment is left. */
async function findMoved(
  deps: KeaDeps,
  target: KeaTarget,
  change: OpenChange,
  epoch: number,
  signal: AbortSignal,
): Promise<PlumblineError | undefined> {
  const now = await peekAll(deps, target, signal);
  const stale = checkEpoch(target.device, [...now.values()], epoch);
  if (stale) return stale;
  const isMoved = [...now].some(([service, { digest }]) => digest !== change.before.get(service)?.digest);
  if (isMoved) return errors.ConcurrentChange({ device: target.device, when: 'after the change was armed' });
  // A large configuration takes a while to arrive; this takes a millisecond.
  for (const [service, { status }] of now) {
    const since = await askStatus(deps, target, service, { account: 'apply', fresh: true }, signal);
    if (!isSameRun(status, since)) return errors.ConcurrentChange({ device: target.device, when: `while the fence looked at ${service}` });
  }
  return undefined;
}

/** Kea speaks of the whole configuration; the command is the one that its words are most likely about. */
export function toRejected(device: string, change: OpenChange, { commands, reveal }: ApplyRequest, { service, text }: Refusal): Rejected {
  const own = commands.map(({ path, text: line }, i) => ({ i, line, mine: path[0] === rootOf(service) || line === rootOf(service) }));
  const named = own.filter(({ mine, line }) => mine && line.split(' ').some((word) => word.length > 3 && text.includes(word)));
  const { i: index, line } = named[0] ?? own.find(({ mine }) => mine) ?? { i: 0, line: '' };
  const held = [...change.before.values()].flatMap(({ values }) => [...values.values()]);
  const sent = tokensOf(commands).flatMap((token) => reveal(token) ?? []);
  const message = hideValues(text, [...held, ...sent]).slice(0, 500);
  change.state = 'rejected';
  change.rejected = { index, message };
  return {
    outcome: 'Rejected',
    index,
    line,
    message,
    error: errors.Rejected({ device, line: line.replace(secretToken, '<secret>'), message }),
  };
}
