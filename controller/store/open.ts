import { type Clock, type Secret, systemClock } from '../lib/index.ts';
import type { ObjectStore } from './contract.ts';
import type { KubeStoreOptions } from './kube/open.ts';
import { openRecords, type Records } from './records/records.ts';
import { openVersionKey } from './version-key.ts';

/** An open store: the typed records, the objects below them, and the key of this store. */
export interface Store extends Records {
  folder: string;
  objects: ObjectStore;
  /** Made at the first call. Pass `readVersionKey(FILE)` to `openSecrets` instead when several machines share a key. */
  versionKey(): Promise<Secret>;
  close(): void;
}

/**
 * Opens the store in a folder, which is made when it is missing; see `storeFolder` for the default place. Several processes may
 * have it open. Throws `StoreUnusable`, `StoreDamaged`, `StoreTooNew`, `StoreBusy`, or `ModeTooOpen` when others may read it.
 */
export async function openStore(folder: string, clock: Clock = systemClock): Promise<Store> {
  const { openSqlite } = await import('./sqlite/open.ts');
  const objects = openSqlite(folder, clock);
  return { ...openRecords(objects), folder, objects, versionKey: async () => openVersionKey(folder), close: () => objects.close() };
}

/**
 * Opens the store in a cluster; see `kube/index.ts` for what goes where and which rights that takes. Several processes may have it open.
 * Asks for nothing yet: its first use throws `RecordsLost`, `KindMissing` (the CRDs are not installed), or what the API answered.
 */
export async function openKubeStore(options: KubeStoreOptions): Promise<Omit<Store, 'folder'>> {
  const { openKubeObjects, openKubeVersionKey } = await import('./kube/index.ts');
  const objects = openKubeObjects(options);
  return { ...openRecords(objects), objects, versionKey: () => openKubeVersionKey(options.client, options), close: () => objects.close() };
}
