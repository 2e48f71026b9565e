/**
 * store/kube: the store in a Kubernetes cluster. Kinds that people know are their own resources in `namespace`; every other record is a
 * StoreRecord in `artifactNamespace`, named `<namespace>.<kind>.<name>`, so that several namespaces may share one. Artifacts are Secrets
 * there, or files on a volume. Loaded by `openKubeStore`, not before.
 *
 * Rights that it needs (the chart grants them and nothing more):
 *
 *   namespace           plumbline.dev  what the operator publishes        get list watch create update delete
 *                       plumbline.dev  the same with /status              update
 *                       plumbline.dev  fleets, changeapprovals            get list watch
 *                       plumbline.dev  fleets/status                      update
 *                       plumbline.dev  storerecords                       get create            (the marker; see identity.ts)
 *   artifactNamespace   plumbline.dev  storerecords                       get list watch create update delete
 *                       plumbline.dev  storerecords/status                update
 *                       (core)         secrets                            get list create delete
 *
 * Secrets of `artifactNamespace` can be read whole with these rights: nothing but artifacts belongs there.
 */
export { type KubeStoreOptions, openKubeObjects } from './open.ts';
export { openKubeVersionKey } from './version-key.ts';
