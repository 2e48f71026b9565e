import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256, systemClock } from '../../lib/index.ts';
import { openFolderArtifacts } from './folder-artifacts.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plumb-artifacts-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (maxBytes = 2 ** 20) => openFolderArtifacts(folder, systemClock, maxBytes);
const files = () => readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('/'));

describe('artifacts on a volume', () => {
  it('appear whole under their digest', async () => {
    const digest = await open().putArtifact('text');
    expect(files()).toEqual([`${digest.slice(0, 2)}/${digest}.gz`]);
    expect(await open().getArtifact(digest)).toBe('text');
  });

  it('are for their owner alone', async () => {
    const digest = await open().putArtifact('text');
    const [place = ''] = files();
    const modes = [place.slice(0, 2), place].map((name) => (statSync(join(folder, name)).mode & 0o777).toString(8));
    expect([place.slice(3), ...modes]).toEqual([`${digest}.gz`, '700', '600']);
  });

  it('are one when many write the same at once', async () => {
    const text = randomBytes(50_000).toString('base64');
    await Promise.all(Array.from({ length: 8 }, () => open().putArtifact(text)));
    expect(files()).toHaveLength(1);
    expect(await open().getArtifact(sha256(text))).toBe(text);
  });

  it('take no more than they may, and say so', async () => {
    const store = open(100_000);
    const kept = await store.putArtifact(randomBytes(50_000).toString('base64'));
    await expect(store.putArtifact(randomBytes(60_000).toString('base64'))).rejects.toMatchObject({ code: 'ArtifactsFull' });
    await store.deleteArtifact(kept);
    await store.putArtifact(randomBytes(60_000).toString('base64'));
  });

  it('lose the drafts of writers that died an hour ago, and not of those at work', async () => {
    const [dead, alive] = ['dead', 'alive'].map((name) => join(folder, `${name}.gz.part`)) as [string, string];
    for (const draft of [dead, alive]) writeFileSync(draft, 'half');
    const longAgo = new Date(systemClock.now().getTime() - 2 * 3_600_000);
    utimesSync(dead, longAgo, longAgo);
    await open().putArtifact('text');
    expect([dead, alive].map((path) => existsSync(path))).toEqual([false, true]);
  });

  it('that changed are damage, until they are put again', async () => {
    const digest = await open().putArtifact('text');
    writeFileSync(join(folder, digest.slice(0, 2), `${digest}.gz`), 'nonsense');
    await expect(open().getArtifact(digest)).rejects.toMatchObject({ code: 'StoreDamaged' });
    await open().putArtifact('text');
    expect(await open().getArtifact(digest)).toBe('text');
  });

  it('are not looked for where a digest is none', async () => {
    writeFileSync(`${folder}.gz`, '');
    for (const digest of ['', '..', '../x', 'A'.repeat(64)]) {
      expect(await open().getArtifact(digest)).toBeUndefined();
      await open().deleteArtifact(digest);
    }
    rmSync(`${folder}.gz`);
  });

  it('say what is wrong with the volume', async () => {
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'a file');
    await expect(open().putArtifact('text')).rejects.toMatchObject({ code: 'StoreUnusable' });
    await expect(open().getArtifact('0'.repeat(64))).rejects.toMatchObject({ code: 'StoreUnusable' });
  });
});
