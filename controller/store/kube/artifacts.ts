import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { sha256 } from '../../lib/index.ts';

/** Text by digest, beside the objects: in Secrets (`secret-artifacts.ts`) or on a volume (`folder-artifacts.ts`). */
export interface Artifacts {
  putArtifact(text: string): Promise<string>;
  getArtifact(digest: string): Promise<string | undefined>;
  deleteArtifact(digest: string): Promise<void>;
  listArtifacts(): Promise<readonly string[]>;
}

/** What the artifacts of one store may take, compressed. etcd is made for a few gigabytes in all, and others live there too. */
export const defaultMaxBytes = 256 * 2 ** 20;

/** Of what a caller names a digest only a digest is looked for: anything else could be a path. */
export function isDigest(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

const zip = promisify(gzip);
const unzip = promisify(gunzip);

/** Off the event loop: ten megabytes take a third of a second, and a lease is renewed from there. */
export async function compress(text: string): Promise<Buffer> {
  return zip(text);
}

/** The text, or undefined when the bytes are not those of this digest any more. */
export async function decompress(bytes: Uint8Array, digest: string): Promise<string | undefined> {
  try {
    const text = (await unzip(bytes)).toString('utf8');
    return sha256(text) === digest ? text : undefined;
  } catch {
    return undefined; // damaged bytes: the caller says so
  }
}
