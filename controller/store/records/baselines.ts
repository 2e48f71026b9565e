import type { Baseline } from '../../api/index.ts';
import { canonicalJson, sha256 } from '../../lib/index.ts';
import type { ObjectStore, StoredObject } from '../contract.ts';
import { errors } from '../errors.ts';
import { type KeptText, keepText, readText } from './kept-text.ts';
import { isOutrun } from './outrun.ts';

/** What is small stands in the record as it is; the items, which may be megabytes, as a kept text. */
interface Summary extends Omit<Baseline, 'items' | 'unmanaged' | 'unmanagedLines'> {
  /** Digest of the text with the items. */
  artifact: string;
  items: number;
}

type Pointer = Summary & KeptText;

/** One baseline per device. Deleting other objects never loses what we know of a device. */
export interface Baselines {
  /** Throws `StoreDamaged` when the record is there and its items are not: that is a loss, not a first contact. */
  get(device: string): Promise<Baseline | undefined>;
  /** Replaces the baseline, whatever it is by now; writes nothing when it is what it was. */
  put(baseline: Baseline): Promise<void>;
  /**
   * Replaces the baseline that the new one was derived from; undefined means that there was none. False when another process has put
   * a different one meanwhile: nothing is written then, and what was derived is not true any more.
   */
  replace(was: Baseline | undefined, baseline: Baseline): Promise<boolean>;
  /** Forgets a device: the next contact is the first one. True when there was something to forget. */
  forget(device: string): Promise<boolean>;
}

export function openBaselines(store: ObjectStore): Baselines {
  return {
    get: async (device) => {
      const pointer = await store.get<Pointer>('Baseline', device);
      if (!pointer) return undefined;
      const text = await readText(store, pointer.spec);
      if (text === undefined) throw errors.StoreDamaged({ folder: 'artifacts', what: `the baseline of ${device} was lost or changed` });
      const { artifact: _artifact, inline: _inline, items: _items, ...rest } = pointer.spec;
      return { ...rest, ...(JSON.parse(text) as Pick<Baseline, 'items' | 'unmanaged' | 'unmanagedLines'>) };
    },
    put: async (baseline) => {
      await write(store, baseline, await store.get<Pointer>('Baseline', baseline.device));
    },
    replace: async (was, baseline) => {
      const found = await store.get<Pointer>('Baseline', baseline.device);
      if (!isSame(found?.spec, was && summarize(was).summary)) return false;
      try {
        await write(store, baseline, found);
        return true;
      } catch (error) {
        if (isOutrun(error)) return false;
        throw error;
      }
    },
    forget: async (device) => {
      const found = await store.get<Pointer>('Baseline', device);
      const gone = await store.delete('Baseline', device);
      if (found && gone) await drop(store, found.spec);
      return gone;
    },
  };
}

function summarize({ items, unmanaged, unmanagedLines, ...rest }: Baseline): { summary: Summary; text: string } {
  const text = canonicalJson({ items, unmanaged, ...(unmanagedLines && { unmanagedLines }) });
  return { summary: { ...rest, artifact: sha256(text), items: Object.keys(items).length }, text };
}

/** Whether a record says this. Where its text is kept does not matter. */
function isSame(found: Pointer | undefined, summary: Summary | undefined): boolean {
  if (!found || !summary) return found === summary;
  const { inline: _inline, ...said } = found;
  return canonicalJson(said) === canonicalJson(summary);
}

async function write(store: ObjectStore, baseline: Baseline, found: StoredObject<Pointer> | undefined): Promise<void> {
  const { summary, text } = summarize(baseline);
  if (found && isSame(found.spec, summary) && (await readText(store, found.spec)) !== undefined) return;
  // The text first: a record never names text that is not there, however the process ends.
  const spec: Pointer = { ...summary, ...(await keepText(store, text)) };
  if (found) await store.update({ ...found, spec });
  else await store.create({ kind: 'Baseline', name: spec.device, spec });
  // A device that had the same text may have dropped it before this record named it.
  if (spec.inline === undefined && (await readText(store, spec)) === undefined) await store.putArtifact(text);
  if (found && found.spec.artifact !== spec.artifact) await drop(store, found.spec);
}

/** Identical devices share an artifact: it goes with the last one. */
async function drop(store: ObjectStore, { artifact, inline }: KeptText): Promise<void> {
  if (inline !== undefined) return;
  const pointers = await store.list<Pointer>('Baseline');
  if (!pointers.some(({ spec }) => spec.artifact === artifact && spec.inline === undefined)) await store.deleteArtifact(artifact);
}
