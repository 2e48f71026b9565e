import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { storeFolder } from './place.ts';
import { isProcessAlive, processIdentity } from './process-identity.ts';
import { openVersionKey, readVersionKey } from './version-key.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'plumb-key-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the version key', () => {
  it('is made once and then stays', () => {
    const first = openVersionKey(folder).reveal();
    expect(first.length).toBeGreaterThanOrEqual(32);
    expect(openVersionKey(folder).reveal()).toBe(first);
  });

  it('is refused when others may read it', () => {
    openVersionKey(folder);
    chmodSync(join(folder, 'version.key'), 0o640);
    expect(() => openVersionKey(folder)).toThrow(
      expect.objectContaining({ code: 'ModeTooOpen', next: `Write: chmod 600 ${join(folder, 'version.key')}` }),
    );
  });

  it.each([
    { name: 'too short', text: 'short' },
    { name: 'empty', text: '' },
    { name: 'not a key but a big file', text: 'x'.repeat(5_000) },
  ])('from a file is refused when it is $name', ({ text }) => {
    const path = join(folder, 'key');
    writeFileSync(path, text, { mode: 0o600 });
    expect(() => readVersionKey(path)).toThrow(
      expect.objectContaining({ code: 'VersionKeyUnusable', next: expect.stringContaining('--version-key') }),
    );
  });

  it.each(['missing', '.'])('from a file is refused when that is %s', (name) => {
    expect(() => readVersionKey(join(folder, name))).toThrow(expect.objectContaining({ code: 'VersionKeyUnusable' }));
  });
});

describe('the identity of a process', () => {
  it('is alive while it runs, and dead afterwards', async () => {
    const child = spawn('sleep', ['60']);
    const identity = processIdentity(child.pid);
    expect(isProcessAlive(identity)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isProcessAlive(identity)).toBe(false);
  });

  it('is not the next process with the same pid, nor one of an earlier boot', () => {
    const [host, boot, pid, started] = processIdentity().split('/') as [string, string, string, string];
    expect(isProcessAlive([host, boot, pid, started].join('/'))).toBe(true);
    expect(isProcessAlive([host, boot, pid, `${started}0`].join('/'))).toBe(false);
    expect(isProcessAlive([host, 'another-boot', pid, started].join('/'))).toBe(false);
  });

  it('cannot be judged from another machine', () => {
    expect(isProcessAlive(processIdentity().replace(hostname(), 'elsewhere'))).toBeUndefined();
  });
});

describe('the place of the store', () => {
  it.each([
    { environment: { PLUMB_STORE: '/var/lib/plumb', HOME: '/home/eve' }, place: '/var/lib/plumb' },
    { environment: { XDG_STATE_HOME: '/home/eve/state', HOME: '/home/eve' }, place: '/home/eve/state/plumbline' },
    { environment: { XDG_STATE_HOME: 'relative', HOME: '/home/eve' }, place: '/home/eve/.local/state/plumbline' },
    { environment: { PLUMB_STORE: '', HOME: '/home/eve' }, place: '/home/eve/.local/state/plumbline' },
  ])('is $place', ({ environment, place }) => expect(storeFolder(environment)).toBe(place));
});
