import { isApiError } from './api-error.ts';
import type { KubeClient } from './client.ts';
import { leasesIn, recordOf } from './lease-record.ts';

/**
 * When a holder of the lease of this name, or of one that begins with it and a hyphen, last said that it leads; the epoch where all were handed
 * back. Undefined where there is none, or whoever asks may not look.
 */
export async function lastLed(client: KubeClient, namespace: string, name: string): Promise<Date | undefined> {
  try {
    const { items } = await client.list(leasesIn(namespace));
    const found = items.filter(({ metadata }) => metadata.name === name || metadata.name.startsWith(`${name}-`)).map(recordOf);
    if (found.length === 0) return undefined;
    return new Date(Math.max(0, ...found.map(({ holderIdentity, renewTime }) => (holderIdentity === '' ? 0 : Date.parse(renewTime) || 0))));
  } catch (error) {
    if (isApiError(error, 'forbidden')) return undefined;
    throw error;
  }
}
