import { randomBytes } from 'node:crypto';
import { isApiError, type KubeClient, type KubeObject } from '../../kube/index.ts';
import { type Clock, PlumblineError, sha256 } from '../../lib/index.ts';
import type { StoredObject } from '../contract.ts';
import { errors } from '../errors.ts';
import { type Artifacts, compress, decompress, isDigest } from './artifacts.ts';
import { explain, isObjectMissing } from './explain.ts';
import { ours } from './names.ts';
import type { Objects } from './objects.ts';
import { type Places, secrets } from './resources.ts';

/** The record that makes an artifact readable. Written when all of its chunks are there. */
interface Head {
  /** Names of the Secrets, in their order. */
  chunks: readonly string[];
  /** Compressed. */
  bytes: number;
}

/** A Secret holds a megabyte at most. */
const chunkBytes = 900 * 1024;
const artifactType = 'plumbline.dev/artifact';

/** A chunk without a head is a writer at work, or what a dead one left. No write takes this long. */
const orphanedAfterMs = 3_600_000;
const totalHoldsMs = 60_000;
/** Whoever has no room asks again and again, and so do others: not each of them weighs everything. */
const fullHoldsMs = 5_000;

interface Options {
  client: KubeClient;
  /** Heads are records like others: an absent one is believed only while the place is the one we know. */
  objects: Objects;
  places: Places;
  clock: Clock;
  maxBytes: number;
}

/**
 * Artifacts as Secrets of at most 900 KB with a head beside them. Chunks are named anew for each write, so that two writers and a
 * deleter never touch each other's: chunks first, head last; when it goes, head first, chunks last.
 */
export function openSecretArtifacts({ client, objects, places, clock, maxBytes }: Options): Artifacts {
  const resource = { ...secrets, namespace: places.artifactNamespace };
  const where = `artifacts in namespace ${places.artifactNamespace}`;
  let collectedAt = -Infinity;
  let total = { bytes: 0, until: -Infinity };

  const headOf = async (digest: string) => readable(await objects.get<Head>('Artifact', digest));
  const listHeads = async () => (await objects.list<Head>('Artifact')).map(readable);

  const readChunk = async (name: string): Promise<Buffer | undefined> => {
    try {
      const secret = await client.get(resource, name);
      return Buffer.from((secret['data'] as { chunk?: string } | undefined)?.chunk ?? '', 'base64');
    } catch (cause) {
      if (isObjectMissing(cause)) return undefined;
      throw explain(cause, { kind: 'Secret', name });
    }
  };

  const readText = async (digest: string, { chunks }: Head): Promise<string | undefined> => {
    const parts = await Promise.all(chunks.map(readChunk));
    return parts.includes(undefined) ? undefined : decompress(Buffer.concat(parts as Buffer[]), digest);
  };

  const dropChunks = async (chunks: readonly string[]): Promise<void> => {
    for (const name of chunks) {
      await client.delete(resource, name).catch((cause: unknown) => {
        if (!isApiError(cause, 'notFound')) throw explain(cause, { kind: 'Secret', name });
      });
    }
  };

  const writeChunk = async (name: string, bytes: Uint8Array): Promise<void> => {
    const labels = { [ours.recordOwner]: places.namespace };
    try {
      await client.create(resource, {
        metadata: { name, labels },
        type: artifactType,
        immutable: true,
        data: { chunk: Buffer.from(bytes).toString('base64') },
      });
    } catch (cause) {
      throw explain(cause, { kind: 'Secret', name });
    }
  };

  const makeRoom = async (bytes: number): Promise<void> => {
    if (clock.monotonicMs() >= total.until) {
      const heads = await listHeads();
      total = { bytes: heads.reduce((sum, { spec }) => sum + spec.bytes, 0), until: clock.monotonicMs() + totalHoldsMs };
    }
    if (total.bytes + bytes > maxBytes) {
      total.until = Math.min(total.until, clock.monotonicMs() + fullHoldsMs); // another process may make room
      throw errors.ArtifactsFull({ where, usedMb: toMb(total.bytes), neededMb: toMb(bytes), maxMb: toMb(maxBytes) });
    }
    total.bytes += bytes;
  };

  /**
   * Removes what writers that died left: chunks that no head names and that are older than any write, by the server's clock: of its chunks
   * the newest tells what time it is there at least. Ours may be hours ahead, and another writer is at work.
   */
  const collectOrphans = async (): Promise<void> => {
    const chunks = await listChunks(client, resource.namespace, places.namespace).catch((cause: unknown) => {
      throw explain(cause, { kind: 'Secret', name: '' });
    });
    const before = Math.max(...chunks.map(({ createdAt }) => createdAt)) - orphanedAfterMs;
    const old = chunks.filter(({ createdAt }) => createdAt < before);
    if (old.length === 0) return;
    const named = new Set((await listHeads()).flatMap(({ spec }) => spec.chunks));
    await dropChunks(old.map(({ name }) => name).filter((name) => !named.has(name)));
  };

  /** Makes the head, or lets the damaged one that stands name the new chunks. False when another writer was first. */
  const writeHead = async (digest: string, spec: Head, damaged: StoredObject<Head> | undefined): Promise<boolean> => {
    try {
      if (damaged) await objects.update<Head>({ ...damaged, spec });
      else await objects.create<Head>({ kind: 'Artifact', name: digest, spec });
      return true;
    } catch (error) {
      if (!(error instanceof PlumblineError && (error.code === 'AlreadyExists' || error.code === 'Conflict'))) throw error;
      // It may be our own, sent again on the way: then its chunks are ours.
      return (await headOf(digest))?.spec.chunks[0] === spec.chunks[0];
    }
  };

  /** Chunks, then the head that makes them an artifact. What is refused leaves nothing behind: it is tried again, with other names. */
  const writeParts = async (digest: string, body: Buffer, found: StoredObject<Head> | undefined): Promise<void> => {
    const writer = randomBytes(6).toString('hex');
    const parts = Array.from({ length: Math.ceil(body.length / chunkBytes) }, (_, i) =>
      body.subarray(i * chunkBytes, (i + 1) * chunkBytes),
    );
    const chunks = parts.map((_, i) => `artifact-${digest.slice(0, 32)}-${writer}-${i}`);
    const undo = async (cause: unknown): Promise<never> => {
      await dropChunks(chunks).catch(() => undefined);
      throw cause;
    };
    for (const [i, part] of parts.entries()) await writeChunk(chunks[i] ?? '', part).catch(undo);
    const isOurs = await writeHead(digest, { chunks, bytes: body.length }, found).catch((cause: unknown) => {
      if (isRefused(cause)) return undo(cause);
      throw cause; // it may stand: then the chunks are its own, else orphans
    });
    await dropChunks(isOurs ? (found?.spec.chunks ?? []) : chunks);
  };

  return {
    putArtifact: async (text) => {
      const digest = sha256(text);
      const found = await headOf(digest);
      // What is kept is looked at: to keep a text again is the way to mend one that was damaged.
      if (found && (await readText(digest, found.spec)) !== undefined) return digest;
      if (clock.monotonicMs() - collectedAt > orphanedAfterMs) {
        await collectOrphans();
        collectedAt = clock.monotonicMs();
      }
      const body = await compress(text);
      await makeRoom(body.length);
      await writeParts(digest, body, found);
      return digest;
    },
    getArtifact: async (digest) => {
      let head = isDigest(digest) ? await headOf(digest) : undefined;
      while (head) {
        const text = await readText(digest, head.spec);
        if (text !== undefined) return text;
        // Deleted, or written anew, between our two looks?
        const again = await headOf(digest);
        if (again?.resourceVersion === head.resourceVersion)
          throw errors.StoreDamaged({ folder: where, what: `artifact ${digest} lost a part, or a part changed` });
        head = again;
      }
      return undefined;
    },
    deleteArtifact: async (digest) => {
      const head = isDigest(digest) ? await headOf(digest) : undefined;
      if (!head || !(await objects.delete('Artifact', digest, head.resourceVersion))) return;
      await dropChunks(head.spec.chunks);
      total.bytes -= head.spec.bytes;
    },
    listArtifacts: async () => (await listHeads()).map(({ name }) => name),
  };
}

