import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PlumblineError } from '../../lib/index.ts';
import type {
  Applied,
  ApplyRequest,
  Armed,
  ArmRequest,
  ChangeStatus,
  Confirmed,
  ConfirmRequest,
  KeaService,
  KeaTarget,
  Lost,
  Refused,
  Rejected,
  RollbackIncomplete,
  RollbackRequest,
  RolledBack,
  TooLate,
} from '../contract.ts';
import { errors } from '../errors.ts';
import * as guard from '../guard/index.ts';
import { isMap, type JsonMap, readAnswer } from './answers.ts';
import { edit, toRejected } from './apply.ts';
import { judge, revealIn } from './arm.ts';
import { sayJson } from './ask.ts';
import { sshOf } from './ask-ssh.ts';
import { rootOf } from './canonical.ts';
import type { KeaDeps } from './deps.ts';
import { type Held, joinConfigs, toHeld } from './held.ts';
import type { OpenChange } from './open-changes.ts';
import { step } from './outcomes.ts';
import { askStatus, askVersion, hold, isSaved, type Seen } from './read.ts';
import { compareLines } from './restore.ts';
import { seeServing } from './serving.ts';

const script = guard.writeGuard(readFileSync(join(import.meta.dirname, 'target/platform.sh'), 'utf8'));

/** The guard as a Kea server has it. What differs from the backup is JSON with its values: the lines are compared here. */
function guardOf({ ssh }: KeaDeps, { services, sockets }: KeaTarget): guard.GuardWords {
  const paths = { ...(sockets?.dhcp4 && { KEA_DHCP4: sockets.dhcp4 }), ...(sockets?.dhcp6 && { KEA_DHCP6: sockets.dhcp6 }) };
  return {
    pool: ssh,
    script,
    env: { KEA_SERVICES: services.join(' '), ...paths },
    explain: (words) => (readAnswer(words)?.text ?? '') || 'no answer',
    maskRest: (rest) => [`-${rest.length} pieces of the configuration are not as in the backup`],
  };
}

/** Lock, epoch and backup on the server; under the lock the fence; then the way back, whole, and the dead-man starts. */
async function arm(deps: KeaDeps, target: KeaTarget, request: ArmRequest, signal: AbortSignal): Promise<Armed | Refused | Lost> {
  if (/\p{Cc}/u.test(request.holder))
    return guard.refused(errors.UnsafeCommand({ device: target.device, command: JSON.stringify(request.holder.slice(0, 80)) }));
  return step(async () => {
    const known = new Map(
      await Promise.all(
        target.services.map(async (service) => {
          const status = await askStatus(deps, target, service, { account: 'observe' }, signal);
          return [service, { status, version: await askVersion(deps, target, service, 'observe', signal) }] as const;
        }),
      ),
    );
    let refusal: PlumblineError | undefined;
    let before: ReadonlyMap<KeaService, Held & Seen> = new Map();
    const answer = (stdout: string): string => {
      const offer = guard.parseReply(stdout);
      const backup = readBackup(offer.block('backup') ?? []);
      before = new Map(
        [...known].flatMap(([service, { status, version }]) => {
          const raw = backup.get(service);
          return raw ? [[service, { ...toHeld(service, raw, version, deps.tokenOf), status, digest: '' }] as const] : [];
        }),
      );
      const isUnsaved = (service: KeaService, config: string) =>
        !isSaved(service, config, offer.block(`startup-${service}`)?.join('\n'), known.get(service)?.version ?? '', deps);
      refusal =
        before.size < known.size
          ? errors.PartialRead({ device: target.device, why: 'the backup is not whole' })
          : judge(target, before, request, isUnsaved);
      if (refusal) return 'stop\n';
      const wayBack = writeConfigs(new Map([...before].map(([service, { raw }]) => [service, raw])));
      return `go ${Buffer.byteLength(wayBack)}\n${wayBack}`;
    };
    const seconds = Math.max(1, Math.ceil(request.deadlineMs / 1000));
    const words = ['arm', request.token, String(request.epoch), String(seconds), request.holder];
    const options = { during: 'arming', deadlineMs: 180_000, dialog: { marker: '\n@your turn\n', answer }, stdoutCap: 512 << 20 };
    const reply = await guard.callGuard(guardOf(deps, target), sshOf(target), words, options, signal);
    if (refusal) return guard.refused(refusal);
    if (!guard.isReply(reply)) return reply;
    if (!reply.has('armed'))
      return guard.lost(errors.ConnectionLost({ device: target.device, during: 'arming', why: 'the guard did not say so' }));
    const held = [...before.values()];
    const endsAtMs = deps.clock.monotonicMs() + request.deadlineMs;
    const { token, epoch, holder, rollback } = request;
    const { fingerprint } = joinConfigs(held);
    // The lock is the guard's: what is still in our memory was brought to its end there by somebody else, or unseen by us.
    const other = deps.open.ofDevice(target.device);
    if (other) deps.open.forget(target.device, other.token);
    deps.open.lock({
      device: target.device,
      token,
      epoch,
      holder,
      state: 'armed',
      endsAtMs,
      before,
      fingerprint,
      rollback,
      values: new Map(),
      sent: new Map(),
      asSet: new Map(),
    });
    return { outcome: 'Armed', revealHeld: revealIn(held) };
  });
}

