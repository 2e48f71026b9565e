import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  commit,
  corePassword,
  edit,
  type Example,
  git,
  plumb as runPlumb,
  plumbPath,
  type Said,
  upExample,
  waitForSessions,
  writeSecret,
} from '../lab/example-network.ts';
import { inspect } from 'node:util';
import { sha256 } from '../../controller/lib/index.ts';
import { whyNot } from '../lab/frr.ts';
import { tryRun, until } from '../lab/shell.ts';

const missing = whyNot();
if (missing !== undefined) process.stderr.write(`skipped, no real routers: journeys on the example network: ${missing}\n`);

const newPassword = 'second-password-of-the-cores';

/** One network for all journeys, which follow each other: each begins in sync and leaves it so. */
describe.skipIf(missing !== undefined)('the example network on real routers', { timeout: 90_000 }, () => {
  let example: Example;
  const everySaid: string[] = [];

  const plumb = async (...argv: string[]): Promise<Said> => {
    const said = await runPlumb(example, argv);
    everySaid.push(said.stdout, said.stderr);
    return said;
  };
  const verdictsOf = async (...names: string[]): Promise<Record<string, string>> => {
    const { stdout } = await plumb('drift', '-o', 'json', ...names);
    const { devices } = JSON.parse(stdout) as { devices: { device: string; verdict: string; reason?: string }[] };
    return Object.fromEntries(devices.map(({ device, verdict, reason }) => [device, reason ?? verdict]));
  };
  const byHand = (router: string, ...lines: string[]) => example.lab.byHand(router, 'configure terminal', ...lines, 'end', 'write');
  const describedBy = (router: string, neighbor: string) =>
    example.lab
      .vtysh(router, 'show running-config')
      .then((config) => new RegExp(`neighbor ${neighbor} description (.*)`).exec(config)?.[1]);

  beforeAll(async () => {
    example = await upExample(`jny${process.pid.toString(36)}`, {
      changeInitial: (router, config) =>
        router === 'edge1-lon' ? config.replace(/(neighbor 192\.0\.2\.2 description ).*/, '$1ask before touching') : config,
    });
    await until('settled daemons', async () => Object.values(await verdictsOf()).every((verdict) => verdict !== 'DeviceSettling'), 60_000);
  }, 120_000);
  afterAll(async () => example?.lab.down());

  it('first contact is Unadopted and refused; adopt writes nothing to the router; then Git wins', async () => {
    expect(await verdictsOf()).toEqual({ 'core1-fra': 'InSync', 'core1-lon': 'InSync', 'edge1-fra': 'InSync', 'edge1-lon': 'Unadopted' });
    const refused = await plumb('apply', 'edge1-lon', '--yes');
    expect([refused.code, refused.stdout]).toEqual([1, expect.stringContaining('error Unadopted')]);

    const before = await example.lab.vtysh('edge1-lon', 'show running-config');
    expect((await plumb('adopt', 'edge1-lon')).stderr).toContain('pass --yes in a script');
    expect((await plumb('adopt', 'edge1-lon', '--yes')).code).toBe(0);
    expect(await example.lab.vtysh('edge1-lon', 'show running-config')).toBe(before);
    expect(await verdictsOf('edge1-lon')).toEqual({ 'edge1-lon': 'Pending' });

    const freeze =
      "selector: {matchLabels: {site: lon}}, effect: Freeze, intervals: [{from: '2020-01-01T00:00:00Z', to: '2090-01-01T00:00:00Z'}]";
    writeFileSync(
      join(example.repository, 'freeze.yaml'),
      `apiVersion: plumbline.dev/v1alpha1\nkind: ChangeWindow\nmetadata: {name: fair}\nspec: {${freeze}}\n`,
    );
    const shown = await plumb('plan', 'edge1-lon');
    expect(shown.stderr).toContain('edge1-lon: closed until 2090-01-01T00:00Z: ChangeWindow/fair (freeze.yaml:1) is in force');
    const frozen = await plumb('apply', 'edge1-lon', '--yes');
    expect([frozen.code, frozen.stdout]).toEqual([1, expect.stringContaining('error WindowClosed')]);
    expect(frozen.stdout).toContain('edge1-lon: closed until 2090-01-01T00:00Z: ChangeWindow/fair (freeze.yaml:1) is in force');
    rmSync(join(example.repository, 'freeze.yaml'));

    const unasked = await plumb('apply', 'edge1-lon');
    expect([unasked.code, unasked.stdout]).toEqual([1, expect.stringContaining('error ApprovalRequired')]);
    const applied = await plumb('apply', 'edge1-lon', '--yes');
    expect([applied.code, applied.stdout]).toEqual([0, expect.stringContaining('edge1-lon: Confirmed')]);
    const steps = applied.stderr.split('\n').filter(Boolean);
    expect(steps).toEqual([...new Set(steps)]);
    expect(await describedBy('edge1-lon', '192.0.2.2')).toBe('customer-a-v4');
    expect(await verdictsOf()).toEqual({ 'core1-fra': 'InSync', 'core1-lon': 'InSync', 'edge1-fra': 'InSync', 'edge1-lon': 'InSync' });
  });

  it('an unchanged network causes no write to the store and the same words each time', async () => {
    await plumb('drift');
    const before = rowsOf(example);
    const said = [
      await plumb('drift'),
      await plumb('drift'),
      await plumb('drift', '-o', 'markdown'),
      await plumb('apply', '--yes'),
      await plumb('drift'),
    ];
    expect(said.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
    expect(said[0]).toEqual(said[1]);
    expect(said[4]).toEqual(said[0]);
    expect(said[3]?.stdout).toContain('Nothing to change');
    expect(rowsOf(example)).toEqual(before);
  });

  it('a change by hand is Drifted, explained, and put back; both moved is Diverged and refused', async () => {
    await byHand('edge1-fra', 'router bgp 64500', 'neighbor 192.0.2.0 description by a human');
    expect(await verdictsOf()).toMatchObject({ 'edge1-fra': 'Drifted', 'edge1-lon': 'InSync' });
    const why = await plumb('why', 'edge1-fra');
    expect(why.code).toBe(1);
    for (const words of ['by a human', 'transit-a-v4', 'sessions/external.yaml:', 'plumb apply edge1-fra'])
      expect(why.stdout).toContain(words);

    edit(example, 'sessions/external.yaml', 'relationship: Transit', 'relationship: Transit\n  description: words from Git');
    await commit(example, 'Describe the transit');
    expect(await verdictsOf('edge1-fra')).toEqual({ 'edge1-fra': 'Diverged' });
    const refused = await plumb('apply', 'edge1-fra', '--yes');
    expect([refused.code, refused.stdout]).toEqual([
      1,
      expect.stringMatching(/error Diverged: edge1-fra: .*192\.0\.2\.0[\s\S]*Nothing was applied/),
    ]);
    expect(await describedBy('edge1-fra', '192.0.2.0')).toBe('by a human');

    await git(example, 'revert', '--no-edit', 'HEAD');
    expect((await plumb('apply', 'edge1-fra', '--yes')).code).toBe(0);
    expect(await describedBy('edge1-fra', '192.0.2.0')).toBe('transit-a-v4');
  });

  it('the glass is broken with a reason, past a closed window, and nobody can overlook it afterwards', async () => {
    await byHand('edge1-fra', 'router bgp 64500', 'neighbor 192.0.2.0 description by a human');
    const freeze = "selector: {}, effect: Freeze, intervals: [{from: '2020-01-01T00:00:00Z', to: '2090-01-01T00:00:00Z'}]";
    const file = join(example.repository, 'freeze.yaml');
    writeFileSync(file, `apiVersion: plumbline.dev/v1alpha1\nkind: ChangeWindow\nmetadata: {name: fair}\nspec: {${freeze}}\n`);
    expect((await plumb('apply', 'edge1-fra', '--yes')).stdout).toContain('error WindowClosed');
    for (const wrong of [['--break-glass'], ['--reason', 'x'], ['--break-glass', '--reason', ' '], ['--break-glass', '--reason', 'a\nb']]) {
      const said = await plumb('apply', 'edge1-fra', '--yes', ...wrong);
      expect([said.code === 0, said.stderr]).toEqual([false, expect.stringContaining('belong together')]);
    }
    const reason = 'transit is lost, "epoch":99}';
    const said = await plumb('apply', 'edge1-fra', '--yes', '--break-glass', '--reason', reason);
    expect([said.code, said.stdout]).toEqual([0, expect.stringContaining('The glass is broken')]);
    rmSync(file);
    const receipt = JSON.parse(
      (await example.lab.inside('edge1-fra', ['cat', '/var/lib/plumbline/default/receipt.json'])).stdout,
    ) as unknown;
    expect(receipt).toMatchObject({ glass: { by: expect.stringContaining('@'), reason }, epoch: expect.any(Number) });
    const { stdout } = await plumb('history', 'edge1-fra');
    expect(stdout).toMatch(/BreakGlass.*broke the glass.*transit is lost/);
    expect(await describedBy('edge1-fra', '192.0.2.0')).toBe('transit-a-v4');
  });

  it('an account that is missing for writing is said before anybody is asked', async () => {
    edit(example, 'sessions/external.yaml', 'relationship: Transit', 'relationship: Transit\n  description: words from Git');
    edit(example, 'devices/edge1-fra.yaml', 'name: routers-apply', 'name: nobody');
    const { code, stdout, stderr } = await plumb('apply', 'edge1-fra', '--yes');
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(/error CredentialsMissing: .*nobody\/username has no value[\s\S]*Nothing was applied/),
    ]);
    expect(stderr).not.toContain('arming');
    await git(example, 'checkout', '-q', '.');
  });

  it('Report mode refuses and names the line of policy to change', async () => {
    edit(example, 'reconcile.yaml', 'mode: Approve', 'mode: Report');
    edit(example, 'sessions/external.yaml', 'relationship: Transit', 'relationship: Transit\n  description: words from Git');
    const { code, stdout } = await plumb('apply', 'edge1-fra', '--yes');
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(/error ReportOnly: edge1-fra: policy allows to report only, says reconcile\.yaml:\d+/),
    ]);
    expect(stdout).toContain('mode: Approve');
    await git(example, 'checkout', '-q', '.');
  });

  it('a plan file is applied while its effect is the same, and refused when it is another', async () => {
    edit(example, 'sessions/external.yaml', 'relationship: Transit', 'relationship: Transit\n  description: planned words');
    const file = join(example.lab.facts.dir, 'plan.json');
    expect((await plumb('plan', 'edge1-fra', '--out', file)).code).toBe(1);
    edit(example, 'sessions/external.yaml', 'planned words', 'other words');
    const stale = await plumb('apply', '--plan', file, '--yes');
    expect([stale.code, stale.stdout]).toEqual([1, expect.stringMatching(/error StalePlan: edge1-fra[\s\S]*Nothing was applied/)]);
    edit(example, 'sessions/external.yaml', 'other words', 'planned words');
    const plans = await Promise.all(['json', 'yaml'].map((format) => plumb('plan', 'edge1-fra', '-o', format)));
    const [json, yaml] = [JSON.parse(plans[0]?.stdout ?? ''), parse(plans[1]?.stdout ?? '')] as { plan: { id: string } }[];
    expect(json?.plan.id).toBe(yaml?.plan.id);
    expect((await plumb('apply', '--plan', file, '--yes')).code).toBe(0);
    expect(await describedBy('edge1-fra', '192.0.2.0')).toBe('planned words');
    await commit(example, 'Planned words');
  });

  it('removing more than a little needs a word more', async () => {
    rmSync(join(example.repository, 'sessions/external.yaml'));
    await commit(example, 'No external sessions');
    const { code, stdout } = await plumb('apply', 'edge1-fra', '--yes');
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(/error TooManyRemovals: edge1-fra: [\s\S]*--allow-removals[\s\S]*Nothing was applied/),
    ]);
    await git(example, 'revert', '--no-edit', 'HEAD');
    expect(await verdictsOf('edge1-fra')).toEqual({ 'edge1-fra': 'InSync' });
  });

  it('a router that does not answer is Unknown, and the others are judged', async () => {
    await example.lab.killSshd('core1-lon');
    const { code, stdout } = await plumb('drift', '--timeout', '5');
    await example.lab.startSshd('core1-lon');
    expect(code).toBe(2);
    expect(stdout).toMatch(/^core1-lon +Unknown +Unreachable/m);
    expect(stdout.match(/ InSync /g)).toHaveLength(3);
  });

  it('a management link that is down is Unknown within the time limit', async () => {
    await example.lab.setLink('core1-lon', 'mgmt0', 'down');
    const begun = performance.now();
    const { code, stdout } = await plumb('drift', 'core1-lon', '--timeout', '4');
    await example.lab.setLink('core1-lon', 'mgmt0', 'up');
    expect([code, stdout]).toEqual([2, expect.stringMatching(/Unknown +Unreachable/)]);
    expect(performance.now() - begun).toBeLessThan(15_000);
  });

  it('two routers behind each other’s address are WrongDevice', async () => {
    example.lab.swap('edge1-fra', 'edge1-lon');
    expect(await verdictsOf()).toEqual({
      'core1-fra': 'InSync',
      'core1-lon': 'InSync',
      'edge1-fra': 'WrongDevice',
      'edge1-lon': 'WrongDevice',
    });
    const refused = await plumb('apply', 'edge1-fra', '--yes');
    expect([refused.code, refused.stdout]).toEqual([2, expect.stringContaining('Nothing was applied')]);
    example.lab.swap('edge1-fra', 'edge1-lon');
  });

  it('a dead bgpd is DaemonDown, an empty one DeviceSettling, and neither is drift or changed', async () => {
    await example.lab.killDaemon('core1-lon', 'bgpd');
    expect(await verdictsOf('core1-lon')).toEqual({ 'core1-lon': 'DaemonDown' });
    expect((await plumb('apply', 'core1-lon', '--yes')).code).toBe(2);
    await example.lab.respawnEmpty('core1-lon', 'bgpd');
    expect(await verdictsOf('core1-lon')).toEqual({ 'core1-lon': 'DeviceSettling' });
    expect((await plumb('adopt', 'core1-lon', '--yes')).code).toBe(2);
    await example.lab.loadStartup('core1-lon');
    await until('core1-lon in sync', async () => (await verdictsOf('core1-lon'))['core1-lon'] === 'InSync', 20_000);
    await waitForSessions(example.lab);
  });

  it.each([
    { what: 'Ctrl-C', signals: ['SIGINT'] },
    // The kernel and the shell both say it.
    { what: 'a terminal that goes away', signals: ['SIGHUP', 'SIGHUP'] },
  ] as const)('$what in the middle of an apply rolls back', async ({ signals }) => {
    edit(example, 'sessions/external.yaml', 'planned words', 'interrupted words');
    const child = spawn(plumbPath, ['apply', 'edge1-fra', '--yes'], {
      cwd: example.repository,
      env: environmentOf(example),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (text.includes('reading back')) for (const signal of signals) child.kill(signal);
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    const code = await new Promise((resolve) => child.on('close', resolve));
    everySaid.push(said);
    expect([code, said]).toEqual([1, expect.stringContaining('edge1-fra: RolledBack')]);
    expect(await describedBy('edge1-fra', '192.0.2.0')).toBe('planned words');
    await git(example, 'checkout', '-q', '.');
    expect(await verdictsOf('edge1-fra')).toEqual({ 'edge1-fra': 'InSync' });
  });

  it('of two applies at one router at once one is carried out and the other refused, naming who holds it', async () => {
    edit(example, 'sessions/external.yaml', 'planned words', 'words of the first');
    const first = spawn(plumbPath, ['apply', 'edge1-fra', '--yes'], {
      cwd: example.repository,
      env: environmentOf(example),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = new Promise((resolve) => first.on('close', resolve));
    let said = '';
    first.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    await until('the first is armed', () => said.includes('sending the commands'));
    const [same, other] = await Promise.all([
      plumb('apply', 'edge1-fra', '--yes'),
      runPlumb(example, ['apply', 'edge1-fra', '--yes', '--store', join(example.lab.facts.dir, 'another-store')]),
    ]);
    expect(await ended).toBe(0);
    for (const { code, stdout, stderr } of [same, other]) {
      expect(code).toBe(2);
      expect(`${stdout}${stderr}`).toMatch(/change plan-\S+ by \S+.* is not finished/);
      expect(stdout).not.toContain('Confirmed');
    }
    expect(await describedBy('edge1-fra', '192.0.2.0')).toBe('words of the first');
    await commit(example, 'Words of the first');
  });

  it('a password is not rotated at one end while the other end cannot be read', async () => {
    writeSecret(example, 'ibgp-cores', 'password', newPassword, 'bgp-password for role=core');
    await example.lab.killSshd('core1-lon');
    const { code, stdout } = await plumb('apply', 'core1-fra', '--yes', '--timeout', '8');
    await example.lab.startSshd('core1-lon');
    expect([code, stdout]).toEqual([2, expect.stringMatching(/error PeerUnknown: core1-fra: [\s\S]*Nothing was applied/)]);
    expect(await example.lab.vtysh('core1-fra', 'show running-config')).toContain(corePassword);
  });

  it('a password is rotated at both ends when only one is named, after traffic was led away, and is nowhere to be seen', async () => {
    const spec = [
      'selector: {matchLabels: {role: core}}',
      'mode: Approve',
      'drain: {scope: Session, waitSeconds: 30, leftPrefixes: 100}',
      "probes: {pings: [{to: 10.0.1.0}], commands: [{command: show bgp summary, expect: '64500'}]}",
    ];
    writeFileSync(
      join(example.repository, 'cores.yaml'),
      [
        'apiVersion: plumbline.dev/v1alpha1',
        'kind: ReconcilePolicy',
        'metadata: {name: cores}',
        'spec:',
        ...spec.map((line) => `  ${line}`),
        '',
      ].join('\n'),
    );
    let processes = '';
    const watching = new AbortController();
    const watch = (async () => {
      while (!watching.signal.aborted) processes += (await tryRun(['ps', '-eo', 'args'])).stdout;
    })();
    const { code, stdout, stderr } = await plumb('apply', 'core1-fra', '--yes');
    watching.abort();
    await watch;
    expect(stdout).toContain('leads traffic away first');
    expect(stderr).toMatch(/leading traffic away[\s\S]*until traffic has left[\s\S]*sending[\s\S]*leading traffic back[\s\S]*confirming/);
    expect([code, stdout]).toEqual([0, expect.stringContaining('core1-fra + core1-lon: Confirmed')]);
    await waitForSessions(example.lab);
    for (const router of ['core1-fra', 'core1-lon']) expect(await example.lab.vtysh(router, 'show running-config')).toContain(newPassword);
    expect(await verdictsOf('-l', 'role=core')).toEqual({ 'core1-fra': 'InSync', 'core1-lon': 'InSync' });
    expect(findValues([processes])).toEqual([]);
  });

  it('no value of a secret stands in any output, store, plan file or receipt', async () => {
    writeFileSync(join(example.lab.facts.dir, 'plan.json'), (await plumb('plan', '-o', 'json')).stdout);
    const files = [...filesBelow(example.store), ...filesBelow(example.repository), join(example.lab.facts.dir, 'plan.json')];
    expect(files.length).toBeGreaterThan(3);
    expect(findValues(files.map((path) => readFileSync(path, 'latin1')))).toEqual([]);
    expect(findValues(everySaid)).toEqual([]);
    for (const router of ['core1-fra', 'core1-lon']) {
      const { stdout } = await example.lab.inside(router, [
        'sh',
        '-c',
        'cat /var/lib/plumbline/receipt.json; find /var/lib/plumbline -type f -perm /044 -exec cat {} +',
      ]);
      expect(stdout).toContain('effectDigest');
      expect(findValues([stdout])).toEqual([]);
    }
  });
});

function environmentOf(example: Example): NodeJS.ProcessEnv {
  return { ...process.env, PLUMB_STORE: example.store, PLUMB_SECRETS: example.secrets, NO_COLOR: '1' };
}

/** Every row of the store, with the version that each write raises. */
function rowsOf({ store }: Example): Record<string, string[]> {
  const file = readdirSync(store).find((name) => name.endsWith('.db') || name.endsWith('.sqlite'));
  const database = new DatabaseSync(join(store, file ?? 'missing'), { readOnly: true });
  try {
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").all() as { name: string }[];
    return Object.fromEntries(
      tables.map(({ name }) => [
        name,
        database
          .prepare(`SELECT * FROM "${name}"`)
          .all()
          .map((row) => sha256(inspect(row, { maxArrayLength: null }))),
      ]),
    );
  } finally {
    database.close();
  }
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function findValues(texts: readonly string[]): string[] {
  return [corePassword, newPassword].filter((value) => texts.some((text) => text.includes(value)));
}
