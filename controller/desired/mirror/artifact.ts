import { createHash } from 'node:crypto';
import { createGunzip } from 'node:zlib';
import { Readable } from 'node:stream';
import type { PlumblineError } from '../../lib/index.ts';
import { errors } from '../errors.ts';
import { limits } from '../limits.ts';
import { isHidden, isManifest, isOddName, isTemplate, leadsOut, type Source } from '../source.ts';
import { mirrorErrors } from './errors.ts';
import { fixedLimits } from './limits.ts';
import { prefixOf } from './read-revision.ts';
import { readTar, type TarEntry, TarRefused } from './tar.ts';

/** What a Flux GitRepository or OCIRepository says in `status.artifact`. */
export interface ArtifactReference {
  /** Of the source-controller: http or https. */
  url: string;
  /** `sha256:<hex>`, also sha384 and sha512. */
  digest: string;
  /** `main@sha1:<40 hex>`; taken as it is. */
  revision: string;
}

/**
 * The files of a Flux artifact below `path`. The whole archive is fetched and its digest compared before a byte of it is
 * looked at. Throws ArtifactRefused, SourceUnreachable, SourcePathNotFound. Nothing is written to disk.
 */
export async function openArtifact(reference: ArtifactReference, path = '', signal?: AbortSignal): Promise<Source> {
  const refuse = (why: string, cause?: unknown): PlumblineError =>
    mirrorErrors.ArtifactRefused({ revision: printable(reference.revision), why }, { cause });
  checkReference(reference, refuse);
  const prefix = prefixOf(path);
  if (prefix === undefined) throw mirrorErrors.SourcePathNotFound({ revision: reference.revision, path });
  const archive = await download(reference, refuse, signal);
  const entries: TarEntry[] = [];
  let isThere = false;
  try {
    const tarLimits = { entries: fixedLimits.artifactEntries, contentBytes: fixedLimits.artifactContentBytes, fileBytes: limits.listBytes };
    for await (const entry of readTar(Readable.from(usedUp(archive)).pipe(createGunzip()), tarLimits)) {
      if (!entry.path.startsWith(prefix)) continue;
      isThere = true;
      const below = entry.path.slice(prefix.length);
      if (!isHidden(below)) entries.push({ ...entry, path: below });
    }
  } catch (cause) {
    throw refuse(cause instanceof TarRefused ? cause.message : 'it is no gzip of a tar archive', cause);
  }
  if (!isThere) throw mirrorErrors.SourcePathNotFound({ revision: reference.revision, path });
  return sourceOf(entries, reference.revision);
}

type Refuse = (why: string, cause?: unknown) => PlumblineError;

function checkReference({ url, digest, revision }: ArtifactReference, refuse: Refuse): void {
  const lengths: Record<string, number> = { sha256: 64, sha384: 96, sha512: 128 };
  const [algorithm = '', hex = ''] = digest.split(':');
  if (hex.length !== lengths[algorithm] || !/^[0-9a-f]+$/.test(hex))
    throw refuse(`its digest ${printable(digest)} is no sha256, sha384 or sha512`);
  if (!/^[\x21-\x7e]{1,300}$/.test(revision)) throw refuse('its revision is not readable');
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.username !== '') throw refuse('its URL is no http or https URL');
}

/** The archive in the parts that it came in, with the digest that it should have. */
async function download({ url, digest }: ArtifactReference, refuse: Refuse, signal: AbortSignal | undefined): Promise<Uint8Array[]> {
  const [algorithm = '', expected = ''] = digest.split(':');
  const shown = printable(url).replace(/\?.*/, '');
  const deadline = AbortSignal.timeout(fixedLimits.artifactMs);
  try {
    const response = await fetch(url, { redirect: 'error', signal: signal ? AbortSignal.any([signal, deadline]) : deadline });
    if (!response.ok || !response.body)
      throw mirrorErrors.SourceUnreachable({ url: shown, why: `the host answers with status ${response.status}` });
    const hash = createHash(algorithm);
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const part of response.body as AsyncIterable<Uint8Array>) {
      length += part.length;
      if (length > fixedLimits.artifactBytes) throw refuse(`it has more than ${fixedLimits.artifactBytes} bytes`);
      hash.update(part);
      parts.push(part);
    }
    const found = hash.digest('hex');
    if (found !== expected) throw refuse(`its digest is ${algorithm}:${found}, not ${digest}`);
    return parts;
  } catch (error) {
    signal?.throwIfAborted();
    // fetch says everything with a TypeError; its cause knows more.
    if (!(error instanceof TypeError) && error !== deadline.reason) throw error;
    const why = deadline.aborted ? `not fetched within ${fixedLimits.artifactMs / 1000} s` : reasonOf(error as Error);
    throw mirrorErrors.SourceUnreachable({ url: shown, why }, { cause: error });
  }
}

/** Hands each part over once: what is unpacked need not be there packed as well. */
function* usedUp(parts: Uint8Array[]): Generator<Uint8Array> {
  for (let part = parts.shift(); part; part = parts.shift()) yield part;
}

function reasonOf(error: Error): string {
  const { cause } = error;
  return cause instanceof Error ? cause.message : error.message;
}

function sourceOf(entries: readonly TarEntry[], revision: string): Source {
  const contents = new Map<string, TarEntry>();
  const problems: PlumblineError[] = [];
  for (const entry of entries) {
    const { path, target } = entry;
    const at = { file: path, line: 1, col: 1 };
    if (isOddName(path)) {
      if (isManifest(path) || isTemplate(path))
        problems.push(errors.FileNameRefused({ name: JSON.stringify(path) }, { at: { ...at, file: '' } }));
    } else if (target === undefined) contents.set(path, entry);
    else if (leadsOut(path.split('/').slice(0, -1).join('/'), target))
      problems.push(errors.LinkRefused({ target: JSON.stringify(target) }, { at }));
  }
  return {
    files: [...contents.values()].map(({ path, size }) => ({ path, bytes: size })).sort((a, b) => (a.path < b.path ? -1 : 1)),
    problems,
    read: async function* (paths) {
      for (const path of paths) {
        const bytes = contents.get(path)?.bytes;
        if (bytes === undefined) throw errors.SourceUnreadable({ source: revision, reason: `the archive has no content for ${path}` });
        yield await Promise.resolve({ path, bytes });
      }
    },
    revisionOf: () => Promise.resolve(revision),
  };
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 200);
}
