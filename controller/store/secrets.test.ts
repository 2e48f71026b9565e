import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keyed, request, versionKey } from '../../test/builders/secret-request.ts';
import type { Secret } from '../lib/index.ts';
import { readRules, refuseUse } from './secret-rules.ts';
import { openSecrets } from './secrets.ts';

describe('rules of use', () => {
  it.each([
    { rule: 'bgp-password for edge1-fra', allows: true },
    { rule: 'bgp-password for edge*', allows: true },
    { rule: 'bgp-password for *-fra', allows: true },
    { rule: 'bgp-password for e*1*a', allows: true },
    { rule: '* for *', allows: true },
    { rule: '* for site=*', allows: true },
    { rule: '** for **', allows: true },
    { rule: 'bgp-* for site=fra', allows: true },
    { rule: 'ospf-key, bgp-password for core1-lon, role=edge', allows: true },
    { rule: '# all of them\n\nbgp-password for edge* # since 2026', allows: true },
    { rule: 'ospf-key for *; bgp-password for edge*', allows: true },
    { rule: 'bgp-password for core*', allows: false },
    { rule: 'bgp-password for edge', allows: false },
    { rule: 'bgp-password for edge1-fra*x', allows: false },
    { rule: 'ospf-key for *', allows: false },
    { rule: 'bgp-password for site=lon', allows: false },
    { rule: 'bgp-password for rack=*', allows: false },
    { rule: 'bgp-password for constructor=*', allows: false },
    { rule: '', allows: false },
    { rule: '# bgp-password for *', allows: false },
  ])('$rule: $allows', ({ rule, allows }) => expect(refuseUse(readRules(rule), request(), 'here') === undefined).toBe(allows));

  it.each([
    'edge*',
    'bgp-password for',
    'for edge*',
    'bgp-password to edge*',
    'a for b for c',
    'site=fra for edge*',
    'bgp-password for (edge)',
  ])('refuses all when a line is not a rule: %s', (line) =>
    expect(refuseUse(readRules(`* for *\n${line}`), request(), 'here')).toMatchObject({
      code: 'SecretRuleUnreadable',
      message: expect.stringContaining('line 2'),
    }),
  );

  it.each(['s3cr3t', 's3cr3t for', '* for *; s3cr3t', 'a s3cr3t for * for b'])('shows no word of a line that is not a rule: %s', (line) => {
    const problem = refuseUse(readRules(line), request(), 'here');
    expect(problem?.code).toBe('SecretRuleUnreadable');
    expect(inspect(problem) + JSON.stringify(problem)).not.toContain('s3cr3t');
  });

  it('says which line would release it', () => {
    expect(refuseUse(readRules(''), request(), 'secrets/bgp-core/.use')?.next).toContain(
      'add this line to secrets/bgp-core/.use: bgp-password for edge1-fra',
    );
  });

  it('takes a pattern of many stars in no time', () => {
    expect(refuseUse(readRules(`* for ${'*a'.repeat(5_000)}`), request({ device: 'a'.repeat(4_000) }), 'here')?.code).toBe(
      'SecretNotAllowed',
    );
  });
});

