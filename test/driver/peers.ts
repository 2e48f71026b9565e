import { readFileSync } from 'node:fs';
import type { SshTarget } from '../../controller/drivers/index.ts';
import { Secret } from '../../controller/lib/index.ts';
import { stateFolder } from '../lab/people.ts';
import { run } from '../lab/shell.ts';
import { createKeys, startFleet } from '../simulator/fleet.ts';
import { addressOf, machineIdOf } from '../simulator/identity.ts';
import { killGuards, skipped, targetOf, twoRouters, upLab } from './setup.ts';

/**
 * A router to hold the driver's contract against: real FRR behind OpenSSH, or the simulated one. Its configuration is that of r1 in
 * `twoRouters`, its session is Established.
 */
export interface Peer {
  target(changes?: Partial<SshTarget>): SshTarget;
  /** Host keys of the router and of the machine that `swap` puts in its place, and that one's machine id. */
  hostKeys: readonly [own: string, other: string];
  otherMachineId: string;
  /** A private key that no account knows. */
  strangersKey: Secret;
  running(): Promise<string>;
  startup(): Promise<string>;
  /** Lines of `router bgp 64501`, typed by a person. */
  byHand(...lines: string[]): Promise<void>;
  save(): Promise<void>;
  killDaemon(daemon: 'bgpd'): Promise<void>;
  respawnEmpty(daemon: 'bgpd'): Promise<void>;
  loadStartup(): Promise<void>;
  reboot(): Promise<void>;
  /** Kills the dead-man. */
  killGuard(): Promise<void>;
  /** Another machine answers at the address. Again: back. */
  swap(): Promise<void>;
  stopAnswering(): Promise<void>;
  answerAgain(): Promise<void>;
  /** Writes a hold file, with these words; without any, takes it away. */
  hold(words?: string): Promise<void>;
  down(): Promise<void>;
}

/** The kinds of peers that can run here. */
export const peers: readonly { name: string; up: (prefix: string) => Promise<Peer> }[] = [
  ...(skipped === undefined ? [{ name: 'real FRR', up: upReal }] : []),
  { name: 'a simulated router', up: upSimulated },
];

async function upReal(prefix: string): Promise<Peer> {
  const lab = await upLab(prefix);
  await lab.established('r1', 1);
  await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', `${lab.facts.dir}/stranger`]);
  return {
    target: (changes) => targetOf(lab, 'r1', changes),
    hostKeys: [lab.router('r1').hostKey ?? '', lab.router('r2').hostKey ?? ''],
    otherMachineId: lab.router('r2').machineId,
    strangersKey: new Secret(readFileSync(`${lab.facts.dir}/stranger`, 'utf8')),
    running: () => lab.vtysh('r1', 'show running-config no-header'),
    startup: async () => lab.startupConfig('r1'),
    byHand: async (...lines) => {
      await lab.byHand('r1', 'configure terminal', 'router bgp 64501', ...lines);
    },
    save: async () => {
      await lab.byHand('r1', 'write');
    },
    killDaemon: (daemon) => lab.killDaemon('r1', daemon),
    respawnEmpty: (daemon) => lab.respawnEmpty('r1', daemon),
    loadStartup: () => lab.loadStartup('r1'),
    reboot: () => lab.reboot('r1'),
    killGuard: () => killGuards(lab, 'r1'),
    swap: async () => lab.swap('r1', 'r2'),
    stopAnswering: () => lab.killSshd('r1'),
    answerAgain: () => lab.startSshd('r1'),
    hold: async (words) => {
      const script = 'if [ -n "$1" ]; then printf "%s\\n" "$1" > "$2"; else rm "$2"; fi';
      await lab.inside('r1', ['sh', '-c', script, 'sh', words ?? '', `${stateFolder}/hold`]);
    },
    down: () => lab.down(),
  };
}

async function upSimulated(): Promise<Peer> {
  const keys = createKeys();
  const held = twoRouters('').routers.map(({ name, config }) => ({ name, config: `frr version 8.4.4\n${config}exit\n!\n` }));
  const fleet = await startFleet(held, keys);
  const login = (user: keyof typeof keys.accounts) => ({ user, privateKey: new Secret(keys.accounts[user]) });
  let swapped = false;
  return {
    target: (changes) => ({
      device: 'r1',
      address: addressOf(0),
      port: fleet.facts.port,
      hostKeys: [keys.hostKey],
      machineId: machineIdOf('r1'),
      observe: login('plumb-observe'),
      apply: login('plumb-apply'),
      settleSeconds: 0,
      ...changes,
    }),
    hostKeys: [keys.hostKey, keys.otherHostKey],
    otherMachineId: machineIdOf('another r1'),
    strangersKey: new Secret(createKeys().accounts['plumb-observe']),
    running: async () => `${await fleet.running('r1')}end\n`,
    startup: () => fleet.startup('r1'),
    byHand: (...lines) => fleet.edit('r1', ['router bgp 64501', ...lines.map((line) => ` ${line}`)]),
    save: () => fleet.save('r1'),
    killDaemon: (daemon) => fleet.killDaemon('r1', daemon),
    respawnEmpty: (daemon) => fleet.respawnEmpty('r1', daemon),
    loadStartup: () => fleet.loadStartup('r1'),
    reboot: () => fleet.reboot('r1'),
    killGuard: () => fleet.killGuard('r1'),
    swap: () => {
      swapped = !swapped;
      return fleet.setFault('r1', swapped ? { kind: 'other-machine' } : undefined);
    },
    stopAnswering: () => fleet.setFault('r1', { kind: 'down' }),
    answerAgain: () => fleet.setFault('r1'),
    hold: (words) => fleet.hold('r1', words),
    down: () => fleet.close(),
  };
}
