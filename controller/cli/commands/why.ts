import { formatWhy, verdictRecords } from '../../report/index.ts';
import type { Context, FleetOptions, FormatOptions, SourceOptions } from '../context.ts';
import { type ExitCode, exitCodeOf } from '../exit-code.ts';
import { printRecord } from '../terminal.ts';
import { type PlaceOptions } from '../published.ts';
import { whyPublished } from './why-published.ts';
import { withLook } from './prepare.ts';

type WhyOptions = SourceOptions & FormatOptions & FleetOptions & PlaceOptions;

/**
 * `plumb why`: one device with every value, and what was done to it before. What an operator published where one watches the device and
 * no source was named; else the device is read now.
 */
export async function why(name: string, options: WhyOptions, context: Context): Promise<ExitCode> {
  const told =
    context.typed.includes('--source') || context.typed.includes('--rev') ? undefined : await whyPublished(name, options, context);
  return told ?? whyNow(name, options, context);
}

async function whyNow(name: string, options: WhyOptions, context: Context): Promise<ExitCode> {
  return withLook([name], options, context, async ({ surveyed, corridor }) => {
    const { terminal } = context;
    const verdict = surveyed[0]?.verdict;
    if (!verdict) return 1;
    const history = (await corridor.store.history.list(name)).slice(-10);
    if (options.output === 'json' || options.output === 'yaml')
      terminal.write(printRecord({ ...verdictRecords([verdict])[0], history }, options.output));
    else {
      terminal.write(formatWhy(verdict, terminal.style));
      if (history.length > 0)
        terminal.write(`  history\n${history.map((entry) => `    ${entry.at}  ${entry.event}  ${entry.message}\n`).join('')}`);
    }
    return exitCodeOf([verdict]);
  });
}