describe('secrets from the environment', () => {
  const open = (environment: Record<string, string>, key: Secret | undefined = versionKey) => openSecrets({ environment, versionKey: key });

  it('are tokens outside and a value only for who reveals them', () => {
    const secrets = open({ PLUMB_SECRET_BGP_CORE_PASSWORD: 's3cr3t', PLUMB_SECRET_BGP_CORE_PASSWORD_USE: 'bgp-password for edge*' });
    const { token, problem } = secrets.tokenOf(request());
    expect(problem).toBeUndefined();
    expect(token).toMatch(keyed);
    expect(secrets.reveal(token)?.reveal()).toBe('s3cr3t');
    expect(inspect(secrets.reveal(token)) + JSON.stringify(secrets.reveal(token)) + String(secrets.reveal(token))).not.toContain('s3cr3t');
  });

  it('have the token that a device with the same value shows', () => {
    const secrets = open({ PLUMB_SECRET_BGP_CORE_PASSWORD: 's3cr3t', PLUMB_SECRET_BGP_CORE_PASSWORD_USE: '* for *' });
    expect(secrets.tokenOfLive('s3cr3t')).toBe(secrets.tokenOf(request()).token);
    expect(secrets.tokenOfLive('other')).not.toBe(secrets.tokenOf(request()).token);
  });

  it('are not released without a rule, and the message says what to set', () => {
    const { token, problem } = open({ PLUMB_SECRET_BGP_CORE_PASSWORD: 's3cr3t' }).tokenOf(request());
    expect(token).toBe('<secret:unset-bgp-core/password>');
    expect(problem).toMatchObject({
      code: 'SecretNotAllowed',
      next: expect.stringContaining('variable PLUMB_SECRET_BGP_CORE_PASSWORD_USE: bgp-password for edge1-fra'),
    });
    expect(problem?.message).not.toContain('s3cr3t');
  });

  it('say where a missing value may be set', () => {
    const { token, problem } = open({}).tokenOf(request());
    expect(token).toBe('<secret:unset-bgp-core/password>');
    expect(problem).toMatchObject({ code: 'SecretMissing', next: expect.stringContaining('PLUMB_SECRET_BGP_CORE_PASSWORD') });
  });

  it('have no version without a key, and cannot be revealed', () => {
    const secrets = openSecrets({ environment: { PLUMB_SECRET_BGP_CORE_PASSWORD: 'x', PLUMB_SECRET_BGP_CORE_PASSWORD_USE: '* for *' } });
    const { token, problem } = secrets.tokenOf(request());
    expect([token, problem]).toEqual(['<secret:unset-bgp-core/password>', undefined]);
    expect(secrets.reveal(token)).toBeUndefined();
    expect(secrets.tokenOfLive('x')).toContain('unset');
  });

  it('refuse two secrets that would share a variable', () => {
    const secrets = open({ PLUMB_SECRET_A_B_C: 'x', PLUMB_SECRET_A_B_C_USE: '* for *' });
    expect(secrets.tokenOf(request({ ref: { name: 'a-b', key: 'c' } })).problem).toBeUndefined();
    expect(secrets.tokenOf(request({ ref: { name: 'a', key: 'b-c' } })).problem).toMatchObject({ code: 'SecretNameClash' });
  });

  it('never take the rule of a secret for a value', () => {
    const secrets = open({ PLUMB_SECRET_A_B: 'x', PLUMB_SECRET_A_B_USE: '* for *', PLUMB_SECRET_A_B_USE_USE: '* for *' });
    expect(secrets.tokenOf(request({ ref: { name: 'a', key: 'b-use' } })).problem).toMatchObject({ code: 'SecretMissing' });
  });

  it.each([
    { name: 'a second line', value: 'x\nneighbor 192.0.2.1 shutdown' },
    { name: 'a carriage return', value: 'x\rshutdown' },
    { name: 'an escape', value: 'x\u001b[2J' },
    { name: 'a Unicode line end', value: 'x\u2028y' },
    { name: 'nothing', value: '' },
    { name: 'too much', value: 'x'.repeat(4097) },
  ])('refuse $name as a value, without showing it', ({ value }) => {
    const { problem, token } = open({ PLUMB_SECRET_BGP_CORE_PASSWORD: value, PLUMB_SECRET_BGP_CORE_PASSWORD_USE: '* for *' }).tokenOf(
      request(),
    );
    expect(problem).toMatchObject({ code: 'SecretUnusable' });
    expect(token).toContain('unset');
    expect(problem?.message).not.toContain('shutdown');
  });

  it.each(['../etc', '.', '', 'a/b', 'a b', '-a', 'a\nb', '__proto__'])('refuse %j as a name', (name) => {
    const { token, problem } = open({}).tokenOf(request({ ref: { name, key: 'password' } }));
    expect(problem).toMatchObject({ code: 'SecretNameUnusable' });
    expect(token).toMatch(/^<secret:unset-[\w.-]+\/password>$/);
  });
});

/** The user and the group of the pods of the chart. */
const nobody = 65_534;

