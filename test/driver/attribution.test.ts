import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Attribution, Driver } from '../../controller/drivers/index.ts';
import type { Lab } from '../lab/frr.ts';
import { run, until } from '../lab/shell.ts';
import { applyRequest, armRequest, createDriver, limit, receipt, skipped, targetOf, upLab } from './setup.ts';

describe.skipIf(skipped !== undefined)('who changed a real router', () => {
  let lab: Lab;
  let driver: Driver;
  let since: Date;

  beforeAll(async () => {
    lab = await upLab('att');
    driver = createDriver();
    // The router's own /var/log, with a wtmp that sshd writes to.
    await inside('mount -t tmpfs none /var/log && mkdir /var/log/frr && chown frr:frr /var/log/frr && touch /var/log/wtmp');
  });
  afterEach(async () => {
    await inside('rm -f /var/log/auth.log /var/log/frr/*; : > /var/log/wtmp');
  });
  afterAll(async () => {
    await driver?.close();
    await lab?.down();
  });

  const inside = async (script: string) => {
    const { rc, stderr } = await lab.inside('r1', ['sh', '-c', script]);
    if (rc !== 0) throw new Error(stderr);
  };
  const configure = (...lines: string[]) => lab.vtysh('r1', 'configure terminal', ...lines);
  /** Logs count in seconds: what was before lies in an earlier one, with the slack that a login is given. */
  const watch = async () => {
    const start = Math.floor(Date.now() / 1000);
    await until('another second', () => Math.floor(Date.now() / 1000) > start + 2);
    since = new Date();
  };
  const keepLog = () => configure('log file /var/log/frr/frr.log', 'log commands');
  const keepNoLog = () => configure('no log commands', 'no log file');
  /** A person over ssh, with a terminal or without. */
  const asPerson = async (command: string, terminal = false) => {
    const { users, dir } = lab.facts;
    const options = ['-o', 'StrictHostKeyChecking=no', '-o', `UserKnownHostsFile=${dir}/known`, '-o', 'LogLevel=ERROR'];
    const to = ['-i', users.human.key, '-p', String(lab.router('r1').port), `${users.human.user}@127.0.0.1`];
    await run(['ssh', ...(terminal ? ['-tt'] : []), ...options, ...to, command]);
  };
  /** sshd's own words, with the head that syslog puts before them. The lab's sshd writes to a file of its own. */
  const keepLogins = async (mode: string) => {
    const words = readFileSync(join(lab.router('r1').dir, 'sshd.log'), 'utf8').split('\n');
    const lines = words
      .filter((line) => line.includes('plumb-human'))
      .map((line) => `${new Date().toISOString().replace('Z', '+00:00')} r1 sshd[7]: ${line}`);
    await lab.inside('r1', [
      'sh',
      '-c',
      `printf '%s\\n' "$1" > /var/log/auth.log; chown root:adm /var/log/auth.log; chmod ${mode} /var/log/auth.log`,
      'sh',
      lines.join('\n'),
    ]);
  };
  const ask = async (): Promise<Attribution> => {
    const read = await driver.observe(targetOf(lab, 'r1'), {}, limit());
    const config = read.state === 'Read' ? read.config : '';
    const said = await driver.attribute?.(targetOf(lab, 'r1'), { since, config }, limit());
    if (!said) throw new Error('the driver tells nothing');
    return said;
  };

  test('is told by command log and login together, and no secret with it', async () => {
    await keepLog();
    await watch();
    await asPerson(
      "vtysh -c 'configure terminal' -c 'router bgp 64501' -c 'neighbor 10.0.1.2 timers 2 6' -c 'neighbor 10.0.1.2 password hunter2'",
    );
    await keepLogins('644');
    const said = await ask();
    expect(said.candidates[0]).toMatchObject({
      who: 'plumb-human',
      how: 'command log',
      what: 'router bgp 64501; neighbor 10.0.1.2 timers 2 6; neighbor 10.0.1.2 password …',
    });
    expect(said.candidates).toHaveLength(1);
    expect(JSON.stringify(said)).not.toMatch(/hunter2|first-Secret/);
    expect(said.gaps).toEqual([]);
  });

  test('is nobody over ssh when it was typed at the console, and a gap says which log is closed to the observer', async () => {
    await keepLog();
    await watch();
    await configure('router bgp 64501', 'neighbor 10.0.1.2 description at the console');
    await keepLogins('640');
    const said = await ask();
    expect(said.candidates).toMatchObject([{ who: expect.stringContaining('unknown'), how: 'command log' }]);
    expect(said.gaps).toEqual([expect.stringContaining('logins cannot be read'), '/var/log/auth.log is not readable for the observer']);
  });

  test('is told by the login of a terminal and by who saved, where FRR keeps no log', async () => {
    await keepNoLog();
    await watch();
    await asPerson("vtysh -c 'configure terminal' -c 'router bgp 64501' -c 'no neighbor 10.0.1.2 description' ; vtysh -c write", true);
    const said = await ask();
    expect(said.candidates).toMatchObject([{ who: 'plumb-human', how: 'startup config' }]);
    await lab.inside('r1', ['sh', '-c', 'chown frr:frrvty /etc/frr/frr.conf']);
    expect((await ask()).candidates).toMatchObject([{ who: 'plumb-human', how: 'login', what: 'from 10.255.0.254' }]);
    expect(said.gaps).toContain('FRR does not note commands: `log commands`');
  });

  test('is Plumbline when it was', async () => {
    await lab.vtysh('r1', 'write');
    await watch();
    const request = armRequest({ holder: 'plumb@ops pid 7' });
    const target = targetOf(lab, 'r1');
    await driver.arm(target, request, limit());
    await driver.apply(target, applyRequest(request), limit());
    await driver.confirm(target, { ...request, receipt: receipt() }, limit());
    const { candidates } = await ask();
    expect(candidates).toMatchObject([{ who: 'plumb@ops pid 7', how: 'plumbline', what: `change ${request.token}: persisted` }]);
  });

  test('is not known when the router keeps nothing, or does not answer: a gap, not a failure', async () => {
    await watch();
    expect(await ask()).toMatchObject({ candidates: [], gaps: expect.arrayContaining([expect.stringContaining('logins')]) });
    const dark = await driver.attribute?.(targetOf(lab, 'r1', { address: '127.0.0.1', port: 1 }), { since }, limit());
    expect(dark).toMatchObject({ candidates: [], gaps: [expect.stringContaining('does not answer')] });
  });
});
