import { type DeviceStatus, findCondition } from '../../api/index.ts';
import type { StoredObject } from '../../store/index.ts';
import { readRequest } from './hold.ts';

/**
 * Devices that did not answer the last time may have half of the places, because each of them keeps its place until time is up: two thousand
 * dark devices would keep all others waiting else.
 */
export interface DarkLane {
  /** Takes a place, to be left when the look is over. Undefined: as many dark devices as may are being asked, this one comes later. */
  enter(device: string): { leave(): void } | undefined;
}

/** `places`: how many devices are looked at in all; `isDark`: whether a device is one of those. */
export function createDarkLane({ places, isDark }: { places: () => number; isDark: (device: string) => boolean }): DarkLane {
  let taken = 0;
  return {
    enter(device) {
      if (!isDark(device)) return { leave: () => undefined };
      if (taken >= Math.max(1, Math.floor(places() / 2))) return undefined;
      taken++;
      return { leave: () => void taken-- };
    },
  };
}

/** It did not answer the last time, and no person has asked for it since. */
export function wasDark(mirror: StoredObject<unknown, DeviceStatus> | undefined): boolean {
  const { status, annotations = {} } = mirror ?? {};
  if (findCondition(status?.conditions, 'Ready')?.reason !== 'Unreachable') return false;
  return readRequest(annotations) === status?.lastHandledReconcileAt;
}
