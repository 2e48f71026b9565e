import { createHash } from 'node:crypto';

/** SHA-256 of text or bytes, in hex. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** SHA-256 of a plain value, independent of the order of its keys. Undefined members count as absent. */
export function digestOf(value: unknown): string {
  return sha256(canonicalJson(value));
}

/** JSON with sorted keys and no white space: one text per value. Undefined members count as absent. */
export function canonicalJson(value: unknown): string {
  return write(value) ?? 'null';
}

/** By hand: JSON.stringify with a function that sorts is four times as slow, and a reconcile asks for several texts. */
function write(value: unknown): string | undefined {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function') return write((value as { toJSON(): unknown }).toJSON());
  if (Array.isArray(value)) return `[${value.map((item) => write(item) ?? 'null').join(',')}]`;
  let text = '';
  for (const key of sortedKeys(value)) {
    const member = write((value as Record<string, unknown>)[key]);
    if (member !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${member}`;
  }
  return `{${text}}`;
}

/** Keys that are whole numbers come first, by value: so objects have them, and so they stand in digests that were kept. */
function sortedKeys(value: object): string[] {
  const keys = Object.keys(value).sort();
  return keys.some((key) => /^[0-9]/.test(key)) ? Object.keys(Object.fromEntries(keys.map((key) => [key, 0]))) : keys;
}
