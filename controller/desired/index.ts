/**
 * desired: what Git says. Reads a folder or a commit, turns YAML into objects, and finds every mistake at once, each with
 * file, line, column and what to write instead. Reads only; hostile input is a problem in the list and nothing else.
 * Limits: `limits.ts`. Rules between objects: `checks/`.
 */
export { type ChangePolicy, changePolicyOf, windowsOf } from './change-policy.ts';
export { dhcpErrors, errors as checkErrors } from './checks/index.ts';
export { errors } from './errors.ts';
export { openFolder } from './folder.ts';
export { type FleetWords, readFleetFile } from './fleet-file.ts';
export type { KeptManifest } from './kept-manifests.ts';
export { checkAgain, loadCommitted, loadDesired, loadSource } from './load.ts';
export { createRuleMemory, type RuleMemory } from './checks/index.ts';
export { createManifestCache, type ManifestCache } from './manifest-cache.ts';
export type { HttpsAccess, SourceAccess, SshAccess } from './mirror/access.ts';
export { type ArtifactReference, openArtifact } from './mirror/artifact.ts';
export { mirrorErrors } from './mirror/errors.ts';
export type { MirrorLimits } from './mirror/limits.ts';
export { type Fetched, type FetchRequest, type Mirror, type MirrorOptions, openMirror } from './mirror/mirror.ts';
export { readRevision } from './mirror/read-revision.ts';
export type { GitRef } from './mirror/refs.ts';
export { type SignedCommit, type SignerKeys, verifyCommits, type VerifyRequest } from './mirror/verify.ts';
export { type DeviceMode, modeOf } from './mode.ts';
export type { DesiredSource, Source } from './source.ts';
export { createSubnetMemory, rememberState, type SubnetMemory } from './subnet-memory.ts';
