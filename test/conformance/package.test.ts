import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ran, run, tryRun } from '../lab/shell.ts';

const root = join(import.meta.dirname, '../..');

/** What `npm publish` would ship, installed where nothing of this checkout is in reach. */
describe('the packed tarball in an empty folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-package-'));
  const installed = join(folder, 'node_modules/plumbline');
  const home = join(folder, 'home');

  const plumb = (...argv: string[]): Promise<Ran> =>
    tryRun([join(folder, 'node_modules/.bin/plumb'), ...argv], {
      timeoutMs: 120_000,
      env: { PATH: process.env['PATH'] ?? '', HOME: home, NO_COLOR: '1' },
    });

  beforeAll(async () => {
    mkdirSync(home);
    const tarball = (await run(['npm', 'pack', '--silent', '--pack-destination', folder, root], { timeoutMs: 240_000 }))
      .trim()
      .split('\n')
      .at(-1);
    writeFileSync(join(folder, 'package.json'), '{"name": "empty", "private": true}\n');
    const install = ['npm', 'install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    // By itself npm waits five minutes for a connection that hangs.
    const patience = ['--prefer-offline', '--fetch-timeout=20000', '--fetch-retries=5', '--fetch-retry-mintimeout=2000'];
    await run([...install, ...patience, join(folder, tarball ?? 'no tarball')], { timeoutMs: 600_000 });
    cpSync(join(root, 'desired-state'), join(folder, 'desired-state'), { recursive: true });
  }, 900_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('holds what runs, and neither sources nor tests', () => {
    expect(readdirSync(installed)).toEqual(expect.arrayContaining(['bin', 'crds', 'dist', 'package.json', 'templates']));
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
    expect(files.filter((path) => /\.test\.|^controller|^test\/|^node_modules/.test(path))).toEqual([]);
    expect(files).toEqual(
      expect.arrayContaining([
        'dist/drivers/guard/guard.sh',
        'dist/drivers/frr/target/platform.sh',
        'dist/drivers/frr/target/plumb-observe',
      ]),
    );
  });

  it('says its version', async () => {
    expect(await plumb('--version')).toMatchObject({ rc: 0, stdout: expect.stringMatching(/^plumb \d+\.\d+\.\d+\n$/), stderr: '' });
  });

  it('checks a repository', async () => {
    expect(await plumb('check', join(folder, 'desired-state'))).toMatchObject({
      rc: 0,
      stdout: expect.stringContaining('no problems'),
      stderr: '',
    });
  });

  it('renders with the templates and the sandbox of the package, as the checkout does', async () => {
    const source = ['--source', join(folder, 'desired-state'), '-o', 'json'];
    const [ours, theirs] = await Promise.all([
      tryRun([join(root, 'bin/plumb'), 'render', ...source], { timeoutMs: 120_000 }),
      plumb('render', ...source),
    ]);
    expect(theirs).toMatchObject({ rc: 0, stderr: '' });
    expect(JSON.parse(theirs.stdout)).toEqual(JSON.parse(ours.stdout));
  });

  it('reaches for devices and says what it lacks', async () => {
    expect(await plumb('drift', 'edge1-fra', '--source', join(folder, 'desired-state'))).toMatchObject({
      rc: 2,
      stdout: expect.stringContaining('PLUMB_SECRET_ROUTERS_OBSERVE_USERNAME'),
    });
  });
});
