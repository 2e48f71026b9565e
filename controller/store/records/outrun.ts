import { PlumblineError } from '../../lib/index.ts';

const codes: ReadonlySet<string> = new Set(['Conflict', 'AlreadyExists', 'NotFound']);

/** Another process wrote, made or forgot the record between our look and our write. */
export function isOutrun(error: unknown): boolean {
  return error instanceof PlumblineError && codes.has(error.code);
}
