import { execFile, execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { policy } from '../../../test/git/repository.ts';
import { systemClock } from '../../lib/index.ts';
import { loadSource } from '../load.ts';
import { type ArtifactReference, openArtifact } from './artifact.ts';

const revision = `main@sha1:${'a'.repeat(40)}`;
const sha256 = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

let server: Server;
let url: string;
let served: { status: number; body: Buffer; hang?: boolean };

beforeAll(async () => {
  server = createServer((_request, response) => {
    if (served.hang) return;
    response.writeHead(served.status, served.status === 302 ? { location: `${url}x` } : {}).end(served.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/latest.tar.gz`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** What the source-controller would say of this archive. */
function publish(archive: Buffer): ArtifactReference {
  served = { status: 200, body: archive };
  return { url, digest: sha256(archive), revision };
}

async function load(reference: ArtifactReference, folder = '') {
  const state = await loadSource(await openArtifact(reference, folder), systemClock);
  return {
    revision: state.revision,
    names: [...state.objects.ReconcilePolicy.keys()],
    problems: state.problems.map(({ code }) => code).filter((code) => code !== 'SelectsNothing'),
  };
}

/** One entry by hand, with a checksum that fits. */
function entry(name: string, { type = '0', content = '', target = '', size = Buffer.byteLength(content) } = {}): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0, 100, 'utf8');
  header.write(`0000644\0`, 100);
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  header.write('        ', 148);
  header.write(type, 156);
  header.write(target, 157, 100, 'utf8');
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const body = Buffer.alloc(Math.ceil(Buffer.byteLength(content) / 512) * 512);
  body.write(content);
  return Buffer.concat([header, body]);
}

const end = Buffer.alloc(1024);
const archiveOf = (...entries: Buffer[]): Buffer => gzipSync(Buffer.concat([...entries, end]));

describe('an artifact', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'artifact-'));
    return () => rmSync(folder, { recursive: true, force: true });
  });

  test.each(['ustar', 'pax', 'gnu'])('of the %s format is read as it is, below its path', async (format) => {
    const long = `${'long-folder-name/'.repeat(format === 'ustar' ? 8 : 15)}a.yaml`;
    mkdirSync(path.join(folder, 'network', path.dirname(long)), { recursive: true });
    mkdirSync(path.join(folder, '.github'));
    writeFileSync(path.join(folder, 'network', long), policy('deep'));
    writeFileSync(path.join(folder, 'network/näme.yaml'), policy('named'));
    writeFileSync(path.join(folder, 'network/unit\\x2d.service'), 'x');
    writeFileSync(path.join(folder, 'outside.yaml'), policy('outside'));
    writeFileSync(path.join(folder, '.github/ci.yaml'), 'on: push\n');
    symlinkSync('outside.yaml', path.join(folder, 'inside'));
    symlinkSync('/etc/passwd', path.join(folder, 'passwd'));
    const archive = execFileSync('tar', ['-C', folder, `--format=${format}`, '-czf', '-', '.']);
    const reference = publish(archive);
    expect(await load(reference)).toEqual({ revision, names: ['deep', 'named', 'outside'], problems: ['LinkRefused'] });
    expect((await load(reference, './network')).names).toEqual(['deep', 'named']);
    await expect(load(reference, 'nowhere')).rejects.toMatchObject({ code: 'SourcePathNotFound' });
  });

  test('is not looked at when its digest is another', async () => {
    const reference = publish(archiveOf(entry('a.yaml', { content: policy('a') })));
    served.body = archiveOf(entry('a.yaml', { content: policy('forged') }));
    await expect(load(reference)).rejects.toMatchObject({
      code: 'ArtifactRefused',
      message: expect.stringContaining(sha256(served.body)) as string,
    });
  });

  test('may have a digest of another length', async () => {
    const archive = archiveOf(entry('a.yaml', { content: policy('a') }));
    publish(archive);
    const digest = `sha512:${createHash('sha512').update(archive).digest('hex')}`;
    expect((await load({ url, digest, revision })).names).toEqual(['a']);
  });

  test.each<{ name: string; archive: Buffer; why: RegExp }>([
    { name: 'a name that leads out', archive: archiveOf(entry('../a.yaml')), why: /holds the name "\.\.\/a\.yaml"/ },
    { name: 'a name that leads out in the middle', archive: archiveOf(entry('a/../../b.yaml')), why: /holds the name/ },
    { name: 'an absolute name', archive: archiveOf(entry('/etc/a.yaml')), why: /holds the name/ },
    { name: 'a file twice', archive: archiveOf(entry('a.yaml'), entry('./a.yaml')), why: /twice/ },
    { name: 'a hard link', archive: archiveOf(entry('a.yaml', { type: '1', target: 'b' })), why: /neither a file/ },
    { name: 'a device', archive: archiveOf(entry('a.yaml', { type: '3' })), why: /neither a file/ },
    { name: 'an early end', archive: gzipSync(entry('a.yaml', { content: 'x' })), why: /ends in the middle/ },
    { name: 'an early end in a file', archive: gzipSync(entry('a.yaml', { content: 'x', size: 4096 })), why: /ends in the middle/ },
    { name: 'a broken header', archive: archiveOf(Buffer.alloc(512, 0x41)), why: /checksum/ },
    { name: 'a long extended header', archive: archiveOf(entry('x', { type: 'x', size: 1_000_000 })), why: /extended header/ },
    {
      name: 'an unreadable extended header',
      archive: archiveOf(entry('x', { type: 'x', content: '99 path=a\n' }), entry('a')),
      why: /extended header/,
    },
    { name: 'no gzip', archive: Buffer.from('not found'), why: /no gzip/ },
    { name: 'a gzip cut short', archive: archiveOf(entry('a.yaml')).subarray(0, 60), why: /no gzip/ },
  ])('is refused as a whole: $name', async ({ archive, why }) => {
    await expect(load(publish(archive))).rejects.toMatchObject({ code: 'ArtifactRefused', message: expect.stringMatching(why) as string });
  });

  test('of 50 MB takes a process less than 400 MB, its own 100 MB among them', async () => {
    const noise = (name: string, mb: number) => Buffer.concat([entry(name, { size: mb << 20 }), randomBytes(mb << 20)]);
    const others = Array.from({ length: 10 }, (_, i) => noise(`pictures/${i}.png`, 4));
    const archive = archiveOf(entry('a.yaml', { content: policy('a') }), ...others, noise('.cache', 10));
    const program = `
      const { openArtifact } = await import(${JSON.stringify(path.join(import.meta.dirname, 'artifact.ts'))});
      const { files } = await openArtifact(${JSON.stringify(publish(archive))});
      console.log(files.length, Math.round(process.resourceUsage().maxRSS / 1024));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
    const [files, peakMiB] = stdout.split(' ').map(Number);
    expect(archive.length).toBeGreaterThan(50_000_000);
    expect(files).toBe(11);
    expect(peakMiB).toBeLessThan(400);
  });

  test('that unfolds to more than it may is refused while it unfolds', async () => {
    const big = Buffer.concat(Array.from({ length: 17 }, (_, i) => entry(`f${i}`, { content: '0'.repeat(8 * 1024 * 1024) })));
    await expect(load(publish(archiveOf(big)))).rejects.toMatchObject({
      code: 'ArtifactRefused',
      message: expect.stringContaining('more than') as string,
    });
  });

  test('may hold one large file that nothing needs', async () => {
    const large = entry('large.bin', { content: '0'.repeat(9 * 1024 * 1024) });
    expect((await load(publish(archiveOf(large, entry('a.yaml', { content: policy('a') }))))).names).toEqual(['a']);
  });

  test.each<{ name: string; change: Partial<ArtifactReference>; code: string }>([
    { name: 'a digest that is none', change: { digest: 'md5:00' }, code: 'ArtifactRefused' },
    { name: 'a digest without its kind', change: { digest: 'a'.repeat(64) }, code: 'ArtifactRefused' },
    { name: 'a URL of a file', change: { url: 'file:///etc/passwd' }, code: 'ArtifactRefused' },
    { name: 'a revision with a line break', change: { revision: 'a\nb' }, code: 'ArtifactRefused' },
    { name: 'a host that is away', change: { url: 'http://127.0.0.1:9/x' }, code: 'SourceUnreachable' },
    { name: 'a path that leads out', change: {}, code: 'SourcePathNotFound' },
  ])('is not fetched or not found: $name', async ({ change, code }) => {
    const reference = { ...publish(archiveOf(entry('a.yaml'))), ...change };
    await expect(openArtifact(reference, code === 'SourcePathNotFound' ? '../x' : '')).rejects.toMatchObject({ code });
  });

  test.each([404, 500, 302])('is away when the host answers %i', async (status) => {
    const reference = publish(archiveOf(entry('a.yaml')));
    served.status = status;
    await expect(load(reference)).rejects.toMatchObject({ code: 'SourceUnreachable' });
  });

  test('is given up with the reason of the abort', async () => {
    const reference = publish(Buffer.alloc(0));
    served.hang = true;
    const abort = new AbortController();
    const opening = openArtifact(reference, '', abort.signal);
    abort.abort(new Error('suspended'));
    await expect(opening).rejects.toThrow('suspended');
  });
});
