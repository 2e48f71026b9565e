import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { GitFailure, runGit } from '../git-process.ts';
import { asEnvironment } from './access.ts';
import { mirrorErrors } from './errors.ts';
import { fixedLimits } from './limits.ts';
import type { Mirror } from './mirror.ts';

/** Whose commits count. At least one kind of key. */
export interface SignerKeys {
  /** Lines as in the `allowed_signers` file of ssh-keygen(1): a principal, then its key. */
  ssh?: string;
  /** Armored OpenPGP public keys. */
  openpgp?: readonly string[];
}

export interface VerifyRequest {
  commit: string;
  /** `head`: the commit alone. `every`: also every commit that came since `verified`, by whatever way it was merged. */
  mode: 'head' | 'every';
  /** The last commit that was verified. Absent at first: then `every` begins with the head. */
  verified?: string;
  keys: SignerKeys;
  signal?: AbortSignal;
}

/** Who signed a commit: a principal of the allowed signers, or the user id of a key, and the key's fingerprint. */
export interface SignedCommit {
  commit: string;
  signer: string;
  key: string;
}

/**
 * Checks the signatures of fetched commits, newest first. Only the keys given count, whatever keyrings the machine has.
 * Throws CommitNotVerified for the first that does not hold, with why, and VerificationKeysRefused.
 */
