import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { tryRun } from '../lab/shell.ts';
import { commit, type Desk, editAt, git, openDesk, plumbAt, type Said, writeAt } from './desk.ts';

let desk: Desk;

beforeAll(async () => {
  desk = await openDesk();
});
afterEach(async () => {
  await git(desk, 'reset', '-q', '--hard', 'main');
  await git(desk, 'clean', '-fdxq');
});
afterAll(() => rmSync(desk.folder, { recursive: true, force: true }));

const plumb = (...argv: string[]): Promise<Said> => plumbAt(desk, argv);
const stackTrace = /^\s+at .*(node:|\.ts:|\.js:)\d*/m;

describe('plumb check', () => {
  it('says nothing is wrong with the example network', async () => {
    const { code, stdout } = await plumb('check');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^main@sha1:[0-9a-f]{40}: 4 Device, .* no problems\n$/);
  });

  it('shows every mistake at once with its place, ends with 1, and is the same in JSON and YAML', async () => {
    editAt(desk, 'sessions/external.yaml', 'import: transit-in', 'import: transit-inn');
    editAt(desk, 'devices/core1-lon.yaml', '10.0.1.3/31', '10.0.1.33/31');
    editAt(desk, 'profile.yaml', 'platform: frr', 'platfrom: frr');
    const text = await plumb('check');
    expect(text.code).toBe(1);
    expect(text.stdout).toMatch(/^sessions\/external\.yaml:\d+:\d+: error \w+: .*transit-inn/m);
    expect(text.stdout).toMatch(/^sessions\/internal\.yaml:\d+:\d+: error \w+: .*10\.0\.1\.33/m);
    expect(text.stdout).toMatch(/^profile\.yaml:\d+:\d+: error \w+: .*platfrom/m);
    expect(text.stdout).toContain('transit-in?');

    const json = JSON.parse((await plumb('check', '-o', 'json')).stdout) as { problems: { file: string; line: number }[] };
    expect(parse((await plumb('check', '-o', 'yaml')).stdout)).toEqual(json);
    for (const { file, line } of json.problems) expect(text.stdout).toContain(`${file}:${line}:`);
    expect(json.problems).toHaveLength(4);
  });

  it('reads another revision from Git objects, whatever the work tree holds', async () => {
    writeAt(desk, 'broken.yaml', 'kind: [');
    expect((await plumb('check')).code).toBe(1);
    expect((await plumb('check', '--rev', 'HEAD')).code).toBe(0);
  });
});

describe('plumb test', () => {
  const own = (wish: string): string =>
    `apiVersion: plumbline.dev/v1alpha1\nkind: RouteTest\nmetadata: {name: own-space}\nspec:\n  prefixes: [198.51.100.0/24]\n  ${wish}\n`;

  it('holds what people wrote down against the policies of the whole network, alone and with check --all', async () => {
    writeAt(desk, 'tests/routes.yaml', own('announcedTo: [{neighbor: transit-a, asPath: [64500]}]'));
    const held = await plumb('test');
    expect([held.code, held.stdout]).toEqual([0, expect.stringMatching(/: 1 test; all hold\n$/)]);

    editAt(desk, 'policies/transit.yaml', 'communitySet: from-us', 'communitySet: from-customers');
    const [failed, checked, plain] = await Promise.all([plumb('test', 'own-space'), plumb('check', '--all'), plumb('check')]);
    const words =
      'tests/routes.yaml:6:17: error RouteTestFailed: RouteTest/own-space: 198.51.100.0/24: edge1-fra does not announce it to transit-a: transit-out denies it';
    expect([failed.code, checked.code, plain.code]).toEqual([1, 1, 0]);
    expect(failed.stdout).toContain(words);
    expect(checked.stdout).toContain(words);
  });

  it('knows its tests by name, and neighbors too', async () => {
    writeAt(desk, 'tests/routes.yaml', own('neverTo: [{neighbor: transit-b}]'));
    expect((await plumb('test')).stdout).toContain('Write transit-a, if that is what you mean.');
    expect((await plumb('test', 'own-spice')).stderr).toContain('Write own-space, if that is what you mean.');
  });
});

