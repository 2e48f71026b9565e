import { once } from 'node:events';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { takeLock } from '../../controller/lib/index.ts';
import { plumbAt } from '../e2e/desk.ts';
import { openOperatorDesk, type OperatorDesk } from './desk.ts';

describe('plumb up --once', () => {
  let desk: OperatorDesk;
  let runs = 0;
  let store: string;

  beforeAll(async () => {
    desk = await openOperatorDesk({ devices: 3 });
    await desk.allJudged();
    await desk.pause(); // its routers and its repository are what is needed here
  });
  afterAll(() => desk.stop());
  beforeEach(() => {
    store = `${desk.folder}/store-${++runs}`;
  });

  const up = async (place = desk.repository.folder, ...more: string[]) =>
    desk.plumb('up', place, '--once', '--port', '0', '--store', store, '--secrets', desk.secretsFolder, '--timeout', '5', ...more);
  const file = 'sites/site0000/r00001.yaml';

  test('goes from nothing to every verdict, and ends well when all is in sync', async () => {
    const { code, stdout } = await up();
    expect(stdout).toMatch(/^Fleet local {2}InForce: main@sha1:[0-9a-f]{40} is in force$/m);
    expect(stdout).toMatch(/^3 devices: 3 InSync \(main@sha1:[0-9a-f]{40}\)$/m);
    expect(code).toBe(0);
  });

  test('takes the address of a repository too', async () => {
    const { code, stdout } = await up(`file://${desk.repository.folder}`);
    expect([code, stdout]).toEqual([0, expect.stringContaining('3 devices: 3 InSync')]);
  });

  test('ends with 1 when a device differs, and says which and how', async () => {
    await desk.routers.edit('r00002', ['router bgp 64500', ' address-family ipv4 unicast', '  no network 198.18.0.0/24']);
    const { code, stdout } = await up();
    expect(stdout).toMatch(/^r00002 {2}\w+ {2}1 line differs: .*network 198\.18\.0\.0\/24/m);
    expect(stdout).toMatch(/^3 devices: 2 InSync, 1 \w+ /m);
    expect(code).toBe(1);
    await desk.routers.edit('r00002', ['router bgp 64500', ' address-family ipv4 unicast', '  network 198.18.0.0/24']);
  });

  test('ends with 2 when a device cannot be judged', async () => {
    await desk.routers.setFault('r00000', { kind: 'down' });
    const { code, stdout } = await up();
    expect(stdout).toMatch(/^r00000 {2}Unreachable {2}/m);
    expect(code).toBe(2);
    await desk.routers.setFault('r00000');
  });

  test('ends with 1 when nothing can be put in force, with every error', async () => {
    desk.repository.commit({
      [file]: desk.edited(file, '"kind": "Device"', '"kind": "Device",\n "colour": "red",\n "size": 3'),
    });
    const { code, stdout } = await up();
    expect(stdout).toMatch(/^Fleet local {2}Invalid: .*2 errors; first: sites\/site0000\/r00001\.yaml:4:\d+ UnknownField: .*colour/m);
    expect(stdout).toMatch(/^ {2}sites\/site0000\/r00001\.yaml:5:\d+ UnknownField: .*size/m);
    expect(code).toBe(1);
    desk.repository.git('revert', '--no-edit', 'HEAD');
  });

  test('has the Fleet of a file, which the command line outranks', async () => {
    const fleet = `${desk.folder}/fleet.yaml`;
    writeFileSync(
      fleet,
      'ceiling: Enforce\nreads: {atOnce: 2, intervalSeconds: 77}\napproval: {rules: [{count: 2}]}\nchanges: {atOnce: 3}\n',
    );
    const where = ['--port', '0', '--store', store, '--secrets', desk.secretsFolder, '--timeout', '5'];
    const { code, stderr } = await desk.plumb('up', desk.repository.folder, '--once', ...where, '--fleet', fleet, '--ceiling', 'Approve');
    expect([code, stderr]).toEqual([0, expect.stringContaining('; what people approve is written to devices;')]);
    const [made] = JSON.parse((await desk.plumb('get', 'fleets', '--store', store, '-o', 'json')).stdout) as object[];
    expect(made).toMatchObject({
      spec: {
        ceiling: 'Approve',
        reads: { atOnce: 2, intervalSeconds: 77, timeoutSeconds: 5 },
        approval: { rules: [{ count: 2, risk: 'low' }] },
        changes: { atOnce: 3 },
        git: { url: `file://${desk.repository.folder}` },
      },
    });
  });

  test('reads the part of a folder that --path names', async () => {
    const own = `${desk.folder}/parts`;
    mkdirSync(`${own}/network`, { recursive: true });
    cpSync(`${desk.repository.folder}/policies.yaml`, `${own}/network/policies.yaml`);
    cpSync(`${desk.repository.folder}/sites`, `${own}/network/sites`, { recursive: true });
    writeFileSync(`${own}/other.yaml`, 'kind: none of ours\n');
    const { code, stdout } = await up(own, '--path', 'network');
    expect([code, stdout]).toEqual([0, expect.stringContaining('3 devices: 3 InSync')]);
    expect(await up(own, '--path', 'nowhere')).toMatchObject({
      code: 2,
      stdout: expect.stringMatching(/parts\/nowhere.*not exist|SourceNotFound/) as string,
    });
  });

  test('ends with 1 in a folder without a device, which is perhaps another one than was meant', async () => {
    const empty = `${desk.folder}/empty`;
    mkdirSync(empty);
    const { code, stdout } = await up(empty);
    expect([code, stdout]).toEqual([1, expect.stringMatching(/^0 devices: the desired state has none/m)]);
  });

  test('a port that is taken is said, and nothing was begun', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await up(desk.repository.folder, '--port', String(port));
    other.close();
    expect(code).toBe(1);
    expect(stderr).toMatch(
      new RegExp(
        `^error ListenRefused: nobody can listen at 127\\.0\\.0\\.1 port ${port}: another process does already\\n {4}Name another port`,
      ),
    );
    expect((await desk.plumb('get', 'fleets', '--store', store)).stderr).toContain('No fleets');
  });

  test('is one at a time on a store: the second changes nothing of it', async () => {
    expect((await up()).code).toBe(0);
    const release = takeLock(`${store}/operator.lock`);
    const { code, stderr } = await up(`file://${desk.folder}/other`);
    release?.();
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^error OperatorRuns: another plumb up works on the store .*\n {4}End that one first/),
    ]);
    const [fleet] = JSON.parse((await desk.plumb('get', 'fleets', '--store', store, '-o', 'json')).stdout) as { spec: object }[];
    expect(fleet?.spec).toMatchObject({ git: { url: `file://${desk.repository.folder}` } });
    expect((await up()).code).toBe(0);
  });

  test('says of what an earlier one found nothing that it did not see itself', async () => {
    expect((await up()).code).toBe(0);
    const { code, stdout } = await up(`file://${desk.folder}/other`);
    expect(stdout).toMatch(/^Fleet local {2}SourceRepositoryNotFound: /);
    expect(stdout).toMatch(/^3 devices: 3 not looked at yet$/m);
    expect(stdout).not.toContain('InSync');
    expect(code).toBe(2);
  });

  test('leaves suspended what somebody suspended, until somebody says otherwise', async () => {
    expect((await up()).code).toBe(0);
    const place = ['--store', store];
    expect((await desk.plumb('suspend', ...place)).code).toBe(0);
    const again = await up();
    expect([again.code, again.stdout]).toEqual([
      2,
      expect.stringMatching(/^Fleet local {2}Suspended: Suspended: nothing is fetched or read/),
    ]);
    const fleet = `${desk.folder}/awake.yaml`;
    writeFileSync(fleet, 'suspend: false\n');
    expect((await up(desk.repository.folder, '--fleet', fleet)).code).toBe(0);
  });

  test('says of a webhook that nobody can be believed by that it is not heard', async () => {
    const { code, stdout } = await up(desk.repository.folder, '--webhook-secret', 'nowhere');
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^ {2}WebhookReady: secret nowhere\/token has no value/m)]);
  });

  test.each(['operator.lock', 'plumb.log'])('says of %s that it cannot be written', async (name) => {
    mkdirSync(store, { mode: 0o700 });
    mkdirSync(`${store}/${name}`);
    const { code, stderr } = await up();
    expect([code, stderr]).toEqual([1, expect.stringContaining(`error FileUnusable: ${store}/${name}: cannot be written: it is a folder`)]);
  });

  test('names a level of the log that there is not', async () => {
    const { code, stderr } = await plumbAt({ repository: desk.repository.folder, store }, ['up', '.', '--once', '--port', '0'], {
      environment: { PLUMB_LOG: 'loud' },
    });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^error LogLevelUnknown: PLUMB_LOG is "loud".*\n {4}Write debug, info/)]);
  });

  test('takes a tag from the file of the Fleet, which need not repeat the address', async () => {
    desk.repository.git('tag', 'v1.2.0');
    const fleet = `${desk.folder}/tag.yaml`;
    writeFileSync(fleet, 'git: {tag: v1.2.0}\n');
    const { code, stdout } = await up(`file://${desk.repository.folder}`, '--fleet', fleet);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^Fleet local {2}InForce: v1\.2\.0@sha1:/)]);
  });

  test.each(['verify: {secretRef: {name: people}}', 'revision: 0123456789012345678901234567890123456789', 'git: {semver: ">=1"}'])(
    'does not let anybody believe that of a folder %s is done',
    async (words) => {
      const fleet = `${desk.folder}/more.yaml`;
      writeFileSync(fleet, `${words.replace(/(\d{40})/, '"$1"')}\n`);
      const { code, stderr } = await up(desk.repository.folder, '--fleet', fleet);
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/^error OptionsConflict: (verify|revision|git\.semver) of the Fleet means nothing/),
      ]);
    },
  );

  test('refuses a Fleet with mistakes, each with its place', async () => {
    const fleet = `${desk.folder}/wrong.yaml`;
    writeFileSync(fleet, 'ceiling: Often\napproval:\n  rules:\n    - groups: [netops]\n');
    const { code, stderr } = await desk.plumb('up', desk.repository.folder, '--store', store, '--fleet', fleet);
    expect(code).toBe(1);
    expect(stderr).toMatch(/wrong\.yaml:1:10.*ceiling is "Often"/);
    expect(stderr).toMatch(/wrong\.yaml:4:7.*approval\.rules\[0\]\.groups: one machine knows users and no groups/);
  });

  test.each([
    { argv: ['up', '.', '--ceiling', 'High'], says: /Report, Approve, Enforce/ },
    { argv: ['up', '.', '--fleet', 'none.yaml'], says: /none\.yaml: cannot be read/ },
    { argv: ['up', 'no-such-folder', '--once'], says: /no-such-folder.*there is no such folder/s },
    { argv: ['up', import.meta.filename], says: /up\.test\.ts: cannot be read: it is a file, and the desired state is a folder/ },
    { argv: ['up', 'git@git.example.net:net.git'], says: /is written ssh:\/\/git@git\.example\.net\/net\.git/ },
    { argv: ['up', 'ftp://git.example.net/net.git'], says: /begins with https:\/\/ or ssh:\/\// },
    { argv: ['up', '.', '--branch', 'main'], says: /--branch means nothing together with a folder/ },
    { argv: ['up', '.', '--git-secret', 'deploy'], says: /--git-secret means nothing together with a folder/ },
    { argv: ['up', '.', '--interval', 'soon'], says: /whole number/ },
    { argv: ['up', '.', '--port', '99999'], says: /port/ },
    { argv: ['up', '.', '--path', '../other'], says: /ArgumentRefused: --path cannot be used: leads out of the repository/ },
    { argv: ['up', 'https://mona:pw@git.example.net/n.git'], says: /ArgumentRefused: the address .* without a password in it\n(?!.*pw)/ },
    { argv: ['up', 'https://git.example.net/n.git', '--git-secret', 'A/B'], says: /ArgumentRefused: --git-secret cannot be used/ },
    { argv: ['up', 'https://git.example.net/n.git', '--branch', ''], says: /ArgumentRefused: --branch cannot be used/ },
  ])('refuses $argv', async ({ argv, says }) => {
    const { code, stderr } = await desk.plumb(...argv);
    expect([code, stderr]).toEqual([1, expect.stringMatching(says)]);
  });
});
