import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { gitEnvironment, newRepository, type People, policy } from '../../../test/git/repository.ts';
import { systemClock } from '../../lib/index.ts';
import { loadSource } from '../load.ts';
import type { MirrorLimits } from './limits.ts';
import { type Fetched, type FetchRequest, type Mirror, openMirror } from './mirror.ts';
import { readRevision } from './read-revision.ts';

let root: string;
let people: People;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'hostile-'));
  people = newRepository(path.join(root, 'people'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function mirror(limits: Partial<MirrorLimits> = {}): Mirror {
  return openMirror({ cacheFolder: path.join(root, 'cache'), url: `file://${people.folder}`, allowLocal: true, limits });
}

function fetch(limits: Partial<MirrorLimits> = {}, request: Partial<FetchRequest> = {}): Promise<Fetched> {
  return mirror(limits).fetch({ ref: { branch: 'main' }, ...request });
}

async function namesOf(fetched: Fetched, folder = ''): Promise<string[]> {
  const state = await loadSource(await readRevision(mirror(), fetched, folder), systemClock);
  return [...state.objects.ReconcilePolicy.keys()];
}

/** Writes an object as somebody who does not use `git add` does. */
function writeObject(type: string, content: string | Buffer): string {
  const args = ['-C', people.folder, 'hash-object', '-t', type, '-w', '--stdin', '--literally'];
  return execFileSync('git', args, { env: gitEnvironment(people.folder), input: content })
    .toString()
    .trim();
}

function commitTree(tree: string): void {
  const commit = people.git('commit-tree', '-m', 'x', tree);
  people.git('update-ref', 'refs/heads/main', commit);
}

const treeEntry = (mode: string, name: string, id: string): Buffer =>
  Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')]);

describe('a revision', () => {
  test('is read from the mirror, below its path, while later ones come', async () => {
    people.commit({ 'a.yaml': policy('outside'), 'network/b.yaml': policy('inside') });
    const first = await fetch();
    people.commit({ 'network/b.yaml': undefined, 'network/c.yaml': policy('later') });
    const second = await fetch();
    expect(await namesOf(first, './network/')).toEqual(['inside']);
    expect(await namesOf(second, 'network')).toEqual(['later']);
    expect(await namesOf(first)).toEqual(['inside', 'outside']);
  });

  test.each(['nowhere', 'a.yaml', '../other', 'network/../..', 'a:b'])('holds no folder %j', async (folder) => {
    people.commit({ 'a.yaml': policy('a') });
    await expect(namesOf(await fetch(), folder)).rejects.toMatchObject({ code: 'SourcePathNotFound' });
  });

  test('of which every file was removed is a mistake, not an empty network', async () => {
    people.commit({ 'a.yaml': policy('a') });
    people.commit({ 'a.yaml': undefined });
    const fetched = await fetch();
    for (const folder of ['', '.', './'])
      await expect(namesOf(fetched, folder)).rejects.toMatchObject({
        code: 'SourcePathNotFound',
        message: `${fetched.revision}: it holds no file at all`,
      });
  });

  test('that somebody rewrote stays readable', async () => {
    people.commit({ 'a.yaml': policy('old') });
    const old = await fetch();
    people.commit({ 'a.yaml': policy('new') }, '--amend');
    await fetch({}, { inForce: old.revision, allowRewind: true });
    expect(await namesOf(old)).toEqual(['old']);
  });
});

describe('a repository that wants too much', () => {
  test('is not taken beyond its size, and taken when more is allowed', async () => {
    people.commit({ 'a.yaml': policy('a') });
    const before = await fetch({ mirrorBytes: 1_000_000 });
    const noise = Array.from({ length: 60_000 }, (_, i) => Math.imul(i, 2_654_435_761).toString(36)).join('\n');
    people.commit({ 'noise.txt': `${noise}${[...noise].reverse().join('')}` });
    await expect(fetch({ mirrorBytes: 300_000 }, { inForce: before.revision })).rejects.toMatchObject({
      code: 'MirrorTooLarge',
      message: expect.stringContaining('293 KiB') as string,
    });
    expect(await namesOf(before)).toEqual(['a']);
    expect(await fetch({}, { inForce: before.revision })).toMatchObject({ changed: true });
  });

  test('with a thousand million files in a few trees is refused while it is listed', async () => {
    let tree = writeObject('tree', treeEntry('100644', 'a.yaml', writeObject('blob', policy('a'))));
    for (let level = 0; level < 9; level++) {
      const entries = Array.from({ length: 10 }, (_, i) => treeEntry('40000', `d${i}`, tree));
      tree = writeObject('tree', Buffer.concat(entries));
    }
    commitTree(tree);
    await expect(readRevision(mirror(), await fetch())).rejects.toMatchObject({ code: 'SourceTooLarge' });
  }, 120_000);

  test('by a tree with two files of one name is refused', async () => {
    const blob = writeObject('blob', policy('a'));
    commitTree(writeObject('tree', Buffer.concat([treeEntry('100644', 'a.yaml', blob), treeEntry('100644', 'a.yaml', blob)])));
    await expect(fetch()).rejects.toMatchObject({ code: 'SourceAnswerRefused', message: expect.stringMatching(/duplicate/i) as string });
  });

  test('by links without end is read in one go', async () => {
    const link = writeObject('blob', '../../etc/passwd');
    const long = writeObject('blob', 'x'.repeat(5000));
    const links = Array.from({ length: 2000 }, (_, i) => treeEntry('120000', `link${String(i).padStart(4, '0')}`, i === 7 ? long : link));
    commitTree(writeObject('tree', Buffer.concat([treeEntry('100644', 'a.yaml', writeObject('blob', policy('a'))), ...links])));
    const { problems, files } = await readRevision(mirror(), await fetch());
    expect(files.map(({ path: name }) => name)).toEqual(['a.yaml']);
    expect(problems.map(({ code }) => code)).toEqual(Array.from({ length: 2000 }, () => 'LinkRefused'));
  });

  test('has no hook run, not even one that somebody put into the mirror', async () => {
    people.commit({ 'a.yaml': policy('a') });
    const first = await fetch();
    const [folder = ''] = readdirSync(path.join(root, 'cache'));
    const hook = path.join(root, 'cache', folder, 'repo.git/hooks/reference-transaction');
    mkdirSync(path.dirname(hook), { recursive: true });
    writeFileSync(hook, `#!/bin/sh\ntouch ${root}/ran\n`, { mode: 0o755 });
    people.commit();
    await fetch({}, { inForce: first.revision });
    expect(readdirSync(root)).not.toContain('ran');
  });
});

describe('the mirror', () => {
  test('is shared: fetches at the same time wait for each other and agree', async () => {
    const commit = people.commit({ 'a.yaml': policy('a') });
    const all = await Promise.all(Array.from({ length: 5 }, () => fetch()));
    expect(new Set(all.map((each) => each.commit))).toEqual(new Set([commit]));
    expect(readdirSync(path.join(root, 'cache'))).toHaveLength(1);
  });

  test('is shared with other processes', async () => {
    const commit = people.commit({ 'a.yaml': policy('a') });
    const children = Array.from({ length: 3 }, () => startChild());
    const said = await Promise.all(
      children.map(async (child) => [(await once(child.stdout, 'data')) as Buffer[], await once(child, 'exit')]),
    );
    for (const [[text], [code]] of said as [Buffer[], number[]][]) expect([String(text), code]).toEqual([`main@sha1:${commit}\n`, 0]);
  });

  test('makes one pack of many, and loses nothing', async () => {
    let before = await (people.commit({ 'a.yaml': policy('first') }), fetch());
    const first = before;
    for (let i = 0; i < 45; i++) {
      people.commit({ 'a.yaml': policy(`p${i}`) });
      before = await fetch({}, { inForce: before.revision });
    }
    const [folder = ''] = readdirSync(path.join(root, 'cache'));
    const packs = readdirSync(path.join(root, 'cache', folder, 'repo.git/objects/pack')).filter((name) => name.endsWith('.pack'));
    expect(packs.length).toBeLessThan(41);
    expect(await namesOf(first)).toEqual(['first']);
    expect(await namesOf(before)).toEqual(['p44']);
  });

  test('that was damaged is fetched anew', async () => {
    people.commit({ 'a.yaml': policy('a') });
    const first = await fetch();
    const [folder = ''] = readdirSync(path.join(root, 'cache'));
    const packs = path.join(root, 'cache', folder, 'repo.git/objects/pack');
    const pack = readdirSync(packs).find((name) => name.endsWith('.pack')) ?? '';
    truncateSync(path.join(packs, pack), 40);
    await expect(namesOf(first)).rejects.toMatchObject({ code: 'SourceUnreadable' });
    expect(await fetch({}, { inForce: first.revision })).toMatchObject({ changed: false });
    expect(await namesOf(first)).toEqual(['a']);
  });

  test('with damage that only reading finds is fetched anew', async () => {
    people.commit({ 'a.yaml': policy('a') });
    const first = await fetch();
    const packs = path.join(gitDir(), 'objects/pack');
    const pack = path.join(packs, readdirSync(packs).find((name) => name.endsWith('.pack')) ?? '');
    const bytes = readFileSync(pack);
    bytes.fill(0, bytes.length - 60, bytes.length - 20); // The last object is the blob; the checksum of the pack follows.
    chmodSync(pack, 0o600);
    writeFileSync(pack, bytes);
    await expect(namesOf(first)).rejects.toMatchObject({ code: 'SourceUnreadable' });
    expect(await fetch({}, { inForce: first.revision })).toMatchObject({ changed: false });
    expect(await namesOf(first)).toEqual(['a']);
  });

  test('takes a commit for fetched only when its history and files are there', async () => {
    people.commit({ 'a.yaml': policy('a') });
    await fetch();
    const commit = people.commit({ 'a.yaml': policy('b') });
    const raw = execFileSync('git', ['-C', people.folder, 'cat-file', 'commit', commit]);
    execFileSync('git', ['--git-dir', gitDir(), 'hash-object', '-t', 'commit', '-w', '--stdin'], { input: raw });
    expect(await namesOf(await fetch())).toEqual(['b']);
  });

  test('that is full keeps what was in force', async () => {
    people.commit({ 'a.yaml': policy('old') });
    const old = await fetch();
    people.commit({ 'a.yaml': policy('new') }, '--amend');
    const next = await fetch({}, { inForce: old.revision, allowRewind: true });
    people.commit({ 'a.yaml': policy('newest') });
    await expect(fetch({ mirrorBytes: 10 }, { inForce: next.revision })).rejects.toMatchObject({ code: 'MirrorTooLarge' });
    expect([await namesOf(old), await namesOf(next)]).toEqual([['old'], ['new']]);
  });

  test('goes on after the process that fetched was killed', async () => {
    people.commit({ 'a.yaml': policy('a') });
    const cache = path.join(root, 'cache');
    const child = startChild();
    // The private folder is there from before the host is asked until the fetch is done.
    while (!privateFolders(cache).length && child.exitCode === null) await new Promise((resolve) => setImmediate(resolve));
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(privateFolders(cache)).toHaveLength(1);
    const [folder = ''] = readdirSync(cache);
    mkdirSync(path.join(cache, folder, 'repo.git/objects/pack'), { recursive: true });
    for (const name of ['objects/pack/tmp_pack_x1', 'packed-refs.lock']) writeFileSync(path.join(cache, folder, 'repo.git', name), 'x');
    expect(await namesOf(await fetch())).toEqual(['a']);
    expect(readdirSync(path.join(cache, folder)).sort()).toEqual(['lock', 'repo.git', 'url']);
    expect(
      readdirSync(path.join(cache, folder, 'repo.git'), { recursive: true }).filter((name) => /tmp_|\.lock/.test(String(name))),
    ).toEqual([]);
  });

  test('says that its folder cannot be used', async () => {
    people.commit();
    writeFileSync(path.join(root, 'cache'), 'a file');
    await expect(fetch()).rejects.toMatchObject({ code: 'MirrorUnusable' });
  });
});

/** Another process that fetches into the same cache. */
function startChild() {
  const program = `
    import { openMirror } from ${JSON.stringify(path.join(import.meta.dirname, 'mirror.ts'))};
    const [cacheFolder, url] = process.argv.slice(1);
    const { revision } = await openMirror({ cacheFolder, url, allowLocal: true }).fetch({ ref: { branch: 'main' } });
    console.log(revision);`;
  const args = ['--input-type=module', '-e', program, path.join(root, 'cache'), `file://${people.folder}`];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
}

function gitDir(): string {
  const [folder = ''] = readdirSync(path.join(root, 'cache'));
  return path.join(root, 'cache', folder, 'repo.git');
}

function privateFolders(cache: string): string[] {
  try {
    return readdirSync(cache, { recursive: true, encoding: 'utf8' }).filter((name) => /private-[^/]*$/.test(name));
  } catch {
    return [];
  }
}
