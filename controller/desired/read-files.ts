import { createHash } from 'node:crypto';
import { type Clock, createBreather, type PlumblineError } from '../lib/index.ts';
import { errors } from './errors.ts';
import type { ManifestPass } from './manifest-cache.ts';
import type { Manifest } from './manifests.ts';
import { openDesk } from './reading-desk.ts';
import { bytesAllowed, type Fingerprint, isManifest, type Source } from './source.ts';

/** What is found beside the manifests. */
export interface Found {
  /** True when a whole manifest could not be read, so that it may hold anything. */
  isPartial: boolean;
  /** Every file that was read: the revision of a folder is made of it. */
  read: Map<string, Fingerprint>;
  /** Text of the files that are not manifests. */
  texts: Map<string, string>;
  problems: PlumblineError[];
}

interface Reading {
  clock: Clock;
  /** Is added to. */
  found: Found;
  pass: ManifestPass;
  /** Throws when time is up. */
  checkTime: () => void;
  leftMs: () => number;
}

/** The manifests among the files, in their order, whoever read them and when: of two objects with one name the first counts. */
export async function readFiles(
  source: Source,
  paths: readonly string[],
  { clock, found, pass, checkTime, leftMs }: Reading,
): Promise<Manifest[]> {
  const files = new Map(source.files.map((file) => [file.path, file]));
  const small: string[] = [];
  const manifests = new Map<string, Manifest>();
  for (const path of paths) {
    const { bytes = 0, id } = files.get(path) ?? {};
    const limit = bytesAllowed(path);
    if (bytes > limit) {
      found.problems.push(errors.FileTooLarge({ bytes, limit }, { at: { file: path, line: 1, col: 1 } }));
      found.isPartial ||= isManifest(path);
      continue;
    }
    small.push(path);
    const manifest = pass.find(path, id);
    if (manifest) manifests.set(path, manifest);
  }
  const breathe = createBreather(clock);
  const desk = openDesk({ pass, manifests, checkTime, leftMs });
  try {
    for await (const content of source.read(small.filter((path) => !manifests.has(path)))) {
      checkTime();
      // A source in memory never waits for anything: timers, and a lease among them, would.
      await breathe();
      if ('problem' in content) {
        found.problems.push(content.problem);
        found.isPartial ||= isManifest(content.path);
        continue;
      }
      const { path, bytes } = content;
      const fingerprint = { sha1: blobId(bytes, 'sha1'), sha256: blobId(bytes, 'sha256') };
      found.read.set(path, fingerprint);
      const text = decode(path, bytes, found.problems);
      if (text === undefined || isPointer(text, path, found.problems)) found.isPartial ||= isManifest(path);
      else if (!isManifest(path)) found.texts.set(path, text);
      else desk.take(path, text, { digest: fingerprint.sha256, id: files.get(path)?.id });
    }
    await desk.finish(breathe);
  } finally {
    desk.close();
  }
  return small.flatMap((path) => manifests.get(path) ?? []);
}

function blobId(bytes: Uint8Array, algorithm: 'sha1' | 'sha256'): string {
  return createHash(algorithm).update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

/** Git LFS keeps the content elsewhere: rendered or read as it stands, a pointer would be three lines of nonsense. */
function isPointer(text: string, file: string, problems: PlumblineError[]): boolean {
  const isOne = text.startsWith('version https://git-lfs.github.com/spec/');
  if (isOne)
    problems.push(
      errors.FileUnreadable({ reason: 'it is a pointer of Git LFS, its content stands elsewhere' }, { at: { file, line: 1, col: 1 } }),
    );
  return isOne;
}

/** UTF-8 or a problem with the place of the first wrong byte. A byte order mark is dropped; CRLF stays, YAML knows it. */
function decode(file: string, bytes: Uint8Array, problems: PlumblineError[]): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const text = new TextDecoder('utf-8').decode(bytes);
    const wrong = text.indexOf('\uFFFD');
    const before = text.slice(0, wrong);
    const at = { file, line: before.split('\n').length, col: before.length - before.lastIndexOf('\n') };
    const byte = bytes[new TextEncoder().encode(before).length];
    problems.push(errors.NotUTF8({ byte: byte === undefined ? 'missing' : `0x${byte.toString(16).padStart(2, '0')}` }, { at }));
    return undefined;
  }
}
