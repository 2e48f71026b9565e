import type { PlannedCommand, Receipt } from '../../api/index.ts';
import { isMap, type Json, type JsonMap } from './answers.ts';

/**
 * What we leave in `user-context.plumbline` of a daemon. In the running config alone while a change is not confirmed: a restart of the daemon, or
 * config-reload, loads its file, which knows nothing of it. Confirmed, it is saved with the rest.
 */
export interface Mark {
  /** The Device that this server is. */
  device?: string;
  /** Highest epoch this daemon has seen. */
  epoch: number;
  /** When it was written; of two daemons the later one tells the last change. */
  at: string;
  receipt?: Receipt;
  /** Digest of the configuration, without this, that was saved with it. */
  saved?: string;
  /** The last confirmed change. */
  last?: { token: string; holder: string };
  /** A change in effect that nobody has confirmed. */
  change?: MarkedChange;
}

/** Enough to go back for a process that knows no more than the token. */
export interface MarkedChange {
  token: string;
  holder: string;
  /** Daemons that it touches. */
  services?: readonly string[];
  /** Digest of the masked config before. */
  before: string;
  /** What we had left there before, if anything. */
  mark?: Mark;
  /** Masked, and the values behind its tokens: the daemon held them before. */
  rollback: readonly PlannedCommand[];
  values: Readonly<Record<string, string>>;
}

const key = 'plumbline';

/** What does not parse counts as no mark. */
export function readMark(config: JsonMap): Mark {
  const context = config['user-context'];
  return toMark(isMap(context) ? context[key] : undefined);
}

function toMark(found: Json | undefined): Mark {
  if (!isMap(found)) return { epoch: 0, at: '' };
  const { device, epoch, at, receipt, saved, last, change } = found;
  const readReceipt = toReceipt(receipt);
  const readChange = toChange(change);
  return {
    epoch: typeof epoch === 'number' ? epoch : 0,
    at: typeof at === 'string' ? at : '',
    ...(typeof device === 'string' && { device }),
    ...(readReceipt && { receipt: readReceipt }),
    ...(typeof saved === 'string' && { saved }),
    ...(isMap(last) && typeof last['token'] === 'string' && { last: { token: last['token'], holder: wordOf(last['holder']) } }),
    ...(readChange && { change: readChange }),
  };
}

/** The same configuration with another mark, or without one. */
export function writeMark(config: JsonMap, mark: Mark | undefined): JsonMap {
  const { 'user-context': context, ...rest } = config;
  const { [key]: _old, ...others } = isMap(context) ? context : {};
  // A record of plain values: JSON by its type, but for interfaces having no index.
  const written = { ...others, ...(mark && { [key]: mark as unknown as Json }) };
  return Object.keys(written).length > 0 ? { ...rest, 'user-context': written } : rest;
}

export function hasMark(config: JsonMap): boolean {
  const context = config['user-context'];
  return isMap(context) && key in context;
}

function toReceipt(found: Json | undefined): Receipt | undefined {
  if (!isMap(found)) return undefined;
  const { revision, itemsDigest, effectDigest, epoch, glass } = found;
  if (typeof revision !== 'string' || typeof itemsDigest !== 'string' || typeof effectDigest !== 'string' || typeof epoch !== 'number')
    return undefined;
  const broken = isMap(glass) && { glass: { by: wordOf(glass['by']), reason: wordOf(glass['reason']), at: wordOf(glass['at']) } };
  return { revision, itemsDigest, effectDigest, epoch, ...broken };
}

function toChange(found: Json | undefined): MarkedChange | undefined {
  if (!isMap(found) || typeof found['token'] !== 'string') return undefined;
  const { token, holder, services, before, mark, rollback, values } = found;
  const commands = Array.isArray(rollback) ? (rollback as readonly Json[]).flatMap(toCommand) : [];
  const known = isMap(values)
    ? Object.entries(values).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : []))
    : [];
  return {
    token,
    holder: wordOf(holder),
    ...(Array.isArray(services) && { services: services.map(String) }),
    before: typeof before === 'string' ? before : '',
    ...(isMap(mark) && { mark: toMark(mark) }),
    rollback: commands,
    values: Object.fromEntries(known),
  };
}

function toCommand(found: Json): readonly PlannedCommand[] {
  if (!isMap(found) || typeof found['text'] !== 'string' || !Array.isArray(found['path'])) return [];
  return [{ path: (found['path'] as readonly Json[]).map(String), text: found['text'] }];
}

/** Words of a device: one line, and no longer than a person writes. */
function wordOf(found: Json | undefined): string {
  return typeof found === 'string' ? found.replace(/\p{Cc}+/gu, ' ').slice(0, 500) : 'not said';
}