describe('a hostile repository', () => {
  it.each<{ what: string; prepare: () => void; says: RegExp; command?: string[] }>([
    {
      what: 'a template that loops for ever',
      prepare: () =>
        writeAt(
          desk,
          'templates/frr/main.njk',
          '{% for a in range(0, 100000) %}{% for b in range(0, 100000) %}{% for c in range(0, 100000) %}{% endfor %}{% endfor %}{% endfor %}\n',
        ),
      says: /templates\/frr\/main\.njk|deadline|too long/,
    },
    {
      what: 'a template that reaches for the process',
      prepare: () => writeAt(desk, 'templates/frr/main.njk', '{{ range.constructor("return process.env")().PATH }}\n'),
      says: /templates\/frr\/main\.njk:\d+/,
    },
    {
      what: 'a secret token typed by hand into a section',
      prepare: () =>
        writeAt(desk, 'sections/logging.conf', 'log syslog informational\nhostname <secret:hmac-00000000000000000000000000000000>\n'),
      says: /sections\/logging\.conf/,
    },
    {
      what: 'a symlink out of the tree',
      prepare: () => symlinkSync('/etc/hostname', join(desk.repository, 'sections/host.yaml')),
      says: /sections\/host\.yaml/,
    },
    {
      what: 'a section file out of the tree',
      prepare: () => editAt(desk, 'profile.yaml', 'sections/logging.conf', '../../../etc/hostname'),
      says: /profile\.yaml:\d+:\d+/,
    },
    {
      what: 'an alias bomb',
      prepare: () =>
        writeAt(
          desk,
          'bomb.yaml',
          `a: &a [x,x,x,x,x,x,x,x,x]\n${Array.from('bcdefghijk', (name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghij'[i]}`).join(',')}]`).join('\n')}\n`,
        ),
      says: /bomb\.yaml:\d+:\d+/,
    },
    {
      what: 'a file that is not UTF-8',
      prepare: () => writeFileSync(join(desk.repository, 'odd.yaml'), Buffer.from([0x6b, 0x3a, 0x20, 0xff, 0xfe, 0x0a])),
      says: /odd\.yaml/,
    },
    {
      what: 'a name that is a path',
      prepare: () => editAt(desk, 'devices/edge1-fra.yaml', 'name: edge1-fra', 'name: ../../edge1-fra'),
      says: /devices\/edge1-fra\.yaml:\d+:\d+/,
    },
  ])('$what is an error and nothing else', async ({ prepare, says }) => {
    prepare();
    const { code, stdout, stderr } = await plumb('check');
    expect(`${stdout}${stderr}`).toMatch(says);
    expect(code).toBe(1);
    expect(`${stdout}${stderr}`).not.toMatch(stackTrace);
    expect(stdout).not.toContain(process.env['PATH'] ?? 'no path');
  });
});

describe('plumb render', () => {
  it('prints tokens, never values, and the same text each time', async () => {
    const [one, two] = [await plumb('render', 'core1-fra'), await plumb('render', 'core1-fra')];
    expect(one).toEqual(two);
    expect(one.code).toBe(0);
    expect(one.stdout).toContain('password <secret:unset-ibgp-cores/password>');
    expect(one.stdout).not.toContain('plumbline:from');
  });

  it('shows a template author every name that a template may use, and no secret', async () => {
    const { code, stdout } = await plumb('render', 'core1-fra', '--intent', '-o', 'json');
    const { devices } = JSON.parse(stdout) as {
      devices: { device: string; bgp: { neighbors: { description: string; password: string | null }[] } }[];
    };
    expect([code, devices.map(({ device }) => device)]).toEqual([0, ['core1-fra']]);
    const between = devices[0]?.bgp.neighbors.find(({ description }) => description === 'between the sites');
    expect(between?.password).toMatch(/^<secret:ibgp-cores\/password/);
    expect((await plumb('render', 'core1-fra', '--intent')).stdout).toContain('description: between the sites');
    expect((await plumb('render', 'nosuch', '--intent')).stderr).toContain('error UnknownDevice');
  });

  it('goes on with devices that can be rendered and ends with 1', async () => {
    writeAt(desk, 'templates/frr/extra.njk', '{{ device.labels.nosuch }}\n');
    editAt(desk, 'devices/edge1-fra.yaml', 'spec:\n', 'spec:\n  sections:\n    - {name: extra, template: templates/frr/extra.njk}\n');
    const { code, stdout, stderr } = await plumb('render', '-o', 'json');
    expect(code).toBe(1);
    expect(stderr).toMatch(/extra\.njk:\d+:\d+: error/);
    const { devices } = JSON.parse(stdout) as { devices: { device: string }[] };
    expect(devices.map(({ device }) => device)).toEqual(['core1-fra', 'core1-lon', 'edge1-lon']);
  });
});

