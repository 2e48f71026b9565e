import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type ObjectStore, openStore } from '../../controller/store/index.ts';
import { describeStoreContract } from './store-contract.ts';

const openObjects = async (folder: string): Promise<ObjectStore> => (await openStore(folder)).objects;
const frontDoor = JSON.stringify(join(import.meta.dirname, '..', '..', 'controller', 'store', 'index.ts'));

const folders: string[] = [];
function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'plumb-store-'));
  folders.push(folder);
  return folder;
}
afterEach(() => {
  vi.restoreAllMocks();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describeStoreContract('SQLite store', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plumb-store-'));
  return {
    open: () => openObjects(folder),
    dispose: async () => rmSync(folder, { recursive: true, force: true }),
  };
});

describe('the file of a SQLite store', () => {
  it('is readable for its owner alone, with everything SQLite lays beside it', async () => {
    const folder = join(makeFolder(), 'new', 'state');
    const store = await openObjects(folder);
    await store.create({ kind: 'Thing', name: 'a', spec: 1 });
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder)).toContain('plumbline.db-wal');
    for (const file of readdirSync(folder)) expect([file, statSync(join(folder, file)).mode & 0o777]).toEqual([file, 0o600]);
    store.close();
  });

  it('says at once that no folder can be made where that is so', async () => {
    await expect(openStore('/proc/plumbline/state')).rejects.toMatchObject({
      code: 'StoreUnusable',
      message: expect.stringContaining('no folder can be made there'),
    });
  });

  it('refuses a folder that others can enter, and says which chmod helps', async () => {
    const folder = makeFolder();
    chmodSync(folder, 0o755);
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'ModeTooOpen', next: `Write: chmod 700 ${folder}` });
  });

  it('reads what an older plumb wrote, and gives it what it lacked', async () => {
    const folder = makeFolder();
    const db = new DatabaseSync(join(folder, 'plumbline.db'));
    db.exec(`
      CREATE TABLE sequence (id INTEGER PRIMARY KEY CHECK (id = 0), value INTEGER NOT NULL) STRICT;
      CREATE TABLE objects (kind TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, labels TEXT NOT NULL, spec TEXT NOT NULL,
        status TEXT, PRIMARY KEY (kind, name)) STRICT, WITHOUT ROWID;
      CREATE TABLE artifacts (digest TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT;
      INSERT INTO sequence VALUES (0, 7);
      INSERT INTO objects VALUES ('Thing', 'a', 6, '{"site":"fra"}', '{"a":1}', NULL), ('Thing', 'b', 7, '{}', '2', '{"seen":1}');
      PRAGMA user_version = 1;`);
    db.close();
    chmodSync(join(folder, 'plumbline.db'), 0o600);
    const opened = await Promise.all([openObjects(folder), openObjects(folder)]);
    const [a, b] = await opened[0].list('Thing', {});
    expect(a).toMatchObject({ name: 'a', resourceVersion: '6', generation: 1, labels: { site: 'fra' }, annotations: {}, spec: { a: 1 } });
    expect(b).toMatchObject({ name: 'b', resourceVersion: '7', spec: 2, status: { seen: 1 } });
    expect(new Set([a!.uid, b!.uid, '']).size).toBe(3);
    expect(Date.parse(a!.createdAt)).not.toBeNaN();
    expect(await opened[1].update({ ...a!, spec: { a: 2 } })).toMatchObject({ generation: 2, uid: a!.uid, resourceVersion: '8' });
    for (const store of opened) store.close();
  });

  it('refuses a store that a newer plumb wrote', async () => {
    const folder = makeFolder();
    (await openObjects(folder)).close();
    const db = new DatabaseSync(join(folder, 'plumbline.db'));
    db.exec('PRAGMA user_version = 99');
    db.close();
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'StoreTooNew' });
  });

  it('refuses a file that is not a database', async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'plumbline.db'), 'this is not a database, it only has the name of one'.repeat(50));
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'StoreDamaged' });
  });

  it('refuses a path that is a file, or lies below one', async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'file'), '');
    await expect(openStore(join(folder, 'file'))).rejects.toMatchObject({ code: 'StoreUnusable' });
    await expect(openStore(join(folder, 'file', 'below'))).rejects.toMatchObject({ code: 'StoreUnusable' });
  });

  it('says that the store cannot be written when the disk takes no more, and keeps what it had', async () => {
    const folder = makeFolder();
    const store = await openObjects(folder);
    await store.create({ kind: 'Thing', name: 'kept', spec: 1 });
    // No file may grow beyond 128 KiB: for SQLite that is a disk with no room, and it needs no mount.
    const program = `
      import { openStore } from ${frontDoor};
      const store = await openStore(${JSON.stringify(folder)});
      const code = (work) => work.then(() => 'written', (error) => error.code);
      const filler = Array.from({ length: 40_000 }, (_, i) => (i * 2654435761) % 4294967296).join();
      const codes = [];
      codes.push(await code(store.objects.create({ kind: 'Thing', name: 'big', spec: { filler } })));
      codes.push(await code(store.objects.putArtifact(filler)));
      codes.push(await code(store.objects.get('Thing', 'kept')));
      process.stdout.write(codes.join(' '));`;
    const child = spawn('sh', ['-c', `trap '' XFSZ; ulimit -f 256; exec "$0" --input-type=module -e "$1"`, process.execPath, program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const parts: string[] = [];
    child.stdout.on('data', (part: Buffer) => parts.push(part.toString()));
    await once(child, 'close');
    expect(parts.join('')).toBe('StoreUnusable StoreUnusable written');
    expect((await store.list('Thing')).map(({ name }) => name)).toEqual(['kept']);
    store.close();
  });

  it('says that the store is damaged when a read meets pages that are none', async () => {
    const folder = makeFolder();
    const writer = await openObjects(folder);
    await Promise.all(Array.from({ length: 200 }, (_, i) => writer.create({ kind: 'Thing', name: `${i}`, spec: 'x'.repeat(1000) })));
    writer.close();
    const file = join(folder, 'plumbline.db');
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.fill(0xff, 5 * 4096));
    const store = await openObjects(folder);
    await expect(store.list('Thing')).rejects.toMatchObject({ code: 'StoreDamaged' });
    await expect(store.get('Thing', '77')).rejects.toMatchObject({ code: 'StoreDamaged' });
    store.close();
  });

  it('tells an artifact that changed on the disk, and mends it when it is kept again', async () => {
    const folder = makeFolder();
    const store = await openObjects(folder);
    const digest = await store.putArtifact('what we knew');
    const db = new DatabaseSync(join(folder, 'plumbline.db'));
    db.prepare('UPDATE artifacts SET body = ?').run(Buffer.from('nonsense'));
    db.close();
    await expect(store.getArtifact(digest)).rejects.toMatchObject({ code: 'StoreDamaged' });
    await store.putArtifact('what we knew');
    expect(await store.getArtifact(digest)).toBe('what we knew');
    store.close();
  });

  it('finds names like paths and SQL to be names', async () => {
    const store = await openObjects(makeFolder());
    const names = ["'; DROP TABLE objects; --", '../../etc/passwd', '__proto__', ''];
    for (const name of names) await store.create({ kind: 'Thing', name, spec: { name } });
    expect((await store.list('Thing')).map(({ name }) => name).toSorted()).toEqual(names.toSorted());
    store.close();
  });
});

