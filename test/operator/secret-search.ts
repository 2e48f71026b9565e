/** Looks for secrets in every byte that a test produces, also in what is packed. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { constants, gunzipSync, inflateRawSync } from 'node:zlib';

export interface Found {
  place: string;
  text: string;
}

/** Values below a folder of secrets. Of a private key any line of its body would do harm. */
export function secretsIn(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && entry.name !== '.use');
  const values = files
    .filter(({ name }) => name !== 'username')
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'));
  return values.flatMap((value) =>
    value.includes('-----') ? value.split('\n').filter((line) => line.length > 20 && !line.includes('-----')) : [value.trim()],
  );
}

/** Where a secret stands, with its beginning. */
export function findSecrets(texts: readonly Found[], secrets: readonly string[]): string[] {
  return texts.flatMap(({ place, text }) =>
    secrets.filter((secret) => text.includes(secret)).map((secret) => `${place}: ${secret.slice(0, 12)}`),
  );
}

/** Every text below a folder: files, each row of a database, and what is packed in them. */
export function textsBelow(folder: string): Found[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) => {
      const path = join(entry.parentPath, entry.name);
      const place = relative(folder, path);
      const bytes = readFileSync(path);
      const whole = bytes.toString('latin1');
      const inside = whole.startsWith('SQLite format 3') ? rowsOf(path) : unpack(bytes, whole);
      return [whole, ...inside].map((text) => ({ place, text }));
    });
}

function rowsOf(path: string): string[] {
  const db = new DatabaseSync(path, { readOnly: true });
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as { name: string }[];
  const values = tables.flatMap(({ name }) =>
    db
      .prepare(`SELECT * FROM "${name}"`)
      .all()
      .flatMap((row) => Object.values(row)),
  );
  db.close();
  return values.flatMap((value) => {
    if (value instanceof Uint8Array) return [inflateRawSync(value).toString()];
    if (typeof value !== 'string') return [];
    return [value, ...unpack(Buffer.from(value, 'latin1'), value)];
  });
}

/** What gzip has packed, as bytes or in base64. */
function unpack(bytes: Buffer, text: string): string[] {
  const found: string[] = [];
  const take = (packed: Buffer) => {
    try {
      found.push(gunzipSync(packed, { finishFlush: constants.Z_SYNC_FLUSH }).toString());
    } catch {
      // These bytes only look like it.
    }
  };
  const magic = Buffer.from([0x1f, 0x8b, 0x08]);
  for (let at = bytes.indexOf(magic); at >= 0; at = bytes.indexOf(magic, at + 1)) take(bytes.subarray(at));
  for (const packed of text.match(/H4sI[A-Za-z0-9+/]{20,}={0,2}/g) ?? []) take(Buffer.from(packed, 'base64'));
  return found;
}
