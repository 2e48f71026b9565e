import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Fetched, type MirrorLimits, openMirror, type SourceAccess } from '../../controller/desired/index.ts';
import { Secret } from '../../controller/lib/index.ts';
import { type HttpsHost, startHttpsHost } from './https-host.ts';
import { type Proxy, startProxy } from './proxy.ts';
import { newRepository, type People } from './repository.ts';
import { newKey, type SshHost, startSshHost, whyNoSshd } from './ssh-host.ts';

const token = 'glpat-not-a-real-token-4711';

let root: string;
let cacheFolder: string;
let people: People;
let tip: string;
let host: HttpsHost;

beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'transports-'));
  people = newRepository(path.join(root, 'repositories/network'));
  tip = people.commit({ 'a.yaml': 'a: 1\n', 'big.txt': randomText(400_000) });
  host = await startHttpsHost(path.join(root, 'repositories'), path.join(root, 'tls'));
});

afterAll(async () => {
  await host.close();
  rmSync(root, { recursive: true, force: true });
});

beforeEach(() => {
  cacheFolder = mkdtempSync(path.join(root, 'cache-'));
  host.manner = {};
  host.seen.length = 0;
});

afterEach(() => {
  rmSync(cacheFolder, { recursive: true, force: true });
});

interface How {
  url?: string;
  limits?: Partial<MirrorLimits>;
  signal?: AbortSignal;
  inForce?: string;
}

function fetch(access: SourceAccess, { url = `${host.url}/network`, limits = {}, signal, inForce }: How = {}): Promise<Fetched> {
  const mirror = openMirror({ cacheFolder, url, access, limits });
  return mirror.fetch({ ref: { branch: 'main' }, ...(signal ? { signal } : {}), ...(inForce === undefined ? {} : { inForce }) });
}

const anonymous = (): SourceAccess => ({ https: { certificateAuthority: host.authority } });
const withToken = (password = token): SourceAccess => ({ https: { certificateAuthority: host.authority, password: new Secret(password) } });

/** A text that does not compress, the same on every run. */
function randomText(length: number): string {
  let [state, text] = [1, ''];
  while (text.length < length) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    text += state.toString(36);
  }
  return text;
}

