import { testRoutes } from '../../pipeline/index.ts';
import { formatProblems, plural, problemRecords } from '../../report/index.ts';
import { nearest } from '../../lib/index.ts';
import type { Context, FormatOptions, SourceOptions } from '../context.ts';
import { errors } from '../errors.ts';
import type { ExitCode } from '../exit-code.ts';
import { printRecord } from '../terminal.ts';
import { loadUsable, sourceOf } from './prepare.ts';

/** `plumb test`: which RouteTests do not hold, and why. Exit 1 when one does not. */
export async function test(names: readonly string[], options: SourceOptions & FormatOptions, context: Context): Promise<ExitCode> {
  const { terminal } = context;
  const state = await loadUsable(sourceOf(options), context);
  if (!state) return 1;
  const unknown = names.find((name) => !state.objects.RouteTest.has(name));
  if (unknown !== undefined) throw errors.NoSuchTest({ name: unknown, near: nearest(unknown, state.objects.RouteTest.keys()) });
  const { tests, failures } = testRoutes(state, names);
  if (options.output === 'json' || options.output === 'yaml') {
    terminal.write(printRecord({ revision: state.revision, tests, problems: problemRecords(failures) }, options.output));
    return failures.length > 0 ? 1 : 0;
  }
  terminal.write(formatProblems(failures, terminal.style));
  const said = failures.length > 0 ? terminal.style.bad(plural(failures.length, 'failure')) : terminal.style.good('all hold');
  terminal.write(tests === 0 ? 'There is no RouteTest here.\n' : `${state.revision}: ${plural(tests, 'test')}; ${said}\n`);
  return failures.length > 0 ? 1 : 0;
}
