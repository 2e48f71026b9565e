import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newRepository, type People } from '../../../test/git/repository.ts';
import { newKey } from '../../../test/git/ssh-host.ts';
import { FleetSpec } from '../../api/index.ts';
import { Secret, systemClock } from '../../lib/index.ts';
import { openSecrets } from '../../store/index.ts';
import { openGitSource } from './git-source.ts';

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
    return async (inForce?: string) => (await source.look(AbortSignal.timeout(20_000), inForce)).signers;
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
