import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../../lib/index.ts';
import type { WebhookSender } from './path.ts';

/** What tells who sent a webhook: names of headers in lower case, and the body as it came, byte for byte. */
export interface WebhookRequest {
  header: (name: string) => string | undefined;
  body: Uint8Array;
}

/**
 * True when a webhook was sent by somebody who knows the secret: GitHub, Gitea and Forgejo sign the body, GitLab sends the token,
 * anybody else signs as `X-Signature: sha256=<hex>`. Takes equally long whatever the first wrong letter is.
 */
export function verifyWebhook(request: WebhookRequest, secret: Secret, sender: WebhookSender = 'git'): boolean {
  const token = tokenOf(secret);
  if (sender === 'netbox') return isOfNetBox(request, token);
  return checks.some((check) => check(request, token));
}

/** NetBox signs with SHA-512 and writes the hex alone. */
function isOfNetBox({ header, body }: WebhookRequest, token: string): boolean {
  const hex = header('x-hook-signature');
  return isSignature(hex === undefined ? undefined : `sha512=${hex}`, body, token);
}

type Check = (request: WebhookRequest, token: string) => boolean;

const checks: readonly Check[] = [
  ({ header, body }, token) => isSignature(header('x-hub-signature-256'), body, token),
  ({ header, body }, token) => isSignature(prefixed(header('x-gitea-signature')), body, token),
  ({ header, body }, token) => isSignature(header('x-signature'), body, token),
  ({ header }, token) => isSame(header('x-gitlab-token') ?? '', token),
];

/** Gitea writes the hex alone. */
function prefixed(hex: string | undefined): string | undefined {
  return hex === undefined ? undefined : `sha256=${hex}`;
}

/** `sha256=<hex>`, also sha384 and sha512. SHA-1, which old GitHub servers send beside it, does not count. */
function isSignature(header: string | undefined, body: Uint8Array, token: string): boolean {
  const [, algorithm, hex] = /^(sha256|sha384|sha512)=([0-9a-fA-F]+)$/.exec(header ?? '') ?? [];
  if (algorithm === undefined || hex === undefined) return false;
  return isSame(hex.toLowerCase(), createHmac(algorithm, token).update(body).digest('hex'));
}

/** Compares digests, which are of one length, so that not even the length of the secret shows. */
function isSame(given: string, expected: string): boolean {
  const [left, right] = [given, expected].map((text) => createHash('sha256').update(text).digest());
  return left !== undefined && right !== undefined && timingSafeEqual(left, right);
}

/** Secrets made from files end in a line break that nobody typed into the Git host. */
export function tokenOf(secret: Secret): string {
  return secret.reveal().replace(/\r?\n$/, '');
}
