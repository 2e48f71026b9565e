import { existsSync } from 'node:fs';
import type { FleetSpec } from '../../api/index.ts';
import {
  createManifestCache,
  type GitRef,
  loadSource,
  openMirror,
  readRevision,
  rememberState,
  type SignerKeys,
  type SourceAccess,
  verifyCommits,
} from '../../desired/index.ts';
import type { Clock, Secret } from '../../lib/index.ts';
import type { SecretRequest, Secrets } from '../../store/index.ts';
import { errors } from '../errors.ts';
import type { FleetSource } from './source.ts';

/** What opening the Git source of a Fleet takes. */
export interface GitSourceOptions {
  fleet: string;
  spec: FleetSpec;
  cacheFolder: string;
  secrets: Secrets;
  clock: Clock;
  /** Also take file:// addresses: under `plumb up`, never in a cluster. */
  allowLocal: boolean;
}

/** Follows a Git repository through a bare mirror. Throws when the Secret that the Fleet names is of no use. */
export function openGitSource(options: GitSourceOptions): FleetSource {
  const { fleet, spec, secrets, clock } = options;
  const git = spec.git;
  if (!git) throw errors.FleetInvalid({ fleet, what: 'spec.git is missing' });
  const access = accessOf(fleet, git, secrets);
  const mirror = openMirror({
    cacheFolder: options.cacheFolder,
    url: git.url,
    access,
    limits: { fetchMs: git.timeoutSeconds * 1000 },
    allowLocal: options.allowLocal,
    clock,
  });
  const ref = refOf(git, spec.revision);
  const cache = createManifestCache();
  let verified: Verified | undefined;
  const past = async (revision: string) => {
    const commit = commitOf(revision);
    if (commit === undefined || !existsSync(mirror.repository.name)) return undefined;
    return loadSource(await readRevision(mirror, { commit, revision }, spec.path), clock, cache);
  };
  return {
    look: async (signal, inForce, before) => {
      const fetched = await mirror.fetch({ ref, signal, allowRewind: spec.allowRewind, ...(inForce !== undefined && { inForce }) });
      if (spec.verify && verified?.commit !== fetched.commit) {
        const keys = signersOf(fleet, spec.verify.secretRef.name, secrets);
        const mode = spec.verify.commits === 'Every' ? 'every' : 'head';
        const base = commitOf(inForce);
        const since = verified?.commit ?? base;
        const signed = await verifyCommits(mirror, {
          commit: fetched.commit,
          mode,
          keys,
          signal,
          ...(since !== undefined && { verified: since }),
        });
        // What came with a revision that was refused comes with the next one.
        const earlier = verified?.base === base ? (verified?.signers ?? []) : [];
        verified = { commit: fetched.commit, base, signers: [...new Set([...earlier, ...signed.map(({ signer }) => signer)])] };
      }
      return {
        revision: fetched.revision,
        ...(verified && { signers: verified.signers }),
        load: async () =>
          loadSource(await readRevision(mirror, fetched, spec.path), clock, cache, rememberState(await before(fetched.revision))),
      };
    },
    earlier: async (revision) => {
      const commit = commitOf(revision);
      if (commit === undefined) return undefined;
      // It was verified when it came into force; who signs may be another question since.
      if (spec.verify && existsSync(mirror.repository.name))
        await verifyCommits(mirror, { commit, mode: 'head', keys: signersOf(fleet, spec.verify.secretRef.name, secrets) });
      return past(revision);
    },
    past,
    close: () => Promise.resolve(),
  };
}

/** The last verification. */
interface Verified {
  commit: string;
  /** The commit in force at that time. */
  base: string | undefined;
  /** Who signed what came since. */
  signers: readonly string[];
}

/** A pinned revision wins over what the source follows. */
function refOf({ branch, tag, semver, commit }: NonNullable<FleetSpec['git']>, pinned: string | undefined): GitRef {
  const pin = commitOf(pinned);
  if (pin !== undefined) return { commit: pin };
  if (commit !== undefined) return { commit };
  if (tag !== undefined) return { tag };
  if (semver !== undefined) return { semver };
  return { branch: branch ?? 'main' };
}

/** The commit of `main@sha1:<40 hex>`. */
function commitOf(revision: string | undefined): string | undefined {
  return revision === undefined ? undefined : /([0-9a-f]{64}|[0-9a-f]{40})$/.exec(revision)?.[1];
}

function signersOf(fleet: string, name: string, secrets: Secrets): SignerKeys {
  const [ssh, openpgp] = [ask(fleet, name, 'allowed_signers', secrets), ask(fleet, name, 'keys.asc', secrets)];
  if (!ssh && !openpgp) refuseMissing(fleet, name, 'allowed_signers', secrets);
  return { ...(ssh && { ssh: ssh.reveal() }), ...(openpgp && { openpgp: [openpgp.reveal()] }) };
}

/** A value of the Fleet's own Secrets. One that is there and may not be used is an error; one that is not there may not be needed. */
function ask(fleet: string, name: string, key: string, secrets: Secrets): Secret | undefined {
  const { token, problem } = secrets.tokenOf(requestFor(fleet, name, key));
  if (problem && problem.code !== 'SecretMissing') throw problem;
  return secrets.reveal(token);
}

function requestFor(fleet: string, name: string, key: string): SecretRequest {
  return { ref: { name, key }, device: fleet, labels: {}, purpose: 'git', multiline: true };
}

/** A Secret that has nothing of what is looked for is not there, or is another than was meant: said by its name, before any host is asked. */
function refuseMissing(fleet: string, name: string, key: string, secrets: Secrets): void {
  const { problem } = secrets.tokenOf(requestFor(fleet, name, key));
  if (problem) throw problem;
}

function accessOf(fleet: string, git: NonNullable<FleetSpec['git']>, secrets: Secrets): SourceAccess {
  const name = git.secretRef?.name;
  const proxyWith = (password: Secret | undefined) =>
    git.proxy === undefined ? {} : { proxy: { url: git.proxy, ...(password && { password }) } };
  if (name === undefined) return git.url.startsWith('https:') ? { https: proxyWith(undefined) } : {};
  const askFor = (key: string) => ask(fleet, name, key, secrets);
  if (git.url.startsWith('ssh:')) {
    const [identity, knownHosts] = [askFor('identity'), askFor('known_hosts')];
    if (identity && knownHosts) return { ssh: { identity, knownHosts: knownHosts.reveal() } };
    refuseMissing(fleet, name, identity ? 'known_hosts' : 'identity', secrets);
    return {};
  }
  const [username, password, authority] = [askFor('username'), askFor('password') ?? askFor('bearerToken'), askFor('ca.crt')];
  const proxyPassword = git.proxy === undefined ? undefined : askFor('proxyPassword');
  if (!username && !password && !authority && !proxyPassword) refuseMissing(fleet, name, 'password', secrets);
  return {
    https: {
      ...(username && { username: username.reveal().trim() }),
      ...(password && { password }),
      ...(authority && { certificateAuthority: authority.reveal() }),
      ...proxyWith(proxyPassword),
    },
  };
}
