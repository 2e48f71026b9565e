/**
 * A desired-state repository of any size for simulated routers: devices in sites of twenty, most sessions between them, the others to a
 * transit provider and a customer on each. The same on every run. About 200 lines of configuration on a device with five sessions of its own.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addressOf, machineIdOf, nameOf } from './identity.ts';

export interface FleetShape {
  devices: number;
  /** Sessions per device on average, so `devices × sessionsPerDevice` in all. Two of them are external, at least. Default 5. */
  sessionsPerDevice?: number;
  /** Where the simulated routers listen, and the host key they show. */
  port: number;
  hostKey: string;
  /** `Report` reports and writes nothing. Default: no ReconcilePolicy, which is the same. */
  mode?: 'Report' | 'Approve' | 'Enforce';
}

const sitesOf = 20;
/** Of every session inside the fleet. Clear on the routers, as FRR shows it. */
export const fleetPassword = 'password-of-the-fleet';

/** Writes the repository's files into a folder that need not exist. It is not made a Git repository. */
export function writeDesiredState(folder: string, shape: FleetShape): void {
  const write = (path: string, objects: readonly object[]): void => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    // JSON is YAML; one object per document.
    const documents = objects.map((object) => JSON.stringify({ apiVersion: 'plumbline.dev/v1alpha1', ...object }, undefined, 1));
    writeFileSync(join(folder, path), `${documents.join('\n---\n')}\n`);
  };
  write('policies.yaml', policies());
  if (shape.mode) {
    const spec = { selector: {}, mode: shape.mode, description: 'Every simulated router' };
    write('reconcile.yaml', [{ kind: 'ReconcilePolicy', metadata: { name: 'everywhere' }, spec }]);
  }
  for (let i = 0; i < shape.devices; i++) {
    const site = siteOf(i);
    write(`sites/${site}/${nameOf(i)}.yaml`, [device(i, shape)]);
    write(`sites/${site}/${nameOf(i)}-sessions.yaml`, sessions(i, shape));
  }
}

/** Secrets as `plumb` reads them from `PLUMB_SECRETS`. `keys` are paths of private keys by account. */
export function writeSecrets(folder: string, keys: { observe: string; apply: string }): void {
  const write = (name: string, values: Readonly<Record<string, string>>, use: string): void => {
    mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
    for (const [key, value] of Object.entries({ ...values, '.use': `${use}\n` })) {
      writeFileSync(join(folder, name, key), value, { mode: 0o600 });
    }
  };
  write('routers-observe', { username: 'plumb-observe', privateKey: keys.observe }, 'ssh-observe for *');
  write('routers-apply', { username: 'plumb-apply', privateKey: keys.apply }, 'ssh-apply for *');
  write('ibgp', { password: fleetPassword }, 'bgp-password for *');
}

function siteOf(i: number): string {
  return `site${String(Math.floor(i / sitesOf)).padStart(4, '0')}`;
}

function device(i: number, { port, hostKey }: FleetShape): object {
  const [loopback, site] = [loopbackOf(i), siteOf(i)];
  const role = i % sitesOf < 2 ? 'core' : 'edge';
  return {
    kind: 'Device',
    metadata: { name: nameOf(i), labels: { site, role } },
    spec: {
      platform: 'frr',
      management: { address: addressOf(i), port, hostKeys: [hostKey] },
      machineId: machineIdOf(nameOf(i)),
      credentials: { observe: { name: 'routers-observe' }, apply: { name: 'routers-apply' } },
      interfaces: [
        { name: 'lo', role: 'Loopback', addresses: [`${loopback}/32`] },
        { name: 'to-transit', addresses: [`${linkOf(i, 0, 1)}/31`] },
        { name: 'to-customer', addresses: [`${linkOf(i, 1, 1)}/31`] },
      ],
      staticRoutes: Array.from({ length: 20 }, (_, k) => ({ prefix: `198.18.${k}.0/24`, nextHop: linkOf(i, 1, 0) })),
      bgp: { asn: 64_500, routerId: loopback, networks: Array.from({ length: 10 }, (_, k) => ({ prefix: `198.18.${k}.0/24` })) },
    },
  };
}

