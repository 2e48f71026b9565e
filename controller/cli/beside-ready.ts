import { type Condition, findCondition, type FleetStatus } from '../api/index.ts';
import type { StoredObject } from '../store/index.ts';

/** What is wrong and not the reason of Ready: a webhook that is not heard, devices that cannot be published, another region. */
export function besideReady({ status: each }: StoredObject<unknown, FleetStatus>): Condition[] {
  const ready = findCondition(each?.conditions, 'Ready');
  return (each?.conditions ?? []).filter(
    ({ type, status, message }) => type !== 'Ready' && status === 'False' && message !== ready?.message,
  );
}
