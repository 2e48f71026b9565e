import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { createManifestCache, type KeptManifest, type ManifestCache } from '../desired/index.ts';
import type { KeptDevice, Known, Prepared, PreparedDevice } from './prepare.ts';

/**
 * What an earlier command parsed and rendered of the same folder: what did not change since is neither parsed nor rendered again. It is found by
 * the digest of what it was made from, so it is right or not used; nothing but time is lost with it.
 */
export interface KeptWork {
  manifests: ManifestCache;
  devices: Known;
  /**
   * Keeps what the last load parsed and these devices, for the next command, beside those of its state that were kept before. A disk that cannot
   * be written keeps nothing.
   */
  save(prepared: Pick<Prepared, 'state' | 'devices'>): void;
}

/** Of fewer objects it costs more than it saves. */
const leastFiles = 50;
/** Folders of which work is kept: of those used last. */
const mostFolders = 16;

interface Kept {
  /** Of the program that made it: another one may parse and render otherwise. */
  program: string;
  manifests: ReadonlyMap<string, KeptManifest>;
  devices: readonly KeptDevice[];
}

/** `file`: where it is kept; undefined keeps nothing. `program` tells versions of this program apart. */
export function openKeptWork(file?: string, program = ''): KeptWork {
  const kept = file === undefined ? undefined : readKept(file, program);
  const manifests = createManifestCache(kept?.manifests);
  return {
    manifests,
    devices: new Map(kept?.devices.map((device) => [device.name, device])),
    save: ({ state, devices }) => {
      const files = manifests.keep();
      if (file === undefined || files.size < leastFiles) return;
      const names = new Set(devices.map(({ name }) => name));
      const others = kept?.devices.filter(({ name }) => !names.has(name) && state.objects.Device.has(name)) ?? [];
      const made = { program, manifests: files, devices: [...others, ...devices.flatMap(keepDevice)] };
      if (!isSame(kept, made)) writeKept(file, made);
    },
  };
}

/** Where something was found wrong, its places and words are made anew. */
function keepDevice({ name, ready, problems, unset, digest, templatesDigest }: PreparedDevice): KeptDevice[] {
  return ready && problems.length + unset.length === 0 ? [{ name, ready, problems: [], unset: [], digest, templatesDigest }] : [];
}

function isSame(kept: Kept | undefined, made: Kept): boolean {
  return kept !== undefined && digestsOf(kept) === digestsOf(made);
}

function digestsOf({ manifests, devices }: Kept): string {
  const files = [...manifests].map(([path, { digest }]) => `${path} ${digest}`);
  return [...files, ...devices.map(({ name, digest, templatesDigest }) => `${name} ${digest} ${templatesDigest}`)].toSorted().join('\n');
}

function readKept(file: string, program: string): Kept | undefined {
  let opened: number | undefined;
  try {
    opened = openSync(file, 'r');
    // Whoever may write it says what is rendered: asked of what is read, not of what has its name a moment later.
    const { uid, mode } = fstatSync(opened);
    if (uid !== process.getuid?.() || (mode & 0o022) !== 0) return undefined;
    const kept = deserialize(zstdDecompressSync(readFileSync(opened))) as Kept;
    return kept.program === program ? kept : undefined;
  } catch {
    return undefined;
  } finally {
    if (opened !== undefined) closeSync(opened);
  }
}

function writeKept(file: string, kept: Kept): void {
  const folder = dirname(file);
  const temporary = `${file}.${process.pid}`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(temporary, zstdCompressSync(serialize(kept)), { mode: 0o600, flag: 'wx' });
    renameSync(temporary, file);
    const files = readdirSync(folder).map((name) => join(folder, name));
    const byAge = files.map((path) => ({ path, at: statSync(path).mtimeMs })).toSorted((a, b) => b.at - a.at);
    for (const { path } of byAge.slice(mostFolders)) rmSync(path, { force: true });
  } catch {
    try {
      rmSync(temporary, { force: true });
    } catch {
      // It is not there: its folder is none.
    }
  }
}