describe('after a power failure', () => {
  // Nobody can fail the power here: what is looked at is what SQLite is told before each write.
  it.each<[what: string, synchronous: 'FULL' | 'NORMAL', write: (store: ObjectStore) => Promise<unknown>]>([
    ['a change that was begun', 'FULL', (store) => store.create({ kind: 'ChangeRecord', name: 'a', spec: {} })],
    ['an approval', 'FULL', (store) => store.create({ kind: 'ChangeApproval', name: 'a', spec: {} })],
    ['a device that was taken back', 'FULL', (store) => store.create({ kind: 'Pin', name: 'a', spec: {} })],
    ['a place in a budget', 'FULL', (store) => store.create({ kind: 'Grant', name: 'a', spec: {} })],
    ['a quarantine that was lifted', 'FULL', (store) => store.delete('Quarantine', 'a')],
    ['a hold', 'FULL', async (store) => store.update({ ...(await store.get('Device', 'known'))!, annotations: { hold: 'mona' } })],
    ['what Git says of a device', 'NORMAL', async (store) => store.update({ ...(await store.get('Device', 'known'))!, spec: { x: 1 } })],
    ['a verdict', 'NORMAL', async (store) => store.updateStatus({ ...(await store.get('Device', 'known'))!, status: {} })],
    ['an observation', 'NORMAL', (store) => store.create({ kind: 'Observation', name: 'a', spec: {} })],
  ])('%s is kept as %s says', async (_what, synchronous, write) => {
    const store = await openObjects(makeFolder());
    await store.create({ kind: 'Device', name: 'known', spec: {} });
    await store.create({ kind: synchronous === 'FULL' ? 'Observation' : 'Epoch', name: 'before', spec: {} });
    const told = vi.spyOn(DatabaseSync.prototype, 'exec');
    await write(store);
    expect(told.mock.calls.map(([text]) => text)).toEqual([`PRAGMA synchronous = ${synchronous}`]);
    store.close();
  });
});

