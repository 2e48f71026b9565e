import { countVerdicts, formatVerdicts, verdictRecords, verdictsMarkdown } from '../../report/index.ts';
import type { Context, FleetOptions, FormatOptions, SelectionOptions, SourceOptions } from '../context.ts';
import { type ExitCode, exitCodeOf } from '../exit-code.ts';
import { printRecord } from '../terminal.ts';
import { withLook } from './prepare.ts';

/** `plumb drift`: what differs, and who moved. */
export async function drift(
  names: readonly string[],
  options: SourceOptions & SelectionOptions & FormatOptions & FleetOptions,
  context: Context,
): Promise<ExitCode> {
  return withLook(names, options, context, async ({ state, surveyed }) => {
    const { terminal } = context;
    const verdicts = surveyed.map(({ verdict }) => verdict);
    if (options.output === 'markdown') terminal.write(verdictsMarkdown(verdicts));
    else if (options.output !== 'text')
      terminal.write(printRecord({ revision: state.revision, devices: verdictRecords(verdicts) }, options.output));
    else terminal.write(`${formatVerdicts(verdicts, terminal.style)}${countVerdicts(verdicts)} (${state.revision})\n`);
    return exitCodeOf(verdicts);
  });
}
