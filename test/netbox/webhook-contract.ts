import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret, systemClock } from '../../controller/lib/index.ts';
import { type NetBox, openNetBox } from '../../controller/netbox/index.ts';
import { createWebhooks, serveWeb, type Web, type WebhookHint, webhookPath, type WebhookResult } from '../../controller/web/index.ts';
import { until } from '../lab/shell.ts';

interface Place {
  url: string;
  token: string;
  startWorker(): void;
}

/** Webhooks of a real NetBox, sent by its own worker to the receiver of the operator. */
export function describeWebhooks(title: string, start: () => Place): void {
  // oxlint-disable-next-line vitest/valid-title -- the caller names it
  describe(title, () => {
    const run = `h${Math.floor(performance.timeOrigin % 1e9).toString(36)}`;
    const secret = new Secret(`${run}-a-secret-of-our-own`);
    const hints: WebhookHint[] = [];
    const results: WebhookResult[] = [];
    const ours: string[] = [];
    let web: Web;
    let netbox: NetBox;

    const post = async (path: string, body: object): Promise<{ id: number }> => {
      const answer = await fetch(`${start().url}/api/${path}/`, {
        method: 'POST',
        headers: { authorization: `Bearer ${start().token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`);
      return (await answer.json()) as { id: number };
    };

    beforeAll(async () => {
      const hooks = createWebhooks({
        receivers: () => [{ fleet: 'lab', sender: 'netbox', secret }],
        onHint: (_fleet, hint) => hints.push(hint),
        count: (result) => results.push(result),
        clock: systemClock,
      });
      const open = { registry: new Registry(), ready: () => true, healthy: () => true };
      web = await serveWeb({ port: 0, ...open, mount: (app) => app.route('/', hooks) });
      const { url, token } = start();
      netbox = await openNetBox({ url, token: new Secret(token), clock: systemClock, onWritten: (id) => ours.push(id) });
      const hook = await post('extras/webhooks', {
        name: run,
        payload_url: `${web.url}${webhookPath('lab', secret, 'netbox')}`,
        secret: secret.reveal(),
      });
      await post('extras/event-rules', {
        name: run,
        object_types: ['dcim.manufacturer'],
        event_types: ['object_created', 'object_updated'],
        action_type: 'webhook',
        action_object_type: 'extras.webhook',
        action_object_id: hook.id,
      });
      start().startWorker();
    }, 120_000);
    afterAll(async () => {
      await netbox?.close();
      await web?.close();
    });

    it('hint what moved, signed as we expect, and name the request, so that an echo of our own is known', async () => {
      const [written] = await netbox.write('manufacturer', [{ what: run, message: 'ours', body: { name: run, slug: run } }]);
      expect(written?.error).toBeUndefined();
      await until('the webhook of our write', () => hints.length >= 1, 120_000);
      expect(hints).toEqual([{ requestId: ours.at(-1) }]);
      await post('dcim/manufacturers', { name: `${run}-2`, slug: `${run}-2` });
      await until('the webhook of a write of others', () => hints.length >= 2, 120_000);
      expect(ours).not.toContain(hints[1]?.requestId);
      expect(new Set(results)).toEqual(new Set(['accepted']));
    }, 300_000);
  });
}
