import { surveyDevices } from '../../pipeline/index.ts';
import { countVerdicts, formatVerdicts, verdictRecords, verdictsMarkdown } from '../../report/index.ts';
import type { Context, FleetOptions, FormatOptions, SelectionOptions, SourceOptions } from '../context.ts';
import { type ExitCode, exitCodeOf } from '../exit-code.ts';
import { printRecord } from '../terminal.ts';
import { countReads, loadUsable, prepareSelected, sourceOf, withCorridor } from './prepare.ts';

/** `plumb drift`: what differs, and who moved. */
export async function drift(
  names: readonly string[],
  options: SourceOptions & SelectionOptions & FormatOptions & FleetOptions,
  context: Context,
): Promise<ExitCode> {
  const state = await loadUsable(sourceOf(options), context);
  if (!state) return 1;
  return withCorridor(options, async (corridor) => {
    const { terminal, signal } = context;
    const prepared = await prepareSelected(state, names, options.selector, corridor.secrets, context);
    if (!prepared) return 1;
    const surveyed = await surveyDevices(prepared, corridor, signal, countReads(prepared, context));
    const verdicts = surveyed.map(({ verdict }) => verdict);
    if (options.output === 'markdown') terminal.write(verdictsMarkdown(verdicts));
    else if (options.output !== 'text')
      terminal.write(printRecord({ revision: state.revision, devices: verdictRecords(verdicts) }, options.output));
    else terminal.write(`${formatVerdicts(verdicts, terminal.style)}${countVerdicts(verdicts)} (${state.revision})\n`);
    return exitCodeOf(verdicts);
  });
}
