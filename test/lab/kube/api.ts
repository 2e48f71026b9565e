import { readFileSync } from 'node:fs';
import { Agent, request } from 'undici';

/** An answer of the API server that is not 2xx. */
export class LabApiError extends Error {
  readonly status: number;
  readonly reason: string;

  constructor(what: string, status: number, text: string) {
    const { reason = '', message = text } = (parse(text) ?? {}) as { reason?: string; message?: string };
    super(`${what}: ${status} ${reason}: ${message}`);
    this.status = status;
    this.reason = reason;
  }
}

/** The API as one user. Raw on purpose: tests look at the server with it, beside the client that they test. */
export interface LabApi {
  /** Throws `LabApiError` unless the answer is 2xx. `path` begins with /api or /apis. */
  ask<T = unknown>(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown, contentType?: string): Promise<T>;
  close(): Promise<void>;
}

export function openLabApi({ url, caFile, token }: { url: string; caFile: string; token: string }): LabApi {
  const agent = new Agent({ connect: { ca: readFileSync(caFile) } });
  return {
    ask: async <T>(method: string, path: string, body?: unknown, contentType = 'application/json') => {
      const answer = await request(url + path, {
        method,
        dispatcher: agent,
        headers: { authorization: `Bearer ${token}`, 'content-type': contentType },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await answer.body.text();
      if (answer.statusCode >= 300) throw new LabApiError(`${method} ${path}`, answer.statusCode, text);
      return (parse(text) ?? text) as T;
    },
    close: () => agent.close(),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // /readyz and the like answer in plain words
  }
}
