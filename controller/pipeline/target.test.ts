import { describe, expect, it } from 'vitest';
import { stateOf } from '../../test/builders/state.ts';
import { Secret } from '../lib/index.ts';
import { openSecrets } from '../store/index.ts';
import { buildTarget, whyNotWritable } from './target.ts';

const state = stateOf(`kind: Device
name: r1
spec:
  platform: frr
  management: {address: 192.0.2.1, hostKeys: ['SHA256:xKhl7AdM7+gJzOF2JT28nuwy18tAqDv4ODd5I5QVmxk']}
  credentials: {observe: {name: look}, apply: {name: change}}
`);
const device = state.objects.Device.get('r1');
if (!device) throw new Error('the device of the tests cannot be read');

/** Secrets from variables: `USERNAME: 'x'` of `look` is PLUMB_SECRET_LOOK_USERNAME, released unless `_USE` says otherwise. */
function secretsWith(values: Record<string, string>) {
  const environment = Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => [
      [`PLUMB_SECRET_${key}`, value],
      ...(key.endsWith('_USE') || `${key}_USE` in values ? [] : [[`PLUMB_SECRET_${key}_USE`, '* for *']]),
    ]),
  );
  return openSecrets({ environment, versionKey: new Secret('key of the tests') });
}

describe('the account that a device is read with', () => {
  it('is its user name with what proves it', () =>
    expect(buildTarget(state, device, secretsWith({ LOOK_USERNAME: 'eve', LOOK_PASSWORD: 'p' }))).toMatchObject({
      device: 'r1',
      observe: { user: 'eve' },
    }));

  it.each<{ name: string; values: Record<string, string>; code: string; says: string }>([
    { name: 'nothing is stored', values: {}, code: 'CredentialsMissing', says: 'look/username has no value' },
    { name: 'only the name is stored', values: { LOOK_USERNAME: 'eve' }, code: 'CredentialsIncomplete', says: 'privateKey (preferred)' },
    {
      name: 'the key may not be used for this device',
      values: { LOOK_USERNAME: 'eve', LOOK_PRIVATEKEY: 'k', LOOK_PRIVATEKEY_USE: 'ssh-observe for r2' },
      code: 'CredentialsMissing',
      says: 'look/privateKey is not released to device r1',
    },
    {
      name: 'the key may not be used, though a password is there: nothing weaker is sent in its place',
      values: { LOOK_USERNAME: 'eve', LOOK_PASSWORD: 'p', LOOK_PRIVATEKEY: 'k', LOOK_PRIVATEKEY_USE: 'ssh-observe for r2' },
      code: 'CredentialsMissing',
      says: 'look/privateKey is not released to device r1',
    },
  ])('is missing when $name', ({ values, code, says }) => {
    const problem = buildTarget(state, device, secretsWith(values)) as { code: string; message: string; next: string };
    expect(problem.code).toBe(code);
    expect(`${problem.message} ${problem.next}`).toContain(says);
  });
});

describe('a device that nothing can be written to', () => {
  const look = { LOOK_USERNAME: 'eve', LOOK_PASSWORD: 'p' };

  it('can be read all the same', () => expect(buildTarget(state, device, secretsWith(look))).not.toHaveProperty('apply'));

  it('says which account is missing, or that Git names none', () => {
    expect(whyNotWritable(device, secretsWith(look))).toMatchObject({
      code: 'CredentialsMissing',
      message: expect.stringContaining('change/username has no value'),
    });
    const observed = { ...device, spec: { ...device.spec, credentials: { observe: { name: 'look' } } } };
    expect(whyNotWritable(observed, secretsWith(look))).toMatchObject({ code: 'NotWritable' });
    expect(whyNotWritable(device, secretsWith({ ...look, CHANGE_USERNAME: 'root', CHANGE_PASSWORD: 'p' }))).toBeUndefined();
  });
});
