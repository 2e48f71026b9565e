import { randomUUID } from 'node:crypto';
import type { FleetSpec } from '../../api/index.ts';
import type { KubeClient } from '../../kube/index.ts';
import { type Log, Secret, systemClock } from '../../lib/index.ts';
import { netboxHintAnnotation, type OperatorMetrics, printNetBoxHint, requestAnnotations, webhookReceivers } from '../../operator/index.ts';
import { openSecrets } from '../../store/index.ts';
import { createWebhooks, type WebhookHint, type WebhookSender } from '../../web/index.ts';

/** How often the Fleets that take webhooks are looked up. */
const lookMs = 30_000;

/**
 * Webhooks in a cluster. They reach any replica, also one that does not lead: each checks the signature itself and asks on the Fleet for a
 * look, which the leader sees. Ends with the signal.
 */
export function followHints(options: {
  client: KubeClient;
  namespace: string;
  secretsFolder: string | undefined;
  metrics: OperatorMetrics;
  log: Log;
  signal: AbortSignal;
}): ReturnType<typeof createWebhooks> {
  const { client, namespace, metrics, log, signal } = options;
  // Only values are asked for, so any key of versions will do.
  const secrets = openSecrets({
    environment: process.env,
    folder: options.secretsFolder,
    versionKey: new Secret(randomUUID() + randomUUID()),
  });
  const resource = { group: 'plumbline.dev', version: 'v1alpha1', plural: 'fleets', kind: 'Fleet', namespace };
  let fleets: readonly { name: string; spec: FleetSpec }[] = [];
  const follow = async () => {
    while (!signal.aborted) {
      try {
        const { items } = await client.list(resource, { signal });
        fleets = items.map((item) => ({ name: item.metadata.name, spec: item['spec'] as FleetSpec }));
      } catch (err) {
        if (!signal.aborted) log.warn({ err }, 'Fleets cannot be looked up for webhooks');
      }
      await systemClock.sleep(lookMs, signal).catch(() => undefined);
    }
  };
  void follow();
  const ask = async (fleet: string, { requestId }: WebhookHint, sender: WebhookSender) => {
    const now = systemClock.now();
    const annotations =
      sender === 'netbox'
        ? { [netboxHintAnnotation]: printNetBoxHint(requestId, now) }
        : { [requestAnnotations[0]]: `webhook ${now.toISOString()}` };
    await client.mergePatch(resource, fleet, { metadata: { annotations } }, { signal });
  };
  return createWebhooks({
    receivers: () => webhookReceivers(fleets, secrets),
    onHint: (fleet, hint, sender) =>
      void ask(fleet, hint, sender).catch((err: unknown) => log.warn({ fleet, err }, 'A webhook could not be passed on')),
    count: (result) => metrics.plumbline_webhooks_total.inc({ result }),
    clock: systemClock,
  });
}
