import { dialectFor, parse, print, simulate } from '../../controller/config/index.ts';
import type { PlannedCommand, Receipt } from '../../controller/api/index.ts';
import { qualifyLines } from '../../controller/drivers/frr/mask.ts';
import type { Clock } from '../../controller/lib/index.ts';
import type { Change, ChangeStep } from './guard.ts';
import type { Fault } from './faults.ts';
import { bootIdOf, machineIdOf } from './identity.ts';

/** Everything one simulated router is. Small on purpose: thousands live in one process, most of them nothing but their text. */
export interface Router {
  readonly name: string;
  /** Running config as `show running-config no-header` prints it, without its last line `end`; secrets are clear, as FRR shows them. */
  running: string;
  startup: string;
  boots: number;
  bootedMs: number;
  /** Only what differs from a healthy router with bgpd, staticd and zebra since its boot. */
  daemons?: Partial<Record<DaemonName, DaemonState>>;
  fault?: Fault | undefined;
  /** Neighbors that are not Established, with the word FRR has for it. */
  sessions?: Record<string, string>;
  epoch: number;
  receipt?: Receipt;
  /** What befell changes here, the oldest first. */
  readonly steps: ChangeStep[];
  /** The last change that was armed. */
  change?: Change;
  /** Somebody holds the lock and has not armed yet. */
  isArming?: boolean;
  /** Owner, Unix time and words of a hold file. */
  hold?: string;
  /** What `log commands` would have kept: the newest last. */
  log?: LogEntry[];
}

export const daemonNames = ['bgpd', 'staticd', 'zebra'] as const;
export type DaemonName = (typeof daemonNames)[number];
type DaemonState = { dead: true } | { pid: number; startedMs: number };

/** One line that a person typed. */
export interface LogEntry {
  at: Date;
  who: string;
  line: string;
}

const dialect = dialectFor('frr');
/** Seconds a router was up when the simulation began: nothing about it is young. */
const upAtStart = 100_000;

export function createRouter(name: string, config: string, clock: Clock): Router {
  const bootedMs = clock.monotonicMs() - upAtStart * 1000;
  return { name, running: config, startup: config, boots: 0, bootedMs, epoch: 0, steps: [] };
}

/** What the observer's `facts` says. */
export function printFacts(router: Router, clock: Clock): string {
  const now = clock.monotonicMs();
  const other = router.fault?.kind === 'other-machine' ? 'another ' : '';
  const lines = [
    `machine-id ${machineIdOf(`${other}${router.name}`)}`,
    `boot-id ${bootIdOf(`${other}${router.name}`, router.boots)}`,
    `hostname ${router.name}`,
    `uptime ${((now - router.bootedMs) / 1000).toFixed(2)}`,
    'ticks 100',
    ...daemonNames.map((daemon, k) => printDaemon(router, daemon, k)),
    `epoch ${router.epoch}`,
  ];
  if (router.change) lines.push(`change ${router.change.token} ${router.change.state} ${router.change.holder}`);
  if (router.hold !== undefined) lines.push(`hold ${router.hold}`);
  if (router.receipt) lines.push(`receipt ${JSON.stringify(router.receipt)}`);
  return `${lines.join('\n')}\nend facts\n`;
}

function printDaemon(router: Router, daemon: DaemonName, k: number): string {
  const state = router.daemons?.[daemon] ?? { pid: 400 + k + router.boots * 1000, startedMs: router.bootedMs };
  if ('dead' in state) return `daemon ${daemon} dead`;
  return `daemon ${daemon} ${state.pid} ${Math.round((state.startedMs - router.bootedMs) / 10)}`;
}

export function isDead(router: Router, daemon: DaemonName): boolean {
  const state = router.daemons?.[daemon];
  return state !== undefined && 'dead' in state;
}

/** What a person or a change types, line by line. */
export function configure(router: Router, commands: readonly PlannedCommand[]): void {
  const lines = commands.flatMap((command) => spell(router.running, command));
  router.running = `${headOf(router.running)}${print(simulate(parse(router.running, dialect), lines, dialect))}`;
}

/** A named list goes with all its entries; the engine removes them one by one. */
function spell(config: string, command: PlannedCommand): PlannedCommand[] {
  const [, whole] = /^no ((?:ip|ipv6) prefix-list \S+|route-map \S+)$/.exec(command.text) ?? [];
  if (whole === undefined || command.path.length > 0) return [command];
  const entries = config.split('\n').filter((line) => line.startsWith(`${whole} `));
  return entries.map((line) => ({ path: [], text: `no ${line}` }));
}

/** The line that is not configuration to the engine, as it stood. */
function headOf(config: string): string {
  return /^frr version .*\n/m.exec(config)?.[0] ?? '';
}

export function save(router: Router): void {
  router.startup = router.running;
}

export function killDaemon(router: Router, daemon: DaemonName): void {
  router.daemons = { ...router.daemons, [daemon]: { dead: true } };
  if (daemon === 'bgpd') router.running = withoutBgp(router.running);
}

/** Starts a daemon anew without its configuration. FRR answers at once, with every exit code 0. */
export function respawnEmpty(router: Router, daemon: DaemonName, clock: Clock): void {
  killDaemon(router, daemon);
  router.daemons = {
    ...router.daemons,
    [daemon]: { pid: 50_000 + Math.floor(clock.monotonicMs() % 10_000), startedMs: clock.monotonicMs() },
  };
}

/** As `vtysh -b`: what the startup config holds comes back. */
export function loadStartup(router: Router): void {
  router.running = router.startup;
}

/** Power off and on. */
export function reboot(router: Router, clock: Clock): void {
  router.boots++;
  router.bootedMs = clock.monotonicMs();
  delete router.daemons;
  router.running = router.startup;
  killGuard(router);
}

/** The dead-man dies, by a person's hand or with the machine: nothing happens by itself any more. */
export function killGuard({ change }: Router): void {
  if (!change) return;
  change.deadMan.abort();
  change.guardAlive = false;
}

function withoutBgp(config: string): string {
  return config.replace(/^router bgp .*\n(?:[ !].*\n)*exit\n!?\n?/gm, '');
}

/** Lines as they stand in a config, indented by their section, into commands. A section is entered by the lines that follow it deeper in. */
function toCommands(lines: readonly string[]): PlannedCommand[] {
  const sections: string[] = [];
  return lines.flatMap((line, k) => {
    const depth = line.length - line.trimStart().length;
    const text = line.trim();
    sections.length = Math.min(sections.length, depth);
    const next = lines[k + 1];
    const opens = next !== undefined && next.length - next.trimStart().length > depth;
    const path = sections.filter(Boolean);
    sections[depth] = text;
    return opens ? [] : [{ path, text }];
  });
}

/** What a person types at the router: into the config, and into the log that says who. Throws when it changed nothing: a test that meant to. */
export function typeLines(router: Router, lines: readonly string[], who: string, clock: Clock): void {
  const before = qualifyLines(router.running).join();
  configure(router, toCommands(lines));
  if (qualifyLines(router.running).join() === before) throw new Error(`${router.name}: changed nothing: ${lines.join(' / ')}`);
  const at = clock.now();
  router.log = [...(router.log ?? []), ...lines.map((line) => ({ at, who, line: line.trim() }))].slice(-200);
}
