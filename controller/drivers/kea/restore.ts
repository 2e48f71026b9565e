import { canonicalJson, Secret } from '../../lib/index.ts';
import type { KeaService, KeaTarget } from '../contract.ts';
import type { JsonMap } from './answers.ts';
import { ask } from './ask.ts';
import { editConfigs, rootOf, toCanonical } from './canonical.ts';
import type { KeaDeps } from './deps.ts';
import { type Held, joinConfigs } from './held.ts';
import { type MarkedChange, writeMark } from './mark.ts';
import type { OpenChange } from './open-changes.ts';
import { askVersion, hold } from './read.ts';
import { findDeadLeases } from './serving.ts';

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
  for (const [service, sent] of change.sent) {
    const before = change.before.get(service);
    if (!before) continue;
    const now = await hold(deps, target, service, { account: 'apply', fresh: true }, signal);
    hasRestarted ||= now.status.pid !== before.status.pid;
    if (canonicalJson(now.raw) !== canonicalJson(before.raw)) {
      const isOurs = now.config === before.config || now.config === (await canonicalOf(deps, target, service, sent, signal));
      const back = isOurs ? before.raw : takeBack(service, now.raw, change, [...change.before.values()], before.raw);
      rest.push(...(await put(deps, target, service, back, signal)));
    } else if ((await findDeadLeases(deps, target, service, 'apply', signal)) !== undefined) {
      // What it prints is the old configuration, and what it does is not: it must be given again.
      rest.push(...(await put(deps, target, service, before.raw, signal)));
    }
    const after = await hold(deps, target, service, { account: 'apply', fresh: true }, signal);
    rest.push(...compareLines(before.config, after.config));
    const dead = await findDeadLeases(deps, target, service, 'apply', signal);
    if (dead !== undefined) rest.push(`-${service}: ${dead}`);
  }
  return { rest, hasRestarted };
}

/** The same for a process that knows no more than what the change left in the running configuration. */
export async function restoreByMark(
  deps: KeaDeps,
  target: KeaTarget,
  marked: ReadonlyMap<KeaService, Held & { mark: { change: MarkedChange } }>,
  signal: AbortSignal,
): Promise<Restored> {
  const rest: string[] = [];
  for (const [service, { raw, mark }] of marked) {
    const { change, ...older } = mark;
    const [back = raw] = editConfigs(new Map([[service, raw]]), ofService(service, change.rollback), (token) => {
      const value = change.values[token];
      return value === undefined ? undefined : new Secret(value);
    }).values();
    rest.push(...(await put(deps, target, service, writeMark(back, older.at === '' ? undefined : older), signal)));
    const dead = await findDeadLeases(deps, target, service, 'apply', signal);
    if (dead !== undefined) rest.push(`-${service}: ${dead}`);
  }
  const after = await Promise.all(target.services.map((service) => hold(deps, target, service, { account: 'apply', fresh: true }, signal)));
  const before = [...marked.values()][0]?.mark.change.before;
  if (joinConfigs(after).fingerprint !== before)
    rest.push('-something else than the configuration before: somebody changed it since, or lines are missing');
  return { rest, hasRestarted: false };
}

function takeBack(service: KeaService, live: JsonMap, change: OpenChange, held: readonly Held[], before: JsonMap): JsonMap {
  const reveal = (token: string) => held.map(({ values }) => values.get(token)).find((value) => value !== undefined);
  const [back = live] = editConfigs(new Map([[service, live]]), ofService(service, change.rollback), reveal).values();
  return { ...writeMark(back, undefined), ...(before['user-context'] !== undefined && { 'user-context': before['user-context'] }) };
}

function ofService<Command extends { path: readonly string[]; text: string }>(
  service: KeaService,
  commands: readonly Command[],
): readonly Command[] {
  return commands.filter(({ path, text }) => path[0] === rootOf(service) || (path.length === 0 && text.endsWith(rootOf(service))));
}

async function canonicalOf(deps: KeaDeps, target: KeaTarget, service: KeaService, config: JsonMap, signal: AbortSignal): Promise<string> {
  return toCanonical(service, config, await askVersion(deps, target, service, 'apply', signal), deps.tokenOf);
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
function compareLines(before: string, after: string): readonly string[] {
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
