import type { ChangePlanStatus, DevicePlan, Plan } from '../../api/index.ts';
import { groupDigestOf } from '../../change/index.ts';

/** A plan that failed or was stopped, as far as it matters to what is planned later. */
interface Halt {
  plan: string;
  at: Date;
}

/** Effects of plans that failed or were stopped and were not carried out: from then on a person must want them. */
export interface Halts {
  of: (device: string, effectDigest: string) => Halt | undefined;
}

/** Looks through ended plans. A device that was confirmed there is not halted: what differs on it today is something new. */
export function findHalts(
  plans: readonly { name: string; status?: ChangePlanStatus | undefined }[],
  fullOf: (name: string) => Plan | undefined,
): Halts {
  const found = new Map<string, Halt>();
  for (const { name, status } of plans) {
    if (status?.phase !== 'Failed' && status?.phase !== 'Stopped') continue;
    const full = fullOf(name);
    const at = new Date(status.endedAt ?? 0);
    full?.sets.forEach((set, k) => {
      if (status.progress?.[k] === 'c') return;
      for (const device of set)
        note(
          full.devices.find(({ effect }) => effect.device === device),
          { plan: name, at },
        );
    });
  }
  return { of: (device, effectDigest) => found.get(`${device} ${effectDigest}`) };

  function note(plan: DevicePlan | undefined, halt: Halt): void {
    if (!plan) return;
    const key = `${plan.effect.device} ${groupDigestOf(plan.effect)}`;
    const known = found.get(key);
    if (!known || known.at < halt.at) found.set(key, halt);
  }
}
