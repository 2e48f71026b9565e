import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { openFolder } from '../../desired/index.ts';
import { errors as importErrors, type Imported, importDevices, isKea, type OriginalText, slug } from '../../import/index.ts';
import { PlumblineError } from '../../lib/index.ts';
import { buildNewTarget, type NewManagement } from '../../pipeline/index.ts';
import type { Context, FleetOptions, FormatOptions } from '../context.ts';
import { errors } from '../errors.ts';
import type { ExitCode } from '../exit-code.ts';
import { readNamedFile } from '../files.ts';
import { importRecord, importText } from '../import-words.ts';
import { printRecord } from '../terminal.ts';
import { writeFiles } from '../write-files.ts';
import { withCorridor } from './prepare.ts';

interface ImportOptions extends FormatOptions, FleetOptions {
  source: string;
  platform: string;
  name?: string;
  live?: readonly string[];
  direct?: boolean;
  port: number;
  hostKey?: readonly string[];
  credentials?: string;
  secretsOut?: string;
  dryRun?: boolean;
}

/** `plumb import device`: writes desired state that gives back what was read, or writes nothing. Exit 2 when the router could not be read. */
export async function importDevice(files: readonly string[], options: ImportOptions, context: Context): Promise<ExitCode> {
  const { terminal } = context;
  if (options.platform !== 'frr' && !isKea(options.platform)) throw errors.PlatformNotImported({ platform: options.platform });
  if (options.live !== undefined && files.length > 0) throw errors.OptionsConflict({ option: '--live', with: `a file (${files[0]})` });
  if (options.name !== undefined && (options.live?.length ?? 0) > 1)
    throw errors.OptionsConflict({ option: '--name', with: 'several addresses' });
  if (options.live === undefined && files.length === 0) throw errors.NothingToImport({});
  // A DHCP server may have a file for each of its daemons.
  if (options.name !== undefined && files.length > 1 && !isKea(options.platform))
    throw errors.OptionsConflict({ option: '--name', with: 'several files' });
  if (options.name !== undefined && slug(options.name) !== options.name) throw errors.DeviceNameUnusable({ name: options.name });
  const originals = options.live === undefined ? readFiles(files, options) : await readAllLive(options.live, options, context);
  if (!originals) return 2;
  refuseTwins(originals);

  const base = existsSync(options.source) ? await openFolder(options.source) : undefined;
  const words = new Map(
    originals.map(({ device, from }) => [device, { credentials: credentialsOf(options), ...managementOf(from, options) }]),
  );
  const imported = await importDevices({
    originals,
    words,
    ...(base && { base }),
    onStep: (what) => terminal.progress(what),
  });
  terminal.progress('');
  if (!options.dryRun) {
    writeFiles(imported.files, options.source, (path) => imported.changed.has(path));
    if (options.secretsOut !== undefined) writeSecrets(imported.secrets, options.secretsOut);
  }
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
  // Half a backup is no router without configuration. What Kea says has its own reader, which tells where.
  if (!isKea(platform) && !/^\s*[^\s!#]/m.test(text)) throw errors.FileHoldsNothing({ file });
  return { device: name ?? nameIn(text, file), from: file, platform, text };
}

/** The name that the router has for itself; a DHCP server has one only in a pair. */
function nameIn(text: string, file: string): string {
  const said = /^hostname (\S+)/m.exec(text)?.[1] ?? /"?this-server-name"?\s*:?\s*"?([\w.-]+)/.exec(text)?.[1] ?? '';
  return slug(said) || slug(basename(file).replace(/\.[a-z]+$/i, '')) || 'router';
}

/** Both or none: half of a pair is no desired state. */
async function readAllLive(addresses: readonly string[], options: ImportOptions, context: Context): Promise<OriginalText[] | undefined> {
  const originals: OriginalText[] = [];
  for (const address of addresses) {
    const original = await readLive(address, options, context);
    if (!original) return undefined;
    originals.push(original);
  }
  return originals;
}

async function readLive(from: string, options: ImportOptions, { terminal, signal }: Context): Promise<OriginalText | undefined> {
  const { platform } = options;
  const management = reachOf(from, options);
  const credentials = credentialsOf(options);
  const name = options.name ?? slug(management.address);
  return withCorridor(options, async (corridor) => {
    const target = buildNewTarget({ name, management, credentials, services: servicesOf(platform) }, corridor.secrets);
    if (target instanceof PlumblineError) throw target;
    terminal.progress(`reading ${name} …`);
    const observed = await corridor
      .driver(isKea(platform) ? 'kea' : platform)
      .observe(target, {}, AbortSignal.any([signal, AbortSignal.timeout(corridor.timeoutMs)]));
    terminal.progress('');
    if (observed.state === 'Unknown') {
      terminal.say(`${observed.message}\n${options.hostKey || management.api ? observed.next : noKey}\n`);
      return undefined;
    }
    const device = options.name ?? nameIn(observed.config, management.address);
    return { device, from, platform, text: observed.config, version: observed.version };
  });
}

const noKey = 'Nothing was read. Compare the key with the one that the router itself has, then pass it: --host-key SHA256:…';

/** Daemons of a DHCP server that are read; a router has none. */
function servicesOf(platform: string): readonly ('dhcp4' | 'dhcp6')[] {
  if (!isKea(platform)) return [];
  return platform === 'kea' ? ['dhcp4', 'dhcp6'] : [platform === 'kea-dhcp4' ? 'dhcp4' : 'dhcp6'];
}

function managementOf(from: string, options: ImportOptions): { management?: Record<string, unknown> } {
  if (options.live === undefined) return {};
  const { address, port, hostKeys, api } = reachOf(from, options);
  return { management: { address, ...(port !== 22 && { port }), ...((!api || hostKeys.length > 0) && { hostKeys }), ...(api && { api }) } };
}

/** A URL leads to the API of a DHCP server, anything else to SSH. */
function reachOf(from: string, { port, hostKey = [], platform, direct }: ImportOptions): NewManagement {
  const found = /^(https?):\/\/(?:\[([^\]]+)\]|([^/:@]+))(?::(\d+))?\/?$/.exec(from);
  if (from.includes('://') && (!found || !isKea(platform))) throw errors.LiveAddressUnusable({ address: withoutAccount(from), platform });
  if (direct && (!found || platform === 'kea'))
    throw errors.OptionsConflict({ option: '--direct', with: platform === 'kea' ? '--platform kea' : 'an address that is no URL' });
  if (!found) return { address: from, port, hostKeys: hostKey };
  const [, scheme, bracketed, plain = '', said = '8000'] = found;
  const way = direct ? (platform === 'kea-dhcp4' ? 'ipv4Port' : 'ipv6Port') : 'agentPort';
  return { address: bracketed ?? plain, port, hostKeys: hostKey, api: { [way]: Number(said), ...(scheme === 'http' && { tls: false }) } };
}

/** Whoever writes a password there does not want to read it in a log. */
function withoutAccount(url: string): string {
  return url.replace(/:\/\/.*@/s, '://…@');
}

function refuseTwins(originals: readonly OriginalText[]): void {
  const seen = new Map<string, string>();
  for (const { device, from } of originals) {
    const first = seen.get(device);
    if (first !== undefined) throw importErrors.DeviceTwice({ device, first, second: from });
    seen.set(device, from);
  }
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
