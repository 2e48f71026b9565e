import { type DesiredObject, type ReconcileMode, selects, type Source, strictestMode } from '../api/index.ts';

/** What may be done to a device, and the policies that say so. */
export interface DeviceMode {
  mode: ReconcileMode;
  /** Places of the matching policies that ask for this mode; empty when none matches or only the ceiling lowered it. */
  because: readonly Source[];
}

/**
 * The strictest mode of all policies that select the device; Report when none does. Never freer than the ceiling: Git
 * cannot widen its own rights, so that without a Fleet nothing is written that nobody approved.
 */
export function modeOf(
  device: DesiredObject<'Device'>,
  policies: Iterable<DesiredObject<'ReconcilePolicy'>>,
  ceiling: ReconcileMode = 'Approve',
): DeviceMode {
  const matching = [...policies].filter((policy) => selects(policy.spec.selector, device.metadata.labels));
  const asked = strictestMode(matching.map(({ spec }) => spec.mode));
  const mode = strictestMode([asked, ceiling]);
  const because = matching
    .filter((policy) => policy.spec.mode === asked)
    .map((policy) => policy.locate(['spec', 'mode']))
    .map(({ file, line }) => ({ file, line }));
  return { mode, because };
}
