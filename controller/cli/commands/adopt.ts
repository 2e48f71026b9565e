import { adoptDevices } from '../../pipeline/index.ts';
import { formatProblems, formatVerdicts } from '../../report/index.ts';
import type { Context, FleetOptions, SourceOptions } from '../context.ts';
import type { ExitCode } from '../exit-code.ts';
import { meansCluster } from '../published.ts';
import { adoptPublished, type AdoptOptions, confirmAdoption } from './adopt-published.ts';
import { withLook } from './prepare.ts';

/**
 * `plumb adopt`: shows what the devices hold of everything that is ours, and stores it as baseline. Writes nothing to a device. In a cluster
 * the operator has the baselines: it is asked.
 */
export async function adopt(
  names: readonly string[],
  options: AdoptOptions & SourceOptions & FleetOptions,
  context: Context,
): Promise<ExitCode> {
  if (meansCluster(options)) return adoptPublished(names, options, context);
  return withLook(names, options, context, async ({ state, surveyed, corridor }) => {
    const { terminal } = context;
    terminal.write(
      formatVerdicts(
        surveyed.map(({ verdict }) => verdict),
        terminal.style,
        { advice: false },
      ),
    );
    const readable = surveyed.filter(({ compared }) => compared !== undefined);
    if (readable.length > 0) {
      if (!(await confirmAdoption(readable.length, options, terminal))) return 1;
      const conflicts = await adoptDevices(readable, corridor);
      for (const { device } of readable) if (!conflicts.has(device.name)) terminal.write(`${device.name} adopted at ${state.revision}\n`);
      terminal.write(formatProblems([...conflicts.values()], terminal.style));
      if (conflicts.size > 0) return readable.length < surveyed.length ? 2 : 1;
    }
    return readable.length < surveyed.length ? 2 : 0;
  });
}
