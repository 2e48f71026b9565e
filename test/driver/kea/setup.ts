import { readFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { type ApplyRequest, type ArmRequest, type Driver, driverFor, type KeaTarget } from '../../../controller/drivers/index.ts';
import type { PlannedCommand } from '../../../controller/api/index.ts';
import { Secret, systemClock } from '../../../controller/lib/index.ts';
import { type JsonMap, type KeaLab, up, whyNot } from '../../lab/kea/index.ts';
import { reveal, tokenOf } from '../setup.ts';

/** Why the tests on real servers do not run here; printed once, so that a green run does not hide it. */
export const skipped = whyNot();
if (skipped !== undefined) process.stderr.write(`skipped, no real Kea: ${skipped}\n`);

export const createDriver = (): Driver => driverFor('kea', { clock: systemClock, tokenOf });

/** One server for both families, with a pool, a reservation and a client network. */
export const config4: JsonMap = {
  subnet4: [
    {
      id: 10,
      subnet: '192.0.2.0/24',
      pools: [{ pool: '192.0.2.100 - 192.0.2.120' }],
      reservations: [{ 'hw-address': '02:00:00:00:10:01', 'ip-address': '192.0.2.50' }],
    },
  ],
};
export const config6: JsonMap = {
  subnet6: [{ id: 20, subnet: '2001:db8:1::/64', interface: 'srv', pools: [{ pool: '2001:db8:1::100-2001:db8:1::1ff' }] }],
};

export function upServer(
  prefix: string,
  changes: { dhcp4?: JsonMap; dhcp6?: JsonMap; tls?: boolean; ssh?: boolean } = {},
): Promise<KeaLab> {
  const server = { name: 's1', addresses: ['192.0.2.1/24', '2001:db8:1::1/64'], dhcp4: config4, dhcp6: config6, ...changes };
  return up({ prefix: `${prefix}${process.pid.toString(36)}`, servers: [server] });
}

export function targetOf(lab: KeaLab, name = 's1', changes: Partial<KeaTarget> = {}): KeaTarget {
  const server = lab.server(name);
  const read = (path: string) => readFileSync(path, 'utf8');
  const { tls } = lab.facts;
  const certificate = { certificate: read(tls.cert), privateKey: new Secret(read(tls.key)) };
  const login = { user: server.user, password: new Secret(server.password), ...(server.tls && certificate) };
  return {
    device: name,
    services: server.services,
    http: { agent: server.url, ...(server.tls && { ca: read(tls.ca) }) },
    observe: login,
    apply: login,
    settleSeconds: 0,
    ...(!server.tls && { serverTag: '' }),
    ...changes,
  };
}

/** The same server with SSH beside HTTP, or SSH alone. */
export function overSsh(lab: KeaLab, alone: boolean, name = 's1'): KeaTarget {
  const { ssh, machineId, sockets } = lab.server(name);
  const { users } = lab.facts;
  if (!ssh || !users) throw new Error(`${name} has no sshd`);
  const login = ({ user, key }: { user: string; key: string }) => ({ user, privateKey: new Secret(readFileSync(key, 'utf8')) });
  const accounts = { observe: login(users.observe), apply: login(users.apply) };
  const { hostKey, ...end } = ssh;
  const { http, ...bare } = targetOf(lab, name);
  return {
    ...bare,
    ...(alone ? accounts : http && { http }),
    sockets,
    ssh: { device: name, ...end, hostKeys: [hostKey], machineId, ...accounts },
  };
}

export const newToken = (): string => `t-${randomBytes(6).toString('hex')}`;

export const limit = (ms = 60_000): AbortSignal => AbortSignal.timeout(ms);

export const in4 = (path: readonly string[], text: string): PlannedCommand => ({ path: ['Dhcp4', ...path], text });

export function armRequest(changes: Partial<ArmRequest> = {}): ArmRequest {
  return {
    token: newToken(),
    epoch: 1,
    deadlineMs: 60_000,
    holder: 'the driver tests',
    rollback: [],
    isAsPlanned: () => true,
    unsaved: 'accept',
    reveal,
    ...changes,
  };
}

export function applyRequest(of: ArmRequest, commands: readonly PlannedCommand[]): ApplyRequest {
  return { token: of.token, epoch: of.epoch, commands, reveal };
}
