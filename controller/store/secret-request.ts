import type { SecretRef } from '../api/index.ts';
import type { PlumblineError, Secret } from '../lib/index.ts';
import type { Rules } from './secret-rules.ts';

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

/** A value, or why what is there is of no use as one. */
export type SecretValue = { value: Secret } | { problem: PlumblineError };

/** What a source has under one reference: `answer` is for those alone whom the rules allow. */
export interface HeldSecret {
  answer: SecretValue;
  /** Undefined where nobody wrote any: then nobody may use it. */
  rules: Rules | undefined;
  /** Where the rules stand or should, for messages. */
  where: string;
}

/** The same whoever asks. Sources never throw for a person's mistake. */
export type SourceAnswer = HeldSecret | { problem: PlumblineError } | undefined;
export type SecretSource = (ref: SecretRef, multiline: boolean) => SourceAnswer;

/** `PLUMB_SECRET_<NAME>_<KEY>` in capitals, with `_` for dashes and dots. */
export function variableOf({ name, key }: SecretRef): string {
  return `PLUMB_SECRET_${name}_${key}`.toUpperCase().replace(/[-./]/g, '_');
}
