import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { PlumblineError, sha256 } from '../../lib/index.ts';
import type { ObjectStore } from '../contract.ts';

/** Where a text is that belongs to a record: in the record itself while it is small, so that one write keeps both; else an artifact. */
export interface KeptText {
  /** Digest of the text, in both places. */
  artifact: string;
  /** The text, gzip in base64. */
  inline?: string;
}

/** Compressed. Far below what one object may be, and enough for the baseline of a router with some thousand lines. */
const inlineBytes = 32 * 1024;
/** Nothing longer is worth trying. */
const inlineLetters = 2 ** 20;

const zip = promisify(gzip);
const unzip = promisify(gunzip);

/** Keeps the text where it belongs and says where. An artifact is there before a record can name it. */
export async function keepText(store: ObjectStore, text: string): Promise<KeptText> {
  const body = text.length <= inlineLetters ? await zip(text) : undefined;
  if (body && body.length < inlineBytes) return { artifact: sha256(text), inline: body.toString('base64') };
  return { artifact: await store.putArtifact(text) };
}

/** The text, or undefined when it was lost or is not what it was: the record names it, so that is never "there was none". */
export async function readText(store: ObjectStore, { artifact, inline }: KeptText): Promise<string | undefined> {
  if (inline !== undefined) return readInline(inline, artifact);
  try {
    return await store.getArtifact(artifact);
  } catch (error) {
    if (error instanceof PlumblineError && error.code === 'StoreDamaged') return undefined;
    throw error;
  }
}

async function readInline(inline: string, digest: string): Promise<string | undefined> {
  try {
    const text = (await unzip(Buffer.from(inline, 'base64'))).toString('utf8');
    return sha256(text) === digest ? text : undefined;
  } catch {
    return undefined; // damaged bytes
  }
}
