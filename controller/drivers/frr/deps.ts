import type { Clock } from '../../lib/index.ts';
import type { SshPool } from '../transport/index.ts';

/** What the parts of this driver share. */
export interface FrrDeps {
  clock: Clock;
  pool: SshPool;
  /** The token that stands for a secret value everywhere outside this folder. */
  tokenOf: (value: string) => string;
}