interface Writer {
  child: ChildProcess;
  committed: () => number;
  /** Settles when so many are committed; rejects when the process ends before. */
  reached: (number: number) => Promise<void>;
  exited: Promise<unknown>;
}

/** A process of its own that writes objects `<prefix>0`, `<prefix>1`, … and prints each number once it is committed. */
function startWriter(folder: string, prefix: string): Writer {
  const program = `
    import { openStore } from ${frontDoor};
    const store = await openStore(${JSON.stringify(folder)});
    for (let i = 0; i < 5000; i++) {
      await store.objects.create({ kind: 'Thing', name: ${JSON.stringify(prefix)} + i, spec: { i, filler: 'x'.repeat(2000) } });
      await store.objects.putArtifact('artifact ' + i);
      process.stdout.write(i + '\\n');
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  let last = -1;
  lines.on('line', (line) => {
    last = Number(line);
  });
  const reached = (number: number): Promise<void> =>
    new Promise((resolve, reject) => {
      lines.on('line', () => last >= number && resolve());
      lines.once('close', () => reject(new Error(`it ended at ${last}`)));
    });
  return { child, committed: () => last, reached, exited: once(child, 'exit') };
}

describe('several processes on one store', () => {
  it('loses nothing that was acknowledged when a writer is killed in the middle, and goes on', async () => {
    const folder = makeFolder();
    for (const round of ['a', 'b', 'c']) {
      const { child, committed, reached, exited } = startWriter(folder, round);
      await reached(20);
      child.kill('SIGKILL');
      await exited;

      const store = await openStore(folder);
      for (let i = 0; i <= committed(); i++) {
        expect((await store.objects.get<{ i: number }>('Thing', `${round}${i}`))?.spec.i).toBe(i);
      }
      const check = new DatabaseSync(join(folder, 'plumbline.db'));
      expect(check.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
      check.close();
      store.close();
    }
  });

  it('lets two processes write at once without an error', async () => {
    const folder = makeFolder();
    const writers = [startWriter(folder, 'left'), startWriter(folder, 'right')];
    await Promise.all(writers.map(({ reached }) => reached(50)));
    for (const { child } of writers) child.kill('SIGKILL');
    await Promise.all(writers.map(({ exited }) => exited));
    const store = await openStore(folder);
    const names = new Set((await store.objects.list('Thing')).map(({ name }) => name));
    for (let i = 0; i <= 50; i++) expect([names.has(`left${i}`), names.has(`right${i}`)]).toEqual([true, true]);
    store.close();
  });

  it('says that the store is busy when another process does not let go', async () => {
    const folder = makeFolder();
    const store = await openObjects(folder);
    const blocker = new DatabaseSync(join(folder, 'plumbline.db'));
    blocker.exec('BEGIN IMMEDIATE');
    await expect(store.create({ kind: 'Thing', name: 'a', spec: 1 })).rejects.toMatchObject({ code: 'StoreBusy' });
    blocker.exec('ROLLBACK');
    await store.create({ kind: 'Thing', name: 'a', spec: 1 });
    blocker.close();
    store.close();
  });

  it('makes one version key for two processes that start together', async () => {
    const folder = makeFolder();
    mkdirSync(folder, { recursive: true });
    const program = `
      import { openStore } from ${frontDoor};
      process.stdout.write((await (await openStore(${JSON.stringify(folder)})).versionKey()).reveal());`;
    const keys = await Promise.all(
      [1, 2, 3].map(async () => {
        const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
        const parts: string[] = [];
        child.stdout.on('data', (part: Buffer) => parts.push(part.toString()));
        await once(child, 'close');
        return parts.join('');
      }),
    );
    expect(keys[0]).toHaveLength(44);
    expect(new Set(keys).size).toBe(1);
    expect(statSync(join(folder, 'version.key')).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).filter((file) => file.startsWith('version.key'))).toEqual(['version.key']);
  });
});
