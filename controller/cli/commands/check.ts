import { hasErrors } from '../../api/index.ts';
import { checkDesired, testRoutes } from '../../pipeline/index.ts';
import { countProblems, formatProblems, plural, problemRecords } from '../../report/index.ts';
import type { Context, FormatOptions, SourceOptions } from '../context.ts';
import { errors } from '../errors.ts';
import type { ExitCode } from '../exit-code.ts';
import { keptWorkOf } from '../kept-work.ts';
import { printRecord } from '../terminal.ts';

/** `plumb check`: every mistake at once. Exit 1 when there is an error; warnings alone are 0. */
export async function check(
  options: SourceOptions & FormatOptions & { folder?: string; since?: string; all?: boolean },
  { terminal, typed }: Context,
): Promise<ExitCode> {
  if (options.folder !== undefined && typed.includes('--source'))
    throw errors.OptionsConflict({ option: '--source', with: `the folder ${options.folder}` });
  const folder = options.folder ?? options.source;
  const { state, problems: mistakes } = await checkDesired(
    { folder, ...(options.rev !== undefined && { rev: options.rev }) },
    { since: options.since, kept: keptWorkOf(folder, process.env) },
  );
  // What cannot be compiled has been said: tests would only say it again.
  const problems = options.all && !hasErrors(mistakes) ? [...mistakes, ...testRoutes(state).failures] : mistakes;
  const bad = hasErrors(problems);
  if (options.output === 'json' || options.output === 'yaml') {
    terminal.write(printRecord({ revision: state.revision, problems: problemRecords(problems) }, options.output));
    return bad ? 1 : 0;
  }
  const kinds = Object.entries(state.objects).filter(([, objects]) => objects.size > 0);
  const count = kinds.map(([kind, objects]) => `${objects.size} ${kind}`).join(', ');
  terminal.write(formatProblems(problems, terminal.style));
  terminal.write(
    `${state.revision}: ${count || plural(0, 'object')}; ${bad ? terminal.style.bad(countProblems(problems)) : terminal.style.good(countProblems(problems))}\n`,
  );
  return bad ? 1 : 0;
}
