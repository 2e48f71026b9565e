import type { SecretRef } from '../api/index.ts';
import type { PlumblineError, Secret } from '../lib/index.ts';

/** Who asks for which secret, and what for. */
export interface SecretRequest {
  ref: SecretRef;
  device: string;
  labels: Readonly<Record<string, string>>;
  /** For example `bgp-password`. */
  purpose: string;
  /** The value is a private key: it has many lines and never stands in configuration. Default: one line. */
  multiline?: boolean;
}

/** What one source says about one request. Sources never throw for a person's mistake. */
export type SourceAnswer = { value: Secret } | { problem: PlumblineError } | undefined;
export type SecretSource = (request: SecretRequest) => SourceAnswer;

/** `PLUMB_SECRET_<NAME>_<KEY>` in capitals, with `_` for dashes and dots. */
export function variableOf({ name, key }: SecretRef): string {
  return `PLUMB_SECRET_${name}_${key}`.toUpperCase().replace(/[-./]/g, '_');
}
