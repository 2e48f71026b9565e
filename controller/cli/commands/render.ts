import type { CheckedState } from '../../api/index.ts';
import { compileDevice } from '../../compile/index.ts';
import { dialectFor, parseIntended, printNative } from '../../config/index.ts';
import { selectDevices } from '../../pipeline/index.ts';
import { intentForTemplates } from '../../render/index.ts';
import { formatProblems } from '../../report/index.ts';
import type { Context, FormatOptions, SelectionOptions, SourceOptions } from '../context.ts';
import { errors } from '../errors.ts';
import type { ExitCode } from '../exit-code.ts';
import { printRecord } from '../terminal.ts';
import { loadUsable, prepareSelected, sourceOf } from './prepare.ts';

/** `plumb render`: what Git wants of each device, as text. Secrets are tokens: values are not asked for. */
export async function render(
  names: readonly string[],
  options: SourceOptions & SelectionOptions & FormatOptions & { markers?: boolean; intent?: boolean },
  context: Context,
): Promise<ExitCode> {
  if (options.intent && options.markers) throw errors.OptionsConflict({ option: '--markers', with: '--intent' });
  const state = await loadUsable(sourceOf(options), context);
  if (!state) return 1;
  if (options.intent) return printIntents(state, names, options, context);
  const prepared = await prepareSelected(state, names, options.selector, undefined, context);
  if (!prepared) return 1;
  const { terminal } = context;
  const configs = prepared.devices.flatMap(({ name, ready }) =>
    ready ? [{ device: name, digest: ready.rendered.digest, config: textOf(ready.rendered, options.markers) }] : [],
  );
  if (options.output === 'json' || options.output === 'yaml')
    terminal.write(printRecord({ revision: state.revision, devices: configs }, options.output));
  else
    for (const { device, config } of configs)
      terminal.write(configs.length > 1 ? `${terminal.style.strong(`! ${device}`)}\n${config}` : config);
  return configs.length === prepared.devices.length ? 0 : 1;
}

/** Nothing is rendered for this: it is asked for when a template does not work yet. */
function printIntents(
  state: CheckedState,
  names: readonly string[],
  { selector, output }: SelectionOptions & FormatOptions,
  { terminal }: Context,
): ExitCode {
  const { devices, problems } = selectDevices(state, { names, selector });
  const compiled = devices.map((device) => compileDevice(state, device));
  const found = [...problems, ...compiled.flatMap((each) => each.problems)];
  if (found.length > 0) terminal.say(formatProblems(found, terminal.style));
  const intents = compiled.flatMap(({ intent }) => (intent ? [JSON.parse(intentForTemplates(intent)) as unknown] : []));
  if (intents.length > 0) terminal.write(printRecord({ revision: state.revision, devices: intents }, output === 'json' ? 'json' : 'yaml'));
  return intents.length < devices.length || devices.length === 0 ? 1 : 0;
}

function textOf({ text, platform }: { text: string; platform: string }, markers: boolean | undefined): string {
  const dialect = dialectFor(platform);
  return markers ? text : printNative(parseIntended(text, dialect).tree, dialect);
}
