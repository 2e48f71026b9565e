import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { loadKubeConfig, namespaceOf } from './kube-config.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plumbline-kubeconfig-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

const good = {
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [{ name: 'lab', cluster: { server: 'https://192.0.2.1:6443' } }],
  users: [{ name: 'mona', user: { token: 'a-token-that-nobody-may-see' } }],
  contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'mona', namespace: 'network' } }],
  'current-context': 'lab',
};

/** A file with this text, or with a kubeconfig that differs from a good one in these fields. */
function write(content: string | object): string {
  const file = join(folder, 'config');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify({ ...good, ...content }));
  return file;
}

const on = (cluster: object) => ({ clusters: [{ name: 'lab', cluster }] });

test('one that is in order names cluster and namespace', async () => {
  const config = await loadKubeConfig({ file: write({}) });
  expect([config.getCurrentCluster()?.server, namespaceOf(config)]).toEqual(['https://192.0.2.1:6443', 'network']);
});

test('one of a proxy on this machine is taken, also at the port that the library makes up', async () => {
  const config = await loadKubeConfig({ file: write(on({ server: 'http://localhost:8080', 'insecure-skip-tls-verify': true })) });
  expect(config.getCurrentCluster()?.server).toBe('http://localhost:8080');
});

test.each<[what: string, content: string | object, says: RegExp]>([
  ['an empty file', '', /empty/],
  ['broken YAML', 'token: [a-token-that-nobody-may-see', /flow collection/],
  ['something else', 'a: b\n', /it names no current context; it has: none$/],
  ['a current context that it lacks', { 'current-context': 'old' }, /its current context old is not in it; it has: lab$/],
  ['a context of a cluster that it lacks', { clusters: [] }, /its context lab names no cluster that it has$/],
  ['a context of a user that it lacks', { users: [] }, /its context lab names the user mona, which it does not have$/],
  [
    'a server without https',
    on({ server: 'http://192.0.2.1:8001' }),
    /its server is http:\/\/192\.0\.2\.1:8001; write https:\/\/HOST:PORT$/,
  ],
  ['a server that is no address', on({ server: '192.0.2.1:6443' }), /its server is 192\.0\.2\.1:6443; write https:\/\/HOST:PORT$/],
  [
    'a server with a login in it',
    on({ server: 'http://mona:nobody-may-see@192.0.2.1:8001' }),
    /its server is http:\/\/192\.0\.2\.1:8001; write/,
  ],
  [
    'a proxy that is not spoken to',
    on({ server: 'https://192.0.2.1', 'proxy-url': 'socks5://mona:nobody-may-see@192.0.2.2' }),
    /proxy-url socks5:\/\/192\.0\.2\.2: only http and https proxies are spoken to$/,
  ],
])('%s is refused with what is wrong, in one line and without a secret', async (_what, content, says) => {
  const file = write(content);
  const error = await loadKubeConfig({ file }).catch((reason: unknown) => reason as Error & { next: string });
  expect(error).toMatchObject({ code: 'KubeconfigUnusable', message: expect.stringMatching(says) as string });
  expect((error as Error).message).toContain(`kubeconfig ${file} cannot be used: `);
  expect((error as Error).message).not.toMatch(/\n|nobody-may-see/);
});

test('a file that is not there, a folder, and a context that it lacks are said', async () => {
  await expect(loadKubeConfig({ file: join(folder, 'none') })).rejects.toThrow('there is no such file');
  await expect(loadKubeConfig({ file: folder })).rejects.toThrow('it is a folder');
  await expect(loadKubeConfig({ file: write({}), context: 'other' })).rejects.toThrow('it has no context other; it has: lab');
});

test('where there is none at all, that is what is said, and no server of a guess is asked', async () => {
  vi.stubEnv('KUBECONFIG', '');
  vi.stubEnv('HOME', join(folder, 'nobody'));
  await expect(loadKubeConfig()).rejects.toThrow(
    'kubeconfig of the default place cannot be used: there is none: KUBECONFIG names no file, ~/.kube/config is not there, and this is no pod',
  );
});
