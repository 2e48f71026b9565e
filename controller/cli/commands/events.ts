import { printable } from '../../report/index.ts';
import type { Context, FormatOptions } from '../context.ts';
import type { ExitCode } from '../exit-code.ts';
import { type PlaceOptions, type Published, withPublished } from '../published.ts';
import { formatAge, formatTable } from '../table.ts';
import { printRecord } from '../terminal.ts';
import { startOf } from './history.ts';

interface Shown {
  at: string;
  type: string;
  reason: string;
  kind: string;
  name: string;
  message: string;
}

/** `plumb events [NAME]`: what the operator told about its objects, the newest last. */
export async function events(
  name: string | undefined,
  options: PlaceOptions & FormatOptions & { since?: string },
  context: Context,
): Promise<ExitCode> {
  return withPublished<ExitCode>(options, async (published) => {
    const since = startOf(options.since) ?? '';
    const all = published.cluster ? await clusterEvents(published.cluster) : await storedNotices(published);
    const shown = all
      .filter((each) => each.at >= since && (name === undefined || each.name === name))
      .toSorted((a, b) => (a.at < b.at ? -1 : 1));
    if (options.output === 'json' || options.output === 'yaml') context.terminal.write(printRecord(shown, options.output));
    else if (shown.length === 0) context.terminal.say(`No events in ${published.where}\n`);
    else {
      const now = new Date();
      const rows = shown.map((each) =>
        [formatAge(each.at, now), each.type, each.reason, `${each.kind}/${each.name}`, each.message].map(printable),
      );
      context.terminal.write(formatTable(['age', 'type', 'reason', 'object', 'message'], rows));
    }
    return 0;
  });
}

async function storedNotices({ store }: Published): Promise<readonly Shown[]> {
  return (await store.objects.list<Shown>('Notice')).map(({ spec }) => spec);
}

async function clusterEvents({ client, namespace }: NonNullable<Published['cluster']>): Promise<readonly Shown[]> {
  const resource = { group: 'events.k8s.io', version: 'v1', plural: 'events', kind: 'Event', namespace };
  const { items } = await client.list(resource, { fieldSelector: 'reportingController=plumbline.dev/operator' });
  return items.map((item) => {
    const event = item as unknown as {
      eventTime: string;
      series?: { lastObservedTime: string };
      type: string;
      reason: string;
      note: string;
      regarding: { kind: string; name: string };
    };
    return {
      at: event.series?.lastObservedTime ?? event.eventTime,
      type: event.type,
      reason: event.reason,
      kind: event.regarding.kind,
      name: event.regarding.name,
      message: event.note,
    };
  });
}
