import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HttpsHost, startHttpsHost } from '../../../test/git/https-host.ts';
import { type Proxy, startProxy } from '../../../test/git/proxy.ts';
import { newRepository, type People, policy } from '../../../test/git/repository.ts';
import { newKey } from '../../../test/git/ssh-host.ts';
import { FleetSpec } from '../../api/index.ts';
import { Secret, systemClock } from '../../lib/index.ts';
import { openSecrets } from '../../store/index.ts';
import { openGitSource } from './git-source.ts';

/** What is in force is not asked for. */
const nothing = () => Promise.resolve(undefined);
const whyNoKeys = existsSync('/usr/bin/ssh-keygen') ? undefined : 'ssh-keygen is missing';

describe.skipIf(whyNoKeys !== undefined)(`who signed a revision${whyNoKeys === undefined ? '' : ` (${whyNoKeys})`}`, () => {
  const people = ['alice', 'bob', 'carol'] as const;
  let root: string;
  let git: People;

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'plumbline-signers-'));
    for (const name of people) newKey(join(root, name));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const commit = (by: (typeof people)[number] | undefined): string => {
    git.git('config', 'gpg.format', 'ssh');
    git.git('config', 'user.signingKey', join(root, by ?? 'nobody'));
    return `main@sha1:${git.commit({}, ...(by ? ['-S'] : ['--no-gpg-sign']))}`;
  };
  /** What a process that starts now finds at one look after another. */
  function start(commits: 'Head' | 'Every' | undefined) {
    const keys = people.map((name) => `${name}@example.net ${readFileSync(join(root, `${name}.pub`), 'utf8')}`).join('');
    const environment = { PLUMB_SECRET_SIGNERS_ALLOWED_SIGNERS: keys, PLUMB_SECRET_SIGNERS_ALLOWED_SIGNERS_USE: 'git for *' };
    const source = openGitSource({
      fleet: 'lab',
      spec: FleetSpec.parse({
        git: { url: `file://${git.folder}` },
        ...(commits && { verify: { commits, secretRef: { name: 'signers' } } }),
      }),
      cacheFolder: join(root, 'cache'),
      secrets: openSecrets({ environment, versionKey: new Secret('k'.repeat(64)) }),
      clock: systemClock,
      allowLocal: true,
    });
    return async (inForce?: string) => (await source.look(AbortSignal.timeout(20_000), inForce, nothing)).signers;
  }
  const of = (...names: string[]) => names.map((name) => `${name}@example.net`);
  let count = 0;
  const begin = () => {
    git = newRepository(join(root, `git${++count}`));
    return commit('alice');
  };

  it('is not known where signatures are not verified', async () => {
    begin();
    expect(await start(undefined)()).toBeUndefined();
  });

  it('is the signer of the head, or of every commit since the revision in force', async () => {
    const first = begin();
    commit('bob');
    commit('carol');
    expect(await start('Head')(first)).toEqual(of('carol'));
    expect((await start('Every')(first))?.toSorted()).toEqual(of('bob', 'carol'));
  });

  it.each(['Head', 'Every'] as const)(
    'is also who signed a revision that was refused, until another one is in force (%s)',
    async (mode) => {
      const first = begin();
      const look = start(mode);
      expect(await look()).toEqual(of('alice'));
      commit('bob');
      expect(await look(first)).toEqual(of('bob'));
      const third = commit('carol');
      expect(await look(first)).toEqual(of('bob', 'carol'));
      expect(await look(third)).toEqual(of('bob', 'carol'));
      commit('alice');
      expect(await look(third)).toEqual(of('alice'));
    },
  );

  it('is the signer of what the process finds in force when it starts', async () => {
    begin();
    const second = commit('bob');
    expect(await start('Every')(second)).toEqual(of('bob'));
  });
});

describe('behind a proxy', () => {
  let root: string;
  let host: HttpsHost;
  let proxy: Proxy;
  let tip: string;
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'plumbline-proxy-'));
    tip = newRepository(join(root, 'repositories/network')).commit({ 'a.yaml': policy('everywhere') });
    host = await startHttpsHost(join(root, 'repositories'), join(root, 'tls'));
    proxy = await startProxy('gate:password-of-the-proxy');
  });
  afterAll(async () => {
    await proxy.close();
    await host.close();
    rmSync(root, { recursive: true, force: true });
  });

  const look = async (values: Readonly<Record<string, string>>) => {
    const environment = Object.fromEntries(
      Object.entries({ ca_crt: host.authority, ...values }).flatMap(([key, value]) => [
        [`PLUMB_SECRET_LOGIN_${key.toUpperCase()}`, value],
        [`PLUMB_SECRET_LOGIN_${key.toUpperCase()}_USE`, 'git for *'],
      ]),
    );
    const git = { url: `${host.url}/network`, secretRef: { name: 'login' }, proxy: `http://gate@${proxy.host}` };
    const source = openGitSource({
      fleet: 'lab',
      spec: FleetSpec.parse({ git }),
      cacheFolder: join(root, 'cache'),
      secrets: openSecrets({ environment, versionKey: new Secret('k'.repeat(64)) }),
      clock: systemClock,
      allowLocal: false,
    });
    return source.look(AbortSignal.timeout(20_000), undefined, nothing);
  };

  it('its password comes from the Secret of the source, and goes nowhere else', async () => {
    expect(await look({ proxyPassword: 'password-of-the-proxy' })).toMatchObject({ revision: `main@sha1:${tip}` });
    expect(proxy.seen).toContain(new URL(host.url).host);
    expect(JSON.stringify(host.seen)).not.toContain(Buffer.from('gate:password-of-the-proxy').toString('base64'));
  });

  it('that refuses is said as such', async () => {
    const refused = await look({ proxyPassword: 'wrong' }).catch((error: Error) => error);
    expect(refused).toMatchObject({
      code: 'SourceAuthFailed',
      message: expect.stringContaining('the proxy refused the credentials') as string,
    });
    expect((refused as Error).message).not.toContain('wrong');
  });

  it('whose user has no password is said before anybody is asked', async () => {
    await expect(look({})).rejects.toMatchObject({
      code: 'SourceAccessIncomplete',
      next: expect.stringContaining('proxyPassword') as string,
    });
  });
});
