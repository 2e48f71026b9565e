import type { FleetSpec } from '../../api/index.ts';
import { PlumblineError, type Secret } from '../../lib/index.ts';
import type { Secrets } from '../../store/index.ts';
import { webhookPath, type WebhookSender } from '../../web/index.ts';

/** Where a webhook is sent to, or why it cannot be. */
export type Webhook = { path: string } | { problem: PlumblineError };

/** A webhook of a Fleet; undefined when it wants none. A problem with it stops nothing: the sender is polled all the same. */
export function webhookOf(name: string, spec: FleetSpec, secrets: Secrets, sender: WebhookSender = 'git'): Webhook | undefined {
  const webhook = wantedOf(spec)[sender];
  if (!webhook) return undefined;
  const answer = tokenOf(name, webhook.secretRef.name, secrets);
  if (answer instanceof PlumblineError) return { problem: answer };
  try {
    return { path: webhookPath(name, answer, sender) };
  } catch (error) {
    if (error instanceof PlumblineError) return { problem: error };
    throw error;
  }
}

/** Fleets that take webhooks, each with its token. One whose Secret cannot be used takes none. */
export function webhookReceivers(
  fleets: readonly { name: string; spec: FleetSpec }[],
  secrets: Secrets,
): readonly { fleet: string; sender: WebhookSender; secret: Secret }[] {
  return fleets.flatMap(({ name, spec }) =>
    (['git', 'netbox'] as const).flatMap((sender) => {
      const webhook = wantedOf(spec)[sender];
      const secret = webhook && tokenOf(name, webhook.secretRef.name, secrets);
      return secret === undefined || secret instanceof PlumblineError ? [] : [{ fleet: name, sender, secret }];
    }),
  );
}

function wantedOf({ webhook, netbox }: FleetSpec): Readonly<Record<WebhookSender, FleetSpec['webhook']>> {
  return { git: webhook, netbox: netbox?.webhook };
}

function tokenOf(fleet: string, name: string, secrets: Secrets): Secret | PlumblineError {
  const { token, problem } = secrets.tokenOf({ ref: { name, key: 'token' }, device: fleet, labels: {}, purpose: 'webhook' });
  const secret = secrets.reveal(token);
  if (secret) return secret;
  if (problem) return problem;
  throw new Error(`no version key for the webhook of ${fleet}`);
}
