import { existsSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { GitFailure, runGit } from '../git-process.ts';
import { isPrivateFolder } from './access.ts';
import { fixedLimits } from './limits.ts';
import type { Site, Visit } from './site.ts';

/** A file that says, when it exists, that an object could not be read. */
export function damageMarkOf({ folder }: Site): string {
  return path.join(folder, 'damaged');
}

/** Makes one pack of many or when the mirror is full, without what no kept commit reaches. Gives the bytes that the mirror has. */
export async function tidy(visit: Visit): Promise<number> {
  const { gitDir, limits, environment, signal } = visit;
  const packs = (await readdir(path.join(gitDir, 'objects', 'pack'))).filter((name) => name.endsWith('.pack')).length;
  const isFull = (await sizeOf(gitDir)) >= limits.mirrorBytes;
  if (isFull || packs > fixedLimits.packs) {
    await runGit({
      args: ['--git-dir', gitDir, 'repack', '-q', '-a', '-d'],
      environment,
      signal: AbortSignal.any([signal, AbortSignal.timeout(fixedLimits.repackMs)]),
      bounds: { fileBytes: limits.mirrorBytes, memoryBytes: limits.memoryBytes },
    });
  }
  return sizeOf(gitDir);
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = names.filter((each) => each.isFile()).map(async (each) => (await stat(path.join(each.parentPath, each.name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** Git's words for objects of our own that are cut or gone, as after a power failure. */
export function isDamage(error: unknown): boolean {
  const words =
    /bad object refs\/|(loose|packed) object|is corrupt|object file .* is empty|packfile .* (cannot|does not|is)|unable to read (tree|[0-9a-f]{40})/;
  return error instanceof GitFailure && words.test(error.words);
}

/** What a killed process left: under the lock, nobody else is at work here. */
export async function removeLeftovers(site: Site): Promise<void> {
  const { folder, gitDir } = site;
  const inFolder = (await readdir(folder)).filter(isPrivateFolder);
  if (existsSync(damageMarkOf(site))) await startAnew(site);
  const objects = path.join(gitDir, 'objects');
  const locks = existsSync(gitDir) ? (await readdir(gitDir, { recursive: true })).filter((name) => name.endsWith('.lock')) : [];
  const packs = existsSync(objects)
    ? (await readdir(objects, { recursive: true })).filter((name) => /(^|\/)(tmp_|incoming-|\.tmp-)/.test(name))
    : [];
  const all = [
    ...inFolder.map((name) => path.join(folder, name)),
    ...locks.map((name) => path.join(gitDir, name)),
    ...packs.map((name) => path.join(objects, name)),
  ];
  for (const each of all) await rm(each, { recursive: true, force: true });
}

/** Forgets the mirror. What is in force is read again from the host, with its whole history. */
export async function startAnew(site: Site): Promise<void> {
  await rm(site.gitDir, { recursive: true, force: true });
  await rm(damageMarkOf(site), { force: true });
}
