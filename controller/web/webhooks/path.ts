import { createHmac } from 'node:crypto';
import type { Secret } from '../../lib/index.ts';
import { webhookErrors } from './errors.ts';
import { tokenOf } from './signature.ts';

/** Characters of a token: 16 hex digits are already 64 bits. */
const leastToken = 16;

/** The path for the webhook of one Fleet: `/hooks/<64 hex>`, for who knows the token only. Throws WebhookSecretWeak. */
export function webhookPath(fleet: string, secret: Secret): string {
  const token = tokenOf(secret);
  if (token.length < leastToken) throw webhookErrors.WebhookSecretWeak({ fleet, least: leastToken });
  return `/hooks/${createHmac('sha256', token).update(`plumbline webhook ${fleet}`).digest('hex')}`;
}
