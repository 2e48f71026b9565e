import { apiErrorOf, KubeApiError } from './api-error.ts';
import type { KubeObject } from './object.ts';

/** What a watch tells. A bookmark only says how far the server has come: its object holds a resourceVersion and nothing else. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: KubeObject;
}

/**
 * Events of a watch. Ends when the server ends the stream in good order. Throws `KubeApiError` for an error in the stream
 * (`expired`: list again), for a line that is no event, and when the stream breaks: nothing is swallowed.
 */
export async function* readEvents(
  stream: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<WatchEvent, void, void> {
  try {
    for await (const line of linesOf(stream)) yield eventOf(line);
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof KubeApiError) throw cause;
    throw new KubeApiError('unreachable', 0, `the watch broke: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

async function* linesOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  let parts: string[] = []; // a long line comes in many pieces: joined once
  for await (const chunk of stream) {
    const pieces = decoder.decode(chunk, { stream: true }).split('\n');
    parts.push(pieces[0] ?? '');
    for (const piece of pieces.slice(1)) {
      const line = parts.join('');
      parts = [piece];
      if (line.trim() !== '') yield line;
    }
  }
  if (parts.join('').trim() !== '') throw new KubeApiError('unreachable', 0, 'the watch ended within a line');
}

function eventOf(line: string): WatchEvent {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new KubeApiError('brokenAnswer', 200, `a line of the watch is not JSON: ${line.slice(0, 80)}`, { cause });
  }
  const { type, object } = (value ?? {}) as { type?: unknown; object?: unknown };
  if (type === 'ERROR') throw apiErrorOf(500, JSON.stringify(object));
  if (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED' && type !== 'BOOKMARK') {
    throw new KubeApiError('brokenAnswer', 200, `the watch told an event of the unknown type ${String(type)}`);
  }
  if (typeof object !== 'object' || object === null || !('metadata' in object)) {
    throw new KubeApiError('brokenAnswer', 200, `the watch told ${type} without an object`);
  }
  return { type, object: object as KubeObject };
}
