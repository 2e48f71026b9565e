import type { Clock } from '../../controller/lib/index.ts';
import { isDead, printFacts, type Router } from './router.ts';
import { printSummary } from './summary.ts';

export interface Answer {
  rc: number;
  stdout: string;
}

/** What `target/plumb-observe` on a router would say to the observer: the same words, the same exit codes. */
export function answerObserver(router: Router, asked: string, clock: Clock): Answer {
  if (asked === 'facts') return ok(printFacts(router, clock));
  if (asked === 'startup') return ok(`${router.startup}\n! end of startup\n`);
  if (!/^show [A-Za-z0-9 ._:/-]*$/.test(asked)) return { rc: 77, stdout: '' };
  return answerShow(router, asked, clock);
}

function answerShow(router: Router, asked: string, clock: Clock): Answer {
  switch (asked) {
    case 'show running-config no-header':
      return ok(router.fault?.kind === 'half-read' ? router.running.slice(0, router.running.length / 2) : `${router.running}end\n`);
    case 'show bgp vrf all summary json':
      return isDead(router, 'bgpd') ? { rc: 1, stdout: 'bgpd is not running\n' } : ok(printSummary(router, clock));
    default:
      return { rc: 1, stdout: `% Unknown command: ${asked}\n` };
  }
}

function ok(stdout: string): Answer {
  return { rc: 0, stdout };
}
