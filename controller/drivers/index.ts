/**
 * drivers: one folder per platform over `transport/`. A driver carries out single steps on one device and says what it saw;
 * the order of steps is decided in `change`. Secrets are masked before anything leaves this folder.
 */
import type { Clock } from '../lib/index.ts';
import type { Driver } from './contract.ts';
import { errors } from './errors.ts';
import { createFrr } from './frr/index.ts';
import { createKea } from './kea/index.ts';
import { createHttpPool, createSshPool, type PoolOptions } from './transport/index.ts';

export type {
  Applied,
  ApplyRequest,
  Armed,
  ArmRequest,
  Capabilities,
  ChangeRef,
  Check,
  CheckAnswer,
  ChangeStatus,
  Confirmed,
  ConfirmRequest,
  Driver,
  KeaExchange,
  KeaHttp,
  KeaService,
  KeaTarget,
  Login,
  Lost,
  ObserveOptions,
  ProbeResult,
  Refused,
  Rejected,
  Reveal,
  RevealHeld,
  RollbackIncomplete,
  RollbackRequest,
  RolledBack,
  SshTarget,
  Target,
  TooLate,
} from './contract.ts';
export type {
  AttributeRequest,
  Attribution,
  Candidate,
  InUse,
  LeaseAnswer,
  LeaseFact,
  LeaseQuestion,
  SessionName,
  SubnetUse,
  Utilisation,
} from './questions.ts';
export { errors as driverErrors } from './errors.ts';
export { tell, type ToldLine } from './told.ts';

/** What a driver needs from the one who starts it. */
export interface DriverOptions {
  clock: Clock;
  /** The token of a secret value found on a device: keyed, so that equal values have equal tokens. */
  tokenOf: (value: string) => string;
  pool?: Omit<PoolOptions, 'clock'>;
}

/** A driver with connections of its own; `close` ends them. Throws Unsupported for a platform that has none. */
export function driverFor(platform: string, options: DriverOptions): Driver {
  const { clock, tokenOf } = options;
  const ssh = () => createSshPool({ clock, ...options.pool });
  if (platform === 'frr') return createFrr({ clock, tokenOf, pool: ssh() });
  if (platform === 'kea') return createKea({ clock, tokenOf, ssh: ssh(), http: createHttpPool() });
  throw errors.Unsupported({ what: `there is no driver for platform ${JSON.stringify(platform)}` });
}
