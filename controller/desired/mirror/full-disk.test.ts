import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newRepository } from '../../../test/git/repository.ts';

/** A file system of one mebibyte at `$1`, for the program that follows and nobody else. */
const smallDisk = ['-r', '-m', 'sh', '-euc', 'mount -t tmpfs -o size=1m tmpfs "$1"; shift; exec "$@"', 'sh'];
const missing = spawnSync('unshare', [...smallDisk, '/mnt', 'true']).status !== 0;
if (missing) process.stderr.write('skipped, a full disk: this machine mounts none for us\n');

describe.skipIf(missing)('a cache whose disk is full', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'full-disk-'));
    mkdirSync(path.join(root, 'cache'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  test('is said as such, keeps what was in force, gives back what half a pack took, and goes on when there is room', () => {
    const people = newRepository(path.join(root, 'people'));
    people.commit({ 'a.yaml': 'small' });
    people.git('branch', 'large');
    people.git('checkout', '-q', 'large');
    people.commit({ 'noise.bin': randomBytes(1_500_000).toString('base64') });
    const program = `
      import { rmSync, statfsSync, writeFileSync } from 'node:fs';
      import { openMirror } from ${JSON.stringify(path.join(import.meta.dirname, 'mirror.ts'))};
      const [cacheFolder, url] = process.argv.slice(1);
      const mirror = openMirror({ cacheFolder, url, allowLocal: true });
      const fetch = (branch) => mirror.fetch({ ref: { branch } }).then(({ revision }) => revision.split('@')[0], ({ code, message }) => code + ': ' + message);
      const free = () => statfsSync(cacheFolder).bfree;
      const said = [await fetch('main')];
      const before = free();
      said.push(await fetch('large'), before - free() <= 2);
      const fill = (name, size) => { for (let i = 0; ; i++) try { writeFileSync(cacheFolder + '/' + name + i, 'x'.repeat(size)); } catch { return; } };
      fill('page', 4096);
      fill('node', 1);
      said.push(free(), await fetch('main'));
      for (let i = 0; i < 400; i++) for (const name of ['page', 'node']) rmSync(cacheFolder + '/' + name + i, { force: true });
      said.push(await fetch('main'));
      console.log(JSON.stringify(said));`;
    const cache = path.join(root, 'cache');
    const argv = [cache, process.execPath, '--input-type=module', '-e', program, cache, `file://${people.folder}`];
    const said = JSON.parse(
      execFileSync('unshare', [...smallDisk, ...argv], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }),
    ) as unknown[];
    const full = expect.stringMatching(/^MirrorUnusable: mirror .*full|No space left/) as unknown;
    expect(said).toEqual(['main', full, true, 0, full, 'main']);
  });
});
