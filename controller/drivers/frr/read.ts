import { type NeighborState, type Observed, type Read, type UnknownReason, unknownReasonOf } from '../../api/index.ts';
import { PlumblineError } from '../../lib/index.ts';
import type { ObserveOptions, SshTarget } from '../contract.ts';
import { errors } from '../errors.ts';
import type { FrrDeps } from './deps.ts';
import { type Facts, parseFacts } from './identify.ts';
import { findStopped, findUnreached, holderOf, linesLost } from './missing-daemons.ts';
import { isSaved, mask, type Masked, maskRunning, qualifyLines } from './mask.ts';
import { parseSessions } from './sessions.ts';

/** What the other errors of a read say about the device. */
const reasons: Readonly<Record<string, UnknownReason>> = { ConnectionLost: 'Unreachable', KeyUnusable: 'Unverified' };

/** How long between two reads that must agree. */
const secondReadMs = 2_000;

/** The whole state of one router, or Unknown: there is no half read. */
export async function observe(deps: FrrDeps, target: SshTarget, options: ObserveOptions, signal: AbortSignal): Promise<Observed> {
  try {
    return await deps.pool.keep(target, target.observe, () => readSettled(deps, target, options, signal), signal);
  } catch (error) {
    if (!(error instanceof PlumblineError)) throw error;
    const reason = unknownReasonOf(error.code) ?? reasons[error.code] ?? 'PartialRead';
    return {
      state: 'Unknown',
      device: target.device,
      at: deps.clock.now().toISOString(),
      reason,
      message: error.message,
      next: error.next,
    };
  }
}

/** One pass over the router, with the answers that belong together. */
interface Pass {
  facts: Facts;
  hostKey: string;
  running: Masked;
  version: string;
  neighbors: readonly NeighborState[];
  startup: Masked | undefined;
}

async function readSettled(deps: FrrDeps, target: SshTarget, options: ObserveOptions, signal: AbortSignal): Promise<Read> {
  const first = await readOnce(deps, target, signal);
  const settleSeconds = target.settleSeconds ?? 30;
  const young = first.facts.daemons.find((daemon) => daemon.upSeconds < settleSeconds);
  const vanished = lostLine(first) ?? (options.lacksOwned?.(first.running.config) ? 'something that was owned is missing' : undefined);
  if (!young && vanished === undefined) return toRead(deps, target, first);
  // A daemon that respawned answers before its configuration is loaded, with every exit code 0.
  if (young && vanished !== undefined) {
    throw errors.DeviceSettling({ device: target.device, why: `${young.name} is up for ${young.upSeconds} s and ${vanished}` });
  }
  await deps.clock.sleep(secondReadMs, signal).catch(() => {
    throw errors.Unreachable({ device: target.device, address: target.address, why: 'the caller gave up' });
  });
  const second = await readOnce(deps, target, signal);
  if (second.running.fingerprint !== first.running.fingerprint || !sameProcesses(first.facts, second.facts)) {
    throw errors.DeviceSettling({ device: target.device, why: 'two reads, 2 s apart, disagree' });
  }
  return toRead(deps, target, second);
}

/** A line that one daemon alone holds, in the startup config and not in the running config: the daemon came up empty, or a person removed it. */
function lostLine({ running, startup }: Pass): string | undefined {
  const lost = linesLost(running, startup).find((line) => holderOf(line) !== undefined);
  return lost === undefined ? undefined : `\`${lost.trim()}\` of the startup config does not run`;
}

async function readOnce(deps: FrrDeps, target: SshTarget, signal: AbortSignal): Promise<Pass> {
  const { facts, hostKey } = await readFacts(deps, target, signal);
  try {
    return await readRest(deps, target, { facts, hostKey }, signal);
  } catch (error) {
    throw whileStarting(error, facts, target);
  }
}

/** While a router starts its daemons come one after the other: what is not there yet is neither down nor lost. */
function whileStarting(error: unknown, { upSeconds }: Facts, { device, settleSeconds = 30 }: SshTarget): unknown {
  if (!(error instanceof PlumblineError) || !notThere.has(error.code) || upSeconds >= settleSeconds) return error;
  const why = `the router is up for ${upSeconds} s, and ${error.message.replace(`${device}: `, '')}`;
  return errors.DeviceSettling({ device, why }, { cause: error });
}

const notThere: ReadonlySet<string> = new Set(['DaemonDown', 'PartialRead']);

async function readRest(
  deps: FrrDeps,
  target: SshTarget,
  { facts, hostKey }: { facts: Facts; hostKey: string },
  signal: AbortSignal,
): Promise<Pass> {
  const dead = facts.daemons.find((daemon) => daemon.pid === undefined);
  if (dead) throw errors.DaemonDown({ device: target.device, daemon: dead.name });
  const [raw, reached, neighbors, saved] = await Promise.all([
    show(deps, target, 'show running-config no-header', signal),
    show(deps, target, 'show daemons', signal),
    readSessions(deps, target, facts, signal),
    readStartup(deps, target, signal),
  ]);
  const running = maskRunning(raw, deps.tokenOf);
  if (!running) throw errors.PartialRead({ device: target.device, why: '`show running-config` has no end' });
  const startup = saved && (isSaved(raw, saved) ? running : mask(saved, deps.tokenOf));
  const unreached = findUnreached(facts, reached);
  if (unreached !== undefined) {
    throw errors.PartialRead({ device: target.device, why: `vtysh does not reach ${unreached}, and prints none of its lines` });
  }
  const stopped = findStopped(facts, running, startup);
  if (stopped !== undefined) throw errors.DaemonDown({ device: target.device, daemon: stopped });
  const { facts: after } = await readFacts(deps, target, signal);
  if (!sameProcesses(facts, after))
    throw errors.DeviceSettling({ device: target.device, why: 'a daemon or the router restarted during the read' });
  // Else a configuration that nobody has confirmed yet would be taken for one that no change is at work on.
  if (!sameChange(facts, after)) throw errors.DeviceSettling({ device: target.device, why: 'a change began or went on during the read' });
  return {
    facts: { ...after, daemons: facts.daemons },
    hostKey,
    running,
    version: /^frr version (\S+)/m.exec(raw)?.[1] ?? '',
    neighbors,
    startup,
  };
}

