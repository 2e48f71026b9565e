import { Secret, sha256 } from '../../lib/index.ts';
import type { KeaService } from '../contract.ts';
import { isMap, type Json, type JsonMap } from './answers.ts';
import { readClosed } from './closed-pools.ts';
import { type Mark, readMark, writeMark } from './mark.ts';
import { toCanonical } from './canonical.ts';

/** What one daemon holds, as it may be told and as it was given. */
export interface Held extends Told {
  /** As config-get gave it, with its secrets and our mark. Never leaves this folder. */
  raw: JsonMap;
  /** Values that were masked, by their token. */
  values: ReadonlyMap<string, Secret>;
}

export interface Told {
  /** Canonical, masked, without our mark. */
  config: string;
  mark: Mark;
  /** Where else reservations come from: then nobody sees all of them here. */
  elsewhere: readonly string[];
  serverTag: string;
  /** It is what was saved with our last confirmed change: nobody changed it since. */
  isAsSaved: boolean;
  /** When the leases of pools that we closed are over, by their name. */
  closed: Readonly<Record<string, string>>;
}

/** What was made of a configuration, by device and daemon, as long as the daemon gives the same digest. */
export type HeldCache = Map<string, { digest: string; told: Told }>;

export function toHeld(service: KeaService, raw: JsonMap, version: string, tokenOf: (value: string) => string): Held {
  const values = new Map<string, Secret>();
  const config = toCanonical(service, raw, version, (value) => {
    const token = tokenOf(value);
    values.set(token, new Secret(value));
    return token;
  });
  const mark = readMark(raw);
  const isAsSaved = mark.saved !== undefined && mark.saved === savedDigest(raw);
  const closed = readClosed(service, raw);
  return { raw, config, values, mark, elsewhere: findElsewhere(raw), serverTag: wordOf(raw['server-tag']), isAsSaved, closed };
}

/** Of the configuration but for what we leave in it. */
export function savedDigest(raw: JsonMap): string {
  return digestOf(writeMark(raw, undefined));
}

/** Of what one daemon printed: Kea sorts its keys, so that the same configuration comes in the same words. */
export function digestOf(raw: JsonMap): string {
  return sha256(JSON.stringify(raw));
}

/** The text of all daemons, as the rest of the product knows the device. */
export function joinConfigs(told: readonly Told[]): { config: string; fingerprint: string } {
  const config = told.map((each) => each.config).join('');
  return { config, fingerprint: sha256(config) };
}

/** A database of hosts, or of configurations, holds what config-get does not print. */
function findElsewhere(raw: JsonMap): readonly string[] {
  const databases = raw['hosts-databases'];
  const hosts = isMap(raw['hosts-database']) || (Array.isArray(databases) && databases.length > 0);
  const control = raw['config-control'];
  const backends: Json | undefined = isMap(control) ? control['config-databases'] : undefined;
  return [
    ...(hosts ? ['a database of hosts'] : []),
    ...(Array.isArray(backends) && backends.length > 0 ? ['a configuration database'] : []),
    ...hooksWithHosts(raw),
  ];
}

/** Hooks that bring reservations of their own. */
function hooksWithHosts(raw: JsonMap): readonly string[] {
  const hooks = raw['hooks-libraries'];
  if (!Array.isArray(hooks)) return [];
  const names = (hooks as readonly Json[]).map((hook) => (isMap(hook) ? wordOf(hook['library']) : ''));
  return names.flatMap((name) => {
    const found = /libdhcp_(radius|host_cache)\.so$/.exec(name)?.[1];
    return found === undefined ? [] : [`the hook ${found}`];
  });
}

function wordOf(found: Json | undefined): string {
  return typeof found === 'string' ? found : '';
}
