import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Driver, SshTarget } from '../../controller/drivers/index.ts';
import type { Lab } from '../lab/frr.ts';
import { isOrdinaryUser } from '../lab/people.ts';
import { isAlive, until } from '../lab/shell.ts';
import {
  applyRequest,
  armRequest,
  bgp,
  createDriver,
  findProcesses,
  limit,
  newToken,
  receipt,
  secret,
  skipped,
  slowChange,
  targetOf,
  tokenOf,
  upLab,
} from './setup.ts';

const statusOf = async (driver: Driver, target: SshTarget, token: string) => {
  const status = await driver.status(target, token, limit());
  return status.outcome === 'Status' ? status : undefined;
};

describe.skipIf(skipped !== undefined)('the guard on a real router', () => {
  let lab: Lab;
  let driver: Driver;
  let target: SshTarget;
  let clean: string;

  beforeAll(async () => {
    lab = await upLab('grd');
    driver = createDriver();
    target = targetOf(lab, 'r1');
    clean = await running();
  });

  afterEach(async () => {
    // Whatever a test did to it, the router is what it was.
    await until('the router as it was', async () => (await running()) === clean, 20_000);
  });

  afterAll(async () => {
    await driver?.close();
    await lab?.down();
  });

  const running = () => lab.vtysh('r1', 'show running-config no-header');
  const onePrefix = [{ path: [], text: 'ip prefix-list SLOW seq 5 permit any' }];

  const find = (word: string) => findProcesses(lab, 'r1', word);

  /** Confirmed and in effect, and the startup config could not be written. */
  const confirmUnsaved = async () => {
    const request = armRequest({ epoch: 6, rollback: slowChange.rollback });
    await driver.arm(target, request, limit());
    await driver.apply(target, applyRequest(request, onePrefix), limit());
    await lab.inside('r1', ['sh', '-c', 'chmod 550 /etc/frr; chown root:frrvty /etc/frr/frr.conf; chmod 440 /etc/frr/frr.conf']);
    expect(await driver.confirm(target, { ...request, receipt: receipt(6) }, limit())).toMatchObject({
      outcome: 'Confirmed',
      persisted: false,
      error: { code: 'NotPersisted' },
    });
    await lab.inside('r1', ['chmod', '2770', '/etc/frr']);
    return request;
  };
  const removePrefix = async () => {
    await lab.byHand('r1', 'configure terminal', 'no ip prefix-list SLOW');
    await lab.vtysh('r1', 'write');
  };

  test('refuses a second change and names the holder of the first', async () => {
    const first = armRequest({ holder: "somebody's controller" });
    expect(await driver.arm(target, first, limit())).toMatchObject({ outcome: 'Armed' });
    const second = await driver.arm(target, armRequest(), limit());
    expect(second).toMatchObject({
      outcome: 'Refused',
      error: { code: 'Locked', message: expect.stringContaining("armed somebody's controller") },
    });
    expect(await driver.rollback(target, first, limit())).toMatchObject({ outcome: 'RolledBack' });
    expect(await statusOf(driver, target, first.token)).toMatchObject({ state: 'restored', guardAlive: false });
  });

  test('refuses an older epoch at every step', async () => {
    const request = armRequest({ epoch: 5 });
    await driver.arm(target, request, limit());
    const stale = { ...request, epoch: 4 };
    const refusal = { outcome: 'Refused', error: { code: 'StaleEpoch' } };
    expect(await driver.apply(target, applyRequest(stale), limit())).toMatchObject(refusal);
    expect(await driver.confirm(target, { ...stale, receipt: receipt() }, limit())).toMatchObject(refusal);
    expect(await driver.rollback(target, stale, limit())).toMatchObject(refusal);
    expect(await driver.rollback(target, { ...request, epoch: 6 }, limit())).toMatchObject({ outcome: 'RolledBack' });
    expect(await driver.arm(target, armRequest({ epoch: 5 }), limit())).toMatchObject(refusal);
    expect(await statusOf(driver, target, request.token)).toMatchObject({ epoch: 6 });
  });

  test('does not begin when the config is not the planned one, and leaves no lock behind', async () => {
    let seen = '';
    const request = armRequest({
      epoch: 6,
      isAsPlanned: (config) => {
        seen = config;
        return false;
      },
    });
    expect(await driver.arm(target, request, limit())).toMatchObject({ outcome: 'Refused', error: { code: 'ConcurrentChange' } });
    expect(seen).toContain('<secret:hmac-');
    expect(await statusOf(driver, target, request.token)).toMatchObject({ state: 'none', guardAlive: false });
  });

  test('refuses to apply after a person changed something since it was armed', async () => {
    const request = armRequest({ epoch: 6 });
    await driver.arm(target, request, limit());
    await lab.byHand('r1', 'configure terminal', 'ip prefix-list HAND seq 5 permit any');
    expect(await driver.apply(target, applyRequest(request), limit())).toMatchObject({
      outcome: 'Refused',
      error: { code: 'ConcurrentChange' },
    });
    expect(await driver.rollback(target, request, limit())).toMatchObject({ outcome: 'RolledBack' });
    expect(await running()).toContain('HAND');
    await lab.byHand('r1', 'configure terminal', 'no ip prefix-list HAND');
  });

  test('does not begin on unsaved changes unless told to', async () => {
    await lab.byHand('r1', 'configure terminal', 'ip prefix-list HAND seq 5 permit any');
    expect(await driver.arm(target, armRequest({ epoch: 6 }), limit())).toMatchObject({
      outcome: 'Refused',
      error: { code: 'Unsaved', message: expect.stringContaining('+ip prefix-list HAND seq 5 permit any') },
    });
    const told = armRequest({ epoch: 6, unsaved: 'accept' });
    expect(await driver.arm(target, told, limit())).toMatchObject({ outcome: 'Armed' });
    await driver.rollback(target, told, limit());
    await lab.byHand('r1', 'configure terminal', 'no ip prefix-list HAND');
  });

  test('does not begin on a full disk', async () => {
    await lab.fillDisk('r1');
    const request = armRequest({ epoch: 6 });
    expect(await driver.arm(target, request, limit())).toMatchObject({ outcome: 'Refused', error: { code: 'TargetDisk' } });
    await lab.freeDisk('r1');
    expect(await statusOf(driver, target, request.token)).toMatchObject({ state: 'none' });
  });

  test('on a disk that fills up after arming refuses the commands, or restores', async () => {
    const request = armRequest({ epoch: 6, deadlineMs: 5_000, rollback: slowChange.rollback });
    await driver.arm(target, request, limit());
    await lab.fillDisk('r1');
    expect(await driver.apply(target, applyRequest(request, slowChange.commands), limit())).toMatchObject({
      outcome: 'Refused',
      error: { code: 'TargetDisk' },
    });
    await until('the dead-man', async () => (await statusOf(driver, target, request.token))?.state === 'restored');
    await lab.freeDisk('r1');
  });

  test('restores after the controller was killed in mid-apply', async () => {
    const token = newToken();
    const { address, port, hostKeys, apply } = target;
    const child = spawn(process.execPath, [fileURLToPath(new URL('child.ts', import.meta.url))], {
      env: {
        ...process.env,
        PLUMB_TEST_TARGET: JSON.stringify({ device: 'r1', address, port, hostKeys, user: apply?.user, key: apply?.privateKey?.reveal() }),
        PLUMB_TEST_TOKEN: token,
      },
      stdio: 'ignore',
    });
    await until('the middle of the apply', async () => (await running()).includes('prefix-list SLOW seq 100 '));
    child.kill('SIGKILL');
    expect(['applying', 'applied']).toContain((await statusOf(driver, target, token))?.state);
    await until('the dead-man', async () => (await statusOf(driver, target, token))?.state === 'restored', 30_000);
  });

  test('restores after sshd was killed in mid-apply; the caller was told that the outcome is lost', async () => {
    const request = armRequest({ epoch: 6, deadlineMs: 6_000, rollback: slowChange.rollback });
    await driver.arm(target, request, limit());
    const applying = driver.apply(target, applyRequest(request, slowChange.commands), limit());
    await until('the middle of the apply', async () => (await running()).includes('prefix-list SLOW seq 100 '));
    await lab.killSshd('r1');
    expect(await applying).toMatchObject({ outcome: 'Lost', error: { code: 'ConnectionLost' } });
    expect(await driver.status(target, request.token, limit())).toMatchObject({ outcome: 'Refused', error: { code: 'Unreachable' } });
    await until('the dead-man', async () => (await running()) === clean, 30_000);
    await lab.startSshd('r1');
    await until('its word', async () => (await statusOf(driver, target, request.token))?.state === 'restored');
  });

  test('restores a change that cut its own management', async () => {
    const request = armRequest({ epoch: 6, deadlineMs: 4_000, rollback: [{ path: ['interface mgmt0'], text: 'no shutdown' }] });
    await driver.arm(target, request, limit());
    const cut = await driver.apply(target, applyRequest(request, [{ path: ['interface mgmt0'], text: 'shutdown' }]), limit(3_000));
    expect(['Lost', 'Applied']).toContain(cut.outcome);
    expect(await driver.probe(target, limit(1_000))).toMatchObject({ outcome: 'NotReached', error: { code: 'Unreachable' } });
    await until('the dead-man', async () => (await driver.probe(target, limit(2_000))).outcome === 'Probed', 20_000);
    await until('its word', async () => (await statusOf(driver, target, request.token))?.state === 'restored');
  });

  test('restores when the link was cut in mid-change and nobody can ask', async () => {
    const request = armRequest({ epoch: 6, deadlineMs: 3_000, rollback: slowChange.rollback });
    await driver.arm(target, request, limit());
    await driver.apply(target, applyRequest(request, [{ path: [], text: 'ip prefix-list SLOW seq 5 permit any' }]), limit());
    await lab.setLink('r1', 'mgmt0', 'down');
    expect(await driver.confirm(target, { ...request, receipt: receipt(6) }, limit(2_000))).toMatchObject({
      outcome: 'Refused',
      error: { code: 'Unreachable' },
    });
    await until('the dead-man', async () => (await running()) === clean, 20_000);
    await lab.setLink('r1', 'mgmt0', 'up');
    await until('its word', async () => (await statusOf(driver, target, request.token))?.state === 'restored');
  });

  test('survives bgpd dying in mid-change and says what is left', async () => {
    const request = armRequest({ epoch: 6, rollback: [bgp('no neighbor 10.0.1.2 description')] });
    await driver.arm(target, request, limit());
    await lab.killDaemon('r1', 'bgpd');
    const commands = [bgp('neighbor 10.0.1.2 description changed')];
    expect(await driver.apply(target, applyRequest(request, commands), limit())).toMatchObject({
      outcome: 'Refused',
      error: { code: 'ConcurrentChange' },
    });
    await lab.respawnEmpty('r1', 'bgpd');
    await lab.loadStartup('r1');
    expect(await driver.rollback(target, request, limit())).toMatchObject({ outcome: 'RolledBack' });
  });

  test('says that the router restarted, when it did so in mid-change', async () => {
    const request = armRequest({ epoch: 6, rollback: slowChange.rollback });
    await driver.arm(target, request, limit());
    await driver.apply(target, applyRequest(request, [{ path: [], text: 'ip prefix-list SLOW seq 5 permit any' }]), limit());
    await lab.reboot('r1');
    expect(await statusOf(driver, target, request.token)).toMatchObject({ state: 'restored', rebooted: true, guardAlive: false });
    expect(await driver.confirm(target, { ...request, receipt: receipt() }, limit())).toMatchObject({
      outcome: 'TooLate',
      status: { state: 'restored', rebooted: true },
    });
    expect(await driver.rollback(target, request, limit())).toEqual({ outcome: 'RolledBack', rebooted: true });
  });

  test('that was killed after its decision and before it saved is started again by whoever asks for the end', async () => {
    const request = await confirmUnsaved();
    await lab.inside('r1', ['sh', '-c', `echo confirmed > /var/lib/plumbline/default/changes/${request.token}/state`]);
    expect(await driver.rollback(target, request, limit())).toMatchObject({
      outcome: 'TooLate',
      status: { state: 'confirmed', persisted: true },
    });
    expect(lab.startupConfig('r1')).toContain('SLOW');
    await removePrefix();
  });

  test('ends the commands of an apply that hangs before it says that it restored', async () => {
    const request = armRequest({ epoch: 6, rollback: slowChange.rollback });
    await driver.arm(target, request, limit());
    const applying = driver.apply(target, applyRequest(request, slowChange.commands), limit());
    await until('the middle of the apply', async () => (await running()).includes('prefix-list SLOW seq 50 '));
    const hung = await until('vtysh', async () => {
      const pids = await find('SLOW seq');
      return pids.length > 0 ? pids : undefined;
    });
    for (const pid of hung) process.kill(pid, 'SIGSTOP');
    expect(await driver.rollback(target, request, limit(90_000))).toEqual({ outcome: 'RolledBack', rebooted: false });
    expect(hung.filter(isAlive)).toEqual([]);
    expect(await applying).toMatchObject({ outcome: 'Lost' });
  }, 90_000);

  test('does not save the old configuration as the confirmed one after a reboot in between', async () => {
    const request = await confirmUnsaved();
    const before = await driver.observe(target, {}, limit());
    await lab.reboot('r1');
    expect(await driver.confirm({ ...target, settleSeconds: 3_600 }, { ...request, receipt: receipt(6) }, limit())).toMatchObject({
      outcome: 'Refused',
      error: { code: 'DeviceSettling' },
    });
    expect(await driver.confirm(target, { ...request, receipt: receipt(6) }, limit())).toMatchObject({
      outcome: 'TooLate',
      status: { state: 'restored', rebooted: true },
    });
    const after = await driver.observe(target, {}, limit());
    expect('receipt' in after && after.receipt).toEqual('receipt' in before && before.receipt);
  });

  test('saves what was confirmed when it came up again after a reboot', async () => {
    const request = await confirmUnsaved();
    await lab.vtysh('r1', 'write');
    await lab.reboot('r1');
    expect(await driver.confirm(target, { ...request, receipt: receipt(6) }, limit())).toEqual({ outcome: 'Confirmed', persisted: true });
    await removePrefix();
  });

  test('holds nobody up when the router came up with neither the old nor the new configuration', async () => {
    await lab.byHand('r1', 'configure terminal', 'ip prefix-list HAND seq 5 permit any');
    const request = armRequest({ epoch: 6, rollback: slowChange.rollback, unsaved: 'accept' });
    await driver.arm(target, request, limit());
    await driver.apply(target, applyRequest(request, onePrefix), limit());
    await lab.reboot('r1');
    expect(await driver.status({ ...target, settleSeconds: 3_600 }, request.token, limit())).toMatchObject({
      outcome: 'Refused',
      error: { code: 'DeviceSettling' },
    });
    expect(await statusOf(driver, target, request.token)).toMatchObject({ state: 'restore-failed', rebooted: true, rest: 1 });
    const next = armRequest({ epoch: 6 });
    expect(await driver.arm(target, next, limit())).toMatchObject({ outcome: 'Armed' });
    expect(await driver.rollback(target, next, limit())).toMatchObject({ outcome: 'RolledBack' });
  });

  test('tells the observer the end of a change also when it died between its two last words', async () => {
    const request = armRequest({ epoch: 6 });
    await driver.arm(target, request, limit());
    await driver.rollback(target, request, limit());
    await lab.inside('r1', ['sed', '-i', 's/ restored / restoring /', '/var/lib/plumbline/default/current']);
    await statusOf(driver, target, request.token);
    expect(await driver.observe(target, {}, limit())).toMatchObject({ lastChange: { token: request.token, state: 'restored' } });
  });

  test('forgets a change whose folder somebody removed', async () => {
    const request = armRequest({ epoch: 6 });
    await driver.arm(target, request, limit());
    await driver.rollback(target, request, limit());
    const home = '/var/lib/plumbline/default';
    await lab.inside('r1', ['sh', '-c', `sed -i 's/ restored / applied /' ${home}/current; rm -r ${home}/changes/${request.token}`]);
    expect(await driver.observe(target, {}, limit())).toMatchObject({ lastChange: { state: 'applied' } });
    expect(await statusOf(driver, target, request.token)).toMatchObject({ state: 'none' });
    expect(await driver.observe(target, {}, limit())).not.toHaveProperty('lastChange');
  });

  test('takes the epoch of the last receipt for one that a power loss left empty', async () => {
    const confirmed = await confirmUnsaved();
    expect(await driver.confirm(target, { ...confirmed, receipt: receipt(6) }, limit())).toEqual({ outcome: 'Confirmed', persisted: true });
    await removePrefix();
    await lab.inside('r1', ['sh', '-c', ': > /var/lib/plumbline/default/epoch']);
    expect(await driver.arm(target, armRequest({ epoch: 5 }), limit())).toMatchObject({
      outcome: 'Refused',
      error: { code: 'StaleEpoch' },
    });
    const request = armRequest({ epoch: 6 });
    expect(await driver.arm(target, request, limit())).toMatchObject({ outcome: 'Armed' });
    expect(await driver.rollback(target, request, limit())).toMatchObject({ outcome: 'RolledBack' });
  });

  test('sends a line again whose value only the router knows, and no other line with that value', async () => {
    const held = tokenOf('first-Secret');
    const request = armRequest({ epoch: 6, reveal: () => undefined });
    const armed = await driver.arm(target, request, limit());
    const revealHeld = armed.outcome === 'Armed' ? armed.revealHeld : undefined;
    const send = (text: string) =>
      driver.apply(target, { ...applyRequest(request, [bgp(text)]), reveal: () => undefined, ...(revealHeld && { revealHeld }) }, limit());
    expect(await send(`neighbor 10.0.1.77 password ${held}`)).toMatchObject({ outcome: 'Refused', error: { code: 'SecretMissing' } });
    expect(await send(`neighbor 10.0.1.2 password ${held}`)).toEqual({ outcome: 'Applied' });
    expect(await driver.rollback(target, request, limit())).toMatchObject({ outcome: 'RolledBack' });
  });

  test('lets one of several that arm at once begin', async () => {
    const requests = [1, 2, 3].map(() => armRequest({ epoch: 6 }));
    const outcomes = await Promise.all(requests.map((request) => driver.arm(target, request, limit())));
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['Armed', 'Refused', 'Refused']);
    const winner = requests[outcomes.findIndex(({ outcome }) => outcome === 'Armed')];
    expect(winner && (await driver.rollback(target, winner, limit()))).toMatchObject({ outcome: 'RolledBack' });
  });

  test('stops an apply that runs and restores, when it is asked to roll back', async () => {
    const request = armRequest({ epoch: 6, rollback: slowChange.rollback });
    await driver.arm(target, request, limit());
    const applying = driver.apply(target, applyRequest(request, slowChange.commands), limit());
    await until('the middle of the apply', async () => (await running()).includes('prefix-list SLOW seq 50 '));
    expect(await driver.rollback(target, request, limit())).toEqual({ outcome: 'RolledBack', rebooted: false });
    expect(await applying).toMatchObject({ outcome: 'Lost', error: { message: expect.stringContaining('ended on the device') } });
    expect(await running()).toBe(clean);
  });

  test('says which daemon died in mid-apply, and what the rollback could not restore', async () => {
    const request = armRequest({ epoch: 6, rollback: [...slowChange.rollback, bgp('no neighbor 10.0.1.2 description')] });
    await driver.arm(target, request, limit());
    const applying = driver.apply(
      target,
      applyRequest(request, [...slowChange.commands, bgp('neighbor 10.0.1.2 description changed')]),
      limit(),
    );
    await until('the middle of the apply', async () => (await running()).includes('prefix-list SLOW seq 50 '));
    await lab.killDaemon('r1', 'bgpd');
    expect(await applying).toMatchObject({ outcome: 'Rejected', message: expect.stringMatching(/bgpd/) });
    const rolledBack = await driver.rollback(target, request, limit());
    expect(rolledBack).toMatchObject({ outcome: 'RollbackIncomplete', rest: expect.arrayContaining(['-router bgp 64501']) });
    expect(JSON.stringify(rolledBack)).not.toContain('first-Secret');
    expect(await statusOf(driver, target, request.token)).toMatchObject({ state: 'restore-failed', guardAlive: false });
    await lab.respawnEmpty('r1', 'bgpd');
    await lab.loadStartup('r1');
    expect(await driver.rollback(target, request, limit())).toEqual({ outcome: 'RolledBack', rebooted: false });
  });

  test('keeps a change that was confirmed when the startup config cannot be written, and saves it at the next confirm', async () => {
    const request = await confirmUnsaved();
    expect(await statusOf(driver, target, request.token)).toMatchObject({ state: 'confirmed', persisted: false });
    expect(await driver.confirm(target, { ...request, receipt: receipt(6) }, limit())).toEqual({ outcome: 'Confirmed', persisted: true });
    expect(lab.startupConfig('r1')).toContain('SLOW');
    await removePrefix();
  });

  test.each(['neighbor 10.0.1.2 description a\nno router bgp 64501', 'description \u2028', 'a\rb', 'tab\there'])(
    'a command %j is refused before it is sent',
    async (text) => {
      const refusal = { outcome: 'Refused', error: { code: 'UnsafeCommand' } };
      expect(await driver.arm(target, armRequest({ epoch: 6, rollback: [bgp(text)] }), limit())).toMatchObject(refusal);
      expect(await driver.apply(target, applyRequest(armRequest(), [bgp(text)]), limit())).toMatchObject(refusal);
    },
  );

  test('a secret without a value is refused before anything is sent', async () => {
    const commands = [bgp('neighbor 10.0.1.2 password <secret:unset-a/b>')];
    expect(await driver.apply(target, applyRequest(armRequest(), commands), limit())).toMatchObject({
      outcome: 'Refused',
      error: { code: 'SecretMissing' },
    });
    const old = `<secret:hmac-${'0'.repeat(32)}>`;
    const request = armRequest({ epoch: 6, rollback: [bgp(`neighbor 10.0.1.2 password ${old}`)] });
    expect(await driver.arm(target, request, limit())).toMatchObject({ outcome: 'Refused', error: { code: 'SecretMissing' } });
  });

  test('keeps secrets out of arguments, answers, the log of vtysh and what it leaves behind', async () => {
    const seen = new Set<string>();
    const folder = (await lab.inside('r1', ['sh', '-c', 'echo /var/lib/plumbline/default/changes'])).stdout.trim();
    // A token of what the device holds now needs nobody to know the value.
    const old = secret('first-Secret');
    const request = armRequest({ epoch: 6, rollback: [bgp(`neighbor 10.0.1.2 password ${old}`)], reveal: () => undefined });
    expect(await driver.arm(target, request, limit())).toMatchObject({
      outcome: 'Armed',
    });
    const owner = isOrdinaryUser ? 'root' : 'plumb-apply';
    const modes = await lab.inside('r1', [
      'sh',
      '-c',
      `stat -c '%a %U %n' ${folder}/${request.token} ${folder}/${request.token}/rollback ${folder}/${request.token}/backup`,
    ]);
    expect(modes.stdout.replaceAll(`${folder}/${request.token}`, '')).toBe(`700 ${owner} \n600 ${owner} /rollback\n600 ${owner} /backup\n`);
    const looking = new AbortController();
    const watch = (async () => {
      while (!looking.signal.aborted) {
        const { stdout } = await lab.inside('r1', [
          'sh',
          '-c',
          'cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr "\\0" "\\n" | grep -a -e Secret -e second-',
        ]);
        for (const line of stdout.split('\n')) if (line !== '' && !line.startsWith('cat ') && !line.includes('grep')) seen.add(line);
      }
    })();
    const commands = [
      bgp(`neighbor 10.0.1.2 password ${secret('second-Value')}`),
      bgp('neighbor 10.0.1.77 password x'),
      bgp(`neighbor 10.0.1.2 passwort ${secret('second-Value')}`),
    ];
    const rejected = await driver.apply(target, applyRequest(request, [commands[0] ?? bgp(''), commands[2] ?? bgp('')]), limit());
    expect(rejected).toMatchObject({ outcome: 'Rejected', index: 1, message: expect.stringContaining('Unknown command') });
    expect(await driver.status(target, request.token, limit())).toMatchObject({ state: 'rejected' });
    expect(await running()).toContain('password second-Value');
    expect(await driver.rollback(target, request, limit())).toMatchObject({ outcome: 'RolledBack' });
    looking.abort();
    await watch;
    expect([...seen].filter((line) => line !== '-e' && line !== 'Secret' && line !== 'second-')).toEqual([]);
    expect(JSON.stringify(rejected)).not.toContain('second-Value');
    const left = await lab.inside('r1', [
      'grep',
      '-rl',
      '-e',
      'second-Value',
      '/var/lib/plumbline',
      `${lab.router('r1').dir}/vtysh-plumb-apply.log`,
    ]);
    expect(left.stdout).toBe('');
    const words = await lab.inside('r1', ['cat', `${lab.router('r1').dir}/vtysh-plumb-apply.log`]);
    expect(words.stdout).not.toMatch(/Secret|second-/);
  });
});