describe('secrets from a folder', () => {
  let folder: string;
  const home = () => join(folder, 'bgp-core');
  const tokenOf = () => openSecrets({ environment: {}, folder, versionKey }).tokenOf(request());

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'plumb-secrets-'));
    mkdirSync(home());
    writeFileSync(join(home(), 'password'), 's3cr3t\n', { mode: 0o600 });
    writeFileSync(join(home(), '.use'), 'bgp-password for edge*\n', { mode: 0o600 });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('are read without the line end that editors leave', () => {
    const secrets = openSecrets({ environment: {}, folder, versionKey });
    const { token, problem } = secrets.tokenOf(request());
    expect(problem).toBeUndefined();
    expect(secrets.reveal(token)?.reveal()).toBe('s3cr3t');
  });

  it('give way to the environment', () => {
    const environment = { PLUMB_SECRET_BGP_CORE_PASSWORD: 'other', PLUMB_SECRET_BGP_CORE_PASSWORD_USE: '* for *' };
    const secrets = openSecrets({ environment, folder, versionKey });
    expect(secrets.reveal(secrets.tokenOf(request()).token)?.reveal()).toBe('other');
  });

  it('follow the links of a Secret that Kubernetes mounted', () => {
    rmSync(join(home(), 'password'));
    mkdirSync(join(home(), '..2026_11_20'));
    writeFileSync(join(home(), '..2026_11_20', 'password'), 's3cr3t', { mode: 0o400 });
    symlinkSync('..2026_11_20', join(home(), '..data'));
    symlinkSync('..data/password', join(home(), 'password'));
    expect(tokenOf().problem).toBeUndefined();
  });

  it.each([0o640, 0o604, 0o644])('refuse a value that others may read, and say which chmod helps', (mode) => {
    chmodSync(join(home(), 'password'), mode);
    expect(tokenOf()).toMatchObject({
      token: '<secret:unset-bgp-core/password>',
      problem: { code: 'ModeTooOpen', next: `Write: chmod 600 ${join(home(), 'password')}` },
    });
  });

  describe.skipIf(!canBecome(nobody))('as an ordinary user of a group', () => {
    const mounted = (mode: number, owner = 0) => {
      chmodSync(folder, 0o755);
      for (const key of ['password', '.use']) {
        chmodSync(join(home(), key), mode);
        chownSync(join(home(), key), owner, nobody);
      }
    };

    it('are read as a pod has them: root keeps the files, the group of the pod may read', () => {
      mounted(0o440);
      expect(as(nobody, tokenOf).problem).toBeUndefined();
    });

    it.each([
      { name: 'everybody may read', mode: 0o444 },
      { name: 'the group may write', mode: 0o460 },
      { name: 'the files are ours, so that the group is for others', mode: 0o440, owner: nobody },
    ])('are refused when $name', ({ mode, owner }) => {
      mounted(mode, owner);
      expect(as(nobody, tokenOf).problem).toMatchObject({ code: 'ModeTooOpen' });
    });

    it('are refused to root while a group may read, which then is not root', () => {
      mounted(0o440);
      expect(tokenOf().problem).toMatchObject({ code: 'ModeTooOpen' });
    });
  });

  it('refuse a rule that others may write', () => {
    chmodSync(join(home(), '.use'), 0o666);
    expect(tokenOf().problem).toMatchObject({ code: 'ModeTooOpen', next: `Write: chmod go-w ${join(home(), '.use')}` });
  });

  it('refuse a folder in which others may swap files', () => {
    chmodSync(home(), 0o777);
    expect(tokenOf().problem).toMatchObject({ code: 'ModeTooOpen', next: `Write: chmod go-w ${home()}` });
  });

  it.each([
    { name: 'a file elsewhere', link: () => '/etc/hostname' },
    { name: 'another secret', link: () => '../other/password' },
  ])('refuse a link to $name', ({ link }) => {
    mkdirSync(join(folder, 'other'));
    writeFileSync(join(folder, 'other', 'password'), 'x', { mode: 0o600 });
    rmSync(join(home(), 'password'));
    symlinkSync(link(), join(home(), 'password'));
    expect(tokenOf().problem).toMatchObject({ code: 'SecretOutside' });
  });

  it('refuse a secret whose folder is a link out', () => {
    const outside = mkdtempSync(join(tmpdir(), 'plumb-outside-'));
    writeFileSync(join(outside, 'password'), 'x', { mode: 0o600 });
    rmSync(home(), { recursive: true });
    symlinkSync(outside, home());
    expect(tokenOf().problem).toMatchObject({ code: 'SecretOutside' });
    rmSync(outside, { recursive: true });
  });

  it('refuse what is not a file', () => {
    rmSync(join(home(), 'password'));
    mkdirSync(join(home(), 'password'));
    expect(tokenOf().problem).toMatchObject({ code: 'SecretUnusable' });
  });

  it('are missing when there is no such file, and not released without rules', () => {
    rmSync(join(home(), '.use'));
    expect(tokenOf().problem).toMatchObject({ code: 'SecretNotAllowed', next: expect.stringContaining(join(home(), '.use')) });
    rmSync(home(), { recursive: true });
    expect(tokenOf().problem).toMatchObject({ code: 'SecretMissing' });
    rmSync(folder, { recursive: true });
    expect(tokenOf().problem).toMatchObject({ code: 'SecretsUnreadable', message: expect.stringContaining('it does not exist') });
    writeFileSync(folder, '');
    expect(tokenOf().problem).toMatchObject({ code: 'SecretsUnreadable', message: expect.stringContaining('it is not a folder') });
  });
});

/** Calls as another user and group, whose number is the same. Only root of all users can. */
function as<T>(id: number, call: () => T): T {
  const groups = process.getgroups?.() ?? [];
  process.setgroups?.([]);
  process.setegid?.(id);
  process.seteuid?.(id);
  try {
    return call();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
    process.setgroups?.(groups);
  }
}

function canBecome(id: number): boolean {
  try {
    return as(id, () => true);
  } catch {
    return false;
  }
}
