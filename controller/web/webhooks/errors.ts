import { defineErrors } from '../../lib/index.ts';

export const webhookErrors = defineErrors({
  /** A webhook without a secret that is worth the name would let anybody hint. */
  WebhookSecretWeak: {
    message: (f: { fleet: string; least: number }) => `Fleet ${f.fleet}: the token of its webhook has fewer than ${f.least} characters`,
    next: 'Put a random one into the Secret, for example from openssl rand -hex 32, and the same into the Git host, or NetBox.',
  },
});
