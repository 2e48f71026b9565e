/**
 * store: what must survive a process, and what must stay hidden. One interface over objects and artifacts, SQLite below it, typed
 * records above it; secret sources and the key of their versions. Knows nothing of networks and decides nothing.
 * The code of SQLite and of Kubernetes is loaded when a store is opened, not before: a command that needs none does not pay for it.
 */
export type { Labels, Listed, NewObject, ObjectStore, ReadObject, StoredObject, StoreEvent } from './contract.ts';
export { errors as storeErrors } from './errors.ts';
export type { KubeStoreOptions } from './kube/open.ts';
export { printStoreCrds } from './kube/crd.ts';
export { openKubeStore, openStore, type Store } from './open.ts';
export { storeFolder } from './place.ts';
export { isProcessAlive, processIdentity } from './process-identity.ts';
export type { Baselines } from './records/baselines.ts';
export type { Changes, JournalEntry } from './records/changes.ts';
export type { Epoch } from './records/epoch.ts';
export type { GrantAnswer, Grants } from './records/grants.ts';
export type { History } from './records/history.ts';
export type { Observations } from './records/observations.ts';
export { createOrphanCollector } from './records/orphans.ts';
export type { Plans } from './records/plans.ts';
export type { Quarantines } from './records/quarantines.ts';
export type { Records } from './records/records.ts';
export type { SecretRequest } from './secret-request.ts';
export { openSecrets, type SecretAnswer, type Secrets } from './secrets.ts';
export { readVersionKey } from './version-key.ts';
