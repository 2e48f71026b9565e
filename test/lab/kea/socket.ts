import { connect } from 'node:net';
import type { Json, JsonMap } from './spec.ts';

export interface KeaAnswer {
  result: number;
  text?: string;
  arguments?: { readonly [key: string]: Json };
}

/** One command over a daemon's own socket: no agent, no credentials. The lab's hand on a server. */
export function ask(socket: string, command: { command: string; arguments?: JsonMap }, timeoutMs = 60_000): Promise<KeaAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const client = connect(socket, () => client.write(JSON.stringify(command)));
    client.setTimeout(timeoutMs, () => client.destroy(new Error(`${socket}: no answer within ${timeoutMs} ms`)));
    client.on('error', reject);
    client.on('data', (chunk) => chunks.push(Buffer.from(chunk)));
    client.on('end', () => {
      try {
        resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')) as KeaAnswer);
      } catch (error) {
        reject(error);
      }
    });
  });
}
