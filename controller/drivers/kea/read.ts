import { type Observed, type Read, type UnknownReason, unknownReasonOf } from '../../api/index.ts';
import { PlumblineError } from '../../lib/index.ts';
import type { KeaService, KeaTarget, ObserveOptions } from '../contract.ts';
import { errors } from '../errors.ts';
import { isMap, type JsonMap, type KeaAnswer } from './answers.ts';
import { ask, type AskOptions } from './ask.ts';
import { type Facts, isSameChange, readFacts, readStartup } from './facts.ts';
import { fileToCanonical, rootOf } from './canonical.ts';
import type { KeaDeps } from './deps.ts';
import { digestOf, type Held, joinConfigs, toHeld, type Told } from './held.ts';
import { type Mark, readMark } from './mark.ts';
import { checkIdentity, isIdentified, isSameRun, readStatus, type Status } from './identify.ts';

/** What the other errors of a read say about the device. */
const reasons: Readonly<Record<string, UnknownReason>> = {
  ConnectionLost: 'Unreachable',
  KeyUnusable: 'Unverified',
  NotIdentified: 'Unverified',
};

/** How long between two reads that must agree. */
const secondReadMs = 2_000;

/** The whole state of one server, all its daemons, or Unknown: there is no half read. */
export async function observe(deps: KeaDeps, target: KeaTarget, options: ObserveOptions, signal: AbortSignal): Promise<Observed> {
  try {
    return await readSettled(deps, target, options, signal);
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

/** One pass over a server, with the answers that belong together. */
interface Pass {
  /** Where SSH leads to the server. */
  facts?: Facts;
  /** Files that differ from what runs, or cannot be read: those of which anybody knows. */
  unsaved?: boolean;
  services: readonly { service: KeaService; status: Status; version: string; told: Told }[];
  config: string;
  fingerprint: string;
}

async function readSettled(deps: KeaDeps, target: KeaTarget, options: ObserveOptions, signal: AbortSignal): Promise<Read> {
  if (!isIdentified(target)) throw errors.NotIdentified({ device: target.device });
  const first = await readOnce(deps, target, signal);
  const settleSeconds = target.settleSeconds ?? 30;
  const isYoung = first.services.some(({ status }) => status.upSeconds < settleSeconds);
  // Kea loads its file before it answers. What it holds is what it serves, but it may be about to end, or somebody may be at work.
  if (!isYoung && options.lacksOwned?.(first.config) !== true) return toRead(deps, target, first);
  await deps.clock.sleep(secondReadMs, signal).catch(() => {
    throw errors.Unreachable({ device: target.device, address: 'the server', why: 'the caller gave up' });
  });
  const second = await readOnce(deps, target, signal);
  const isSame = second.services.every(({ status }, i) => status.pid === first.services[i]?.status.pid);
  if (!isSame || second.fingerprint !== first.fingerprint) {
    throw errors.DeviceSettling({ device: target.device, why: 'two reads, 2 s apart, disagree' });
  }
  return toRead(deps, target, second);
}

async function readOnce(deps: KeaDeps, target: KeaTarget, signal: AbortSignal): Promise<Pass> {
  const before = target.ssh && (await readFacts(deps, target, false, signal));
  const services = await Promise.all(target.services.map((service) => readService(deps, target, service, signal)));
  const wrong = checkIdentity(
    target,
    services.map(({ service, told }) => [service, told] as const),
  );
  if (wrong) throw wrong;
  for (const { service, told } of services) {
    if (told.elsewhere.length > 0) throw errors.ConfigElsewhere({ device: target.device, service, where: told.elsewhere.join(' and ') });
  }
  const pass = { services, ...joinConfigs(services.map(({ told }) => told)) };
  if (!before) return pass;
  const saved = await Promise.all(
    services.map(async ({ service, version, told }) =>
      isSaved(service, told.config, await readStartup(deps, target, service, signal), version, deps),
    ),
  );
  const facts = await readFacts(deps, target, false, signal);
  // Else a configuration that nobody has confirmed yet would be taken for one that no change is at work on.
  if (!isSameChange(before, facts))
    throw errors.DeviceSettling({ device: target.device, why: 'a change began or went on during the read' });
  return { ...pass, facts, unsaved: saved.includes(false) };
}

/** The file says what runs. */
export function isSaved(
  service: KeaService,
  config: string,
  file: string | undefined,
  version: string,
  { tokenOf }: Pick<KeaDeps, 'tokenOf'>,
): boolean {
  return file !== undefined && fileToCanonical(service, file, version, tokenOf) === config;
}

async function readService(deps: KeaDeps, target: KeaTarget, service: KeaService, signal: AbortSignal): Promise<Pass['services'][number]> {
  const before = await askStatus(deps, target, service, { account: 'observe' }, signal);
  const version = await askVersion(deps, target, service, 'observe', signal);
  const told = await readConfig(deps, target, service, version, signal);
  const status = await askStatus(deps, target, service, { account: 'observe' }, signal);
  if (!isSameRun(before, status)) {
    throw errors.DeviceSettling({
      device: target.device,
      why: `${service} restarted, or was given another configuration, during the read`,
    });
  }
  return { service, status, version, told };
}

/** By the digest of the configuration when Kea gives one (2.4 and newer): then an unchanged one is not sent again. */
async function readConfig(deps: KeaDeps, target: KeaTarget, service: KeaService, version: string, signal: AbortSignal): Promise<Told> {
  const key = `${target.device} ${service}`;
  const known = deps.cache.get(key);
  const account = { account: 'observe' } as const;
  if (known) {
    const { result, arguments: told } = await ask(deps, target, service, 'config-hash-get', account, signal);
    if (result === 0 && told['hash'] === known.digest) return known.told;
  }
  const { raw, hash } = await getConfig(deps, target, service, account, signal);
  const digest = hash ?? digestOf(raw);
  noteAsSet(deps, target, service, raw, digest);
  if (known?.digest === digest) return known.told;
  const { raw: _raw, values: _values, ...told } = toHeld(service, raw, version, deps.tokenOf);
  deps.cache.set(key, { digest, told });
  return told;
}

/** The first look at a daemon after a change of ours tells how it prints what it was given. */
function noteAsSet({ open }: KeaDeps, { device }: KeaTarget, service: KeaService, raw: JsonMap, digest: string): void {
  const change = open.ofDevice(device);
  if (!change || change.asSet.has(service) || readMark(raw).change?.token !== change.token) return;
  change.asSet.set(service, digest);
}

/** Status of one daemon. Throws DaemonDown and PartialRead. */
export async function askStatus(
  deps: KeaDeps,
  target: KeaTarget,
  service: KeaService,
  options: AskOptions,
  signal: AbortSignal,
): Promise<Status> {
  const status = readStatus(await ask(deps, target, service, 'status-get', options, signal));
  if (!status) throw errors.PartialRead({ device: target.device, why: `${service} does not tell its status` });
  return status;
}

export async function askVersion(
  deps: KeaDeps,
  target: KeaTarget,
  service: KeaService,
  account: AskOptions['account'],
  signal: AbortSignal,
): Promise<string> {
  const { text } = await ask(deps, target, service, 'version-get', { account }, signal);
  return /\d+\.\d+\.\d+\S*/.exec(text)?.[0] ?? '';
}

/** What one daemon holds, and the daemon's own digest of it. Kea 2.4 and newer put that beside, and do not take it back. */
async function getConfig(
  deps: KeaDeps,
  target: KeaTarget,
  service: KeaService,
  options: AskOptions,
  signal: AbortSignal,
): Promise<{ raw: JsonMap; hash?: string }> {
  const answer = await ask(deps, target, service, 'config-get', options, signal);
  const raw = answer.arguments[rootOf(service)];
  if (answer.result !== 0 || !isMap(raw)) throw errors.PartialRead({ device: target.device, why: whyNoConfig(service, answer) });
  const { hash } = answer.arguments;
  return { raw, ...(typeof hash === 'string' && { hash }) };
}

function whyNoConfig(service: KeaService, { result, text }: KeaAnswer): string {
  return `${service} gives no configuration: result ${result}${text === '' ? '' : `: ${text}`}`;
}

/** One daemon as it is met in a change. */
export interface Seen {
  raw: JsonMap;
  mark: Mark;
  /** Of all that it prints: the daemon's own digest, or ours. */
  digest: string;
  status: Status;
}

export async function peek(deps: KeaDeps, target: KeaTarget, service: KeaService, options: AskOptions, signal: AbortSignal): Promise<Seen> {
  const status = await askStatus(deps, target, service, options, signal);
  const { raw, hash } = await getConfig(deps, target, service, options, signal);
  return { raw, mark: readMark(raw), digest: hash ?? digestOf(raw), status };
}

/** The same, and in canonical form. */
export async function hold(
  deps: KeaDeps,
  target: KeaTarget,
  service: KeaService,
  options: AskOptions,
  signal: AbortSignal,
): Promise<Held & Seen> {
  const version = await askVersion(deps, target, service, options.account, signal);
  const seen = await peek(deps, target, service, options, signal);
  return { ...toHeld(service, seen.raw, version, deps.tokenOf), ...seen };
}

function toRead(deps: KeaDeps, target: KeaTarget, { facts, unsaved, services, config, fingerprint }: Pass): Read {
  const marks = services.map(({ told }) => told.mark);
  const latest = marks.toSorted((a, b) => (a.at < b.at ? 1 : -1))[0];
  const open = marks.find(({ change }) => change)?.change;
  const wasSaved = !marks.some(({ last: each, saved }) => each?.token === latest?.last?.token && saved === undefined);
  const last = open
    ? { token: open.token, state: 'applied', holder: open.holder }
    : latest?.last && { ...latest.last, state: wasSaved ? 'persisted' : 'persist-failed' };
  const receipt = facts?.receipt ?? latest?.receipt;
  const lastChange = open ? last : (facts?.lastChange ?? last);
  const bootId = services.map(({ service, status }) => `${service}:${status.pid}`).join(' ');
  const closedPools = Object.assign({}, ...services.map(({ told }) => told.closed)) as Record<string, string>;
  return {
    state: 'Read',
    device: target.device,
    at: deps.clock.now().toISOString(),
    config,
    fingerprint,
    version: services[0]?.version ?? '',
    identity: facts
      ? { hostname: facts.hostname, machineId: facts.machineId, bootId: facts.bootId, hostKey: facts.hostKey }
      : { hostname: services.find(({ told }) => told.serverTag !== '')?.told.serverTag ?? target.device, bootId },
    daemons: services.map(({ service, status }) => ({ name: service, pid: status.pid, upSeconds: status.upSeconds })),
    neighbors: [],
    epoch: Math.max(facts?.epoch ?? 0, ...marks.map(({ epoch }) => epoch)),
    ...(receipt && { receipt }),
    ...(lastChange && { lastChange }),
    ...(facts?.hold && { hold: facts.hold }),
    ...(Object.keys(closedPools).length > 0 && { closedPools }),
    startupDiffers: unsaved ?? services.some(({ status, told }) => !isLikelySaved(status, told)),
  };
}

/**
 * No command of Kea tells what is in its file. What runs since the daemon began came from there; what we confirmed was saved with what stood
 * beside it. Anything else counts as different.
 */
export function isLikelySaved({ upSeconds, reloadSeconds }: Status, { mark, isAsSaved }: Pick<Told, 'mark' | 'isAsSaved'>): boolean {
  return mark.change === undefined && (isAsSaved || upSeconds - reloadSeconds <= 1);
}
