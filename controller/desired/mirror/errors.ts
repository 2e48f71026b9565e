import { defineErrors } from '../../lib/index.ts';

/** What can be wrong with the repository of a Fleet. Whatever it is: the revision in force stays in force. */
export const mirrorErrors = defineErrors({
  /** The URL of a repository has a form that is not fetched. */
  SourceURLRefused: {
    message: (f: { url: string; why: string }) => `source ${f.url}: ${f.why}`,
    next: (f: { hint: string }) => f.hint,
  },
  /** Credentials of the source are missing, incomplete or unreadable. The host was not spoken to. */
  SourceAccessIncomplete: {
    message: (f: { url: string; why: string }) => `source ${f.url}: ${f.why}`,
    next: (f: { hint: string }) => f.hint,
  },
  /** The host does not answer, or went away while it did. */
  SourceUnreachable: {
    retry: 'backoff',
    message: (f: { url: string; why: string }) => `source ${f.url}: ${f.why}`,
    next: 'Look at the host, the network policy and the proxy. It is tried again; the revision in force stays.',
  },
  /** The host refused the credentials. */
  SourceAuthFailed: {
    retry: 'backoff',
    message: (f: { url: string; why: string }) => `source ${f.url}: ${f.why}`,
    next: 'Look whether the token or key is still valid and may read this repository, and replace it in the Secret.',
  },
  /** The host is not the one that known hosts or the certificate authority name. No credentials were sent. */
  SourceHostUntrusted: {
    retry: 'backoff',
    message: (f: { url: string; why: string }) => `source ${f.url}: ${f.why}`,
    next: 'Compare its key or certificate with what its owner publishes. Then, and only then, change known hosts or the CA in the Secret.',
  },
  /** The host knows no such repository, or does not show it to these credentials. */
  SourceRepositoryNotFound: {
    retry: 'backoff',
    message: (f: { url: string; why: string }) => `source ${f.url}: ${f.why}`,
    next: 'Correct the URL, or let the credentials read the repository.',
  },
  /** The host shows no branch and no tag. Taken for a mistake, never for a network without devices. */
  SourceRepositoryEmpty: {
    retry: 'backoff',
    message: (f: { url: string }) => `source ${f.url}: the host shows no branch and no tag`,
    next: 'Push the desired state; or correct the URL, when it leads to a page and not to a repository. Until then the revision in force stays and nothing is released.',
  },
  /** The branch, tag or commit that the Fleet names is not there. */
  SourceRefNotFound: {
    retry: 'backoff',
    message: (f: { url: string; ref: string; suggestion: string }) => `source ${f.url}: no ${f.ref}${f.suggestion}`,
    next: 'Name a branch, tag, range or commit of the repository, or push it. The revision in force stays.',
  },
  /** The new commit does not descend from the one in force: somebody rewrote or reset what was reviewed. */
  HistoryRewound: {
    message: (f: { url: string; name: string; from: string; to: string }) =>
      `source ${f.url}: ${f.name} went from ${f.from} to ${f.to}, which does not descend from it`,
    next: 'Put the branch or tag back, or push a commit on top. Where the rewrite is meant, set spec.allowRewind of the Fleet. Nothing was applied.',
  },
  /** The mirror, or a pack on its way, is larger than is taken of any host. */
  MirrorTooLarge: {
    message: (f: { url: string; what: string; limit: string }) => `source ${f.url}: ${f.what} beyond ${f.limit}`,
    next: 'Keep only desired state in the repository, and remove large files from its history. The revision in force stays.',
  },
  /** The deadline passed. What was received of the pack is dropped. */
  FetchTooLong: {
    retry: 'backoff',
    message: (f: { url: string; seconds: number }) => `source ${f.url}: not fetched within ${f.seconds} s`,
    next: 'It is tried again; the revision in force stays. A slow host or a large repository needs more in spec.git.timeoutSeconds.',
  },
  /** What the host sent is no sound repository, or it answered in a way that Git does not know. */
  SourceAnswerRefused: {
    retry: 'backoff',
    message: (f: { url: string; why: string }) => `source ${f.url}: ${f.why}`,
    next: 'Look at the repository with git fsck, and at the host. Nothing of it was taken.',
  },
  /** The cache folder cannot be used: its disk is full, or it may not be written. */
  MirrorUnusable: {
    retry: 'backoff',
    message: (f: { folder: string; why: string }) => `mirror ${f.folder}: ${f.why}`,
    next: 'Give the cache folder space and rights. It may be removed at any time: it is fetched again.',
  },
  /** The folder that the Fleet names is not in this revision. Taken for a mistake, never for a network without devices. */
  SourcePathNotFound: {
    message: (f: { revision: string; path: string }) =>
      `${f.revision}: ${/^(\.?\/)*\.?$/.test(f.path) ? 'it holds no file at all' : `no folder ${f.path}`}`,
    next: 'Put the files back, or correct spec.path of the Fleet. The revision in force stays and nothing is released.',
  },
  /** A commit has no signature that counts. */
  CommitNotVerified: {
    message: (f: { commit: string; why: string }) => `commit ${f.commit}: ${f.why}`,
    next: 'Look who made the commit. Have it signed by a person whose key the Fleet lists, or list the key. The revision in force stays.',
  },
  /** The keys that commits are verified with cannot be used. Then no commit counts as verified. */
  VerificationKeysRefused: {
    message: (f: { why: string }) => `keys of the verification: ${f.why}`,
    next: 'Write one allowed signer per line, as ssh-keygen reads them, or armored OpenPGP public keys.',
  },
  /** An artifact of Flux is not what its digest says, or not a sound archive. Nothing of it was read. */
  ArtifactRefused: {
    retry: 'backoff',
    message: (f: { revision: string; why: string }) => `artifact ${f.revision}: ${f.why}`,
    next: 'Reconcile the source in Flux, and look at its status. The revision in force stays.',
  },
});
