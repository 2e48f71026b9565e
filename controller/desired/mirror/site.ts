import type { Clock } from '../../lib/index.ts';
import type { SourceAccess } from './access.ts';
import type { MirrorLimits } from './limits.ts';
import type { SourceURL } from './source-url.ts';

/** Where the mirror of one URL lies, and how its host is reached. */
export interface Site {
  url: SourceURL;
  access: SourceAccess;
  folder: string;
  gitDir: string;
  limits: MirrorLimits;
  clock: Clock;
}

/** One fetch: the site, what Git is given, and when it must be done. */
export interface Visit extends Site {
  environment: Readonly<Record<string, string>>;
  signal: AbortSignal;
}
