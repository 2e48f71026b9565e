import { statSync } from 'node:fs';
import { errors } from './errors.ts';

/** Throws `ModeTooOpen` when group or others have any right on the path. `want` is the octal mode that the message proposes. */
export function refuseOpenMode(path: string, want: string): void {
  const mode = statSync(path).mode & 0o777;
  if ((mode & 0o077) !== 0) throw errors.ModeTooOpen({ path, found: mode.toString(8).padStart(4, '0'), want });
}