describe('plumb plan --base', () => {
  it('shows a pull request as text, Markdown, JSON and YAML, without a device', { timeout: 120_000 }, async () => {
    await git(desk, 'checkout', '-q', '-b', 'change');
    editAt(desk, 'policies/customer.yaml', 'localPreference: 200', 'localPreference: 210');
    await commit(desk, 'Prefer the customer more');
    const [text, markdown, json, yaml] = await Promise.all(
      ['text', 'markdown', 'json', 'yaml'].map((format) => plumb('plan', '--base', 'main', '-o', format)),
    );
    await git(desk, 'checkout', '-q', 'main');
    for (const said of [text, markdown, json, yaml]) expect(said?.code).toBe(1);
    for (const said of [text, markdown, json, yaml]) expect(said?.stdout).toContain('set local-preference 210');
    expect(markdown?.stdout).toContain('edge1-lon');
    const record = JSON.parse(json?.stdout ?? '') as { plan: { id: string; sets: string[][] } };
    expect(record.plan.sets).toEqual([['edge1-lon']]);
    expect((parse(yaml?.stdout ?? '') as typeof record).plan.id).toBe(record.plan.id);
    expect(text?.stderr).toMatch(/^From main@sha1:[0-9a-f]{40} to change@sha1:|^From main@sha1/m);
  });

  it('says what a harmless looking edit of a policy withdraws, and that no router of the site is left to announce it', async () => {
    editAt(desk, 'policies/transit.yaml', 'communitySet: from-us', 'communitySet: from-customers');
    writeAt(
      desk,
      'tests/routes.yaml',
      'apiVersion: plumbline.dev/v1alpha1\nkind: RouteTest\nmetadata: {name: own-space}\nspec:\n  prefixes: [198.51.100.0/24]\n  announcedTo: [{neighbor: transit-a}]\n',
    );
    const [text, markdown] = await Promise.all(
      [['text'], ['markdown', '--limit', '5000']].map((format) => plumb('plan', '--base', 'main', '-o', ...format)),
    );
    expect(text?.stdout).toMatch(/tests\/routes\.yaml:\d+:\d+: does not hold: RouteTest\/own-space: 198\.51\.100\.0\/24: /);
    expect(markdown?.stdout).toContain('**1 assertion of 1 RouteTest does not hold.**');
    expect(markdown?.stdout).toContain('people must approve');
    expect(text?.stdout).toContain('risk high');
    expect(text?.stdout).toMatch(/edge1-fra to transit-a \(192\.0\.2\.0, Transit\)\n +withdrawn +198\.51\.100\.0\/24\n/);
    expect(text?.stdout).toContain('no router of fra would announce 198.51.100.0/24, 2001:db8:100::/48 any more');
    expect(markdown?.stdout).toContain('| edge1-fra | transit-a (192.0.2.0, Transit) | **withdrawn** | 198.51.100.0/24 |');
    expect(text?.stdout).toContain('not evaluated: what 4 neighbors outside may send is not known');
  });

  it('takes tables of routers, and says what becomes of the routes in them', async () => {
    const path = (prefix: string, community: string) => [
      { prefix },
      {
        aspath: { string: '64511' },
        origin: 'IGP',
        peer: { peerId: '192.0.2.2' },
        nexthops: [{ ip: '192.0.2.2' }],
        community: { string: community },
      },
    ];
    writeAt(desk, 'rib.json', JSON.stringify({ routerId: '10.0.0.3', routes: { '203.0.113.0/24': path('203.0.113.0/24', '64500:200') } }));
    editAt(desk, 'policies/transit.yaml', 'communitySet: from-customers', 'communitySet: from-us');
    const { stdout } = await plumb('plan', '--base', 'main', '--rib', join(desk.repository, 'rib.json'));
    expect(stdout).toMatch(/edge1-fra to transit-a \(192\.0\.2\.0, Transit\)\n +withdrawn +203\.0\.113\.0\/24\n/);
    writeAt(desk, 'rib.json', '{}');
    expect((await plumb('plan', '--base', 'main', '--rib', join(desk.repository, 'rib.json'))).stderr).toContain('error TableUnreadable');
  });

  it('ends with 0 when nothing differs', async () => {
    expect((await plumb('plan', '--base', 'main')).code).toBe(0);
  });

  it('says that a device whose file is gone is released and left alone', async () => {
    for (const file of ['devices/edge1-lon.yaml', 'sessions/external.yaml', 'sessions/internal.yaml']) rmSync(join(desk.repository, file));
    const { stderr } = await plumb('plan', '--base', 'main');
    expect(stderr).toContain('released, nothing on them is touched: edge1-lon');
  });

  it('refuses options that only make sense with devices', async () => {
    const { code, stderr } = await plumb('plan', '--base', 'main', '--timeout', '5');
    expect([code, stderr]).toEqual([1, expect.stringContaining('error OptionsConflict: --timeout')]);
  });
});

