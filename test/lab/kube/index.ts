/**
 * test/lab/kube: a real kube-apiserver with etcd as two plain processes on loopback, built once from the Go module proxy into a cache.
 *
 * In a test (they run in `make conformance`, which starts one server for all files; see `global-setup.ts`):
 *
 *   import { describeWithKube } from '../lab/kube/index.ts';
 *   describeWithKube('the store', (kube) => {
 *     let namespace: string;
 *     beforeAll(async () => { namespace = await kube().namespace('store'); });   // a fresh one per file
 *     it('…', async () => { kube().kubeconfig('operator'); await kube().api('admin').ask('GET', '/api/v1/…'); });
 *   });
 *
 * The CRDs of `crds/` are applied; `kube().apply(yaml)` adds roles, policies and more. Users: admin, operator, alice, bob, viewer (see
 * `server.ts`); all but admin may do nothing until a role is bound. A test that stops the server or compacts etcd takes one of its
 * own: `const lab = await up(); … await lab.down()`. No controllers run: deleted namespaces stay Terminating, nothing is collected.
 * Without Go, network and cache these tests are skipped, with the reason on standard error.
 *
 * By hand: node test/lab/kube/main.ts build | up | down [DIR] | status, then KUBECONFIG=DIR/kubeconfig-admin kubectl …
 */
export { type LabApi, LabApiError, openLabApi } from './api.ts';
export type { LabRequest } from './audit.ts';
export { type KubeLab, type LabUser, up } from './server.ts';
export { describeWithKube } from './testing.ts';
