import { z } from 'zod';
import type { FleetSpec } from '../../api/index.ts';
import type { ObjectStore } from '../../store/index.ts';
import { readAnnotation } from '../device/read-annotation.ts';
import { shownReleasing } from './fleet-status.ts';

/** `plumb reconcile --release` writes here which devices may go, and by which revision. */
export const releaseAnnotation = 'plumbline.dev/release';

/** What the person saw in the status of the Fleet. */
const ReleaseApproval = z.object({ revision: z.string(), devices: z.array(z.string()) });
type ReleaseApproval = z.infer<typeof ReleaseApproval>;

/** The text of the annotation. */
export function printRelease({ revision, devices }: ReleaseApproval): string {
  return JSON.stringify({ revision, devices });
}

/**
 * True when a person let just these devices go. The revision alone is not what was meant: another path of it, or an artifact that was packed
 * anew from it, may lack others. Of very many the person saw the first.
 */
export function isReleased(
  annotations: Readonly<Record<string, string>>,
  { revision, gone }: { revision: string; gone: readonly string[] },
): boolean {
  const given = readAnnotation(annotations[releaseAnnotation] ?? '', ReleaseApproval);
  if (given?.revision !== revision) return false;
  const devices = new Set(given.devices);
  return devices.size >= shownReleasing || gone.every((name) => devices.has(name));
}

/**
 * Which devices that left Git may be released now, and which wait for a person. Either all of them or none: whoever deleted a folder by
 * mistake wants all of it back. `recent` are the devices released in the last 24 hours, `known` all that are watched.
 */
export function guardReleases(
  gone: readonly string[],
  { recent, known, approved }: { recent: number; known: number; approved: boolean },
  limits: FleetSpec['release'],
): { release: readonly string[]; wait: readonly string[] } {
  if (gone.length === 0) return { release: [], wait: [] };
  const count = gone.length + recent;
  const overCount = count > limits.devices;
  // One device of a small network is more than ten percent of it, and no accident. The share is of what there was before the first of them went: one
  // by one is neither more nor less than all at once.
  const overShare = count >= 2 && count * 100 > (known + recent) * limits.percent;
  return approved || (!overCount && !overShare) ? { release: gone, wait: [] } : { release: [], wait: gone };
}

export interface Release {
  at: string;
  /** The hold of a person, as it was annotated. */
  hold?: string;
}

const dayMs = 24 * 60 * 60 * 1000;

/**
 * Devices released in the last 24 hours, but for those that are `gone` now: one whose release was noted and not carried out is one device,
 * not two. Kept in the store: a restart does not open the guard again.
 */
export async function countReleases(objects: ObjectStore, now: Date, gone: ReadonlySet<string>): Promise<number> {
  const all = await objects.list<Release>('Release');
  const old = all.filter(({ spec }) => now.getTime() - Date.parse(spec.at) > dayMs);
  for (const { name } of old) await objects.delete('Release', name);
  return all.filter((each) => !old.includes(each) && !gone.has(each.name)).length;
}

/** Notes a release before it is carried out. */
export async function noteRelease(objects: ObjectStore, device: string, at: Date, hold?: string): Promise<void> {
  const found = await objects.get<Release>('Release', device);
  const spec = { at: at.toISOString(), ...(hold !== undefined && { hold }) };
  if (found) await objects.update<Release>({ ...found, spec });
  else await objects.create<Release>({ kind: 'Release', name: device, spec });
}
