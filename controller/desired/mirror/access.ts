import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createPrivateKey } from 'node:crypto';
import type { Secret } from '../../lib/index.ts';
import { mirrorErrors } from './errors.ts';
import type { SourceURL } from './source-url.ts';

/** How an https repository is reached. Without a password it is read without logging in. */
export interface HttpsAccess {
  /** Default `x-access-token`, which goes with the tokens of the usual hosts. */
  username?: string;
  /** A password or an access token. */
  password?: Secret;
  /** PEM. Then no other certificate authority counts. */
  certificateAuthority?: string;
  /** `http://proxy.example.net:3128`; a user may stand in it, the password never. */
  proxy?: { url: string; password?: Secret };
}

/** How an ssh repository is reached. Both are mandatory. */
export interface SshAccess {
  /** A private key without passphrase. */
  identity: Secret;
  /** Lines as in `known_hosts`: the only hosts that are trusted. */
  knownHosts: string;
}

export interface SourceAccess {
  https?: HttpsAccess;
  ssh?: SshAccess;
}

/** What Git is given to reach one host: an environment without secrets, and files that live as long as the command. */
export interface OpenAccess {
  environment: Record<string, string>;
  /** What must not appear in any message. */
  secrets: readonly string[];
  close(): Promise<void>;
}

const privatePrefix = 'private-';

/** True for a folder that a killed process left behind. Made under the lock of the mirror only. */
export function isPrivateFolder(name: string): boolean {
  return name.startsWith(privatePrefix);
}

