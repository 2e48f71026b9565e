import type { FleetSpec } from '../../api/index.ts';
import { type GitRef, loadSource, openMirror, readRevision, type SourceAccess } from '../../desired/index.ts';
import type { Clock, Secret } from '../../lib/index.ts';
import type { Secrets } from '../../store/index.ts';
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
  return {
    look: async (signal, inForce) => {
      const fetched = await mirror.fetch({ ref, signal, allowRewind: spec.allowRewind, ...(inForce !== undefined && { inForce }) });
      return {
        revision: fetched.revision,
        load: async () => loadSource(await readRevision(mirror, fetched, spec.path), clock),
      };
    },
    close: () => Promise.resolve(),
  };
}

/** A pinned revision wins over what the source follows. */
function refOf({ branch, tag, semver, commit }: NonNullable<FleetSpec['git']>, pinned: string | undefined): GitRef {
  const pin = pinned === undefined ? undefined : /([0-9a-f]{64}|[0-9a-f]{40})$/.exec(pinned)?.[1];
  if (pin !== undefined) return { commit: pin };
  if (commit !== undefined) return { commit };
  if (tag !== undefined) return { tag };
  if (semver !== undefined) return { semver };
  return { branch: branch ?? 'main' };
}

function accessOf(fleet: string, git: NonNullable<FleetSpec['git']>, secrets: Secrets): SourceAccess {
  const name = git.secretRef?.name;
  const proxy = git.proxy === undefined ? {} : { proxy: { url: git.proxy } };
  if (name === undefined) return git.url.startsWith('https:') ? { https: proxy } : {};
  const ask = (key: string): Secret | undefined => {
    const { token, problem } = secrets.tokenOf({ ref: { name, key }, device: fleet, labels: {}, purpose: 'git', multiline: true });
    // A secret that is there and may not be used is an error; one that is not there may not be needed.
    if (problem && problem.code !== 'SecretMissing') throw problem;
    return secrets.reveal(token);
  };
  if (git.url.startsWith('ssh:')) {
    const [identity, knownHosts] = [ask('identity'), ask('known_hosts')];
    return identity && knownHosts ? { ssh: { identity, knownHosts: knownHosts.reveal() } } : {};
  }
  const [username, password, authority] = [ask('username'), ask('password') ?? ask('bearerToken'), ask('ca.crt')];
  return {
    https: {
      ...(username && { username: username.reveal().trim() }),
      ...(password && { password }),
      ...(authority && { certificateAuthority: authority.reveal() }),
      ...proxy,
    },
  };
}