/** Of a head that somebody edited nothing is believed: it has no parts, and its artifact is damaged. */
function readable<Found extends StoredObject<Head> | undefined>(found: Found): Found {
  if (!found) return found;
  const { chunks, bytes } = (found.spec ?? {}) as Partial<Record<keyof Head, unknown>>;
  const isWhole = Array.isArray(chunks) && chunks.every((name) => typeof name === 'string') && typeof bytes === 'number';
  return isWhole ? found : { ...found, spec: { chunks: [], bytes: 0 } };
}

const refusals: ReadonlySet<string> = new Set(['ClusterForbidden', 'ClusterRefused', 'KindMissing', 'NotFound', 'RecordsLost']);

/** The answer was no: nothing was written, and nothing of it comes true later. */
function isRefused(cause: unknown): boolean {
  return cause instanceof PlumblineError && refusals.has(cause.code);
}

/** Names and ages alone: the content would be all that is kept. */
async function listChunks(client: KubeClient, namespace: string, owner: string): Promise<{ name: string; createdAt: number }[]> {
  const chunks: { name: string; createdAt: number }[] = [];
  let token: string | undefined;
  do {
    const answer = await client.request({
      method: 'GET',
      path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets`,
      query: { labelSelector: `${ours.recordOwner}=${owner}`, fieldSelector: `type=${artifactType}`, limit: 500, continue: token },
      accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
    });
    const { items, metadata } = JSON.parse(answer) as { items: Pick<KubeObject, 'metadata'>[] | null; metadata: { continue?: string } };
    for (const { metadata } of items ?? []) chunks.push({ name: metadata.name, createdAt: Date.parse(metadata.creationTimestamp ?? '') });
    token = metadata.continue || undefined;
  } while (token !== undefined);
  return chunks.filter(({ createdAt }) => !Number.isNaN(createdAt));
}

function toMb(bytes: number): number {
  return Math.ceil(bytes / 2 ** 20);
}
