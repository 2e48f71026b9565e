import type { Capabilities } from '../contract.ts';

/** FRR has neither candidate nor commit-confirm: lines take effect one by one, and the guard on the router stands in for the rest. */
export const capabilities: Capabilities = {
  read: 'full',
  validate: 'none', // `vtysh -C` checks syntax only and takes a file, which would bring secrets to disk for nothing
  atomic: false,
  confirm: 'deadman',
  persist: 'explicit',
  fence: 'target',
  receipt: 'target',
  confirmUnitMs: 1_000,
};
