import type { FleetSpec } from '../../api/index.ts';
import { PlumblineError, type Secret } from '../../lib/index.ts';
import type { Secrets } from '../../store/index.ts';
import { webhookPath } from '../../web/index.ts';

/** Where the Git host sends its webhook, or why it cannot. */
export type Webhook = { path: string } | { problem: PlumblineError };

/** The webhook of a Fleet; undefined when it wants none. A problem with it stops nothing: the source is polled all the same. */
export function webhookOf(name: string, { webhook }: FleetSpec, secrets: Secrets): Webhook | undefined {
  if (!webhook) return undefined;
  const answer = tokenOf(name, webhook.secretRef.name, secrets);
  if (answer instanceof PlumblineError) return { problem: answer };
  try {
    return { path: webhookPath(name, answer) };
  } catch (error) {
    if (error instanceof PlumblineError) return { problem: error };
    throw error;
  }
}

/** Fleets that take webhooks, each with its token. One whose Secret cannot be used takes none. */
export function webhookReceivers(
  fleets: readonly { name: string; spec: FleetSpec }[],
  secrets: Secrets,
): readonly { fleet: string; secret: Secret }[] {
  return fleets.flatMap(({ name, spec }) => {
    const secret = spec.webhook && tokenOf(name, spec.webhook.secretRef.name, secrets);
    return secret === undefined || secret instanceof PlumblineError ? [] : [{ fleet: name, secret }];
  });
}

function tokenOf(fleet: string, name: string, secrets: Secrets): Secret | PlumblineError {
  const { token, problem } = secrets.tokenOf({ ref: { name, key: 'token' }, device: fleet, labels: {}, purpose: 'webhook' });
  const secret = secrets.reveal(token);
  if (secret) return secret;
  if (problem) return problem;
  throw new Error(`no version key for the webhook of ${fleet}`);
}