describe('selection', () => {
  it.each([
    { argv: ['render', 'edge1-fraa', 'core-lon'], says: ['Did you mean edge1-fra?', 'core-lon'] },
    { argv: ['render', '-l', 'site=paris'], says: ['NothingSelected', 'no Device carries the labels site=paris'] },
    { argv: ['render', 'edge1-fra', '-l', 'site=lon'], says: ['none of edge1-fra carries the labels site=lon'] },
    { argv: ['render', 'router7'], says: ['Write one of core1-fra, core1-lon, edge1-fra, edge1-lon.'] },
    { argv: ['drift', 'edge1-frb'], says: ['Did you mean edge1-fra?'] },
    { argv: ['why', 'core1-lom'], says: ['Did you mean core1-lon?'] },
  ])('$argv says what is wrong and names the nearest', async ({ argv, says }) => {
    const { code, stdout, stderr } = await plumb(...argv);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    for (const words of says) expect(stderr).toContain(words);
  });

  it('takes names and labels together', async () => {
    const { stdout } = await plumb('render', 'edge1-fra', 'core1-fra', '-l', 'role=edge', '-o', 'json');
    expect((JSON.parse(stdout) as { devices: { device: string }[] }).devices.map(({ device }) => device)).toEqual(['edge1-fra']);
  });
});

describe('a device without credentials', () => {
  it('is Unknown with what to store, and exit code 2', async () => {
    const { code, stdout } = await plumb('drift', 'edge1-fra', '-o', 'json');
    expect(code).toBe(2);
    expect((JSON.parse(stdout) as { devices: unknown[] }).devices).toEqual([
      expect.objectContaining({
        device: 'edge1-fra',
        verdict: 'Unknown',
        reason: 'Unverified',
        next: expect.stringContaining('PLUMB_SECRET_ROUTERS_OBSERVE_USERNAME'),
      }),
    ]);
  });

  it('is not changed: apply says so and does not call it "nothing to change"', async () => {
    const { code, stdout } = await plumb('apply', 'edge1-fra', '--yes');
    expect([code, stdout]).toEqual([2, expect.stringContaining('Nothing was applied. 1 device: 1 Unknown')]);
  });
});

