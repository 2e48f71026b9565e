import { setTimeout as delay } from 'node:timers/promises';
import { SavedReads } from '../api/index.ts';
import { errors } from './errors.ts';
import { readNamedFile } from './files.ts';

const longestMs = 60_000;
const mostTries = 12;
const betweenMs = 250;

/** Reads of devices that were saved: from a file, or from a server that is asked with the token of PLUMB_LIVE_TOKEN. Throws ReadsUnreadable. */
export async function readSaved(place: string, signal: AbortSignal): Promise<SavedReads> {
  const text = /^https?:/i.test(place) ? await fetchText(place, signal) : readNamedFile(place);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw errors.ReadsUnreadable({ place, why: 'it is no JSON' }, { cause });
  }
  const { success, data, error } = SavedReads.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  throw errors.ReadsUnreadable(
    { place, why: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`.replace(/^: /, '') },
    { cause: error },
  );
}

async function fetchText(address: string, signal: AbortSignal): Promise<string> {
  const { protocol, hostname, username } = URL.canParse(address) ? new URL(address) : { protocol: '', hostname: '', username: '' };
  if (protocol !== 'https:' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname))
    throw errors.ReadsUnreadable({ place: hostname, why: 'only https is read from another machine' });
  if (username !== '') throw errors.ReadsUnreadable({ place: hostname, why: 'its address holds a user; use PLUMB_LIVE_TOKEN' });
  const token = process.env['PLUMB_LIVE_TOKEN'];
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(longestMs)]);
    const ask = () =>
      fetch(address, {
        // A token is for the server that was named.
        redirect: token === undefined ? 'follow' : 'error',
        signal: limit,
        ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
      });
    let answer = await ask();
    // One replica of an operator has them: behind one name, another is asked each time.
    for (let tries = 1; answer.status === 503 && tries < mostTries; tries++) {
      await answer.arrayBuffer();
      await delay(betweenMs, undefined, { signal: limit });
      answer = await ask();
    }
    if (!answer.ok) throw errors.ReadsUnreadable({ place: hostname, why: `the server answers ${answer.status}` });
    return await answer.text();
  } catch (cause) {
    if (signal.aborted || (cause as { code?: string }).code === 'ReadsUnreadable') throw cause;
    throw errors.ReadsUnreadable({ place: hostname, why: `it cannot be fetched: ${(cause as Error).message}` }, { cause });
  }
}
