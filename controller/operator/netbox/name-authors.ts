import type { FleetNetBox, RecordDifference } from '../../api/index.ts';
import { PlumblineError } from '../../lib/index.ts';
import type { NetBox } from '../../netbox/index.ts';
import type { World } from '../world.ts';
import { authorKey, recordOf } from './standing.ts';

/** Of one look at NetBox: each costs a request. The rest is asked at the next one. */
const mostAsked = 50;

/** Finds out who made NetBox say what Git does not. What the change log does not tell is not asked again; nothing depends on it. */
export async function nameAuthors(world: World, wanted: FleetNetBox, netbox: NetBox, signal: AbortSignal): Promise<void> {
  const { netbox: standing, inForce, runtime } = world;
  if (!inForce) return;
  const open = new Map<string, RecordDifference>();
  for (const device of inForce.devices.values())
    for (const each of recordOf(standing, wanted, inForce, device)?.differences ?? [])
      if (each.ids.length === 1) open.set(authorKey(each), each);
  for (const key of standing.authors.keys()) if (!open.has(key)) standing.authors.delete(key);
  const unasked = [...open].filter(([key]) => !standing.authors.has(key)).slice(0, mostAsked);
  try {
    for (const [key, difference] of unasked) standing.authors.set(key, (await netbox.findAuthor(difference, signal)) ?? null);
  } catch (error) {
    if (signal.aborted || !(error instanceof PlumblineError)) throw error;
    runtime.log.info({ fleet: world.fleet, reason: error.code }, 'NetBox does not tell who changed it');
    for (const [key] of unasked) if (error.retry === 'never' || error.code === 'NetBoxForbidden') standing.authors.set(key, null);
  }
}
