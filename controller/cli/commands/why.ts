import type { CheckedState } from '../../api/index.ts';
import { formatWhy, verdictRecords } from '../../report/index.ts';
import type { Context, FleetOptions, FormatOptions, SourceOptions } from '../context.ts';
import { type ExitCode, exitCodeOf } from '../exit-code.ts';
import { printRecord } from '../terminal.ts';
import { type PlaceOptions } from '../published.ts';
import { whyPublished } from './why-published.ts';
import { ofSubnet, subnetNamed } from './why-subnet.ts';
import { withLook } from './prepare.ts';

type WhyOptions = SourceOptions & FormatOptions & FleetOptions & PlaceOptions;

/**
 * `plumb why`: one device, or one subnet on each of its servers, with every value, and what was done to it before. What an operator published where one watches the device and
 * no source was named; else the device is read now.
 */
export async function why(name: string, options: WhyOptions, context: Context): Promise<ExitCode> {
  const told =
    context.typed.includes('--source') || context.typed.includes('--rev') ? undefined : await whyPublished(name, options, context);
  return told ?? whyNow(name, options, context);
}

async function whyNow(name: string, options: WhyOptions, context: Context): Promise<ExitCode> {
  const chosen = (state: CheckedState) => subnetNamed(state, name)?.spec.servedBy ?? [name];
  return withLook(chosen, options, context, async ({ state, surveyed, corridor }) => {
    const { terminal } = context;
    const subnet = subnetNamed(state, name);
    if (subnet) {
      const verdicts = surveyed.map((each) => ofSubnet(each.verdict, subnet));
      const isRecord = options.output === 'json' || options.output === 'yaml';
      if (isRecord) terminal.write(printRecord(verdictRecords(verdicts), options.output as 'json'));
      else for (const each of verdicts) terminal.write(formatWhy(each, terminal.style));
      return exitCodeOf(verdicts);
    }
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