describe('https', () => {
  test('reads a public repository under an authority of its own', async () => {
    expect(await fetch(anonymous())).toMatchObject({ commit: tip, changed: true });
    expect(host.seen.some(({ authorization }) => authorization !== undefined)).toBe(false);
  });

  test('trusts no other host', async () => {
    await expect(fetch({})).rejects.toMatchObject({ code: 'SourceHostUntrusted' });
    expect(host.seen).toEqual([]);
  });

  test('logs in with a token, or a user and a password', async () => {
    host.manner.login = `x-access-token:${token}`;
    expect(await fetch(withToken())).toMatchObject({ commit: tip });
    host.manner.login = 'robot:s3cret with blanks';
    const access = { https: { certificateAuthority: host.authority, username: 'robot', password: new Secret('s3cret with blanks') } };
    expect(await fetch(access)).toMatchObject({ commit: tip });
  });

  test('says that the credentials were refused, and not what they are', async () => {
    host.manner.login = 'x-access-token:another';
    const error = await fetch(withToken()).catch((each: Error) => each);
    expect(error).toMatchObject({ code: 'SourceAuthFailed' });
    expect(JSON.stringify([error, (error as Error).message, (error as Error).stack, (error as Error).cause])).not.toContain(token);
    await expect(fetch(anonymous())).rejects.toMatchObject({ code: 'SourceAuthFailed' });
  });

  test('asks for the credentials of each source, though they share a mirror', async () => {
    host.manner.login = `x-access-token:${token}`;
    expect(await fetch(withToken(`${token}\n`))).toMatchObject({ commit: tip });
    await expect(fetch(withToken('of-another-fleet'))).rejects.toMatchObject({ code: 'SourceAuthFailed' });
    expect(readdirSync(cacheFolder)).toHaveLength(1);
  });

  test('reads from an old host, also a pinned commit that it gives by no name', async () => {
    host.manner.old = true;
    const pinned = people.git('rev-list', '--max-parents=0', 'HEAD');
    people.commit();
    tip = people.commit();
    expect(await fetch(anonymous())).toMatchObject({ commit: tip });
    const options = { url: `${host.url}/network`, access: anonymous() };
    const empty = openMirror({ ...options, cacheFolder: path.join(cacheFolder, 'empty') });
    expect(await empty.fetch({ ref: { commit: pinned } })).toMatchObject({ revision: `sha1:${pinned}` });
    const unknown = '1'.repeat(40);
    await expect(empty.fetch({ ref: { commit: unknown } })).rejects.toMatchObject({ code: 'SourceRefNotFound' });
  });

  test('follows no redirection, and offers its credentials to nobody else', async () => {
    const other = await startHttpsHost(path.join(root, 'repositories'), path.join(root, 'tls2'));
    try {
      host.manner.redirect = other.url;
      await expect(fetch(withToken())).rejects.toMatchObject({
        code: 'SourceRepositoryNotFound',
        message: expect.stringContaining('redirection') as string,
      });
      expect(other.seen).toEqual([]);
    } finally {
      await other.close();
    }
  });

  test('shows its token in no argument, environment or file that stays', async () => {
    host.manner.login = `x-access-token:${token}`;
    const shown: string[] = [];
    host.manner.before = async () => {
      shown.push(...processTexts().filter((text) => text.includes(token)));
      await Promise.resolve();
    };
    await fetch(withToken());
    expect(host.seen.length).toBeGreaterThan(3);
    expect(shown).toEqual([]);
    expect(filesBelow(cacheFolder).filter((file) => readFileSync(file).includes(token))).toEqual([]);
  });

  test.each<{ name: string; status: number; code: string }>([
    { name: 'a repository that is not there', status: 404, code: 'SourceRepositoryNotFound' },
    { name: 'a refusal', status: 403, code: 'SourceAuthFailed' },
    { name: 'a host in trouble', status: 503, code: 'SourceUnreachable' },
    { name: 'too many requests', status: 429, code: 'SourceUnreachable' },
  ])('tells $name', async ({ status, code }) => {
    host.manner.status = status;
    await expect(fetch(anonymous())).rejects.toMatchObject({ code });
  });

  test('takes a page for people for no repository', async () => {
    host.manner.page = true;
    await expect(fetch(anonymous())).rejects.toMatchObject({ code: 'SourceRepositoryEmpty' });
  });

  test('tells that the host is away', async () => {
    await expect(fetch({}, { url: 'https://localhost:9/network' })).rejects.toMatchObject({
      code: 'SourceUnreachable',
      message: expect.not.stringMatching(/ms\b/) as string,
    });
    await expect(fetch({}, { url: 'https://git.invalid/network' })).rejects.toMatchObject({ code: 'SourceUnreachable' });
  });

  test('takes nothing of a pack that was cut, and all of it the next time', async () => {
    const before = (await fetch(anonymous())).revision;
    const next = people.commit({ 'other.txt': randomText(300_001) });
    host.manner.cutAfter = 100_000;
    await expect(fetch(anonymous(), { inForce: before })).rejects.toMatchObject({ retry: 'backoff' });
    host.manner = {};
    expect(await fetch(anonymous(), { inForce: before })).toMatchObject({ commit: next, changed: true });
    tip = next;
  });

  test('unfolds nothing beyond its memory', async () => {
    const bomb = newRepository(path.join(root, 'repositories/bomb'));
    // A large file is streamed; one that is told as a small difference to another must be held as a whole.
    bomb.commit({ 'zeros.bin': '0'.repeat(80_000_000) });
    const how = { url: `${host.url}/bomb`, limits: { memoryBytes: 150 * 1024 * 1024 } };
    expect(await fetch(anonymous(), how)).toMatchObject({ changed: true });
    bomb.git('config', 'core.bigFileThreshold', '1g');
    bomb.commit({ 'zeros.bin': `${'0'.repeat(80_000_000)}1` });
    bomb.git('repack', '-a', '-d', '-f', '-q', '--window=2');
    await expect(fetch(anonymous(), how)).rejects.toMatchObject({
      code: 'MirrorTooLarge',
      message: expect.stringContaining('memory') as string,
    });
  });

  test('ends at its deadline, with all that it started', async () => {
    host.manner.before = () => new Promise(() => undefined);
    await expect(fetch(anonymous(), { limits: { fetchMs: 300 } })).rejects.toMatchObject({ code: 'FetchTooLong' });
    expect(processTexts().filter((text) => text.includes(cacheFolder))).toEqual([]);
  });

  test('ends when it is aborted, with the reason of the abort', async () => {
    const abort = new AbortController();
    host.manner.before = () => {
      abort.abort(new Error('the lease was lost'));
      return new Promise(() => undefined);
    };
    await expect(fetch(anonymous(), { signal: abort.signal })).rejects.toThrow('the lease was lost');
  });

  describe('through a proxy', () => {
    let proxy: Proxy;
    beforeEach(async () => {
      proxy = await startProxy('gate:proxy-password');
    });
    afterEach(() => proxy.close());

    const through = (password: string): SourceAccess => ({
      https: {
        certificateAuthority: host.authority,
        password: new Secret(token),
        proxy: { url: `http://gate@${proxy.host}`, password: new Secret(password) },
      },
    });

    test('logs in at both, each with its own password', async () => {
      host.manner.login = `x-access-token:${token}`;
      const url = `${host.url}/network`;
      expect(await fetch(through('proxy-password'), { url })).toMatchObject({ commit: tip });
      expect(proxy.seen[0]).toBe(new URL(host.url).host);
    });

    test('says that the proxy refused', async () => {
      await expect(fetch(through('wrong'))).rejects.toMatchObject({
        code: 'SourceAuthFailed',
        message: expect.stringContaining('proxy') as string,
      });
      expect(host.seen).toEqual([]);
    });
  });
});

