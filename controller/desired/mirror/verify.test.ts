import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newRepository, type People } from '../../../test/git/repository.ts';
import { newKey } from '../../../test/git/ssh-host.ts';
import { type Mirror, openMirror } from './mirror.ts';
import { type SignerKeys, type VerifyRequest, verifyCommits } from './verify.ts';

const whyNoKeys = ['/usr/bin/ssh-keygen', '/usr/bin/gpg'].find((file) => !existsSync(file));

describe.skipIf(whyNoKeys !== undefined)(`signatures${whyNoKeys === undefined ? '' : ` (${whyNoKeys} is missing)`}`, () => {
  let root: string;
  let people: People;
  let mirror: Mirror;

  beforeAll(() => {
    root = mkdtempSync(path.join(tmpdir(), 'v-'));
    for (const name of ['alice', 'mallory']) newKey(path.join(root, name));
  });

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  let count = 0;
  function start(): void {
    people = newRepository(path.join(root, `people${++count}`));
    mirror = openMirror({ cacheFolder: path.join(root, 'cache'), url: `file://${people.folder}`, allowLocal: true });
  }

  const publicKey = (name: string): string =>
    readFileSync(path.join(root, `${name}.pub`), 'utf8')
      .split(' ')
      .slice(0, 2)
      .join(' ');
  const signers = (options = ''): SignerKeys => ({ ssh: `alice@example.net ${options}${publicKey('alice')}\n` });

  /** Commits as somebody, signed with the ssh key of that name, or with a key of GnuPG, or not at all. */
  function commit(signature?: { ssh: string } | { openpgp: string }): string {
    people.git('config', 'gpg.format', signature && 'ssh' in signature ? 'ssh' : 'openpgp');
    people.git('config', 'gpg.program', path.join(root, 'gpg.sh'));
    people.git('config', 'user.signingKey', signature ? ('ssh' in signature ? path.join(root, signature.ssh) : signature.openpgp) : 'none');
    return people.commit({}, ...(signature ? ['-S'] : ['--no-gpg-sign']));
  }

  async function verify(keys: SignerKeys, request: Partial<VerifyRequest> = {}) {
    const fetched = await mirror.fetch({ ref: { branch: 'main' } });
    return verifyCommits(mirror, { commit: fetched.commit, mode: 'head', keys, ...request });
  }

  const unverified = (why: RegExp) => ({ code: 'CommitNotVerified', message: expect.stringMatching(why) as string });

  describe('by ssh', () => {
    test('count with the name of the signer and the key', async () => {
      start();
      const head = commit({ ssh: 'alice' });
      expect(await verify(signers())).toEqual([
        { commit: head, signer: 'alice@example.net', key: expect.stringMatching(/^SHA256:/) as string },
      ]);
    });

    test.each<{ name: string; by?: { ssh: string }; keys: () => SignerKeys; why: RegExp }>([
      { name: 'a commit without one', keys: signers, why: /it is not signed/ },
      { name: 'a key that is not listed', by: { ssh: 'mallory' }, keys: signers, why: /its key SHA256:\S+ is not listed/ },
      {
        name: 'a key past its time',
        by: { ssh: 'alice' },
        keys: () => signers('valid-before="20200101" '),
        why: /is listed, but not for commits of its date/,
      },
      {
        name: 'a key listed for something else',
        by: { ssh: 'alice' },
        keys: () => signers('namespaces="file" '),
        why: /its key is listed for other uses/,
      },
    ])('do not count: $name', async ({ by, keys, why }) => {
      start();
      commit(by);
      await expect(verify(keys())).rejects.toMatchObject(unverified(why));
    });

    test('do not count when the commit was changed after signing', async () => {
      start();
      commit({ ssh: 'alice' });
      const raw = people.git('cat-file', 'commit', 'HEAD').replace('\n\nchange', '\n\nother');
      const forged = execFileSync('git', ['-C', people.folder, 'hash-object', '-t', 'commit', '-w', '--stdin'], { input: `${raw}\n` })
        .toString()
        .trim();
      people.git('update-ref', 'refs/heads/main', forged);
      await expect(verify(signers())).rejects.toMatchObject(
        unverified(/its signature does not fit: the commit or the signature was changed$/),
      );
    });

    test('are asked of every commit that came, by any way', async () => {
      start();
      const first = commit({ ssh: 'alice' });
      people.git('checkout', '--quiet', '-b', 'side');
      const unsigned = commit();
      people.git('checkout', '--quiet', 'main');
      commit({ ssh: 'alice' });
      people.git(
        '-c',
        'gpg.format=ssh',
        '-c',
        `user.signingKey=${path.join(root, 'alice')}`,
        'merge',
        '--quiet',
        '--no-ff',
        '-S',
        '-m',
        'merge',
        'side',
      );
      expect(await verify(signers())).toHaveLength(1);
      await expect(verify(signers(), { mode: 'every', verified: first })).rejects.toMatchObject(unverified(new RegExp(unsigned)));
      expect(await verify(signers(), { mode: 'every' })).toHaveLength(1);
      const lost = { mode: 'every', verified: '1'.repeat(40) } as const;
      await expect(verify(signers(), lost)).rejects.toMatchObject(unverified(/is not in the repository/));
      commit({ ssh: 'alice' });
      const tip = commit({ ssh: 'alice' });
      const since = people.git('rev-parse', 'HEAD~2');
      expect((await verify(signers(), { mode: 'every', verified: since })).map((each) => each.commit)).toEqual([
        tip,
        people.git('rev-parse', 'HEAD~1'),
      ]);
    });
  });

  describe('by OpenPGP', () => {
    let home: string;
    const gpg = (...args: string[]): string =>
      execFileSync('gpg', ['--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', '', ...args], {
        env: { PATH: process.env['PATH'], GNUPGHOME: home, HOME: home },
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });

    beforeAll(() => {
      home = path.join(root, 'g');
      mkdirSync(home, { mode: 0o700 });
      execFileSync('sh', [
        '-c',
        `printf '#!/bin/sh\\nGNUPGHOME=${home} exec gpg --batch --pinentry-mode loopback --passphrase "" "$@"\\n' > ${root}/gpg.sh && chmod +x ${root}/gpg.sh`,
      ]);
      gpg('--quick-gen-key', 'Bob <bob@example.net>', 'ed25519', 'sign', '1d');
      gpg('--quick-gen-key', 'Carol <carol@example.net>', 'ed25519', 'sign', '1d');
      gpg('--faked-system-time', '20200101T000000', '--quick-gen-key', 'Old <old@example.net>', 'ed25519', 'sign', '2d');
    });

    afterAll(() => {
      execFileSync('gpgconf', ['--kill', 'all'], { env: { PATH: process.env['PATH'], GNUPGHOME: home, HOME: home } });
    });

    const keyOf = (name: string): SignerKeys => ({ openpgp: [gpg('--armor', '--export', `${name}@example.net`)] });

    test('count with the user id and the fingerprint', async () => {
      start();
      const head = commit({ openpgp: 'bob@example.net' });
      const both = { ...signers(), ...keyOf('bob') };
      expect(await verify(both)).toEqual([
        { commit: head, signer: 'Bob <bob@example.net>', key: expect.stringMatching(/^[0-9A-F]{40}$/) as string },
      ]);
    });

    test('do not count: a key that is not given, whatever keyring the machine has', async () => {
      start();
      commit({ openpgp: 'carol@example.net' });
      await expect(verify(keyOf('bob'))).rejects.toMatchObject(unverified(/is not listed/));
      await expect(verify(signers())).rejects.toMatchObject(unverified(/is not listed/));
    });

    test('do not count: a key that has expired', async () => {
      start();
      people.git('config', 'gpg.program', path.join(root, 'gpg.sh'));
      execFileSync('sh', [
        '-c',
        `sed 's/exec gpg/exec gpg --faked-system-time 20200101T120000/' ${root}/gpg.sh > ${root}/gpg-old.sh && chmod +x ${root}/gpg-old.sh`,
      ]);
      people.git(
        '-c',
        `gpg.program=${root}/gpg-old.sh`,
        '-c',
        'user.signingKey=old@example.net',
        'commit',
        '--allow-empty',
        '-q',
        '-S',
        '-m',
        'x',
      );
      await expect(verify(keyOf('old'))).rejects.toMatchObject(unverified(/has expired/));
    });
  });

  test.each<{ name: string; keys: SignerKeys }>([
    { name: 'none', keys: {} },
    { name: 'no allowed signer', keys: { ssh: '# nobody\n' } },
    { name: 'no OpenPGP key', keys: { openpgp: ['-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n'] } },
    { name: 'a private key', keys: { openpgp: ['-----BEGIN PGP PRIVATE KEY BLOCK-----'] } },
  ])('need keys: $name is refused', async ({ keys }) => {
    start();
    commit();
    await expect(verify(keys)).rejects.toMatchObject({ code: 'VerificationKeysRefused' });
  });
});
