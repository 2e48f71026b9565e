import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errors } from '../import/index.ts';

/**
 * Writes files below a folder. All or nothing, as far as can be seen before: no file that holds something else is written over but those that
 * `mayChange` names, and none that came meanwhile.
 */
export function writeFiles(files: ReadonlyMap<string, string>, folder: string, mayChange: (path: string) => boolean = () => false): void {
  const places = [...files].map(([path, text]) => ({ full: join(folder, path), text, isOurs: mayChange(path) }));
  const fresh = places.filter(({ full, text, isOurs }) => isOurs || !existsSync(full) || refuseOther(full, text));
  for (const { full, text, isOurs } of fresh) {
    mkdirSync(dirname(full), { recursive: true });
    try {
      writeFileSync(full, text, { flag: isOurs ? 'w' : 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw errors.FileInTheWay({ path: full });
      throw error;
    }
  }
}

/** A file that says the same already is left as it is. */
function refuseOther(full: string, text: string): false {
  if (readFileSync(full, 'utf8') !== text) throw errors.FileInTheWay({ path: full });
  return false;
}
