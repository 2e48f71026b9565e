import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { PlannedCommand } from '../../controller/api/index.ts';
import type { ApplyRequest, ArmRequest, Driver, SshTarget } from '../../controller/drivers/index.ts';
import { driverFor } from '../../controller/drivers/index.ts';
import { Secret, systemClock, tokenOfVersion } from '../../controller/lib/index.ts';
import { type Lab, type LabSpec, up, whyNot } from '../lab/frr.ts';
import { stateFolder } from '../lab/people.ts';
import { endAll, isAlive, run, until } from '../lab/shell.ts';

/** Why the tests on real routers do not run here; printed once, so that a green run does not hide it. */
export const skipped = whyNot();
if (skipped !== undefined) process.stderr.write(`skipped, no real routers: ${skipped}\n`);

const versionKey = new Secret('key of the tests');
const values = new Map<string, Secret>();

/** The token of a value, which `reveal` then knows. */
export function secret(value: string): string {
  const token = tokenOf(value);
  values.set(token, new Secret(value));
  return token;
}

export function tokenOf(value: string): string {
  return tokenOfVersion(new Secret(value).version(versionKey));
}

export const reveal = (token: string): Secret | undefined => values.get(token);

/** Two routers with one session between them, protected by a password. */
export function twoRouters(prefix: string): LabSpec {
  return {
    prefix: `${prefix}${process.pid.toString(36)}`,
    routers: [
      {
        name: 'r1',
        config: routerConfig({ number: 1, asn: 64501, neighbor: '10.0.1.2', neighborAsn: 64502 }),
        loopbacks: ['192.0.2.1/32'],
      },
      {
        name: 'r2',
        config: routerConfig({ number: 2, asn: 64502, neighbor: '10.0.1.1', neighborAsn: 64501 }),
        loopbacks: ['192.0.2.2/32'],
      },
    ],
    links: [
      {
        a: { router: 'r1', interface: 'to-r2', addresses: ['10.0.1.1/30'] },
        b: { router: 'r2', interface: 'to-r1', addresses: ['10.0.1.2/30'] },
      },
    ],
  };
}

function routerConfig({
  number,
  asn,
  neighbor,
  neighborAsn,
}: {
  number: number;
  asn: number;
  neighbor: string;
  neighborAsn: number;
}): string {
  return `frr defaults traditional
hostname r${number}
router bgp ${asn}
 no bgp ebgp-requires-policy
 neighbor ${neighbor} remote-as ${neighborAsn}
 neighbor ${neighbor} password first-Secret
 neighbor ${neighbor} timers 1 3
 neighbor ${neighbor} timers connect 1
 address-family ipv4 unicast
  network 192.0.2.${number}/32
 exit-address-family
`;
}

export function targetOf(lab: Lab, name: string, changes: Partial<SshTarget> = {}): SshTarget {
  const { address = '', port = 0, hostKey = '', machineId } = lab.router(name);
  const { observe, apply } = lab.facts.users;
  const login = ({ user, key }: { user: string; key: string }) => ({ user, privateKey: new Secret(readFileSync(key, 'utf8')) });
  return {
    device: name,
    address,
    port,
    hostKeys: [hostKey],
    machineId,
    observe: login(observe),
    apply: login(apply),
    settleSeconds: 0,
    ...changes,
  };
}

export function createDriver(): Driver {
  return driverFor('frr', { clock: systemClock, tokenOf });
}

export const upLab = (prefix: string): Promise<Lab> => up(twoRouters(prefix));

/** Processes on a router with this in their arguments. */
export async function findProcesses(lab: Lab, router: string, word: string): Promise<number[]> {
  const pids = (await run(['ip', 'netns', 'pids', lab.router(router).namespace])).split('\n').filter(Boolean).map(Number);
  return pids.filter((pid) => isAlive(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(word));
}

export async function killGuards(lab: Lab, router: string): Promise<void> {
  await endAll(await findProcesses(lab, router, '\0guard\0'));
  // What it had started holds its lock for a moment longer.
  const isFree = async () => (await lab.inside(router, ['flock', '-n', `${stateFolder}/default/lock`, 'true'])).rc === 0;
  await until('the lock of the dead-man to be free', isFree);
}

/** A limit for one step, so that a test that hangs says where. */
export const limit = (ms = 60_000): AbortSignal => AbortSignal.timeout(ms);

export const newToken = (): string => `t-${randomBytes(6).toString('hex')}`;

export const bgp = (text: string): PlannedCommand => ({ path: ['router bgp 64501'], text });

/** A change of the description of r1's neighbor: harmless, visible, with its way back. */
export const describeNeighbor = {
  commands: [bgp('neighbor 10.0.1.2 description changed by the test')],
  rollback: [bgp('no neighbor 10.0.1.2 description')],
} satisfies { commands: PlannedCommand[]; rollback: PlannedCommand[] };

export function armRequest(changes: Partial<ArmRequest> = {}): ArmRequest {
  return {
    token: newToken(),
    epoch: 1,
    deadlineMs: 60_000,
    holder: 'the driver tests',
    rollback: describeNeighbor.rollback,
    isAsPlanned: () => true,
    unsaved: 'refuse',
    reveal,
    ...changes,
  };
}

export function applyRequest(of: ArmRequest, commands: readonly PlannedCommand[] = describeNeighbor.commands): ApplyRequest {
  return { token: of.token, epoch: of.epoch, commands, reveal };
}

export const receipt = (epoch = 1) => ({
  revision: `main@sha1:${'a'.repeat(40)}`,
  itemsDigest: 'b'.repeat(64),
  effectDigest: 'c'.repeat(64),
  epoch,
});

/** Some seconds of work for FRR, so that a test can interfere in the middle. */
export const slowChange = {
  commands: Array.from({ length: 400 }, (_, i) => ({
    path: [],
    text: `ip prefix-list SLOW seq ${i + 1} permit 10.${Math.floor(i / 250)}.${i % 250}.0/24`,
  })),
  rollback: [{ path: [], text: 'no ip prefix-list SLOW' }],
} satisfies { commands: PlannedCommand[]; rollback: PlannedCommand[] };
