import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keyed, request, versionKey } from '../../test/builders/secret-request.ts';
import { openSecrets, type SecretAnswer, type Secrets } from './secrets.ts';

describe('a snapshot', () => {
  let folder: string;
  const write = (key: string, text: string) => writeFileSync(join(folder, 'bgp-core', key), text, { mode: 0o600 });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'plumb-secrets-'));
    mkdirSync(join(folder, 'bgp-core'), { mode: 0o700 });
    write('.use', 'bgp-password for edge*');
    write('password', 'first');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('keeps saying what was there when it was first asked; the secrets themselves see what is new', () => {
    const secrets = openSecrets({ environment: {}, folder, versionKey });
    const snapshot = secrets.snapshot();
    const { token } = snapshot.tokenOf(request());
    write('password', 'second');
    expect(snapshot.tokenOf(request({ device: 'edge2-fra' })).token).toBe(token);
    expect(secrets.tokenOf(request()).token).not.toBe(token);
    expect(secrets.snapshot().tokenOf(request()).token).not.toBe(token);
  });

  it('forgets a value that was replaced, unless another reference still has it', () => {
    const secrets = openSecrets({ environment: {}, folder, versionKey });
    write('other', 'first');
    const other = request({ ref: { name: 'bgp-core', key: 'other' } });
    const { token } = secrets.tokenOf(request());
    expect(secrets.tokenOf(other).token).toBe(token);
    write('password', 'second');
    const second = secrets.tokenOf(request()).token;
    expect([secrets.reveal(token)?.reveal(), secrets.reveal(second)?.reveal()]).toEqual(['first', 'second']);
    write('other', 'third');
    secrets.tokenOf(other);
    expect(secrets.reveal(token)).toBeUndefined();
    expect(secrets.reveal(second)?.reveal()).toBe('second');
  });

  it('reveals what it says, also when a later one has seen another value', () => {
    const secrets = openSecrets({ environment: {}, folder, versionKey });
    const [earlier, later] = [secrets.snapshot(), secrets.snapshot()];
    const ask = (snapshot: Secrets) => snapshot.reveal(snapshot.tokenOf(request()).token)?.reveal();
    expect(ask(earlier)).toBe('first');
    write('password', 'second');
    expect([ask(later), ask(earlier), ask(later)]).toEqual(['second', 'first', 'second']);
  });

  it('asks the rules for every device, and refuses again what it refused', () => {
    const snapshot = openSecrets({ environment: {}, folder, versionKey }).snapshot();
    expect(snapshot.tokenOf(request()).problem).toBeUndefined();
    expect(snapshot.tokenOf(request({ device: 'core1-fra' })).problem?.code).toBe('SecretNotAllowed');
    write('key', 'value');
    chmodSync(join(folder, 'bgp-core', 'key'), 0o644);
    const open = () => snapshot.tokenOf(request({ ref: { name: 'bgp-core', key: 'key' } })).problem?.code;
    expect([open(), open()]).toEqual(['ModeTooOpen', 'ModeTooOpen']);
  });
});

/** Names and keys that look alike when they are put together, one that nobody may use, one without a value, one that is no name. */
const asked = fc.record({
  ref: fc.record({ name: fc.constantFrom('a', 'a-b', 'open', 'no', 'none', 'a/b'), key: fc.constantFrom('b-c', 'c', 'many', 'b/c') }),
  device: fc.constantFrom('edge1', 'edge2', 'core1'),
  labels: fc.constantFrom({}, { site: 'fra' }, { site: 'lon' }),
  purpose: fc.constantFrom('bgp-password', 'ospf-key'),
  multiline: fc.boolean(),
});

describe('a snapshot that is asked many times', () => {
  let folder: string;
  const open = () => openSecrets({ environment: { PLUMB_SECRET_A_B_C: 'x', PLUMB_SECRET_A_B_C_USE: '* for edge*' }, folder, versionKey });
  const write = (name: string, files: Record<string, string>) => {
    mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
    for (const [key, text] of Object.entries(files)) writeFileSync(join(folder, name, key), text, { mode: 0o600 });
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'plumb-secrets-'));
    write('a', { c: 'of a', many: 'two\nlines', '.use': 'bgp-password for edge1, site=lon; ospf-key for core*' });
    write('open', { c: 'of all', many: 'two\nlines', '.use': '* for *' });
    write('no', { c: 'of nobody' });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('says to each who asks just what the secrets themselves say', () => {
    const told = ({ token, problem }: SecretAnswer) => ({
      token,
      problem: problem && `${problem.code} ${problem.message} ${problem.next}`,
    });
    fc.assert(
      fc.property(fc.array(asked, { minLength: 1, maxLength: 30 }), (requests) => {
        const [secrets, snapshot] = [open(), open().snapshot()];
        for (const each of requests) expect(told(snapshot.tokenOf(each))).toEqual(told(secrets.tokenOf(each)));
      }),
    );
  });

  it('knows a value from when it is given out, not from when it was refused', () => {
    const secrets = open();
    const snapshot = secrets.snapshot();
    const ask = (device: string) => snapshot.tokenOf(request({ ref: { name: 'a', key: 'c' }, device, labels: {} }));
    const token = secrets.tokenOfLive('of a');
    expect([ask('edge2').problem?.code, secrets.reveal(token)]).toEqual(['SecretNotAllowed', undefined]);
    expect([ask('edge1').token, secrets.reveal(token)?.reveal()]).toEqual([token, 'of a']);
  });

  it('is of its time: the next one knows other rules and other values', () => {
    const secrets = open();
    const ask = (name: string) => secrets.snapshot().tokenOf(request({ ref: { name, key: 'c' } }));
    const first = ask('open').token;
    write('open', { c: 'another' });
    expect(ask('open').token).toBe(secrets.tokenOfLive('another'));
    expect(ask('open').token).not.toBe(first);
    write('open', { '.use': 'bgp-password for core*' });
    expect(ask('open').problem?.code).toBe('SecretNotAllowed');
    expect(ask('no').problem?.code).toBe('SecretNotAllowed');
    write('no', { '.use': '* for *' });
    expect(ask('no').token).toMatch(keyed);
    rmSync(join(folder, 'no'), { recursive: true });
    expect(ask('no').problem?.code).toBe('SecretMissing');
  });
});
