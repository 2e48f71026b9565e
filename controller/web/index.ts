/**
 * web: what the operator shows and takes over HTTP: metrics, health, readiness, last reads, and webhooks in, which only hint.
 */
export { errors as webErrors } from './errors.ts';
export { createReads } from './reads.ts';
export { serveWeb, type Web, type WebOptions } from './server.ts';
export { webhookErrors } from './webhooks/errors.ts';
export type { WebhookHint } from './webhooks/hint.ts';
export { webhookPath, type WebhookSender } from './webhooks/path.ts';
export type { WebhookRequest } from './webhooks/signature.ts';
export { createWebhooks, type WebhookOptions, type WebhookReceiver, type WebhookResult } from './webhooks/webhooks.ts';
