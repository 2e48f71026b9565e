import { openFolder } from '../../desired/index.ts';
import { captureDrift, type Captured, captureRecord } from '../../import/index.ts';
import { PlumblineError } from '../../lib/index.ts';
import { openNetBox } from '../../netbox/index.ts';
import { tellDevices } from '../../pipeline/index.ts';
import { formatProblems, formatTextDiff, plural, printable } from '../../report/index.ts';
import type { Context, FleetOptions, FormatOptions, SelectionOptions, SourceOptions } from '../context.ts';
import { errors } from '../errors.ts';
import type { ExitCode } from '../exit-code.ts';
import { printRecord } from '../terminal.ts';
import { writeFiles } from '../write-files.ts';
import { accessOf, type NetBoxOptions } from './netbox-access.ts';
import { type Look, withLook } from './prepare.ts';

interface CaptureOptions extends SourceOptions, SelectionOptions, FormatOptions, FleetOptions, NetBoxOptions {
  from: 'device' | 'netbox';
  news?: boolean;
  dryRun?: boolean;
}

/** `plumb capture`: what was changed on devices, written into the files of Git. Exit 1 when something is left, 2 when a device or NetBox could not be read. */
export async function capture(names: readonly string[], options: CaptureOptions, context: Context): Promise<ExitCode> {
  if (options.rev !== undefined) throw errors.OptionsConflict({ option: '--rev', with: 'capture, which writes into a folder' });
  if (options.from === 'netbox') accessOf(options);
  return withLook(names, options, context, async (look) => {
    const { terminal, signal } = context;
    const unread = look.surveyed.filter(({ verdict }) => verdict.verdict === 'Unknown');
    for (const { verdict } of unread)
      if (verdict.verdict === 'Unknown') terminal.say(`${printable(verdict.message)}\n${printable(verdict.next)}\n`);
    const captured = options.from === 'netbox' ? await fromNetBox(look, options, context) : await fromDevices(look, options, context);
    terminal.progress('');
    if (!captured) return 2;
    signal.throwIfAborted();
    if (!options.dryRun) writeFiles(captured.files, options.source, () => true);
    if (options.output === 'json' || options.output === 'yaml') {
      const { files, lines, changes, left } = captured;
      terminal.write(printRecord({ files: [...files.keys()].sort(), changes, lines, left }, options.output));
    } else terminal.write(textOf(captured, unread.length, options, context));
    if (unread.length > 0) return 2;
    return captured.left.length > 0 ? 1 : 0;
  });
}

async function fromDevices(
  { state, surveyed, corridor }: Look,
  { source, news }: CaptureOptions,
  { terminal }: Context,
): Promise<Captured> {
  return captureDrift({
    state,
    source: await openFolder(source),
    surveyed,
    secrets: corridor.secrets,
    news: news === true,
    onStep: (what) => terminal.progress(what),
  });
}

async function fromNetBox(
  { state, surveyed, prepared }: Look,
  options: CaptureOptions,
  { terminal, signal }: Context,
): Promise<Captured | undefined> {
  terminal.progress('reading NetBox …');
  try {
    const netbox = await openNetBox(accessOf(options), signal);
    try {
      const facts = await netbox.readFacts(signal);
      const devices = new Set(prepared.devices.map(({ name }) => name));
      return await captureRecord({ state, source: await openFolder(options.source), facts, told: tellDevices(state, surveyed), devices });
    } finally {
      await netbox.close();
    }
  } catch (error) {
    if (!(error instanceof PlumblineError) || signal.aborted) throw error;
    terminal.progress('');
    terminal.say(formatProblems([error], terminal.style));
    return undefined;
  }
}

function textOf(
  { files, before, lines, left }: Captured,
  unread: number,
  { source, dryRun, from }: CaptureOptions,
  { terminal }: Context,
): string {
  const parts = [...files]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, text]) => formatTextDiff(path, before.get(path), text, terminal.style));
  for (const { device, line, why } of left) parts.push(`left: ${printable(device)}: ${printable(line)}\n      ${printable(why)}\n`);
  const asFar = unread === 0 ? '' : `, as far as devices could be read: ${plural(unread, 'device')} could not`;
  if (files.size === 0)
    parts.push(
      left.length > 0
        ? 'nothing was written\n'
        : `nothing to capture: ${from === 'netbox' ? 'NetBox is ahead with nothing' : 'nobody changed a device'}${asFar}\n`,
    );
  else {
    parts.push(
      `${dryRun ? 'would write' : 'wrote'} ${plural(files.size, 'file')} below ${printable(source)}: ${plural(lines.length, from === 'netbox' ? 'value' : 'line')} captured\n`,
    );
    if (!dryRun) parts.push('next: look with git diff; plumb plan shows nothing for what was captured; then a pull request\n');
  }
  return parts.join('');
}