export async function verifyCommits(mirror: Mirror, request: VerifyRequest): Promise<SignedCommit[]> {
  checkKeys(request.keys);
  const home = await mkdtemp(path.join(tmpdir(), 'plumbline-keys-'));
  try {
    const environment = await prepareKeys(home, request.keys);
    const commits = await commitsToVerify(mirror, request);
    const signatures = await readSignatures(mirror, commits, environment, request.signal);
    return signatures.map((signature) => judgeSignature(signature, request.keys));
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function checkKeys({ ssh, openpgp = [] }: SignerKeys): void {
  if (ssh === undefined && openpgp.length === 0) throw mirrorErrors.VerificationKeysRefused({ why: 'none is given' });
  if (ssh !== undefined && allowedKeys(ssh).length === 0)
    throw mirrorErrors.VerificationKeysRefused({ why: 'the allowed signers hold no key' });
}

/** Fingerprints of the keys in an allowed signers file, as Git prints them. */
function allowedKeys(text: string): string[] {
  const lines = text.split('\n').filter((line) => !line.startsWith('#'));
  const keys = lines.flatMap((line) => / (?:ssh-|ecdsa-|sk-)\S+ ([A-Za-z0-9+/]{40,}={0,2})(?:\s|$)/.exec(line)?.[1] ?? []);
  return keys.map((key) => `SHA256:${createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64').replace(/=+$/, '')}`);
}

/** A keyring and an allowed signers file for this verification alone, and the environment that makes Git use nothing else. */
async function prepareKeys(home: string, { ssh, openpgp = [] }: SignerKeys): Promise<Record<string, string>> {
  const signers = path.join(home, 'allowed_signers');
  await writeFile(signers, ssh ?? '', { mode: 0o600 });
  // The keys given are trusted as they are; GnuPG asks no server and starts no daemon that would outlive us.
  await writeFile(
    path.join(home, 'gpg.conf'),
    'trust-model always\nno-auto-key-retrieve\nno-auto-key-locate\nno-autostart\nbatch\nno-tty\n',
  );
  if (openpgp.length > 0) await importKeys(home, openpgp);
  const settings = [
    ['gpg.ssh.allowedSignersFile', signers],
    ['gpg.program', 'gpg'],
    ['gpg.x509.program', 'false'],
  ] as const;
  return { HOME: home, GNUPGHOME: home, GIT_CONFIG_GLOBAL: '/dev/null', ...asEnvironment(settings) };
}

async function importKeys(home: string, keys: readonly string[]): Promise<void> {
  if (keys.some((key) => key.includes('PRIVATE KEY BLOCK')))
    throw mirrorErrors.VerificationKeysRefused({ why: 'one of them is private; change it, it was seen' });
  const environment = { PATH: process.env['PATH'] ?? '', GNUPGHOME: home, HOME: home, LC_ALL: 'C' };
  const gpg = spawn('gpg', ['--status-fd', '1', '--import'], {
    env: environment,
    stdio: ['pipe', 'pipe', 'ignore'],
    timeout: fixedLimits.artifactMs,
  });
  let status = '';
  gpg.stdout.on('data', (part: Buffer) => {
    status += part.toString('latin1');
  });
  gpg.stdin.on('error', () => undefined);
  gpg.stdin.end(keys.join('\n'));
  try {
    await once(gpg, 'close');
  } catch (cause) {
    throw mirrorErrors.VerificationKeysRefused({ why: 'GnuPG is not installed where Plumbline runs' }, { cause });
  }
  const imported = new Set([...status.matchAll(/^\[GNUPG:\] IMPORT_OK \d+ (\w+)$/gm)].map((match) => match[1]));
  if (imported.size < keys.length)
    throw mirrorErrors.VerificationKeysRefused({ why: `${imported.size} of ${keys.length} OpenPGP keys can be read` });
}

async function commitsToVerify({ repository, url }: Mirror, { commit, mode, verified, signal }: VerifyRequest): Promise<string[]> {
  if (mode === 'head' || verified === undefined) return [commit];
  const limit = fixedLimits.verifiedCommits;
  const args = [...repository.run.args, 'rev-list', `--max-count=${limit + 1}`, commit, `^${verified}`];
  const text = await runGit({ args, environment: repository.run.environment ?? {}, ...(signal ? { signal } : {}) }).catch(
    (cause: unknown) => {
      if (!(cause instanceof GitFailure)) throw cause;
      const why = `which commits came before it is not known: ${verified}, the last that was verified, is not in the repository`;
      throw mirrorErrors.CommitNotVerified({ commit, why }, { cause });
    },
  );
  const commits = text.split('\n').filter(Boolean);
  if (commits.length > limit) throw mirrorErrors.MirrorTooLarge({ url, what: 'the commits to verify at once go', limit: `${limit}` });
  // The head counts in any case: where nothing is new, it is what was verified before.
  return commits.length === 0 ? [commit] : commits;
}

interface Signature {
  commit: string;
  /** Git's letter: G good, B bad, U unknown validity, X and Y expired, R revoked, E no key, N none. */
  result: string;
  signer: string;
  key: string;
}

async function readSignatures(
  { repository }: Mirror,
  commits: readonly string[],
  environment: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<Signature[]> {
  const format = ['%H', '%G?', '%GK', '%GF', '%GS'].join('%x00');
  const args = [...repository.run.args, 'log', '-z', '--no-walk=unsorted', '--stdin', `--format=tformat:${format}`];
  const text = await runGit({ args, environment, input: `${commits.join('\n')}\n`, ...(signal ? { signal } : {}) });
  const fields = text.split('\0');
  const signatures: Signature[] = [];
  for (let i = 0; i + 4 < fields.length; i += 5) {
    const [commit = '', result = '', key = '', fingerprint = '', signer = ''] = fields.slice(i, i + 5);
    signatures.push({ commit, result, key: fingerprint || key, signer });
  }
  // A commit without an answer would be a commit without a check.
  if (signatures.length !== commits.length || signatures.some(({ commit }, i) => commit !== commits[i])) {
    throw new GitFailure(`Git answered for ${signatures.length} of ${commits.length} commits`, 0);
  }
  return signatures;
}

function judgeSignature({ commit, result, signer, key }: Signature, keys: SignerKeys): SignedCommit {
  if (result === 'G') return { commit, signer, key };
  const name = key === '' ? '' : ` ${key.replace(/[^\x20-\x7e]/g, '?')}`;
  const isListed = allowedKeys(keys.ssh ?? '').includes(key);
  const why: Record<string, string> = {
    N: 'it is not signed',
    B: `its signature does not fit: the commit or the signature was changed${/namespaces=/.test(keys.ssh ?? '') ? ', or its key is listed for other uses than git' : ''}`,
    // OpenSSH: the signature fits, but no line of the allowed signers gives this key a name at the time of the commit.
    U: isListed ? `its key${name} is listed, but not for commits of its date or for Git` : `its key${name} is not listed`,
    E: `its key${name} is not listed, or cannot be checked here`,
    X: `its signature by${name} has expired`,
    Y: `its key${name} has expired`,
    R: `its key${name} is revoked`,
  };
  throw mirrorErrors.CommitNotVerified({ commit, why: why[result] ?? `its signature has an unknown state ${result}` });
}
