/**
 * frr: FRR through vtysh over SSH. No `router bgp` in the running config may mean that bgpd is down, not that there is no BGP.
 * The observer may only run `target/plumb-observe`; changes go through the guard (`drivers/guard`, `target/platform.sh`), which holds lock, epoch and dead-man.
 */
import type { Driver, SshTarget } from '../contract.ts';
import { apply } from './apply.ts';
import { attribute } from './attribution.ts';
import { confirm, rollback, status } from '../guard/index.ts';
import { capabilities } from './capabilities.ts';
import { countInUse } from './in-use.ts';
import { arm } from './dead-man.ts';
import type { FrrDeps } from './deps.ts';
import { guardOf } from './guard.ts';
import { probe } from './probe.ts';
import { observe } from './read.ts';

export function createFrr(deps: FrrDeps): Driver {
  return {
    platform: 'frr',
    capabilities,
    observe: (target: SshTarget, options, signal) => observe(deps, target, options, signal),
    arm: (target: SshTarget, request, signal) => arm(deps, target, request, signal),
    apply: (target: SshTarget, request, signal) => apply(deps, target, request, signal),
    status: (target: SshTarget, token, signal) => status(guardOf(deps), target, token, signal),
    confirm: (target: SshTarget, request, signal) => confirm(guardOf(deps), target, request, signal),
    rollback: (target: SshTarget, request, signal) => rollback(guardOf(deps), target, request, signal),
    probe: (target: SshTarget, signal, checks) => probe(deps, target, signal, checks),
    countInUse: (target: SshTarget, sessions, signal) => countInUse(deps, target, sessions, signal),
    attribute: (target: SshTarget, request, signal) => attribute(deps, target, request, signal),
    close: () => deps.pool.close(),
  };
}
