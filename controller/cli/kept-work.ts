import { readdirSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '../lib/index.ts';
import { type KeptWork, openKeptWork } from '../pipeline/index.ts';
import { version } from './version.ts';

/** What earlier commands over this folder left in the cache of the user, by the base directory specification of freedesktop.org. */
export function keptWorkOf(folder: string, environment: NodeJS.ProcessEnv): KeptWork {
  return openKeptWork(fileOf(folder, environment['XDG_CACHE_HOME'] || join(homedir(), '.cache')), programOf());
}

function fileOf(folder: string, cache: string): string | undefined {
  try {
    return join(cache, 'plumbline', 'work', `${sha256(realpathSync(folder)).slice(0, 16)}.kept`);
  } catch {
    return undefined; // there is no such folder, which whoever reads it says
  }
}

/** The version, and every file of it as it was last written, and what it is made with: a checkout that is worked on has one version for long. */
function programOf(): string {
  const root = join(import.meta.dirname, '..');
  const files = [...['', '../templates'].flatMap((part) => listFiles(join(root, part))), stampOf(join(root, '../package.json'))];
  return `${version()} ${process.version} ${sha256(files.join('\n'))}`;
}

function listFiles(folder: string): string[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
  return paths.map((path) => `${path} ${stampOf(join(folder, path))}`);
}

/** An editor's file may be gone by now, or be a link to nowhere. */
function stampOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return `${found?.size} ${found?.mtimeMs}`;
}
