/**
 * transport: the wire under the drivers. Pooled SSH with pinned host keys, per-command deadlines and a cap on open connections.
 * Says what a device answered and whether an outcome was seen; knows nothing of what is sent.
 */
export type { Answer, ExecOptions } from './ssh-connection.ts';
export { type Answered, createSshPool, type PoolExecOptions, type PoolOptions, type SshPool } from './ssh-pool.ts';