/** Refuses access that is incomplete, before the host hears of us. */
export function checkAccess(url: SourceURL, access: SourceAccess): void {
  const refuse = (why: string, hint: string): never => {
    throw mirrorErrors.SourceAccessIncomplete({ url: url.text, why, hint });
  };
  if (url.transport === 'https') checkHttps(access.https ?? {}, refuse);
  if (url.transport === 'ssh') {
    if (!access.ssh) return refuse('ssh needs a key and known hosts', 'Put identity and known_hosts into the Secret of the source.');
    if (!/^[^#\s]\S*\s+\S/m.test(access.ssh.knownHosts)) {
      refuse('known_hosts is empty', 'Put the lines of ssh-keyscan into the Secret, after comparing them with what the host publishes.');
    }
    checkIdentity(access.ssh.identity.reveal(), refuse);
  }
}

type Refuse = (why: string, hint: string) => never;

function checkHttps({ username, password, certificateAuthority, proxy }: HttpsAccess, refuse: Refuse): void {
  // Git's credential protocol is lines: a line break in a value would begin another field.
  for (const value of [username ?? '', password ? textOf(password) : '', proxy?.password ? textOf(proxy.password) : ''])
    if (/[\0\r\n]/.test(value)) refuse('user or password holds a line break', 'Write the value on one line.');
  if (password && textOf(password) === '') refuse('the password is empty', 'Put the token into the Secret, or leave the Secret out.');
  if (username !== undefined && !password) refuse('a user without a password', 'Put password beside username in the Secret.');
  if (certificateAuthority !== undefined && !certificateAuthority.includes('-----BEGIN CERTIFICATE-----'))
    refuse('the certificate authority is no PEM certificate', 'Write it as -----BEGIN CERTIFICATE----- and its lines.');
  if (proxy === undefined) return;
  const url = URL.canParse(proxy.url) ? new URL(proxy.url) : undefined;
  if (!url || !/^(https?|socks5h?):$/.test(url.protocol) || url.hostname === '')
    return refuse('the proxy is no URL', 'Write for example http://proxy.example.net:3128.');
  if (url.password !== '')
    refuse('the URL of the proxy holds a password', 'Put it into the Secret as proxyPassword, and change it: it was seen.');
  if (url.username !== '' && !proxy.password)
    refuse('a user of the proxy without a password', 'Put proxyPassword into the Secret, or take the user out of the URL of the proxy.');
  if (/[^\x21-\x7e]/.test(proxy.url)) refuse('the URL of the proxy holds blanks', 'Write for example http://proxy.example.net:3128.');
}

/** Secrets made from files end in a line break that belongs to nobody. */
function textOf(secret: Secret): string {
  return secret.reveal().replace(/\r?\n$/, '');
}

function checkIdentity(key: string, refuse: Refuse): void {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END OPENSSH PRIVATE KEY-----/.exec(key)?.[1];
  const hint = 'Make a key of its own for this repository: ssh-keygen -t ed25519 -N "" -f identity.';
  if (body !== undefined) {
    // PROTOCOL.key: a magic word, then the name of the cipher as a string with its length.
    const cipher = Buffer.from(body, 'base64').subarray(15, 23).toString('latin1');
    if (!cipher.startsWith('\0\0\0\u0004none')) refuse('the key has a passphrase', hint);
    return;
  }
  try {
    createPrivateKey(key);
  } catch (cause) {
    refuse(
      /passphrase|interrupted|encrypted/i.test((cause as Error).message) ? 'the key has a passphrase' : 'the identity is no private key',
      hint,
    );
  }
}

/** Writes what Git needs into a folder that only we may read. `close` removes it. */
export async function openAccess(url: SourceURL, access: SourceAccess, folder: string): Promise<OpenAccess> {
  checkAccess(url, access);
  const home = await mkdtemp(path.join(folder, privatePrefix));
  const write = async (name: string, text: string): Promise<string> => {
    await writeFile(path.join(home, name), text, { mode: 0o600, flag: 'wx' });
    return path.join(home, name);
  };
  const close = (): Promise<void> => rm(home, { recursive: true, force: true });
  try {
    const settings = [...commonSettings];
    const environment: Record<string, string> = {
      HOME: home,
      XDG_CONFIG_HOME: home,
      GIT_ALLOW_PROTOCOL: url.transport,
      GIT_CEILING_DIRECTORIES: home,
    };
    const secrets: string[] = [];
    if (url.transport === 'https') await openHttps(url, access.https ?? {}, { write, settings, environment, secrets });
    if (url.transport === 'ssh' && access.ssh) await openSsh(access.ssh, { write, environment, secrets });
    // A repository on this machine may belong to somebody else; its own Git child reads nothing but this file.
    const config = url.transport === 'file' ? '[safe]\n\tdirectory = *\n' : '';
    return {
      environment: { ...environment, GIT_CONFIG_GLOBAL: await write('config', config), ...asEnvironment(settings) },
      secrets,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

type Setting = readonly [key: string, value: string];

/** Nothing of the machine's own settings counts; nothing runs but Git and its transport. */
const commonSettings: readonly Setting[] = [
  ['core.hooksPath', '/dev/null'],
  ['core.askPass', ''],
  ['credential.helper', ''],
  ['fetch.recurseSubmodules', 'false'],
  ['fetch.unpackLimit', '1'],
  ['fetch.fsckObjects', 'true'],
  // Harmless marks of old tools, found in many honest repositories.
  ['fetch.fsck.zeroPaddedFilemode', 'ignore'],
  ['fetch.fsck.badTimezone', 'ignore'],
  ['fetch.fsck.missingSpaceBeforeDate', 'ignore'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['pack.threads', '2'],
  ['core.packedGitWindowSize', '32m'],
  ['core.packedGitLimit', '256m'],
  ['core.bigFileThreshold', '16m'],
  ['protocol.version', '2'],
  ['http.sslVerify', 'true'],
  // Git would offer the credentials to where a redirection leads.
  ['http.followRedirects', 'false'],
  ['http.lowSpeedLimit', '100'],
  ['http.lowSpeedTime', '30'],
];

/** The environment that makes Git run with these settings, and with those of no file of the machine. */
export function asEnvironment(settings: readonly Setting[]): Record<string, string> {
  const numbered = settings.flatMap(([key, value], i) => [
    [`GIT_CONFIG_KEY_${i}`, key],
    [`GIT_CONFIG_VALUE_${i}`, value],
  ]);
  return { GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_COUNT: `${settings.length}`, ...Object.fromEntries(numbered) };
}

interface Opening {
  write: (name: string, text: string) => Promise<string>;
  environment: Record<string, string>;
  secrets: string[];
}

async function openHttps(url: SourceURL, access: HttpsAccess, opening: Opening & { settings: Setting[] }): Promise<void> {
  const { write, settings, secrets, environment } = opening;
  // Git asks a helper only for the origin it is named for: no other host, and no proxy, is told the password.
  const answer = async (origin: string, name: string, username: string, password: Secret): Promise<void> => {
    environment[`PLUMBLINE_${name}`] = await write(name, `username=${username}\npassword=${textOf(password)}\n`);
    settings.push([`credential.${origin}.helper`, `!f() { test "$1" != get || cat "$PLUMBLINE_${name}"; }; f`]);
    const basic = Buffer.from(`${username}:${textOf(password)}`).toString('base64');
    secrets.push(textOf(password), basic);
  };
  if (access.password) await answer(url.origin, 'SOURCE', access.username ?? 'x-access-token', access.password);
  if (access.certificateAuthority !== undefined) {
    settings.push(['http.sslCAInfo', await write('ca.pem', access.certificateAuthority)], ['http.sslCAPath', '/dev/null']);
  }
  settings.push(['http.proxy', access.proxy?.url ?? '']);
  if (!access.proxy?.password) return;
  const { protocol, host, username } = new URL(access.proxy.url);
  await answer(`${protocol}//${host}`, 'PROXY', decodeURIComponent(username), access.proxy.password);
}

async function openSsh(access: SshAccess, { write, environment, secrets }: Opening): Promise<void> {
  const identity = await write('identity', `${access.identity.reveal().replaceAll('\r\n', '\n').trim()}\n`);
  const knownHosts = await write('known_hosts', `${access.knownHosts.replaceAll('\r\n', '\n').trim()}\n`);
  secrets.push(access.identity.reveal());
  const options = [
    'BatchMode=yes',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile="${knownHosts}"`,
    'GlobalKnownHostsFile=none',
    'UpdateHostKeys=no',
    'IdentitiesOnly=yes',
    `IdentityFile="${identity}"`,
    'IdentityAgent=none',
    'PreferredAuthentications=publickey',
    'ForwardAgent=no',
    'ClearAllForwardings=yes',
    'PermitLocalCommand=no',
    'ControlPath=none',
    'ConnectTimeout=20',
    'ServerAliveInterval=10',
    'ServerAliveCountMax=3',
    'LogLevel=ERROR',
  ];
  environment['GIT_SSH_COMMAND'] = ['ssh', '-F', 'none', ...options.flatMap((option) => ['-o', quote(option)])].join(' ');
  environment['GIT_SSH_VARIANT'] = 'ssh';
}

/** One word for the shell that runs GIT_SSH_COMMAND. */
function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A text without the secrets of the access: a host may repeat what it was sent. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.filter((secret) => secret.length > 3).reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
}
