import { getConnInfo } from '@hono/node-server/conninfo';
import { type Context, Hono } from 'hono';
import type { Clock, Secret } from '../../lib/index.ts';
import { readHint, type WebhookHint } from './hint.ts';
import { webhookPath, type WebhookSender } from './path.ts';
import { createRateLimit } from './rate-limit.ts';
import { verifyWebhook } from './signature.ts';

/** Who may be hinted, and with which secret. */
export interface WebhookReceiver {
  fleet: string;
  /** Default: a Git host. */
  sender?: WebhookSender;
  /** The token of the Secret that the Fleet names. One that is too short has no path. */
  secret: Secret;
}

/** How a request ended: the label of a metric. */
export type WebhookResult = 'accepted' | 'unknownPath' | 'refused' | 'tooLarge' | 'tooSlow' | 'tooMany';

export interface WebhookOptions {
  /** Asked for every request, so that a new Fleet or token counts at once. */
  receivers: () => readonly WebhookReceiver[];
  /** Called for each request whose signature holds. It may only lead to a look that decides by itself. */
  onHint: (fleet: string, hint: WebhookHint, sender: WebhookSender) => void;
  count?: (result: WebhookResult) => void;
  clock: Clock;
}

/** Bytes of a body. GitHub sends up to 25 MB for huge pushes; those are found by the next poll. */
const bodyBytes = 1024 * 1024;

/** Milliseconds for a body to arrive. */
const bodyMs = 10_000;

/**
 * Takes webhooks of Git hosts and of NetBox at the paths of `webhookPath`. Says nothing that helps to guess: any other path is not found, and a
 * wrong signature is refused without why.
 */
export function createWebhooks({ receivers, onHint, count = () => undefined, clock }: WebhookOptions): Hono {
  const limit = createRateLimit({ perMinute: 60, burst: 30, keys: 1000 }, clock);
  const app = new Hono();
  app.all('/hooks/*', async (context) => {
    const receiver = receivers().find((each) => isAt(each, context.req.path));
    if (!receiver || context.req.method !== 'POST') return end('unknownPath', context.text('not found\n', 404));
    const source = getConnInfo(context).remote.address ?? '';
    if (!limit.take(`${receiver.fleet} ${receiver.sender ?? 'git'} ${source}`))
      return end('tooMany', context.text('too many requests\n', 429, { 'retry-after': '60' }));
    const body = await readBody(context);
    if (body === 'tooLarge') return end(body, context.text('too large\n', 413));
    if (body === 'tooSlow') return end(body, context.text('too slow\n', 408));
    const header = (name: string): string | undefined => context.req.header(name);
    if (!verifyWebhook({ header, body }, receiver.secret, receiver.sender)) return end('refused', context.text('refused\n', 401));
    onHint(receiver.fleet, readHint(body, header('content-type')), receiver.sender ?? 'git');
    return end('accepted', context.text('accepted\n', 202));
  });
  return app;

  function end(result: WebhookResult, response: Response): Response {
    count(result);
    return response;
  }
}

function isAt({ fleet, secret, sender }: WebhookReceiver, path: string): boolean {
  try {
    return webhookPath(fleet, secret, sender) === path;
  } catch {
    return false; // Too short a token has no path; the Fleet says so.
  }
}

async function readBody(context: Context): Promise<Uint8Array | 'tooLarge' | 'tooSlow'> {
  if (Number(context.req.header('content-length') ?? 0) > bodyBytes) return 'tooLarge';
  const reader = context.req.raw.body?.getReader();
  if (!reader) return new Uint8Array();
  const late = AbortSignal.timeout(bodyMs);
  const stop = (): void => void reader.cancel().catch(() => undefined);
  late.addEventListener('abort', stop, { once: true });
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      length += part.value.length;
      if (length > bodyBytes) return 'tooLarge';
      parts.push(part.value);
    }
    return late.aborted ? 'tooSlow' : Buffer.concat(parts, length);
  } finally {
    late.removeEventListener('abort', stop);
    stop();
  }
}
