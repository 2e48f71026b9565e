import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newRepository, type People } from '../../../test/git/repository.ts';
import type { MirrorLimits } from './limits.ts';
import { type FetchRequest, type Fetched, type Mirror, openMirror } from './mirror.ts';

let root: string;
let people: People;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'mirror-'));
  people = newRepository(path.join(root, 'people'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function mirror(limits: Partial<MirrorLimits> = {}): Mirror {
  return openMirror({ cacheFolder: path.join(root, 'cache'), url: `file://${people.folder}`, allowLocal: true, limits });
}

const main = { branch: 'main' };

function fetch(request: Partial<FetchRequest> = {}, limits: Partial<MirrorLimits> = {}): Promise<Fetched> {
  return mirror(limits).fetch({ ref: main, ...request });
}

describe('a fetch', () => {
  test('gives the tip of a branch, and says whether it moved', async () => {
    const first = people.commit({ 'a.yaml': 'a: 1\n' });
    const one = await fetch();
    expect(one).toEqual({ revision: `main@sha1:${first}`, commit: first, changed: true });
    expect(await fetch({ inForce: one.revision })).toEqual({ ...one, changed: false });
    const second = people.commit({ 'a.yaml': 'a: 2\n' });
    expect(await fetch({ inForce: one.revision })).toEqual({ revision: `main@sha1:${second}`, commit: second, changed: true });
  });

  test('gives tags, annotated and plain, by the commit they lead to', async () => {
    const first = people.commit();
    people.git('tag', 'plain');
    people.git('tag', '-a', '-m', 'x', 'told');
    people.commit();
    expect(await fetch({ ref: { tag: 'plain' } })).toMatchObject({ revision: `plain@sha1:${first}` });
    expect(await fetch({ ref: { tag: 'told' } })).toMatchObject({ revision: `told@sha1:${first}`, commit: first });
  });

  test('gives the newest tag in a range', async () => {
    for (const tag of ['v1.2.0', 'v1.10.0', 'v1.9.3', 'v2.0.0', 'v1.11.0-rc.1', 'latest']) {
      people.commit();
      people.git('tag', '-a', '-m', 'x', tag);
    }
    expect((await fetch({ ref: { semver: '1.x' } })).revision).toMatch(/^v1\.10\.0@sha1:/);
    expect((await fetch({ ref: { semver: '>=1.11.0-0 <2' } })).revision).toMatch(/^v1\.11\.0-rc\.1@sha1:/);
  });

  test('gives a pinned commit, also one behind the tip', async () => {
    const first = people.commit();
    people.commit();
    expect(await fetch({ ref: { commit: first } })).toEqual({ revision: `sha1:${first}`, commit: first, changed: true });
    await fetch();
    expect(await fetch({ ref: { commit: first } })).toMatchObject({ commit: first });
  });

  test('reads repositories with ids of SHA-256', async () => {
    people = newRepository(path.join(root, 'long'), '--object-format=sha256');
    const commit = people.commit({ 'a.yaml': 'a: 1\n' });
    expect(await fetch()).toMatchObject({ revision: `main@sha256:${commit}` });
  });

  test('leaves nothing but the mirror in the cache', async () => {
    people.commit();
    await fetch();
    const [folder = ''] = readdirSync(path.join(root, 'cache'));
    expect(readdirSync(path.join(root, 'cache', folder)).sort()).toEqual(['lock', 'repo.git', 'url']);
  });
});

describe('a ref that is not there', () => {
  test.each<{ name: string; ref: FetchRequest['ref']; says: RegExp }>([
    { name: 'a branch, with the nearest one', ref: { branch: 'mein' }, says: /no branch mein, did you mean main\?/ },
    { name: 'a branch, with those that are', ref: { branch: 'production' }, says: /no branch production, there is main$/ },
    { name: 'a tag', ref: { tag: 'v9' }, says: /no tag v9/ },
    { name: 'a range without a tag', ref: { semver: '^3' }, says: /no tag with a version in \^3/ },
    { name: 'a range that is none', ref: { semver: 'newest' }, says: /write a range such as/ },
    { name: 'a short commit', ref: { commit: 'abc123' }, says: /all 40 digits/ },
    { name: 'a commit', ref: { commit: '1'.repeat(40) }, says: /no commit 1{40}/ },
    { name: 'an option for a branch', ref: { branch: '--upload-pack=x' }, says: /no name of one/ },
    { name: 'a full name for a branch', ref: { branch: 'refs/heads/main' }, says: /without refs\/heads/ },
  ])('is told: $name', async ({ ref, says }) => {
    people.commit();
    people.git('tag', 'v1.0.0');
    await expect(fetch({ ref })).rejects.toMatchObject({ code: 'SourceRefNotFound', message: expect.stringMatching(says) as string });
  });

  test('is told of an empty repository as such', async () => {
    await expect(fetch()).rejects.toMatchObject({ code: 'SourceRepositoryEmpty' });
  });
});

describe('history', () => {
  test('never goes backwards unless told', async () => {
    people.commit();
    const second = people.commit();
    const inForce = (await fetch()).revision;
    people.git('reset', '--quiet', '--hard', 'HEAD~1');
    const other = people.commit({ 'a.yaml': 'a: 3\n' });
    await expect(fetch({ inForce })).rejects.toMatchObject({
      code: 'HistoryRewound',
      message: expect.stringContaining(`from ${second} to ${other}`) as string,
    });
    expect(await fetch({ inForce, allowRewind: true })).toMatchObject({ commit: other, changed: true });
  });

  test('that was in force is missed even when the cache is lost', async () => {
    people.commit();
    people.commit();
    const inForce = (await fetch()).revision;
    people.git('reset', '--quiet', '--hard', 'HEAD~1');
    rmSync(path.join(root, 'cache'), { recursive: true });
    await expect(fetch({ inForce })).rejects.toMatchObject({ code: 'HistoryRewound' });
  });

  test('is not rewound by another branch or tag that a person names', async () => {
    const first = people.commit();
    people.git('tag', 'v1');
    people.commit();
    const inForce = (await fetch()).revision;
    expect(await fetch({ ref: { tag: 'v1' }, inForce })).toMatchObject({ commit: first });
    expect(await fetch({ ref: { commit: first }, inForce })).toMatchObject({ commit: first });
  });

  test('is rewound by a moved tag, and by a deleted newest version', async () => {
    people.commit();
    people.git('tag', 'v1.0.0');
    people.commit();
    people.git('tag', 'v1.1.0');
    const inForce = (await fetch({ ref: { semver: '1.x' } })).revision;
    people.git('tag', '-d', 'v1.1.0');
    await expect(fetch({ ref: { semver: '1.x' }, inForce })).rejects.toMatchObject({ code: 'HistoryRewound' });
    people.git('tag', 'v1.1.0', 'HEAD~1');
    await expect(fetch({ ref: { tag: 'v1.1.0' }, inForce })).rejects.toMatchObject({ code: 'HistoryRewound' });
  });
});
