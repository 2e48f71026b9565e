import { Secret } from '../../lib/index.ts';
import type { KeaService, KeaTarget } from '../contract.ts';
import type { JsonMap } from './answers.ts';
import { ask } from './ask.ts';
import { editConfigs, rootOf } from './canonical.ts';
import type { KeaDeps } from './deps.ts';
import { joinConfigs } from './held.ts';
import { type MarkedChange, writeMark } from './mark.ts';
import type { OpenChange } from './open-changes.ts';
import { hold, peek, type Seen } from './read.ts';
import { findDeadLeases } from './serving.ts';

const account = { account: 'apply', fresh: true } as const;

export interface Restored {
  /** Masked lines, `-` for missing and `+` for left over; and words on what does not work. Empty: all is as before. */
  rest: readonly string[];
  /** A daemon is not the process that it was. */
  hasRestarted: boolean;
}

/**
 * Puts back what each touched daemon held before, to the letter. What somebody changed since stays: then the way back of the plan is taken in what
 * the daemon holds now, and the rest is told. Throws what `ask` throws.
 */
export async function restore(deps: KeaDeps, target: KeaTarget, change: OpenChange, signal: AbortSignal): Promise<Restored> {
  const rest: string[] = [];
  let hasRestarted = false;
  for (const service of change.sent.keys()) {
    const before = change.before.get(service);
    if (!before) continue;
    const now = await peek(deps, target, service, account, signal);
    hasRestarted ||= now.status.pid !== before.status.pid;
    if (now.digest !== before.digest) {
      const back = isAsSet(change, service, now) ? before.raw : takeBack(service, now.raw, change, before.raw);
      rest.push(...(await put(deps, target, service, back, signal)));
    } else if ((await findDeadLeases(deps, target, service, 'apply', signal)) !== undefined) {
      // What it prints is the old configuration, and what it does is not: it must be given again.
      rest.push(...(await put(deps, target, service, before.raw, signal)));
    }
    const after = await peek(deps, target, service, account, signal);
    if (after.digest !== before.digest)
      rest.push(...compareLines(before.config, (await hold(deps, target, service, account, signal)).config));
    const dead = await findDeadLeases(deps, target, service, 'apply', signal);
    if (dead !== undefined) rest.push(`-${service}: ${dead}`);
  }
  return { rest, hasRestarted };
}

/** The same for a process that knows no more than what the change left in the running configuration. */
export async function restoreByMark(
  deps: KeaDeps,
  target: KeaTarget,
  marked: ReadonlyMap<KeaService, Seen & { mark: { change: MarkedChange } }>,
  signal: AbortSignal,
): Promise<Restored> {
  const rest: string[] = [];
  for (const [service, { raw, mark }] of marked) {
    const { change } = mark;
    const [back = raw] = editConfigs(new Map([[service, raw]]), ofService(service, change.rollback), (token) => {
      const value = change.values[token];
      return value === undefined ? undefined : new Secret(value);
    }).values();
    rest.push(...(await put(deps, target, service, writeMark(back, change.mark), signal)));
    const dead = await findDeadLeases(deps, target, service, 'apply', signal);
    if (dead !== undefined) rest.push(`-${service}: ${dead}`);
  }
  const after = await Promise.all(target.services.map((service) => hold(deps, target, service, account, signal)));
  const before = [...marked.values()][0]?.mark.change.before;
  if (joinConfigs(after).fingerprint !== before)
    rest.push('-something else than the configuration before: somebody changed it since, or lines are missing');
  return { rest, hasRestarted: false };
}

function takeBack(service: KeaService, live: JsonMap, change: OpenChange, before: JsonMap): JsonMap {
  const [back = live] = editConfigs(new Map([[service, live]]), ofService(service, change.rollback), (token) =>
    change.values.get(token),
  ).values();
  return { ...writeMark(back, undefined), ...(before['user-context'] !== undefined && { 'user-context': before['user-context'] }) };
}

function ofService<Command extends { path: readonly string[]; text: string }>(
  service: KeaService,
  commands: readonly Command[],
): readonly Command[] {
  return commands.filter(({ path, text }) => path[0] === rootOf(service) || (path.length === 0 && text.endsWith(rootOf(service))));
}

/** Nobody gave the daemon anything else since. When it was not read in between, our mark has to be enough. */
function isAsSet({ token, asSet }: OpenChange, service: KeaService, now: Seen): boolean {
  return now.mark.change?.token === token && (asSet.get(service) ?? now.digest) === now.digest;
}

async function put(
  deps: KeaDeps,
  target: KeaTarget,
  service: KeaService,
  config: JsonMap,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const options = { account: 'apply' as const, arguments: { [rootOf(service)]: config }, fresh: true };
  const { result } = await ask(deps, target, service, 'config-set', options, signal);
  // Its words may hold values; what is left over is told line by line.
  return result === 0 ? [] : [`-${service}: the old configuration is not taken back (result ${result})`];
}

/** Lines with their sections that one has and the other lacks. */
export function compareLines(before: string, after: string): readonly string[] {
  if (before === after) return [];
  const [was, is] = [qualify(before), qualify(after)];
  const [inWas, inIs] = [new Set(was), new Set(is)];
  return [
    ...was.filter((line) => !inIs.has(line)).map((line) => `-${line}`),
    ...is.filter((line) => !inWas.has(line)).map((line) => `+${line}`),
  ];
}

function qualify(config: string): readonly string[] {
  const sections: string[] = [];
  return config.split('\n').flatMap((line) => {
    const text = line.trim();
    if (text === '') return [];
    const depth = line.length - line.trimStart().length;
    sections.length = Math.min(sections.length, depth);
    const path = [...sections.filter(Boolean), text].join(' > ');
    sections[depth] = text;
    return [path];
  });
}
