import { defineErrors } from '../lib/index.ts';

/** What goes wrong between Plumbline and its own memory, and between a secret and its use. */
export const errors = defineErrors({
  /** The object changed since it was read. The caller reads it again and decides again. */
  Conflict: {
    retry: 'afterRead',
    message: (f: { kind: string; name: string }) => `${f.kind}/${f.name} changed in the store since it was read`,
    next: 'Another plumb works on the same object. Run the command again: it starts from what the store says now.',
  },
  NotFound: {
    retry: 'afterRead',
    message: (f: { kind: string; name: string }) => `${f.kind}/${f.name} is not in the store`,
    next: 'It was deleted meanwhile. Run the command again.',
  },
  AlreadyExists: {
    retry: 'afterRead',
    message: (f: { kind: string; name: string }) => `${f.kind}/${f.name} is in the store already`,
    next: 'Another plumb created it first. Run the command again.',
  },
  StoreBusy: {
    retry: 'backoff',
    message: (f: { folder: string; seconds: number }) => `store ${f.folder} was locked by another process for ${f.seconds} s`,
    next: 'Wait until the other plumb is done, then run the command again. Nothing was written.',
  },
  StoreDamaged: {
    message: (f: { folder: string; what: string }) => `store ${f.folder} is damaged: ${f.what}`,
    next: 'Restore it from a backup. Without one, move the folder away (in a cluster: delete what is damaged) and run plumb adopt for each device: baselines start again from what the devices hold now.',
  },
  /** The namespace of the records was deleted, or is another one: what looks like a first contact is a loss. Nothing is written. */
  RecordsLost: {
    retry: 'backoff',
    message: (f: { namespace: string; artifactNamespace: string }) =>
      `the records of ${f.namespace} are not in namespace ${f.artifactNamespace} any more`,
    next: (f: { namespace: string; artifactNamespace: string }) =>
      `Name the namespace that it was before, or restore ${f.artifactNamespace} from a backup. To begin anew, delete StoreRecord ${f.namespace}.store.identity in namespace ${f.namespace} and run plumb adopt for each device.`,
  },
  ArtifactsFull: {
    retry: 'backoff',
    message: (f: { where: string; usedMb: number; neededMb: number; maxMb: number }) =>
      `${f.where} hold ${f.usedMb} MB, ${f.neededMb} MB more would pass the limit of ${f.maxMb} MB`,
    next: 'Raise the limit, or keep artifacts on a volume; docs/operator.md says how. Nothing that is kept was touched.',
  },
  StoreTooNew: {
    message: (f: { folder: string; found: number; known: number }) =>
      `store ${f.folder} has format ${f.found}, this plumb knows up to ${f.known}`,
    next: 'Use the newer plumb that wrote it, or set PLUMB_STORE to another folder.',
  },
  StoreUnusable: {
    message: (f: { folder: string; why: string }) => `store ${f.folder} cannot be used: ${f.why}`,
    next: 'Make room, or set PLUMB_STORE to a folder on a local disk that you may write.',
  },
  /** Other users of the machine could read, or put, what decides about devices. */
  ModeTooOpen: {
    message: (f: { path: string; found: string; want: string }) => `${f.path} has mode ${f.found}: others may use it`,
    next: (f: { path: string; found: string; want: string }) => `Write: chmod ${f.want} ${f.path}`,
  },
  VersionKeyUnusable: {
    message: (f: { path: string; why: string }) => `version key ${f.path} cannot be used: ${f.why}`,
    next: 'Give a file of 32 to 4096 bytes with --version-key FILE, for example made with: head -c 32 /dev/urandom | base64 > FILE; chmod 600 FILE',
  },

  SecretMissing: {
    message: (f: { ref: string; variable: string; file: string }) => `secret ${f.ref} has no value`,
    next: (f: { ref: string; variable: string; file: string }) =>
      `Set the variable ${f.variable}, or write the value to ${f.file} in the secrets folder.`,
  },
  /** Secrets opt in to their use: without a rule that names device and purpose a value is not given out. */
  SecretNotAllowed: {
    message: (f: { ref: string; device: string; purpose: string; where: string }) =>
      `secret ${f.ref} is not released to device ${f.device} for ${f.purpose}`,
    next: (f: { ref: string; device: string; purpose: string; where: string }) =>
      `If it should be, add this line to ${f.where}: ${f.purpose} for ${f.device}`,
  },
  SecretRuleUnreadable: {
    message: (f: { where: string; line: number }) => `${f.where}: line ${f.line} is not a rule`,
    next: 'Write PURPOSE for DEVICES, for example: bgp-password for edge*, role=core',
  },
  SecretUnusable: {
    message: (f: { ref: string; where: string; why: string }) => `secret ${f.ref} from ${f.where} cannot be used: ${f.why}`,
    next: 'Store the value alone: one line of printable characters, 1 to 4096 of them.',
  },
  SecretsUnreadable: {
    message: (f: { folder: string; why: string }) => `secrets folder ${f.folder} cannot be read: ${f.why}`,
    next: 'Name a folder that you may read, with --secrets or PLUMB_SECRETS; it holds <name>/<key>.',
  },
  SecretOutside: {
    message: (f: { path: string; folder: string }) => `${f.path} leads out of ${f.folder}`,
    next: 'Put the file itself there, not a link that leaves the folder of its secret.',
  },
  /** a-b/c and a/b-c would read one variable: which of the two was meant is not ours to guess. */
  SecretNameClash: {
    message: (f: { ref: string; other: string; variable: string }) => `secrets ${f.ref} and ${f.other} share the variable ${f.variable}`,
    next: 'Rename one of them, or use the secrets folder, where names stay apart.',
  },
  SecretNameUnusable: {
    message: (f: { ref: string }) => `${f.ref} is not the name of a secret`,
    next: 'Use letters, digits, dots, dashes and underscores in name and key, beginning with a letter or digit.',
  },
});
