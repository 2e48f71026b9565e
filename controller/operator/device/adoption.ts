import { z } from 'zod';
import type { DriftReportStatus } from '../../api/index.ts';
import { readAnnotation } from './read-annotation.ts';

/** `plumb adopt -n NAMESPACE` asks here to take what a device holds as its baseline. */
export const adoptAnnotation = 'plumbline.dev/adopt';

/** What the person saw: the differences of a report, and since when. The same differences of another day are another question. */
const Adoption = z.object({ by: z.string().min(1).max(200), digest: z.string(), since: z.string() });
type Adoption = z.infer<typeof Adoption>;

/** The text of the request. */
export function printAdoption(adoption: Adoption): string {
  return JSON.stringify(adoption);
}

/**
 * Who asked to adopt just what a read now shows, when somebody did: the report that the person saw still stands, and the device still
 * differs by it. Undefined otherwise, also for a request that cannot be read: nothing is taken over that nobody saw.
 */
export function adoptionBy(
  annotations: Readonly<Record<string, string>>,
  report: DriftReportStatus | undefined,
  digest: string,
): string | undefined {
  const text = annotations[adoptAnnotation];
  if (text === undefined || report === undefined) return undefined;
  const asked = readAnnotation(text, Adoption);
  const isSeen = asked?.digest === digest && asked.digest === report.digest && asked.since === report.since;
  return isSeen ? asked.by : undefined;
}
