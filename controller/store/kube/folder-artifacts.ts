import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Clock, sha256 } from '../../lib/index.ts';
import { errors } from '../errors.ts';
import { type Artifacts, compress, decompress, isDigest } from './artifacts.ts';

/** A file that is being written, when this much older than now, is what a dead writer left. */
const orphanedAfterMs = 3_600_000;

/** Artifacts as files `<two letters>/<digest>.gz` on a volume that all replicas mount. A file appears by rename: whole, or not at all. */
export function openFolderArtifacts(folder: string, clock: Clock, maxBytes: number): Artifacts {
  const pathOf = (digest: string) => join(folder, digest.slice(0, 2), `${digest}.gz`);

  const getArtifact = async (digest: string): Promise<string | undefined> => {
    const bytes = isDigest(digest) ? await absentAs(undefined, readFile(pathOf(digest)), folder) : undefined;
    if (!bytes) return undefined;
    const text = await decompress(bytes, digest);
    if (text === undefined) throw errors.StoreDamaged({ folder, what: `artifact ${digest} changed` });
    return text;
  };

  const makeRoom = async (bytes: number): Promise<void> => {
    const toMb = (count: number) => Math.ceil(count / 2 ** 20);
    const used = await weigh(folder, clock);
    if (used + bytes > maxBytes)
      throw errors.ArtifactsFull({ where: folder, usedMb: toMb(used), neededMb: toMb(bytes), maxMb: toMb(maxBytes) });
  };

  return {
    getArtifact,
    putArtifact: async (text) => {
      const digest = sha256(text);
      const bytes = await absentAs(undefined, readFile(pathOf(digest)), folder);
      if (bytes && (await decompress(bytes, digest)) !== undefined) return digest;
      const body = await compress(text);
      await makeRoom(body.length);
      const path = pathOf(digest);
      const draft = `${path}.${randomBytes(6).toString('hex')}.part`;
      try {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        const file = await open(draft, 'wx', 0o600);
        try {
          await file.writeFile(body);
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(draft, path);
      } catch (cause) {
        await rm(draft, { force: true });
        throw errors.StoreUnusable({ folder, why: (cause as Error).message }, { cause });
      }
      return digest;
    },
    deleteArtifact: async (digest) => {
      if (isDigest(digest)) await rm(pathOf(digest), { force: true });
    },
    listArtifacts: async () => {
      const names = await absentAs([], readdir(folder, { recursive: true }), folder);
      return names.map((name) => basename(name, '.gz')).filter(isDigest);
    },
  };
}

/** Bytes of all files; drafts that dead writers left go on the way. */
async function weigh(folder: string, clock: Clock): Promise<number> {
  let bytes = 0;
  for (const name of await absentAs([], readdir(folder, { recursive: true }), folder)) {
    const found = await absentAs(undefined, stat(join(folder, name)), folder);
    if (!found?.isFile()) continue;
    if (name.endsWith('.part') && clock.now().getTime() - found.mtimeMs > orphanedAfterMs) await rm(join(folder, name), { force: true });
    else bytes += found.size;
  }
  return bytes;
}

async function absentAs<Value, Absent>(absent: Absent, reading: Promise<Value>, folder: string): Promise<Value | Absent> {
  try {
    return await reading;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return absent;
    throw errors.StoreUnusable({ folder, why: (cause as Error).message }, { cause });
  }
}
