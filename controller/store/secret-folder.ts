import { closeSync, constants, fstatSync, openSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { PlumblineError } from '../lib/index.ts';
import { errors } from './errors.ts';
import { readRules } from './secret-rules.ts';
import { readSecretValue } from './secret-value.ts';
import type { SecretSource } from './secret-request.ts';

/** `DIR/<name>/<key>` holds the value, `DIR/<name>/.use` who may use it: the shape in which Kubernetes mounts a Secret. */
export function readSecretFolder(folder: string): SecretSource {
  return ({ name, key }, multiline) => {
    const home = join(folder, name);
    const path = join(home, key);
    const where = join(home, '.use');
    try {
      refuseForeignWriters(folder);
      const value = readInside(path, home, folder, 0o077, '600');
      if (value === undefined) return undefined;
      const rules = readInside(where, home, folder, 0o022, 'go-w');
      const answer = readSecretValue(value, { ref: `${name}/${key}`, multiline, where: path });
      return { answer, rules: rules === undefined ? undefined : readRules(rules), where };
    } catch (error) {
      return { problem: asProblem(error, folder) };
    }
  };
}

/** The text of a file that is really below `home` and that no foreign user may touch in the forbidden ways; undefined when there is none. */
function readInside(path: string, home: string, folder: string, forbidden: number, want: string): string | undefined {
  const real = realPath(path);
  if (real === undefined) return undefined;
  // Kubernetes links KEY -> ..data/KEY -> ..TIMESTAMP/KEY: links are fine while they stay in the folder of their secret.
  const realHome = realpathSync.native(home);
  if (!isBelow(realHome, realpathSync.native(folder)) || !isBelow(real, realHome)) throw errors.SecretOutside({ path, folder: home });
  refuseForeignWriters(realHome);

  // The resolved path, opened without following: what was checked is what is read.
  const handle = openSync(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const found = fstatSync(handle);
    const mode = found.mode & 0o777;
    if (!found.isFile()) throw errors.SecretUnusable({ ref: path, where: 'the secrets folder', why: 'it is not a file' });
    if ((mode & forbidden & ~(isForOurGroup(found) ? 0o040 : 0)) !== 0)
      throw errors.ModeTooOpen({ path, found: mode.toString(8).padStart(4, '0'), want });
    if (found.size > 65_536) throw errors.SecretUnusable({ ref: path, where: 'the secrets folder', why: `it has ${found.size} bytes` });
    return readFileSync(handle, 'utf8');
  } finally {
    closeSync(handle);
  }
}

/**
 * Kubernetes leaves a mounted Secret root's and gives it to the group of the pod (fsGroup), with 0440 from 0400: then the group's right
 * to read is ours. Root needs no group, so what a group may read there is somebody else's.
 */
function isForOurGroup({ uid, gid }: { uid: number; gid: number }): boolean {
  const groups = [process.getegid?.(), ...(process.getgroups?.() ?? [])];
  return uid === 0 && process.geteuid?.() !== 0 && groups.includes(gid);
}

/** Who may write the folder may swap the files in it. A sticky folder, as Kubernetes mounts it, does not allow that to others. */
function refuseForeignWriters(folder: string): void {
  const found = statSync(folder);
  if (!found.isDirectory()) throw errors.SecretsUnreadable({ folder, why: 'it is not a folder' });
  const { mode } = found;
  if ((mode & 0o022) !== 0 && (mode & 0o1000) === 0) {
    throw errors.ModeTooOpen({ path: folder, found: (mode & 0o777).toString(8).padStart(4, '0'), want: 'go-w' });
  }
}

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

function asProblem(error: unknown, folder: string): PlumblineError {
  if (error instanceof PlumblineError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const why = code === 'ENOENT' ? 'it does not exist' : code === 'EACCES' ? 'this user may not' : message;
  return errors.SecretsUnreadable({ folder, why }, { cause: error });
}
