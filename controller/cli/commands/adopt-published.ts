import type { DeviceStatus, DriftReportSpec, DriftReportStatus } from '../../api/index.ts';
import { adoptAnnotation, printAdoption } from '../../operator/index.ts';
import { plural } from '../../report/index.ts';
import type { Context } from '../context.ts';
import { errors } from '../errors.ts';
import type { ExitCode } from '../exit-code.ts';
import { type PlaceOptions, whoAsks, withPublished } from '../published.ts';
import type { Terminal } from '../terminal.ts';
import { annotate } from './requests.ts';
import { describePublished } from './why-published.ts';

export interface AdoptOptions extends PlaceOptions {
  yes?: boolean;
}

/**
 * `plumb adopt -n NAMESPACE`: shows what the operator found, and asks it to take just that as the baseline. It does so at a look that finds
 * the same again.
 */
export async function adoptPublished(names: readonly string[], options: AdoptOptions, { terminal }: Context): Promise<ExitCode> {
  return withPublished<ExitCode>(options, async (published) => {
    const { store, where } = published;
    const asked: { name: string; text: string }[] = [];
    const by = await whoAsks(published);
    for (const name of names) {
      const device = await store.objects.get<unknown, DeviceStatus>('Device', name);
      if (!device) throw errors.NotWatched({ kind: 'Device', name, where });
      const report = await store.objects.get<DriftReportSpec, DriftReportStatus>('DriftReport', name);
      terminal.write(await describePublished(published, device, report, terminal.style));
      const { digest, since } = report?.status ?? {};
      if (digest !== undefined && since !== undefined) asked.push({ name, text: printAdoption({ by, digest, since }) });
    }
    if (asked.length === 0) {
      terminal.say('Nothing differs: there is nothing to adopt.\n');
      return 0;
    }
    if (!(await confirmAdoption(asked.length, options, terminal))) return 1;
    for (const { name, text } of asked) await annotate(store.objects, 'Device', name, { [adoptAnnotation]: text }, where);
    terminal.say(
      `${asked.map(({ name }) => name).join(', ')}: the operator was asked to adopt; it does when the next look, now, finds the same\n`,
    );
    return 0;
  });
}

/** Asks before anything becomes a baseline; says so when nothing does. */
export async function confirmAdoption(devices: number, { yes }: AdoptOptions, terminal: Terminal): Promise<boolean> {
  const question = `Take these live values of ${plural(devices, 'device')} as baseline? Nothing is written to a device; afterwards Git wins.`;
  if (yes || (await terminal.confirm(question))) return true;
  terminal.say('Nothing was adopted. Answer yes, or pass --yes in a script.\n');
  return false;
}