describe('mistakes on the command line', () => {
  it.each<{ argv: string[]; says: string }>([
    { argv: ['drfit'], says: 'Did you mean drift?' },
    { argv: ['drift', '--timeout', 'soon'], says: 'a whole number, 1 to 3600' },
    { argv: ['plan', '--limit', 'sourceforge'], says: 'write github, gitlab, or a whole number of bytes from 5000' },
    { argv: ['plan', '--base', 'main', '--limit', 'github'], says: '--limit means nothing together with -o text' },
    { argv: ['drift', '-o', 'xml'], says: 'text, json, yaml, markdown' },
    { argv: ['check', 'nowhere'], says: 'SourceNotFound' },
    { argv: ['check', '--rev', 'nosuch'], says: 'nosuch' },
    { argv: ['completion', 'ksh'], says: 'bash, zsh, fish' },
    { argv: ['why'], says: "missing required argument 'device'" },
    { argv: ['apply', '--plan', 'nosuch.json'], says: 'FileUnusable: nosuch.json: cannot be read: there is no such file' },
    { argv: ['apply', '--plan', 'devices'], says: 'it is a folder' },
    { argv: ['config', 'diff', 'nosuch.conf', 'other.conf'], says: 'FileUnusable: nosuch.conf' },
    { argv: ['config', 'diff', 'profile.yaml'], says: 'plumb config diff compares two files' },
    { argv: ['config', 'diff', '--batch', 'profile.yaml'], says: 'OptionsConflict' },
    { argv: ['plan', 'edge1-fra', '--out', 'no/such/folder/plan.json'], says: 'FileUnusable' },
    { argv: ['drift', '--version-key', 'nosuch'], says: 'VersionKeyUnusable' },
    { argv: ['render', '-s', 'sections'], says: 'NothingDesired: the desired state holds no Device' },
    { argv: ['apply', '--may-lose-routes', '192.0.2.0', 'edge1-fra', '--yes'], says: 'Name devices ahead of this option' },
  ])('$argv ends with 1 and a line that helps', async ({ argv, says }) => {
    const { code, stdout, stderr } = await plumb(...argv);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(says);
    expect(stderr).not.toMatch(stackTrace);
  });

  it('a plan file that is broken is refused with its place', async () => {
    writeAt(desk, 'plan.json', '{\n  "id": oops\n}\n');
    const { code, stderr } = await plumb('apply', '--plan', 'plan.json', '--yes');
    expect([code, stderr]).toEqual([1, expect.stringContaining('plan.json:2:9: error PlanUnreadable')]);
    expect(stderr).not.toMatch(stackTrace);
  });

  it('says in one line where the store cannot be', async () => {
    const { code, stderr } = await plumbAt(desk, ['drift', 'edge1-fra', '--store', '/dev/null']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('StoreUnusable')]);
    expect(stderr).not.toMatch(stackTrace);
  });
});

describe('plumb config', () => {
  const live = 'router bgp 64500\n neighbor 192.0.2.1 remote-as 64501\n neighbor 192.0.2.1 description old words\nexit\n';
  const wanted = 'router bgp 64500\n neighbor 192.0.2.1 remote-as 64501\n neighbor 192.0.2.1 description new words\nexit\n';

  it('patches one file into the other and back', async () => {
    writeAt(desk, 'live.conf', live);
    writeAt(desk, 'wanted.conf', wanted);
    const [forward, back, diff, none] = await Promise.all([
      plumb('config', 'patch', '--platform', 'frr', 'live.conf', 'wanted.conf'),
      plumb('config', 'patch', '--platform', 'frr', 'live.conf', 'wanted.conf', '--rollback'),
      plumb('config', 'diff', 'live.conf', 'wanted.conf'),
      plumb('config', 'diff', 'live.conf', 'live.conf'),
    ]);
    expect(forward).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/router bgp 64500\n\s*neighbor 192\.0\.2\.1 description new words/),
    });
    expect(back).toMatchObject({ code: 1, stdout: expect.stringContaining('description old words') });
    expect(diff).toMatchObject({ code: 1, stdout: expect.stringMatching(/^-.*old words$/m) });
    expect(diff.stdout).toMatch(/^\+.*new words$/m);
    expect(none).toMatchObject({ code: 0, stdout: '' });
  });

  it('gives commands and their proof as JSON', async () => {
    writeAt(desk, 'live.conf', live);
    writeAt(desk, 'wanted.conf', wanted);
    const { stdout } = await plumb('config', 'patch', 'live.conf', 'wanted.conf', '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({ commands: [{ path: ['router bgp 64500'] }], proof: { forward: true, rollback: true } });
  });

  it('never fails on a platform that nobody has described', async () => {
    writeAt(desk, 'live.conf', live);
    writeAt(desk, 'wanted.conf', wanted);
    const said = await plumb('config', 'patch', '--platform', 'some-new-box', 'live.conf', 'wanted.conf');
    expect(said).toMatchObject({ code: 1, stdout: expect.stringContaining('description new words') });
    expect(said.stderr).toMatch(/^no dialect is called "some-new-box": the generic one is used.*\n$/);
    expect((await plumb('config', 'diff', '--platform', 'FRR', 'live.conf', 'wanted.conf')).stderr).toContain('Did you mean frr?');
  });
});