function sessions(i: number, shape: FleetShape): object[] {
  const inside = Array.from({ length: reachOf(shape) }, (_, k) => (i + k + 1) % shape.devices).filter(
    (other) => openerOf(i, other, shape) === i,
  );
  return [
    ...inside.map((other) => internal(i, other)),
    external(i, { name: 'transit', link: 0, relationship: 'Transit', asn: 64_496, limit: 1_200_000 }),
    external(i, { name: 'customer', link: 1, relationship: 'Customer', asn: 64_511, limit: 100 }),
  ];
}

/** How many of the routers behind it, around the ring, a router opens a session to. */
export function reachOf({ devices, sessionsPerDevice = 5 }: Pick<FleetShape, 'devices' | 'sessionsPerDevice'>): number {
  return Math.max(0, Math.min(sessionsPerDevice - 2, devices - 1));
}

/** Which of two neighbors the session is named for first. Around a small ring both would open it: then the lower number does. */
export function openerOf(i: number, j: number, shape: Pick<FleetShape, 'devices' | 'sessionsPerDevice'>): number {
  const reaches = (a: number, b: number) => (b - a + shape.devices) % shape.devices <= reachOf(shape);
  if (reaches(i, j) && reaches(j, i)) return Math.min(i, j);
  return reaches(i, j) ? i : j;
}

function internal(a: number, b: number): object {
  const end = (i: number) => ({ device: nameOf(i), loopback: 'lo', families: { 'ipv4-unicast': { nextHopSelf: true } } });
  return {
    kind: 'BGPSession',
    metadata: { name: `${nameOf(a)}-${nameOf(b)}` },
    spec: {
      type: 'Internal',
      transport: 'IPv4',
      families: ['ipv4-unicast'],
      ends: [end(a), end(b)],
      auth: { passwordRef: { name: 'ibgp', key: 'password' } },
    },
  };
}

function external(
  i: number,
  { name, link, relationship, asn, limit }: { name: string; link: number; relationship: string; asn: number; limit: number },
): object {
  const families = { 'ipv4-unicast': { import: `${name}-in`, export: `${name}-out`, maximumPrefixes: { limit } } };
  return {
    kind: 'BGPSession',
    metadata: { name: `${nameOf(i)}-${name}` },
    spec: {
      type: 'External',
      relationship,
      families: ['ipv4-unicast'],
      ends: [
        { device: nameOf(i), interface: `to-${name}`, families },
        { external: { name: `${name}-of-${nameOf(i)}`, asn, address: linkOf(i, link, 0) } },
      ],
    },
  };
}

function policies(): object[] {
  const policy = (name: string, terms: readonly object[]) => ({
    kind: 'RoutePolicy',
    metadata: { name },
    spec: { default: 'Deny', terms },
  });
  const set = (name: string, entries: readonly object[]) => ({ kind: 'PrefixSet', metadata: { name }, spec: { entries } });
  return [
    policy('transit-in', [
      { name: 'bogons', action: 'Deny', match: { prefixSet: 'bogons' } },
      { name: 'rest', action: 'Permit', match: { prefixSet: 'routable' }, set: { localPreference: 90 } },
    ]),
    policy('transit-out', [{ name: 'ours', action: 'Permit', match: { prefixSet: 'ours' } }]),
    policy('customer-in', [{ name: 'theirs', action: 'Permit', match: { prefixSet: 'customers' }, set: { localPreference: 200 } }]),
    policy('customer-out', [{ name: 'full-table', action: 'Permit', match: { prefixSet: 'routable' } }]),
    set(
      'bogons',
      Array.from({ length: 40 }, (_, k) => ({ prefix: `10.${k}.0.0/16`, le: 32 })),
    ),
    set(
      'customers',
      Array.from({ length: 20 }, (_, k) => ({ prefix: `203.0.113.${k * 8}/29`, le: 32 })),
    ),
    set('ours', [{ prefix: '198.18.0.0/15', le: 24 }]),
    set('routable', [{ prefix: '0.0.0.0/0', ge: 8, le: 24 }]),
  ];
}

export function loopbackOf(i: number): string {
  return `10.${200 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`;
}

/** Address `host` (0 or 1) of the /31 of the device's external link 0 or 1. */
export function linkOf(i: number, link: number, host: number): string {
  const n = i * 4 + link * 2 + host;
  return `172.${16 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`;
}
