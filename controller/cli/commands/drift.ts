import { saveReads } from '../../pipeline/index.ts';
import { countVerdicts, formatVerdicts, verdictRecords, verdictsMarkdown } from '../../report/index.ts';
import type { Context, FleetOptions, FormatOptions, SelectionOptions, SourceOptions } from '../context.ts';
import { type ExitCode, exitCodeOf } from '../exit-code.ts';
import { writeNamedFile } from '../files.ts';
import { printRecord } from '../terminal.ts';
import { withLook } from './prepare.ts';

/** `plumb drift`: what differs, and who moved. */
export async function drift(
  names: readonly string[],
  options: SourceOptions & SelectionOptions & FormatOptions & FleetOptions & { save?: string },
  context: Context,
): Promise<ExitCode> {
  return withLook(names, options, context, async ({ state, prepared, surveyed, corridor }) => {
    const { terminal } = context;
    if (options.save !== undefined)
      writeNamedFile(options.save, `${JSON.stringify(await saveReads(prepared, surveyed, corridor.clock.now()))}\n`);
    const verdicts = surveyed.map(({ verdict }) => verdict);
    if (options.output === 'markdown') terminal.write(verdictsMarkdown(verdicts));
    else if (options.output !== 'text')
      terminal.write(printRecord({ revision: state.revision, devices: verdictRecords(verdicts) }, options.output));
    else terminal.write(`${formatVerdicts(verdicts, terminal.style)}${countVerdicts(verdicts)} (${state.revision})\n`);
    return exitCodeOf(verdicts);
  });
}
