/**
 * A simulator of FRR routers behind SSH, many in one process on loopback addresses (127.64.0.1 and up), with our own engine in place of FRR's.
 * It answers what `controller/drivers/frr` asks, in the words of `target/plumb-observe` and the guard; `test/driver` holds it to real
 * FRR. For scale and for faults that a real router cannot be asked for. No routes, no sessions of its own: neighbors are Established when
 * nobody says otherwise.
 */
import { once } from 'node:events';
import ssh2, { type ParsedKey } from 'ssh2';
import { type Clock, systemClock } from '../../controller/lib/index.ts';
import type { Fault } from './faults.ts';
import type { ChangeStep } from './guard.ts';
import type { HeldConfig } from './held-configs.ts';
import { addressOf, machineIdOf, numberOf } from './identity.ts';
import * as routers from './router.ts';
import { type Counts, createWire, fingerprintOf } from './wire.ts';

/** Keys of a fleet: one host key for all routers, one key pair per account. Made before the fleet, for its desired state names them. */
export interface FleetKeys {
  host: string;
  otherHost: string;
  /** `SHA256:…` of `host` and of `otherHost`, which a router shows that is another machine. */
  hostKey: string;
  otherHostKey: string;
  accounts: { 'plumb-observe': string; 'plumb-apply': string };
}

export interface FleetFacts {
  port: number;
  hostKey: string;
  devices: number;
}

/** What a test does with the routers. Everything is a promise: the fleet may live in another process. */
export interface Fleet {
  readonly facts: FleetFacts;
  /** Types lines on a router, as a person would: indented as in a configuration, `no …` to take away. */
  edit(name: string, lines: readonly string[], by?: string): Promise<void>;
  save(name: string): Promise<void>;
  /** Without a fault: heals it. */
  setFault(name: string, fault?: Fault): Promise<void>;
  /** FRR's word for a session that is down; absent: Established again. */
  setSession(name: string, neighbor: string, state?: string): Promise<void>;
  killDaemon(name: string, daemon: routers.DaemonName): Promise<void>;
  respawnEmpty(name: string, daemon: routers.DaemonName): Promise<void>;
  loadStartup(name: string): Promise<void>;
  reboot(name: string): Promise<void>;
  /** Kills the dead-man of the last change. */
  killGuard(name: string): Promise<void>;
  running(name: string): Promise<string>;
  startup(name: string): Promise<string>;
  /** A router whose configuration is another one from now on. */
  replace(name: string, config: string): Promise<void>;
  /** A hold file with these words; without any, it is taken away. */
  hold(name: string, words?: string): Promise<void>;
  /** What befell changes on all routers, the oldest first. */
  changes(): Promise<readonly ChangeStep[]>;
  counts(): Promise<Counts & { rssMiB: number; cpuMs: number }>;
  close(): Promise<void>;
}

export function createKeys(): FleetKeys {
  // ssh2 1.17 makes a key now and then that it cannot read itself.
  const make = (): string => {
    const made = ssh2.utils.generateKeyPairSync('ed25519').private;
    return ssh2.utils.parseKey(made) instanceof Error ? make() : made;
  };
  const [host, otherHost] = [make(), make()];
  return {
    host,
    otherHost,
    hostKey: fingerprintOf(parseKey(host)),
    otherHostKey: fingerprintOf(parseKey(otherHost)),
    accounts: { 'plumb-observe': make(), 'plumb-apply': make() },
  };
}

function parseKey(pem: string): ParsedKey {
  const key = ssh2.utils.parseKey(pem);
  if (key instanceof Error) throw key;
  return key;
}

/** Starts routers in this process. `held[i]` is router number i. Port 0: any that is free. */
export async function startFleet(held: readonly HeldConfig[], keys: FleetKeys, port = 0, clock: Clock = systemClock): Promise<Fleet> {
  const byNumber = held.map(({ name, config }) => routers.createRouter(name, config, clock));
  const byName = new Map(byNumber.map((router) => [router.name, router]));
  const accounts = Object.fromEntries(Object.entries(keys.accounts).map(([account, pem]) => [account, parseKey(pem)]));
  const at = (address: string) => byNumber[numberOf(address) ?? -1];
  const { server, counts, cut } = createWire(at, { host: keys.host, otherHost: keys.otherHost, accounts }, clock);
  // Every address of 127.0.0.0/8 is ours without being configured, but only this one stands for all of them.
  server.listen({ port, host: '0.0.0.0', backlog: 1024 });
  await once(server, 'listening');
  const address = server.address();
  const facts = { port: typeof address === 'object' && address !== null ? address.port : 0, hostKey: keys.hostKey, devices: held.length };
  const of = (name: string): routers.Router => {
    const router = byName.get(name);
    if (!router) throw new Error(`no simulated router ${name}`);
    return router;
  };
  const act =
    <Arguments extends unknown[]>(work: (router: routers.Router, ...rest: Arguments) => void) =>
    async (name: string, ...rest: Arguments): Promise<void> =>
      work(of(name), ...rest);
  return {
    facts,
    edit: act((router, lines: readonly string[], by?: string) => routers.typeLines(router, lines, by ?? 'person', clock)),
    save: act(routers.save),
    setFault: act((router, fault?: Fault) => {
      router.fault = fault?.kind === 'flapping' ? { sinceMs: clock.monotonicMs(), ...fault } : fault;
    }),
    setSession: act((router, neighbor: string, state?: string) => {
      const { [neighbor]: _, ...others } = router.sessions ?? {};
      router.sessions = state === undefined ? others : { ...others, [neighbor]: state };
    }),
    killDaemon: act(routers.killDaemon),
    respawnEmpty: act((router, daemon: routers.DaemonName) => routers.respawnEmpty(router, daemon, clock)),
    loadStartup: act(routers.loadStartup),
    reboot: act((router) => routers.reboot(router, clock)),
    killGuard: act(routers.killGuard),
    running: async (name) => of(name).running,
    startup: async (name) => of(name).startup,
    replace: act((router, config: string) => {
      router.running = router.startup = config;
    }),
    hold: act((router, words?: string) => {
      if (words === undefined) delete router.hold;
      else router.hold = `root ${Math.floor(clock.now().getTime() / 1000)} ${words}`;
    }),
    changes: async () => byNumber.flatMap(({ steps }) => steps).toSorted((a, b) => a.atMs - b.atMs),
    counts: async () => {
      const { userCPUTime, systemCPUTime } = process.resourceUsage();
      return { ...counts, rssMiB: process.memoryUsage.rss() / 2 ** 20, cpuMs: (userCPUTime + systemCPUTime) / 1000 };
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      cut();
      byNumber.forEach(routers.killGuard);
      await closed;
    },
  };
}

/** How to reach a router, in the words of the driver. */
export function reach(facts: FleetFacts, name: string): { address: string; port: number; hostKey: string; machineId: string } {
  return { address: addressOf(Number(name.slice(1))), port: facts.port, hostKey: facts.hostKey, machineId: machineIdOf(name) };
}