describe('what helps at the keyboard', () => {
  it.each(['bash', 'zsh'] as const)('prints a completion script that %s or bash can read', async (shell) => {
    const { code, stdout } = await plumb('completion', shell);
    expect(code).toBe(0);
    const { rc, stderr } = await tryRun(['bash', '-n'], { input: stdout });
    expect([rc, stderr]).toEqual([0, '']);
  });

  it('completes commands and their options in bash', async () => {
    const { stdout } = await plumb('completion', 'bash');
    const ask = (words: string[]) =>
      `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _plumb; printf '%s ' "\${COMPREPLY[@]}"; echo\n`;
    const { stdout: answers } = await tryRun(['bash'], {
      input: `${stdout}\n${ask(['plumb', 'dr'])}${ask(['plumb', 'apply', '--y'])}${ask(['plumb', 'config', 'pa'])}`,
    });
    expect(answers.split('\n').map((line) => line.trim())).toEqual(['drift', '--yes', 'patch', '']);
  });

  it('says its version fast and teaches by example', async () => {
    expect((await plumb('--version')).stdout).toMatch(/^plumb \d+\.\d+\.\d+\n$/);
    const verbs = ['check', 'render', 'plan', 'drift', 'apply', 'adopt', 'why', 'schema', 'completion'];
    for (const { code, stdout } of await Promise.all(verbs.map((verb) => plumb(verb, '--help')))) {
      expect([code, stdout]).toEqual([0, expect.stringContaining('Examples:')]);
    }
  });

  it('gives editors a schema of every kind', async () => {
    const { code, stdout } = await plumb('schema');
    expect(code).toBe(0);
    for (const kind of ['Device', 'BGPSession', 'RoutePolicy', 'PrefixSet', 'ReconcilePolicy']) expect(stdout).toContain(`"${kind}"`);
    expect(() => JSON.parse(stdout)).not.toThrow();
  });

  it('says that the disk is full, and a command whose words nobody hears ends as it would', async () => {
    const plan = `cd '${desk.repository}' && '${join(import.meta.dirname, '../../bin/plumb')}' plan --base main`;
    const full = await tryRun(['bash', '-c', `${plan} > /dev/full`]);
    expect([full.rc, full.stderr]).toEqual([1, expect.stringMatching(/error OutputLost: .*: the disk is full/)]);
    expect(full.stderr).not.toMatch(stackTrace);
    expect((await tryRun(['bash', '-c', `${plan} 2> /dev/full`])).rc).toBe(0);
    expect((await tryRun(['bash', '-c', `set -o pipefail; { ${plan} > /dev/null; } 2>&1 | true`])).rc).toBe(0);
  });

  it('ends quietly when the reader of its output has seen enough', async () => {
    const { rc, stderr } = await tryRun([
      'bash',
      '-c',
      `cd '${desk.repository}' && '${join(import.meta.dirname, '../../bin/plumb')}' schema | head -c 10 > /dev/null`,
    ]);
    expect([rc, stderr]).toEqual([0, '']);
  });
});