/** A line for each daemon: its name, and what config-get answered. */
function readBackup(lines: readonly string[]): ReadonlyMap<string, JsonMap> {
  return new Map(
    lines.flatMap((line) => {
      const [, service = '', text = ''] = /^(dhcp[46]) (.*)$/.exec(line) ?? [];
      const raw = readAnswer(text)?.arguments[service === 'dhcp4' ? 'Dhcp4' : 'Dhcp6'];
      return isMap(raw) ? [[service, raw] as const] : [];
    }),
  );
}

/** The same for what is sent. */
function writeConfigs(configs: ReadonlyMap<KeaService, JsonMap>): string {
  return [...configs].map(([service, config]) => `${service} ${sayJson({ [rootOf(service)]: config })}\n`).join('');
}

/** The server takes the configurations whole before it looks at them. A daemon that does not serve with its new one gets the old one back at once. */
async function apply(
  deps: KeaDeps,
  target: KeaTarget,
  request: ApplyRequest,
  signal: AbortSignal,
): Promise<Applied | Rejected | Refused | Lost> {
  const change = deps.open.of(target.device, request.token);
  if (!change) return guard.refused(errors.WrongState({ device: target.device, token: request.token, state: 'unknown here' }));
  if (request.stage !== undefined) return guard.refused(errors.Unsupported({ what: `${target.device}: Kea has no traffic to lead away` }));
  return step(async () => {
    const next = edit(deps, target, change, request);
    if (next instanceof PlumblineError) return guard.refused(next);
    change.sent = new Map(next);
    const input = writeConfigs(next);
    const words = ['apply', request.token, String(request.epoch), String(Buffer.byteLength(input)), 'all'];
    const reply = await guard.callGuard(
      guardOf(deps, target),
      sshOf(target),
      words,
      { during: 'applying', deadlineMs: 600_000, input },
      signal,
    );
    if (!guard.isReply(reply)) return reply;
    if (!reply.has('applied') && !reply.has('rejected')) {
      const why = `the change was ended on the device: ${reply.get('interrupted') ?? 'no word'}`;
      return guard.lost(errors.ConnectionLost({ device: target.device, during: 'applying', why }));
    }
    const refused = reply.get('rejected')?.split(' ')[0];
    if (refused !== undefined) {
      const text = guardOf(deps, target).explain((reply.block('words') ?? []).join('\n'));
      return toRejected(target.device, change, request, { service: refused === 'dhcp6' ? 'dhcp6' : 'dhcp4', text });
    }
    for (const [service, config] of next) {
      const text = await seeServing(deps, target, service, { config, before: change.before.get(service), account: 'observe' }, signal);
      if (text === undefined) continue;
      await guard.rollback(guardOf(deps, target), sshOf(target), request, signal);
      return toRejected(target.device, change, request, { service, text });
    }
    change.state = 'applied';
    return { outcome: 'Applied' };
  });
}

/** Asks the guard to restore now. What is left over is told in lines by whoever knows how it was. */
async function rollback(
  deps: KeaDeps,
  target: KeaTarget,
  request: RollbackRequest,
  signal: AbortSignal,
): Promise<RolledBack | RollbackIncomplete | TooLate | Refused | Lost> {
  const answer = await step(() => guard.rollback(guardOf(deps, target), sshOf(target), request, signal));
  const change = deps.open.of(target.device, request.token);
  if (!change || answer.outcome === 'Lost') return answer;
  deps.open.forget(target.device, request.token);
  return answer.outcome === 'RollbackIncomplete' ? { ...answer, rest: await tellRest(deps, target, change, answer.rest, signal) } : answer;
}

async function tellRest(
  deps: KeaDeps,
  target: KeaTarget,
  { before }: OpenChange,
  words: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const lines = await step(async () => {
    const rest: string[] = [];
    for (const [service, { config }] of before)
      rest.push(...compareLines(config, (await hold(deps, target, service, { account: 'observe', fresh: true }, signal)).config));
    return { outcome: 'Told' as const, rest };
  });
  return lines.outcome === 'Told' && lines.rest.length > 0 ? lines.rest : words;
}

/** What the guard knows of a change. */
function status(deps: KeaDeps, target: KeaTarget, token: string, signal: AbortSignal): Promise<ChangeStatus | Refused | Lost> {
  return step(() => guard.status(guardOf(deps, target), sshOf(target), token, signal));
}

/** The guard decides over a new connection, has the configurations saved and leaves the receipt. */
async function confirm(
  deps: KeaDeps,
  target: KeaTarget,
  request: ConfirmRequest,
  signal: AbortSignal,
): Promise<Confirmed | TooLate | Refused | Lost> {
  const answer = await step(() => guard.confirm(guardOf(deps, target), sshOf(target), request, signal));
  if (answer.outcome === 'Confirmed' || answer.outcome === 'TooLate') deps.open.forget(target.device, request.token);
  return answer;
}

/** A change with a guard on the server. */
export const guarded = { arm, apply, status, confirm, rollback };
