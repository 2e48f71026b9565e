/**
 * Stops all logins when device after device refuses them: a wrong password sent to a thousand routers locks the account everywhere. One
 * device is let through now and then, so that the guard opens by itself when the account works again.
 */
export interface LoginGuard {
  /** May this device be asked now? */
  admits(device: string): boolean;
  /** Tells how the login went. True when the guard closed or opened by it. */
  report(device: string, refused: boolean): boolean;
  /** True while logins are stopped. */
  closed(): boolean;
  /** Devices that refused in a row. */
  count(): number;
}

/** `limit` different devices in a row that refuse close it; `retryMs` is the time between two trials while it is closed. */
export function createLoginGuard(limit: number, retryMs: number, monotonicMs: () => number): LoginGuard {
  const refusing = new Set<string>();
  let nextTrial = 0;
  const closed = () => refusing.size >= limit;
  return {
    closed,
    count: () => refusing.size,
    admits: () => {
      if (!closed()) return true;
      if (monotonicMs() < nextTrial) return false;
      nextTrial = monotonicMs() + retryMs;
      return true;
    },
    report: (device, refused) => {
      const before = closed();
      if (refused) refusing.add(device);
      else refusing.clear();
      if (!before && closed()) nextTrial = monotonicMs() + retryMs;
      return before !== closed();
    },
  };
}
