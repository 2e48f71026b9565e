import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { openFolder } from '../../desired/index.ts';
import { errors as importErrors, type Imported, importDevices, isKea, type OriginalText, slug } from '../../import/index.ts';
import { PlumblineError } from '../../lib/index.ts';
import { buildNewTarget } from '../../pipeline/index.ts';
import type { Context, FleetOptions, FormatOptions } from '../context.ts';
import { errors } from '../errors.ts';
import type { ExitCode } from '../exit-code.ts';
import { readNamedFile } from '../files.ts';
import { importRecord, importText } from '../import-words.ts';
import { printRecord } from '../terminal.ts';
import { withCorridor } from './prepare.ts';

interface ImportOptions extends FormatOptions, FleetOptions {
  source: string;
  platform: string;
  name?: string;
  live?: string;
  port: number;
  hostKey?: readonly string[];
  credentials?: string;
  secretsOut?: string;
  dryRun?: boolean;
}

/** `plumb import device`: writes desired state that gives back what was read, or writes nothing. Exit 2 when the router could not be read. */
export async function importDevice(files: readonly string[], options: ImportOptions, context: Context): Promise<ExitCode> {
  const { terminal } = context;
  if (options.live !== undefined && files.length > 0) throw errors.OptionsConflict({ option: '--live', with: `a file (${files[0]})` });
  if (options.live === undefined && files.length === 0) throw errors.NothingToImport({});
  // A DHCP server may have a file for each of its daemons.
  if (options.name !== undefined && files.length > 1 && !isKea(options.platform))
    throw errors.OptionsConflict({ option: '--name', with: 'several files' });
  if (options.name !== undefined && slug(options.name) !== options.name) throw errors.DeviceNameUnusable({ name: options.name });
  const originals = options.live === undefined ? readFiles(files, options) : await readLive(options.live, options, context);
  if (!originals) return 2;
  refuseTwins(originals);

  const base = existsSync(options.source) ? await openFolder(options.source) : undefined;
  const words = new Map(originals.map(({ device }) => [device, { credentials: credentialsOf(options), ...managementOf(options) }]));
  const imported = await importDevices({
    originals,
    words,
    ...(base && { base }),
    onStep: (what) => terminal.progress(what),
  });
  terminal.progress('');
  if (!options.dryRun) writeAll(imported, options);
  if (options.output === 'json' || options.output === 'yaml') terminal.write(printRecord(importRecord(imported), options.output));
  else terminal.write(importText(imported, options, terminal.style));
  return 0;
}

function credentialsOf({ credentials, platform }: ImportOptions): string {
  return credentials ?? (isKea(platform) ? 'kea-observe' : 'routers-observe');
}

function readFiles(files: readonly string[], options: ImportOptions): OriginalText[] {
  const read = files.map((file) => readFile(file, options));
  const [first] = read;
  if (!first || options.name === undefined) return read;
  return [{ ...first, from: files.join(', '), text: read.map(({ text }) => text).join('\n') }];
}

function readFile(file: string, { platform, name }: ImportOptions): OriginalText {
  const text = readNamedFile(file);
  return { device: name ?? nameIn(text, file), from: file, platform, text };
}

/** The name that the router has for itself. */
function nameIn(text: string, file: string): string {
  const said = /^hostname (\S+)/m.exec(text)?.[1] ?? '';
  return slug(said) || slug(basename(file).replace(/\.[a-z]+$/i, '')) || 'router';
}

async function readLive(address: string, options: ImportOptions, { terminal, signal }: Context): Promise<OriginalText[] | undefined> {
  const { platform, port } = options;
  const credentials = credentialsOf(options);
  const name = options.name ?? slug(address);
  return withCorridor(options, async (corridor) => {
    const target = buildNewTarget(
      { name, address, port, hostKeys: options.hostKey ?? [], credentials, services: servicesOf(platform) },
      corridor.secrets,
    );
    if (target instanceof PlumblineError) throw target;
    terminal.progress(`reading ${name} …`);
    const observed = await corridor
      .driver(isKea(platform) ? 'kea' : platform)
      .observe(target, {}, AbortSignal.any([signal, AbortSignal.timeout(corridor.timeoutMs)]));
    terminal.progress('');
    if (observed.state === 'Unknown') {
      terminal.say(`${observed.message}\n${options.hostKey ? observed.next : noKey}\n`);
      return undefined;
    }
    const device = options.name ?? nameIn(observed.config, address);
    return [{ device, from: address, platform, text: observed.config, version: observed.version }];
  });
}

const noKey = 'Nothing was read. Compare the key with the one that the router itself has, then pass it: --host-key SHA256:…';

/** Daemons of a DHCP server that are read; a router has none. */
function servicesOf(platform: string): readonly ('dhcp4' | 'dhcp6')[] {
  if (!isKea(platform)) return [];
  return platform === 'kea' ? ['dhcp4', 'dhcp6'] : [platform === 'kea-dhcp4' ? 'dhcp4' : 'dhcp6'];
}

function managementOf({ live, port, hostKey }: ImportOptions): { management?: Record<string, unknown> } {
  if (live === undefined) return {};
  return { management: { address: live, ...(port !== 22 && { port }), hostKeys: hostKey ?? [] } };
}

function refuseTwins(originals: readonly OriginalText[]): void {
  const seen = new Map<string, string>();
  for (const { device, from } of originals) {
    const first = seen.get(device);
    if (first !== undefined) throw importErrors.DeviceTwice({ device, first, second: from });
    seen.set(device, from);
  }
}

/** All or nothing, as far as can be seen before: no file that holds something else is written over. */
function writeAll({ files, changed, secrets }: Imported, { source, secretsOut }: ImportOptions): void {
  for (const [path, text] of files) {
    const full = join(source, path);
    if (!changed.has(path) && existsSync(full) && readFileSync(full, 'utf8') !== text) throw importErrors.FileInTheWay({ path: full });
  }
  for (const [path, text] of files) {
    mkdirSync(dirname(join(source, path)), { recursive: true });
    writeFileSync(join(source, path), text);
  }
  if (secretsOut !== undefined) writeSecrets(secrets, secretsOut);
}

/** In the shape that `--secrets` reads: a file for each value, and who may use it. */
function writeSecrets(secrets: Imported['secrets'], folder: string): void {
  for (const [name, uses] of Map.groupBy(secrets, (use) => use.name)) {
    const home = join(folder, name);
    mkdirSync(home, { recursive: true, mode: 0o700 });
    for (const { key, value } of uses) if (value) writeFileSync(join(home, key), `${value.reveal()}\n`, { mode: 0o600 });
    const rules = [...new Set(uses.map(({ purpose, device }) => `${purpose} for ${device}`))];
    writeFileSync(join(home, '.use'), `${rules.join('\n')}\n`, { mode: 0o600 });
  }
}
