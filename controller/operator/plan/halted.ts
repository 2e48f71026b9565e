import type { DevicePlan, Effect, Plan } from '../../api/index.ts';
import { sentDigestOf } from '../../change/index.ts';
import type { ChangePlanObject } from './full-plan.ts';
import { readOrder } from './order.ts';

/** A plan that failed or was stopped, as far as it matters to what is planned later. */
export interface Halt {
  plan: string;
  /** What people said before counts no more. */
  at: Date;
  /** Put to people: a person must want it. Never: a person stopped it before it began. Lifted: who stopped it let it go again. */
  next: 'PutToPeople' | 'Never' | 'Lifted';
  by: string;
}

/** Effects of plans that failed or were stopped and were not carried out. */
export interface Halts {
  of: (effect: Effect) => Halt | undefined;
}

/** Looks through ended plans. A device that was confirmed there is not halted: what differs on it today is something new. */
export function findHalts(
  plans: readonly Pick<ChangePlanObject, 'name' | 'status' | 'annotations'>[],
  fullOf: (name: string) => Plan | undefined,
): Halts {
  const found = new Map<string, Halt>();
  for (const { name, status, annotations } of plans) {
    if (status?.phase !== 'Failed' && status?.phase !== 'Stopped') continue;
    const full = fullOf(name);
    const hasBegun = /[^.]/.test(status.progress ?? '');
    const isLifted = readOrder(annotations)?.ask === 'Continue';
    const next = status.phase === 'Failed' || hasBegun ? 'PutToPeople' : isLifted ? 'Lifted' : 'Never';
    const halt: Halt = { plan: name, at: new Date(status.endedAt ?? 0), next, by: status.asked?.by ?? '' };
    const confirmed = new Set(full?.sets.filter((_, k) => status.progress?.[k] === 'c').flat());
    for (const plan of full?.devices ?? []) if (!confirmed.has(plan.effect.device)) note(plan, halt);
  }
  // The digest holds the name of the device.
  return { of: (effect) => found.get(sentDigestOf(effect)) };

  function note(plan: DevicePlan, halt: Halt): void {
    const key = sentDigestOf(plan.effect);
    const known = found.get(key);
    if (!known || known.at < halt.at) found.set(key, halt);
  }
}
