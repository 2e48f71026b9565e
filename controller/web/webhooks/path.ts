import { createHmac } from 'node:crypto';
import type { Secret } from '../../lib/index.ts';
import { webhookErrors } from './errors.ts';
import { tokenOf } from './signature.ts';

/** Characters of a token: 16 hex digits are already 64 bits. */
const leastToken = 16;

/** Who sends a webhook: each signs in its own way. */
export type WebhookSender = 'git' | 'netbox';

const words = { git: 'plumbline webhook', netbox: 'plumbline webhook of NetBox' } as const;

/** The path for a webhook of one Fleet: `/hooks/<64 hex>`, for who knows the token only. Throws WebhookSecretWeak. */
export function webhookPath(fleet: string, secret: Secret, sender: WebhookSender = 'git'): string {
  const token = tokenOf(secret);
  if (token.length < leastToken) throw webhookErrors.WebhookSecretWeak({ fleet, least: leastToken });
  return `/hooks/${createHmac('sha256', token).update(`${words[sender]} ${fleet}`).digest('hex')}`;
}
