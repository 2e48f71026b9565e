import type { ChangePlanSpec, DriftReportStatus } from '../../api/index.ts';
import { PlumblineError } from '../../lib/index.ts';
import type { ObjectStore, StoredObject } from '../contract.ts';
import type { KeptText } from './kept-text.ts';

/** Of one look; what is left goes at the next one. */
const mostAtOnce = 100;

const keptText = ({ spec }: StoredObject) => {
  const { artifact, inline } = spec as KeptText;
  return inline === undefined ? artifact : undefined;
};
/** Every kind that names artifacts, and where; the test knows who keeps them. Few and small ones first: what they all name need not be looked for further. */
const namers: readonly (readonly [kind: string, named: (object: StoredObject) => string | undefined])[] = [
  ['DriftReport', ({ status }) => (status as DriftReportStatus | undefined)?.report],
  ['ChangePlan', ({ spec }) => (spec as ChangePlanSpec).plan],
  ['Plan', keptText],
  ['Baseline', keptText],
];

/**
 * Removes artifacts that nothing names: whoever keeps one names it a moment later, and dies in between now and then. What no object names
 * at two looks in a row goes; a writer takes no time near that between two looks. Throws what the store throws, and removes nothing then:
 * what cannot be listed may name anything. The answer counts what went.
 */
export function createOrphanCollector(store: ObjectStore): () => Promise<number> {
  let suspects: ReadonlySet<string> = new Set();
  return async () => {
    const unnamed = await withoutNamed(store, new Set(await store.listArtifacts()));
    const gone = [...unnamed].filter((digest) => suspects.has(digest)).slice(0, mostAtOnce);
    suspects = unnamed;
    for (const digest of gone) await remove(store, digest);
    return gone.length;
  };
}

/** A text that comes to be wanted again in the very moment in which it goes is put back. */
async function remove(store: ObjectStore, digest: string): Promise<void> {
  const text = await store.getArtifact(digest).catch((error: unknown) => {
    if (error instanceof PlumblineError && error.code === 'StoreDamaged') return undefined; // of no use to anybody
    throw error;
  });
  await store.deleteArtifact(digest);
  if (text !== undefined && (await withoutNamed(store, new Set([digest]))).size === 0) await store.putArtifact(text);
}

async function withoutNamed(store: ObjectStore, digests: ReadonlySet<string>): Promise<Set<string>> {
  const left = new Set(digests);
  for (const [kind, named] of namers) {
    if (left.size === 0) break;
    const objects = await store.list(kind);
    // A store that knows of no device has lost what it knew: what it still keeps may be all that is left of that.
    if (kind === 'Baseline' && objects.length === 0) return new Set();
    for (const object of objects) left.delete(named(object) ?? '');
  }
  return left;
}
