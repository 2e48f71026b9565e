/**
 * web: what the operator shows and takes over HTTP: metrics, health, readiness, and webhooks in, which only hint.
 */
export { serveWeb, type Web, type WebOptions } from './server.ts';
