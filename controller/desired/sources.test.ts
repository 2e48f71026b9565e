import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { formatPosition } from '../lib/index.ts';
import { loadDesired } from './load.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'desired-'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function write(name: string, text: string | Uint8Array): void {
  mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
  writeFileSync(path.join(root, name), text);
}

function git(...args: string[]): string {
  const env = {
    PATH: process.env['PATH'],
    HOME: root,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'a',
    GIT_AUTHOR_EMAIL: 'a@example.net',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@example.net',
  };
  return execFileSync('git', ['-C', root, ...args], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}

function commitAll(): string {
  git('add', '-A');
  git('commit', '-q', '-m', 'x', '--allow-empty');
  return git('rev-parse', 'HEAD');
}

const policy = (name: string): string =>
  `apiVersion: plumbline.dev/v1alpha1\nkind: ReconcilePolicy\nmetadata: {name: ${name}}\nspec: {selector: {}, mode: Report}\n`;

async function load(rev?: string, folder = root): Promise<{ revision: string; names: string[]; found: string[]; files: string[] }> {
  const state = await loadDesired(rev === undefined ? { folder } : { folder, rev });
  const problems = state.problems.filter((problem) => problem.code !== 'SelectsNothing');
  return {
    revision: state.revision,
    names: [...state.objects.ReconcilePolicy.keys()],
    found: problems.map((problem) => `${problem.at ? formatPosition(problem.at) : ''} ${problem.code}`),
    files: [...state.files.keys()],
  };
}

describe('a folder', () => {
  test('is read in any layout, any number of documents per file, without what is hidden', async () => {
    write('a.yaml', `${policy('a')}---\n${policy('b')}`);
    write('deep/er/c.yml', policy('c'));
    write('deep/D.YAML', policy('d'));
    write('.github/workflows/ci.yaml', 'on: push\n');
    write('.hidden.yaml', 'x');
    write('README.md', '# x');
    write('templates/bgp.njk', 'router bgp');
    const state = await load();
    expect(state.names).toEqual(['a', 'b', 'c', 'd']);
    expect(state.found).toEqual([]);
    expect(state.files).toEqual(['templates/bgp.njk']);
  });

  test('outside Git has a revision made of what was read, and of nothing else', async () => {
    write('a.yaml', policy('a'));
    const first = await load();
    expect(first.revision).toMatch(/^worktree@sha256:[0-9a-f]{64}$/);
    write('README.md', 'words');
    expect((await load()).revision).toBe(first.revision);
    write('a.yaml', policy('b'));
    expect((await load()).revision).not.toBe(first.revision);
  });

  test('that does not exist is an error, never an empty network', async () => {
    await expect(load(undefined, path.join(root, 'nowhere'))).rejects.toMatchObject({ code: 'SourceNotFound' });
    write('file', 'x');
    await expect(load(undefined, path.join(root, 'file'))).rejects.toMatchObject({ code: 'SourceNotFound' });
  });

  test('follows no link: one that leads out is an error, one inside adds nothing', async () => {
    write('a.yaml', policy('a'));
    symlinkSync('/etc/passwd', path.join(root, 'passwd.yaml'));
    symlinkSync('../..', path.join(root, 'up'));
    mkdirSync(path.join(root, 'sub'));
    symlinkSync('../a.yaml', path.join(root, 'sub/again.yaml'));
    symlinkSync('.', path.join(root, 'sub/loop'));
    const { names, found } = await load();
    expect(names).toEqual(['a']);
    expect(found).toEqual(['passwd.yaml:1:1 LinkRefused', 'up:1:1 LinkRefused']);
  });

  test.skipIf(process.getuid?.() === 0)('says which file may not be read', async () => {
    write('a.yaml', policy('a'));
    chmodSync(path.join(root, 'a.yaml'), 0o000);
    expect((await load()).found).toEqual(['a.yaml:1:1 FileUnreadable']);
  });

  test('says that a pipe is no file, and does not wait for it', async () => {
    execFileSync('mkfifo', [path.join(root, 'pipe.yaml')]);
    expect((await load()).found).toEqual(['pipe.yaml:1:1 FileUnreadable']);
  });

  test('refuses file names that a report or a shell could mistake', async () => {
    write('a\nb.yaml', policy('a'));
    expect((await load()).found).toEqual([':1:1 FileNameRefused']);
  });

  test('holds the text of raw sections, whatever their extension', async () => {
    write('sections/a.conf', 'log stdout\n');
    write('sections/unused.conf', 'x');
    write(
      'p.yaml',
      'apiVersion: plumbline.dev/v1alpha1\nkind: DeviceProfile\nmetadata: {name: p}\nspec: {platform: frr, sections: [{name: a, file: sections/a.conf}]}\n',
    );
    const state = await loadDesired({ folder: root });
    expect(Object.fromEntries(state.files)).toEqual({ 'sections/a.conf': 'log stdout\n' });
  });
});

describe('a folder in Git', () => {
  beforeEach(() => {
    git('init', '-q', '-b', 'main');
  });

  test('is its commit when clean, a digest when not', async () => {
    write('net/a.yaml', policy('a'));
    expect((await load(undefined, path.join(root, 'net'))).revision).toMatch(/^worktree@/);
    const commit = commitAll();
    expect((await load(undefined, path.join(root, 'net'))).revision).toBe(`main@sha1:${commit}`);
    write('elsewhere', 'x');
    expect((await load(undefined, path.join(root, 'net'))).revision).toBe(`main@sha1:${commit}`);
    write('net/b.yaml', policy('b'));
    expect((await load(undefined, path.join(root, 'net'))).revision).toMatch(/^worktree@/);
  });

  test('is not clean when a file is gone, or read although Git ignores it', async () => {
    write('a.yaml', policy('a'));
    write('b.yaml', policy('b'));
    write('.gitignore', 'local.yaml\n');
    commitAll();
    expect((await load()).revision).toMatch(/^main@/);
    write('local.yaml', policy('c'));
    expect((await load()).revision).toMatch(/^worktree@/);
    rmSync(path.join(root, 'local.yaml'));
    rmSync(path.join(root, 'b.yaml'));
    expect((await load()).revision).toMatch(/^worktree@/);
  });

  test('without a branch has a revision without a name', async () => {
    write('a.yaml', policy('a'));
    const commit = commitAll();
    git('checkout', '-q', '--detach');
    expect((await load()).revision).toBe(`sha1:${commit}`);
  });
});

describe('a revision', () => {
  let first: string;

  beforeEach(() => {
    git('init', '-q', '-b', 'main');
    write('net/a.yaml', policy('a'));
    first = commitAll();
    write('net/b.yaml', policy('b'));
    write('net/t.njk', 'x');
    commitAll();
  });

  test('is read from objects, whatever the work tree holds', async () => {
    rmSync(path.join(root, 'net/a.yaml'));
    write('net/c.yaml', 'broken: [');
    const state = await load('main', path.join(root, 'net'));
    expect(state).toMatchObject({ names: ['a', 'b'], found: [], files: ['t.njk'] });
  });

  test.each([
    { name: 'a branch', rev: 'main', revision: /^main@sha1:[0-9a-f]{40}$/, names: ['a', 'b'] },
    { name: 'HEAD', rev: 'HEAD', revision: /^main@sha1:[0-9a-f]{40}$/, names: ['a', 'b'] },
    { name: 'a tag', rev: 'v1.0', revision: /^v1\.0@sha1:[0-9a-f]{40}$/, names: ['a'] },
    { name: 'an ancestor', rev: 'main~1', revision: /^sha1:[0-9a-f]{40}$/, names: ['a'] },
    { name: 'a branch with a slash', rev: 'user/x', revision: /^user\/x@sha1:/, names: ['a'] },
    { name: 'a remote branch', rev: 'origin/main', revision: /^origin\/main@sha1:/, names: ['a'] },
    { name: 'a full name', rev: 'refs/pull/7/head', revision: /^refs\/pull\/7\/head@sha1:/, names: ['a'] },
  ])('is named as Git names it: $name', async ({ rev, revision, names }) => {
    git('tag', '-a', '-m', 'x', 'v1.0', first);
    git('branch', 'user/x', first);
    git('update-ref', 'refs/pull/7/head', first);
    git('update-ref', 'refs/remotes/origin/main', first);
    const state = await load(rev, path.join(root, 'net'));
    expect(state.revision).toMatch(revision);
    expect(state.names).toEqual(names);
  });

  test('by commit id has no name', async () => {
    expect((await load(first)).revision).toBe(`sha1:${first}`);
    expect((await load(first.slice(0, 12))).revision).toBe(`sha1:${first}`);
  });

  test.each([
    '--upload-pack=touch x',
    '-n',
    '',
    'main..HEAD',
    'HEAD@{1}',
    ':/x',
    'main:net',
    '^main',
    'a b',
    'a\nb',
    'no-such-branch',
    'x'.repeat(300),
    '$(id)',
  ])('of the hostile or unknown name %j is refused', async (rev) => {
    await expect(load(rev)).rejects.toMatchObject({ code: 'RevisionNotFound' });
  });

  test('outside a repository, or of a folder that it does not hold, is refused', async () => {
    mkdirSync(path.join(root, 'other'));
    await expect(load('main', path.join(root, 'other'))).rejects.toMatchObject({ code: 'RevisionNotFound' });
    const bare = mkdtempSync(path.join(tmpdir(), 'no-git-'));
    await expect(load('main', bare)).rejects.toMatchObject({ code: 'SourceNotFound' });
    rmSync(bare, { recursive: true });
  });

  test.skipIf(process.getuid?.() !== 0)('of another user’s repository is refused with the command that allows it', async () => {
    execFileSync('chown', ['-R', '65534:65534', root]);
    await expect(load('main')).rejects.toMatchObject({
      code: 'SourceUnreadable',
      message: expect.stringMatching(/belongs to another user.*git config --global --add safe\.directory /),
    });
  });

  test('treats links as a folder does', async () => {
    symlinkSync('/etc/passwd', path.join(root, 'net/passwd.yaml'));
    symlinkSync('../net/a.yaml', path.join(root, 'net/again.yaml'));
    symlinkSync('a.yaml', path.join(root, 'net/same.yaml'));
    commitAll();
    const { names, found } = await load('main', path.join(root, 'net'));
    expect(names).toEqual(['a', 'b']);
    expect(found).toEqual(['again.yaml:1:1 LinkRefused', 'passwd.yaml:1:1 LinkRefused']);
  });

  test('with a submodule says that its files stand elsewhere: without them the network would be smaller', async () => {
    git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},sites/fra`);
    git('commit', '-q', '-m', 'x');
    expect((await load('HEAD')).found).toEqual(['sites/fra:1:1 FileUnreadable']);
  });

  test.each(['a.yaml', 'sections/motd.njk'])('with a pointer of Git LFS for %s does not take it for the content', async (file) => {
    write(file, `version https://git-lfs.github.com/spec/v1\noid sha256:${'4'.repeat(64)}\nsize 12345\n`);
    commitAll();
    expect((await load('HEAD')).found).toContain(`${file}:1:1 FileUnreadable`);
  });

  test('runs nothing that the repository names: no hook, filter, monitor or attribute', async () => {
    const trap = path.join(root, 'trap.sh');
    writeFileSync(trap, `#!/bin/sh\ntouch ${root}/sprung\ncat\n`, { mode: 0o755 });
    for (const key of [
      'core.fsmonitor',
      'core.pager',
      'core.editor',
      'filter.x.smudge',
      'filter.x.clean',
      'diff.x.textconv',
      'core.sshCommand',
    ])
      git('config', key, trap);
    write('net/.gitattributes', '*.yaml filter=x diff=x\n');
    git('-c', 'filter.x.clean=cat', '-c', 'core.fsmonitor=false', 'add', 'net/.gitattributes');
    git('-c', 'core.fsmonitor=false', 'commit', '-q', '-m', 'x');
    rmSync(path.join(root, 'sprung'), { force: true });
    await load('main', path.join(root, 'net'));
    await load(undefined, path.join(root, 'net'));
    expect(existsSync(path.join(root, 'sprung'))).toBe(false);
  });

  test('a large file between small ones is refused by size and the others are read', async () => {
    write('net/m.yaml', Buffer.alloc(9 * 1024 * 1024, 'a: b\n'));
    commitAll();
    const { names, found } = await load('main', path.join(root, 'net'));
    expect(names).toEqual(['a', 'b']);
    expect(found).toEqual(['m.yaml:1:1 FileTooLarge']);
  });

  test('with a missing object is an error, never a smaller network', async () => {
    const blob = git('rev-parse', 'HEAD:net/b.yaml');
    rmSync(path.join(root, '.git/objects', blob.slice(0, 2), blob.slice(2)));
    await expect(load('main', path.join(root, 'net'))).rejects.toMatchObject({
      code: expect.stringMatching(/SourceUnreadable|RevisionNotFound/),
    });
  });
});
