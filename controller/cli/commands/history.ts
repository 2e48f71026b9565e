import { systemClock } from '../../lib/index.ts';
import { printable } from '../../report/index.ts';
import type { Context, FormatOptions } from '../context.ts';
import { errors } from '../errors.ts';
import type { ExitCode } from '../exit-code.ts';
import { type PlaceOptions, withPublished } from '../published.ts';
import { parseDuration } from '../table.ts';
import { printRecord } from '../terminal.ts';

interface SinceOptions extends PlaceOptions, FormatOptions {
  since?: string;
}

/** `plumb history DEVICE`: what happened to it, ours and what people did, the oldest first. */
export async function history(name: string, options: SinceOptions, context: Context): Promise<ExitCode> {
  return withPublished<ExitCode>(options, async ({ store, where }) => {
    const entries = await store.history.list(name, startOf(options.since));
    if (options.output === 'json' || options.output === 'yaml') context.terminal.write(printRecord(entries, options.output));
    else if (entries.length === 0) context.terminal.say(`${name}: nothing is known of it in ${where}\n`);
    else
      for (const { at, event, actor, message } of entries)
        context.terminal.write(printable(`${at}  ${event}${actor === undefined ? '' : `  ${actor}`}  ${message}`) + '\n');
    return entries.length === 0 ? 1 : 0;
  });
}

/** `2h` as the moment two hours ago; absent: everything. */
export function startOf(since: string | undefined): string | undefined {
  if (since === undefined) return undefined;
  const ms = parseDuration(since);
  if (ms === undefined) throw errors.DurationUnreadable({ text: since });
  return new Date(systemClock.now().getTime() - ms).toISOString();
}
