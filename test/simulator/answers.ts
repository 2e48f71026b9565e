import type { Clock } from '../../controller/lib/index.ts';
import { daemonNames, isDead, printFacts, type Router } from './router.ts';
import { printSummary } from './summary.ts';

export interface Answer {
  rc: number;
  stdout: string;
}

/** What `target/plumb-observe` on a router would say to the observer: the same words, the same exit codes. */
export function answerObserver(router: Router, asked: string, clock: Clock): Answer {
  if (asked === 'facts') return ok(printFacts(router, clock));
  if (asked === 'startup') return ok(`${router.startup}\n! end of startup\n`);
  if (/^history \d{1,6}$/.test(asked)) return ok(printHistory(router, clock));
  if (/^ping [0-9A-Fa-f.:]+( [0-9A-Fa-f.:]+)?$/.test(asked)) return ok('ping answered\n');
  if (!/^show [A-Za-z0-9 ._:/-]*$/.test(asked)) return { rc: 77, stdout: '' };
  return answerShow(router, asked, clock);
}

function answerShow(router: Router, asked: string, clock: Clock): Answer {
  switch (asked) {
    case 'show running-config no-header':
      return ok(router.fault?.kind === 'half-read' ? router.running.slice(0, router.running.length / 2) : `${router.running}end\n`);
    case 'show daemons':
      return ok(` ${daemonNames.filter((daemon) => !isDead(router, daemon)).join(' ')}\n`);
    case 'show bgp vrf all summary json':
      return isDead(router, 'bgpd') ? { rc: 1, stdout: 'bgpd is not running\n' } : ok(printSummary(router, clock));
    default:
      // Traffic is always gone at once.
      if (asked.endsWith(' prefix-counts json')) return ok('{"ribTableWalkCounters":{"PfxCt Best Selected":0}}');
      return { rc: 1, stdout: `% Unknown command: ${asked}\n` };
  }
}

function ok(stdout: string): Answer {
  return { rc: 0, stdout };
}

/** What was typed, with a login around every line, as FRR's log and sshd's would tell it. */
function printHistory({ name, log: typed = [], fault }: Router, clock: Clock): string {
  const log = fault?.kind === 'late-log' ? [] : typed;
  const aheadMs = fault?.kind === 'wrong-clock' ? fault.aheadMs : 0;
  const seconds = Math.floor((clock.now().getTime() + aheadMs) / 1000);
  const stamp = (at: Date, shiftMs: number) => new Date(at.getTime() + aheadMs + shiftMs).toISOString().replace(/\.\d+Z$/, '+00:00');
  const lines = log.flatMap(({ at, who, line }, k) => [
    `command ${stamp(at, 0)} ${name} bgpd[400]: [M7Q4P-46WDR] vty[23]@(config)# ${line}`,
    `sshd ${stamp(at, -1000)} ${name} sshd[${k + 1}]: Accepted publickey for ${who} from 192.0.2.9 port ${40_000 + k} ssh2`,
    `sshd ${stamp(at, 1000)} ${name} sshd[${k + 1}]: Disconnected from user ${who} 192.0.2.9 port ${40_000 + k}`,
  ]);
  return [`now ${seconds} +0000`, 'log known', 'logins known', ...lines, 'saved frr 0', 'end history', ''].join('\n');
}
