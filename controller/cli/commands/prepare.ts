import { type CheckedState, hasErrors } from '../../api/index.ts';
import { type DesiredSource, loadCommitted, loadDesired, type ManifestCache } from '../../desired/index.ts';
import { systemClock } from '../../lib/index.ts';
import {
  type Corridor,
  type CorridorOptions,
  type Earlier,
  type Known,
  openCorridor,
  type Prepared,
  prepareDevices,
  selectDevices,
  surveyDevices,
  type Surveyed,
} from '../../pipeline/index.ts';
import { countProblems, formatProblems, plural } from '../../report/index.ts';
import type { Secrets } from '../../store/index.ts';
import type { Context, FleetOptions, SelectionOptions, SourceOptions } from '../context.ts';
import type { ExitCode } from '../exit-code.ts';

/** The source that `--source` and `--rev` name. */
export function sourceOf({ source, rev }: SourceOptions): DesiredSource {
  return { folder: source, ...(rev !== undefined && { rev }) };
}

/** The desired state, when it can be used; otherwise what is wrong has been said and the command ends. */
export async function loadUsable(source: DesiredSource, { terminal }: Context, cache?: ManifestCache): Promise<CheckedState | undefined> {
  const state = await loadDesired(source, systemClock, cache);
  if (!hasErrors(state.problems)) return state;
  terminal.say(
    formatProblems(
      state.problems.filter(({ severity }) => severity === 'error'),
      terminal.style,
    ),
  );
  terminal.say(`${state.revision}: ${countProblems(state.problems)}; nothing is compared or sent until they are mended\n`);
  return undefined;
}

/** Revisions of the repository in a folder, as baselines name them. */
export function earlierIn(folder: string): Earlier {
  return (revision) => loadCommitted(folder, revision);
}

/** The selected devices, compiled and rendered. What cannot be rendered has been said; the rest goes on. What `known` has is not rendered again. */
export async function prepareSelected(
  state: CheckedState,
  names: readonly string[],
  selector: SelectionOptions['selector'],
  secrets: Secrets | undefined,
  { terminal }: Context,
  known: Known = new Map(),
): Promise<Prepared | undefined> {
  const { devices, problems } = selectDevices(state, { names, selector });
  if (problems.length > 0) {
    terminal.say(formatProblems(problems, terminal.style));
    return undefined;
  }
  terminal.progress(`rendering ${plural(devices.length, 'device')} …`);
  const prepared = await prepareDevices(state, devices, secrets, known);
  terminal.progress('');
  const told = new Set<unknown>(known.values());
  const found = [...prepared.templateProblems, ...prepared.devices.flatMap((device) => (told.has(device) ? [] : device.problems))];
  if (found.length > 0) terminal.say(formatProblems(found, terminal.style));
  return prepared;
}

/** The selected devices as Git wants them and as they are now. */
export interface Look {
  state: CheckedState;
  prepared: Prepared;
  surveyed: readonly Surveyed[];
  corridor: Corridor;
}

/** Reads and judges the selected devices, for commands that only look; without `read` no device is asked. Exit 1 when what Git says cannot be used; why has been said. */
export async function withLook(
  names: readonly string[] | ((state: CheckedState) => readonly string[]),
  options: SourceOptions & SelectionOptions & FleetOptions,
  context: Context,
  work: (look: Look) => Promise<ExitCode>,
  { read = true }: { read?: boolean } = {},
): Promise<ExitCode> {
  const state = await loadUsable(sourceOf(options), context);
  if (!state) return 1;
  return withCorridor(options, async (corridor) => {
    const chosen = typeof names === 'function' ? names(state) : names;
    const prepared = await prepareSelected(state, chosen, options.selector, corridor.secrets, context);
    if (!prepared) return 1;
    const surveyed = read ? await surveyDevices(prepared, corridor, context.signal, countReads(prepared, context)) : [];
    return work({ state, prepared, surveyed, corridor });
  });
}

/** Says how far the reading of devices is: to be called after each. */
export function countReads({ devices }: Prepared, { terminal }: Context): () => void {
  let done = 0;
  return () => terminal.progress(`reading ${++done} of ${plural(devices.length, 'device')} …`);
}

/** Opens store, secrets and drivers for one command and closes them at its end, however it ends. */
export async function withCorridor<Result>(
  options: FleetOptions,
  work: (corridor: Corridor) => Promise<Result>,
  pool?: CorridorOptions['pool'],
): Promise<Result> {
  const corridor = await openCorridor({
    environment: process.env,
    storeFolder: options.store,
    secretsFolder: options.secrets,
    versionKeyFile: options.versionKey,
    timeoutMs: options.timeout * 1000,
    pool,
  });
  try {
    return await work(corridor);
  } finally {
    await corridor.close();
  }
}