describe.skipIf(whyNoSshd())('ssh', () => {
  let ssh: SshHost;
  beforeAll(async () => {
    ssh = await startSshHost(path.join(root, 'sshd'));
  });
  afterAll(() => ssh.close());

  const way = (): How => ({ url: `${ssh.url}${people.folder}` });
  const access = (changed: { identity?: string; knownHosts?: string } = {}): SourceAccess => ({
    ssh: { identity: new Secret(changed.identity ?? ssh.identity), knownHosts: changed.knownHosts ?? ssh.knownHosts },
  });

  test('reads with a key from a known host', async () => {
    expect(await fetch(access(), way())).toMatchObject({ commit: tip });
    expect(filesBelow(cacheFolder).filter((file) => readFileSync(file).includes('PRIVATE KEY'))).toEqual([]);
  });

  test('trusts no host that is not known, and none whose key changed', async () => {
    newKey(path.join(root, 'other_host'));
    const other = readFileSync(path.join(root, 'other_host.pub'), 'utf8').split(' ')[1];
    const changed = ssh.knownHosts.replace(/ \S+\n$/, ` ${other}\n`);
    for (const knownHosts of ['git.example.net ssh-ed25519 AAAA\n', changed])
      await expect(fetch(access({ knownHosts }), way())).rejects.toMatchObject({ code: 'SourceHostUntrusted' });
  });

  test('says that the key does not match', async () => {
    newKey(path.join(root, 'stranger'));
    const identity = readFileSync(path.join(root, 'stranger'), 'utf8');
    await expect(fetch(access({ identity }), way())).rejects.toMatchObject({ code: 'SourceAuthFailed' });
  });

  test('says of a key that was damaged the same each time: every new word would be an event', async () => {
    const [head, body = '', ...rest] = ssh.identity.split('\n');
    const identity = [head, body.slice(0, 40) + 'AAAA' + body.slice(44), ...rest].join('\n');
    const errors = [1, 2].map(() => fetch(access({ identity }), way()).catch((error: Error) => error.message));
    const [first, second] = await Promise.all(errors);
    expect(first).toMatch(/^source ssh:.*the host refused the credentials/);
    expect(first).not.toContain(cacheFolder);
    expect(second).toBe(first);
  });

  test('says that there is no such repository', async () => {
    await expect(fetch(access(), { url: `${ssh.url}/nowhere` })).rejects.toMatchObject({ code: 'SourceRepositoryNotFound' });
  });
});

/** Command line and environment of every process that we may look at. */
function processTexts(): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== `${process.pid}`);
  return pids.flatMap((pid) => ['cmdline', 'environ'].map((name) => readIfThere(`/proc/${pid}/${name}`)));
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))
    .filter((name) => statSync(name).isFile());
}
