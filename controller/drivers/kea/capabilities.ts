import type { Capabilities, KeaTarget } from '../contract.ts';

/** Over HTTP alone. Kea takes a configuration whole, knows no timer that takes it back, and looks at nobody's word before it does. */
export const capabilities: Capabilities = {
  read: 'full',
  validate: 'device', // config-test: finds what cannot be parsed, opens neither sockets nor databases
  atomic: true,
  confirm: 'none',
  persist: 'explicit',
  fence: 'none',
  receipt: 'target',
  confirmUnitMs: 1_000,
};

/** With SSH a guard on the server holds lock, fence and dead-man. */
export function capabilitiesOf(target: KeaTarget): Capabilities {
  return target.ssh ? { ...capabilities, confirm: 'deadman', fence: 'target' } : capabilities;
}
