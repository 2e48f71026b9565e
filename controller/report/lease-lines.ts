import type { Plan } from '../api/index.ts';
import { plural } from './problems.ts';

/** What the plans of some devices do to leases, a line each, as it was when they were planned. */
export function leaseLines({ devices: plans }: Plan, devices: readonly string[]): readonly string[] {
  return plans
    .filter(({ effect }) => devices.includes(effect.device))
    .flatMap(({ effect, leases = [] }) =>
      leases.map(({ what, live, says }) => {
        const count = live === null ? 'leases not known' : plural(live, 'lease');
        return `${effect.device}: ${what}: ${count}, ${says}`;
      }),
    );
}
