import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Secret } from '../lib/index.ts';
import { errors } from './errors.ts';
import { refuseOpenMode } from './file-mode.ts';

/** The key of a store, made at its first use. Lost with the store, it only makes every secret look changed once. */
export function openVersionKey(folder: string): Secret {
  const path = join(folder, 'version.key');
  if (!statSync(path, { throwIfNoEntry: false })) makeKey(path);
  return readVersionKey(path);
}

/** A key from a file that a person names, so that several machines give equal versions. Throws unless the file is private. */
export function readVersionKey(path: string): Secret {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw errors.VersionKeyUnusable({ path, why: 'there is no such file' });
  if (!found.isFile()) throw errors.VersionKeyUnusable({ path, why: 'it is not a file' });
  refuseOpenMode(path, '600');
  if (found.size > 4096) throw errors.VersionKeyUnusable({ path, why: `it has ${found.size} bytes` });
  const text = readFileSync(path, 'utf8').trim();
  if (text.length < 32) throw errors.VersionKeyUnusable({ path, why: `it has ${text.length} bytes` });
  return new Secret(text);
}

/** Written aside and linked into place: two processes that start together end up with one key, and no reader sees half of it. */
function makeKey(path: string): void {
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(aside, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
    linkSync(aside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw errors.VersionKeyUnusable({ path, why: (error as Error).message }, { cause: error });
    }
  } finally {
    rmSync(aside, { force: true });
  }
}
