import { readFileSync } from 'node:fs';

/** The version of the package that is running: `controller/` in a checkout and `dist/` in the package lie equally deep. */
export function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
  return manifest.version;
}
