/**
 * guard: one unconfirmed change on a device with a shell: lock, epoch, backup and dead-man, by `guard.sh` and the platform's own part of it. What is
 * sent, and how it is taken back, is the platform's business.
 */
export { confirm, type GuardWords, rollback, status } from './dead-man.ts';
export { callGuard, type GuardDeps, type GuardScript, isReply, lost, parseReply, refused, type Reply, writeGuard } from './guard-call.ts';
export { parseHold } from './hold.ts';
export { parseReceipt } from './receipt.ts';
