import { createHash, timingSafeEqual } from 'node:crypto';
import { Hono } from 'hono';

export interface ReadsOptions {
  /** Whoever asks shows it. */
  token: string;
  /** JSON in pieces; undefined while there is none here. */
  text: () => AsyncIterable<string> | undefined;
}

/** Serves what devices held at the last look, without secrets, at `/reads`: for `plumb plan --live-from`. */
export function createReads({ token, text }: ReadsOptions): Hono {
  const app = new Hono();
  app.get('/reads', (context) => {
    context.header('cache-control', 'no-store');
    if (!isSame(context.req.header('authorization') ?? '', `Bearer ${token}`)) {
      context.header('www-authenticate', 'Bearer');
      return context.text('a token is needed\n', 401);
    }
    const pieces = text();
    if (!pieces) {
      // Another replica may have them: whoever asks again shall not come back to this one.
      context.header('connection', 'close');
      return context.text('nothing was read here\n', 503);
    }
    return context.body(ReadableStream.from(pieces).pipeThrough(new TextEncoderStream()), 200, { 'content-type': 'application/json' });
  });
  return app;
}

/** In the same time, however much of it is right. */
function isSame(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
