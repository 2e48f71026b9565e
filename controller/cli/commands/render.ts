import { dialectFor, parseIntended, print } from '../../config/index.ts';
import type { Context, FormatOptions, SelectionOptions, SourceOptions } from '../context.ts';
import type { ExitCode } from '../exit-code.ts';
import { printRecord } from '../terminal.ts';
import { loadUsable, prepareSelected, sourceOf } from './prepare.ts';

/** `plumb render`: what Git wants of each device, as text. Secrets are tokens: values are not asked for. */
export async function render(
  names: readonly string[],
  options: SourceOptions & SelectionOptions & FormatOptions & { markers?: boolean },
  context: Context,
): Promise<ExitCode> {
  const state = await loadUsable(sourceOf(options), context);
  if (!state) return 1;
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

function textOf({ text, platform }: { text: string; platform: string }, markers: boolean | undefined): string {
  return markers ? text : print(parseIntended(text, dialectFor(platform)).tree);
}