/** Identity first: nothing that another machine says is believed. */
export async function readFacts(
  deps: FrrDeps,
  target: SshTarget,
  signal: AbortSignal,
  fresh = false,
): Promise<{ facts: Facts; hostKey: string }> {
  const answer = await deps.pool.exec(
    target,
    target.observe,
    'facts',
    { during: 'the read of its identity', deadlineMs: 15_000, fresh },
    signal,
  );
  const facts = parseFacts(answer.stdout);
  if (answer.rc !== 0 || !facts)
    throw errors.PartialRead({
      device: target.device,
      why: `no facts: ${answer.stderr.trim().slice(0, 200) || `exit ${answer.rc ?? 'by signal'}`}`,
    });
  if (target.machineId !== undefined && facts.machineId !== target.machineId) {
    throw errors.WrongDevice({
      device: target.device,
      what: 'its machine id',
      expected: target.machineId,
      found: facts.machineId || 'not told',
    });
  }
  return { facts, hostKey: answer.hostKey };
}

export async function readSessions(deps: FrrDeps, target: SshTarget, facts: Facts, signal: AbortSignal): Promise<NeighborState[]> {
  if (!facts.daemons.some((daemon) => daemon.name === 'bgpd')) return [];
  const neighbors = parseSessions(await show(deps, target, 'show bgp vrf all summary json', signal));
  if (!neighbors) throw errors.PartialRead({ device: target.device, why: '`show bgp summary` is not JSON' });
  return neighbors;
}

export async function show(deps: FrrDeps, target: SshTarget, command: string, signal: AbortSignal): Promise<string> {
  const { rc, stdout, stderr } = await deps.pool.exec(
    target,
    target.observe,
    command,
    { during: `\`${command}\``, deadlineMs: 60_000 },
    signal,
  );
  if (rc === 0) return stdout; // standard error may hold harmless notices all the same
  const daemon = /([a-z0-9]+) is not running$/m.exec(`${stdout}\n${stderr}`)?.[1];
  if (daemon !== undefined) throw errors.DaemonDown({ device: target.device, daemon });
  // The observer's own limit: `timeout` ends it so.
  const why = rc === 124 ? 'has no answer yet after 30 s: does a daemon of FRR hang?' : `ended with ${rc ?? 'a signal'}`;
  throw errors.PartialRead({ device: target.device, why: `\`${command}\` ${why}` });
}

/** Undefined when the observer cannot read it: then it counts as different from what runs. */
async function readStartup(deps: FrrDeps, target: SshTarget, signal: AbortSignal): Promise<readonly string[] | undefined> {
  const { rc, stdout } = await deps.pool.exec(
    target,
    target.observe,
    'startup',
    { during: 'the read of the startup config', deadlineMs: 30_000 },
    signal,
  );
  const lines = stdout.trimEnd().split('\n');
  return rc === 0 && lines.pop() === '! end of startup' ? lines : undefined;
}

function sameProcesses(a: Facts, b: Facts): boolean {
  const processes = (facts: Facts) => facts.daemons.map(({ name, pid }) => `${name} ${pid ?? 'dead'}`).join(', ');
  return a.bootId === b.bootId && a.machineId === b.machineId && processes(a) === processes(b);
}

function sameChange({ lastChange: a }: Facts, { lastChange: b }: Facts): boolean {
  return a?.token === b?.token && a?.state === b?.state;
}

function toRead(deps: FrrDeps, target: SshTarget, pass: Pass): Read {
  const { facts, hostKey, running, version, neighbors, startup } = pass;
  return {
    state: 'Read',
    device: target.device,
    at: deps.clock.now().toISOString(),
    config: running.config,
    fingerprint: running.fingerprint,
    version,
    identity: { hostname: facts.hostname, machineId: facts.machineId, bootId: facts.bootId, hostKey },
    daemons: facts.daemons.map(({ name, pid = 0, upSeconds }) => ({ name, pid, upSeconds })),
    neighbors,
    epoch: facts.epoch,
    ...(facts.receipt === undefined ? {} : { receipt: facts.receipt }),
    ...(facts.lastChange === undefined ? {} : { lastChange: facts.lastChange }),
    ...(facts.hold === undefined ? {} : { hold: facts.hold }),
    startupDiffers: startup === undefined || differs(running, startup),
  };
}

function differs(a: Masked, b: Masked): boolean {
  return a !== b && qualifyLines(a.config).join('\n') !== qualifyLines(b.config).join('\n');
}
