import { Secret } from '../lib/index.ts';
import { errors } from './errors.ts';
import type { SecretValue } from './secret-request.ts';

/**
 * A value that can stand in one line of configuration, or, where the request says so, a key of many lines for a login.
 * One line end at its end, as editors leave it, is not part of a single line.
 */
export function readSecretValue(text: string, { ref, multiline, where }: { ref: string; multiline: boolean; where: string }): SecretValue {
  if (multiline) return { value: new Secret(text) };
  const value = text.replace(/\r?\n$/, '');
  const refuse = (why: string) => ({ problem: errors.SecretUnusable({ ref, where, why }) });
  if (value === '') return refuse('it is empty');
  if (value.length > 4096) return refuse('it is longer than 4096 characters');
  // A line end would begin a command of its own on the device.
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(value)) return refuse('it holds a control character or a second line');
  return { value: new Secret(value) };
}
