/**
 * kea: ISC Kea through its API: control agent, the daemons' own HTTP, or their sockets through SSH. A result of 0 does not mean that it serves: what
 * was set is read back, its sockets are looked at past the moment in which it gives up, and its leases are asked for.
 */
import type { Driver, KeaTarget } from '../contract.ts';
import { apply } from './apply.ts';
import { arm } from './arm.ts';
import { attribute } from './attribute.ts';
import { capabilities, capabilitiesOf } from './capabilities.ts';
import { confirm } from './confirm.ts';
import type { KeaDeps } from './deps.ts';
import { guarded } from './guarded.ts';
import { leases } from './leases.ts';
import { createOpenChanges } from './open-changes.ts';
import { probe } from './probe.ts';
import { observe } from './read.ts';
import { rollback } from './rollback.ts';
import { status } from './status.ts';
import { utilisation } from './utilisation.ts';

/** How a change is carried out: through the API alone, or with a guard on the server. */
const unguarded = { arm, apply, status, confirm, rollback };
const wayOf = (target: KeaTarget): typeof unguarded => (target.ssh ? guarded : unguarded);

export function createKea(parts: Omit<KeaDeps, 'open' | 'cache'>): Driver {
  const deps: KeaDeps = { ...parts, open: createOpenChanges(parts.clock), cache: new Map() };
  return {
    platform: 'kea',
    capabilities,
    capabilitiesOf: (target: KeaTarget) => capabilitiesOf(target),
    observe: (target: KeaTarget, options, signal) => observe(deps, target, options, signal),
    arm: (target: KeaTarget, request, signal) => wayOf(target).arm(deps, target, request, signal),
    apply: (target: KeaTarget, request, signal) => wayOf(target).apply(deps, target, request, signal),
    status: (target: KeaTarget, token, signal) => wayOf(target).status(deps, target, token, signal),
    confirm: (target: KeaTarget, request, signal) => wayOf(target).confirm(deps, target, request, signal),
    rollback: (target: KeaTarget, request, signal) => wayOf(target).rollback(deps, target, request, signal),
    probe: (target: KeaTarget, signal, checks) => probe(deps, target, signal, checks),
    attribute: (target: KeaTarget, request, signal) => attribute(deps, target, request, signal),
    leases: (target: KeaTarget, questions, signal) => leases(deps, target, questions, signal),
    utilisation: (target: KeaTarget, signal) => utilisation(deps, target, signal),
    close: async () => {
      await Promise.all([deps.http.close(), deps.ssh.close()]);
    },
  };
}
