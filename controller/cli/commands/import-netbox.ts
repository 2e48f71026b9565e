import { existsSync } from 'node:fs';
import { openFolder } from '../../desired/index.ts';
import { importNetBox, type ImportedFromNetBox, neededToImport } from '../../import/index.ts';
import { PlumblineError } from '../../lib/index.ts';
import { openNetBox } from '../../netbox/index.ts';
import { formatProblems, plural, printable } from '../../report/index.ts';
import type { Context, FormatOptions } from '../context.ts';
import type { ExitCode } from '../exit-code.ts';
import { printRecord } from '../terminal.ts';
import { writeFiles } from '../write-files.ts';
import { accessOf, type NetBoxOptions } from './netbox-access.ts';

interface ImportOptions extends FormatOptions, NetBoxOptions {
  source: string;
  site?: readonly string[];
  platform?: string;
  credentials: string;
  dryRun?: boolean;
}

/** `plumb import netbox`: writes devices of what NetBox records, or nothing. Exit 1 when something was left out, 2 when NetBox could not be read. */
export async function importFromNetBox(options: ImportOptions, context: Context): Promise<ExitCode> {
  const { terminal, signal } = context;
  const { source, site = [], platform, credentials, dryRun, output } = options;
  const facts = await readNetBox(options, context);
  if (!facts) return 2;
  const base = existsSync(source) ? await openFolder(source) : undefined;
  terminal.progress('making desired state …');
  const imported = await importNetBox(facts, { sites: site, platform, credentials }, base);
  terminal.progress('');
  signal.throwIfAborted();
  if (!dryRun) writeFiles(imported.files, source);
  if (output === 'json' || output === 'yaml') terminal.write(printRecord({ ...imported, files: [...imported.files.keys()] }, output));
  else terminal.write(textOf(imported, options));
  return imported.left.length > 0 ? 1 : 0;
}

async function readNetBox(options: ImportOptions, { terminal, signal }: Context) {
  const access = accessOf(options);
  terminal.progress('reading NetBox …');
  try {
    const netbox = await openNetBox(access, signal);
    try {
      return await netbox.readFacts(signal, neededToImport);
    } finally {
      await netbox.close();
    }
  } catch (error) {
    if (!(error instanceof PlumblineError)) throw error;
    terminal.progress('');
    terminal.say(formatProblems([error], terminal.style));
    return undefined;
  }
}

function textOf({ files, left, unchanged }: ImportedFromNetBox, { source, dryRun }: ImportOptions): string {
  const lines = [
    ...unchanged.map((device) => `${device}: Git has it already; nothing of it is written`),
    ...left.map(({ what, why }) => `left out: ${printable(what)}: ${printable(why)}`),
    `${dryRun ? 'would write' : 'wrote'} ${plural(files.size, 'file')} below ${printable(source)}; plumb check takes them, and NetBox says nothing else`,
  ];
  if (files.size > 0)
    lines.push(
      'next:',
      '  write management (address, hostKeys) into each device; plumb import device --live ADDRESS says which host key it shows',
    );
  return `${lines.join('\n')}\n`;
}
