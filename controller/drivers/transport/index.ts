/**
 * transport: the wires under the drivers. Pooled SSH with pinned host keys, and HTTP with basic auth, mutual TLS and pinned certificates;
 * per-command deadlines and a cap on open connections. Says what a device answered and whether an outcome was seen; knows nothing of what is sent.
 */
export { createHttpPool, type HttpAnswer, type HttpEnd, type HttpOptions, type HttpPool } from './http-pool.ts';
export type { Answer, ExecOptions } from './ssh-connection.ts';
export { type Answered, createSshPool, type PoolExecOptions, type PoolOptions, type SshPool } from './ssh-pool.ts';
