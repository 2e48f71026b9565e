import { basename, dirname } from 'node:path';
import { isMap, type JsonMap, type JsonValue, mapsIn, type ServerFound, textOf } from '../../config/index.ts';
import { secretToken } from '../../lib/index.ts';
import type { Spec } from '../found.ts';
import type { KeaOriginal } from './original.ts';
import { onlyKeys } from './parts.ts';

type Root = ServerFound['root'];

/** What the hook `ha` says, where it says what fields express and no more. */
export interface PairFound {
  readonly peer: string;
  /** Of both servers: how each is reached. */
  readonly peers: ReadonlyMap<string, { readonly spec: Spec; readonly token: string | undefined }>;
  readonly primary: string;
  /** Of this server: mode and times. */
  readonly spec: Spec;
  readonly hookDirectory: string;
  /** Hooks before it, and what stands behind it. */
  readonly hooks: readonly string[];
  readonly rest: JsonValue[];
}

/** Unit to blame when a pair does not come back as it was. */
export const pairUnit = (root: Root): string => `${root} highAvailability`;

/** The other server of each that is one of a pair of which both are here, by device and daemon; each says the same of both. */
export function findPairs(originals: readonly KeaOriginal[]): ReadonlyMap<string, PairFound> {
  const all = new Map<string, PairFound>(
    originals.flatMap(({ device, servers }) =>
      servers.flatMap(({ root, map }) => {
        const found = readPair(device, map);
        return found ? [[`${device} ${root}`, found] as const] : [];
      }),
    ),
  );
  return new Map(
    [...all].filter(([key, found]) => {
      const [device = '', root = ''] = key.split(' ');
      const other = all.get(`${found.peer} ${root}`);
      const folders = ['Dhcp4', 'Dhcp6'].flatMap((each) => all.get(`${device} ${each}`)?.hookDirectory ?? []);
      return other?.peer === device && saysOf(found) === saysOf(other) && new Set(folders).size === 1;
    }),
  );
}

/** What both have to say alike. */
function saysOf({ peers, spec }: PairFound): string {
  return JSON.stringify([spec['mode'], [...peers].sort(([a], [b]) => (a < b ? -1 : 1))]);
}

function readPair(device: string, map: JsonMap): PairFound | undefined {
  const list = map['hooks-libraries'];
  if (!Array.isArray(list)) return undefined;
  const at = list.findIndex((each) => isMap(each) && textOf(each['library']).endsWith('/libdhcp_ha.so'));
  const hook = onlyKeys(list[at] ?? null, 'library', 'parameters');
  const said = onlyKeys(hook?.['parameters'] ?? null, 'high-availability')?.['high-availability'];
  const [first = null, ...more] = Array.isArray(said) ? said : [];
  const pair = more.length === 0 ? onlyKeys(first, 'this-server-name', 'mode', 'peers', ...Object.values(times)) : undefined;
  const mode = modes[textOf(pair?.['mode'])];
  if (!pair || mode === undefined || pair['this-server-name'] !== device) return undefined;

  const hookDirectory = dirname(textOf(hook?.['library']));
  const before = list.slice(0, at).map((each) => textOf(onlyKeys(each, 'library')?.['library']));
  const hooks = before.map((each) => basename(each));
  if (before.some((each) => dirname(each) !== hookDirectory) || !hooks.includes('libdhcp_lease_cmds.so')) return undefined;

  const peers = new Map(mapsIn(pair['peers']).flatMap(readPeer));
  const [peer, ...others] = [...peers.keys()].filter((name) => name !== device);
  const primary = [...peers].find(([, { spec }]) => spec['role'] === 'Primary')?.[0];
  if (peer === undefined || others.length > 0 || peers.size !== 2 || mapsIn(pair['peers']).length !== 2 || primary === undefined)
    return undefined;
  // A value that stands elsewhere too would be two secrets.
  const { 'hooks-libraries': _hooks, ...around } = map;
  const text = JSON.stringify([around, list.filter((_each, i) => i !== at)]);
  if ([...peers.values()].some(({ token }) => token !== undefined && text.includes(token))) return undefined;
  const spec = {
    mode,
    ...Object.fromEntries(Object.entries(times).flatMap(([field, key]) => (pair[key] === undefined ? [] : [[field, pair[key]]]))),
  };
  return { peer, peers, primary, spec, hookDirectory, hooks, rest: list.slice(at + 1) };
}

const modes: Readonly<Record<string, string>> = { 'hot-standby': 'HotStandby', 'load-balancing': 'LoadBalancing' };
const roles: Readonly<Record<string, string>> = { primary: 'Primary', secondary: 'Secondary', standby: 'Standby' };
const times = {
  heartbeatMilliseconds: 'heartbeat-delay',
  maxResponseMilliseconds: 'max-response-delay',
  maxAckMilliseconds: 'max-ack-delay',
  maxUnackedClients: 'max-unacked-clients',
};

function readPeer(peer: JsonMap): [string, { spec: Spec; token: string | undefined }][] {
  const known = onlyKeys(peer, 'name', 'url', 'role', 'auto-failover', 'basic-auth-user', 'basic-auth-password');
  const { name, url, role, 'basic-auth-user': user, 'basic-auth-password': password } = known ?? {};
  const token = typeof password === 'string' && password !== '' ? password : undefined;
  const isPlain = token !== undefined && token.replace(secretToken, '') !== '';
  if (typeof name !== 'string' || typeof url !== 'string' || !url.endsWith('/') || isPlain || roles[textOf(role)] === undefined) return [];
  const spec: Spec = { role: roles[textOf(role)], url };
  if (typeof user === 'string' && user !== '') spec['user'] = user;
  if (known?.['auto-failover'] === false) spec['autoFailover'] = false;
  return [[name, { spec, token }]];
}

/** The pair as fields of `spec.dhcp.ipv4` or `ipv6`. `nameSecret`: the reference of a password; servers with the same one share it. */
export function takePair(
  left: JsonMap,
  spec: Spec,
  { peer, peers, spec: times, hooks, rest }: PairFound,
  device: string,
  nameSecret: (token: string, key: string) => Spec,
): void {
  const isShared = new Set([...peers.values()].map(({ token }) => token)).size === 1;
  const refs = new Map<string, Spec>();
  for (const [name, { token }] of [...peers].sort(([a], [b]) => (a < b ? -1 : 1)))
    if (token !== undefined) refs.set(name, nameSecret(token, isShared ? 'password' : `password-${name}`));
  const { mode, ...rates } = times;
  const ref = refs.get(device);
  const { role, url, ...own } = peers.get(device)?.spec ?? {};
  spec['highAvailability'] = { mode, role, peer, url, ...own, ...(ref && { passwordRef: ref }), ...rates };
  // It comes by itself, behind the others.
  if (hooks.length > 1) spec['hooks'] = hooks;
  if (rest.length > 0) left['hooks-libraries'] = rest;
  else delete left['hooks-libraries'];
}
