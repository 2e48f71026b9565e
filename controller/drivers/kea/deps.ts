import type { Clock } from '../../lib/index.ts';
import type { HttpPool, SshPool } from '../transport/index.ts';
import type { OpenChanges } from './open-changes.ts';
import type { HeldCache } from './held.ts';

/** What the parts of this driver share. */
export interface KeaDeps {
  clock: Clock;
  http: HttpPool;
  ssh: SshPool;
  /** The token that stands for a secret value everywhere outside this folder. */
  tokenOf: (value: string) => string;
  /** Changes of this process that no guard on the server holds. */
  open: OpenChanges;
  /** Configurations that were read before, so that the same one is not brought into canonical form again. */
  cache: HeldCache;
}
