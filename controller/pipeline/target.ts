import type { CheckedState, DesiredObject } from '../api/index.ts';
import { driverErrors, type Login, type Target } from '../drivers/index.ts';
import { PlumblineError, type Secret } from '../lib/index.ts';
import type { Secrets } from '../store/index.ts';
import { errors } from './errors.ts';

/** How a driver reaches a device: its address from Git, its accounts from the secret sources. Problems are values. */
export function buildTarget(state: CheckedState, device: DesiredObject<'Device'>, secrets: Secrets): Target | PlumblineError {
  const { spec, metadata } = device;
  if (!spec.management) return errors.ManagementMissing({ device: metadata.name });
  const observe = buildLogin(device, 'ssh-observe', spec.credentials.observe.name, secrets);
  if (observe instanceof PlumblineError) return observe;
  const apply = spec.credentials.apply && buildLogin(device, 'ssh-apply', spec.credentials.apply.name, secrets);
  const profile = spec.profile === undefined ? undefined : state.objects.DeviceProfile.get(spec.profile);
  return {
    device: metadata.name,
    address: spec.management.address,
    port: spec.management.port,
    hostKeys: spec.management.hostKeys,
    ...(spec.machineId !== undefined && { machineId: spec.machineId }),
    observe,
    // Without an account that may write the device can still be read; the gate says what is missing (`whyNotWritable`).
    ...(apply && !(apply instanceof PlumblineError) && { apply }),
    ...(profile && { settleSeconds: profile.spec.settleSeconds }),
    legacyAlgorithms: spec.management.legacyKeyExchange,
  };
}

/** How to reach a device that Git does not know yet. Reads only: it has no account that may write. */
export function buildNewTarget(
  device: { name: string; address: string; port: number; hostKeys: readonly string[]; credentials: string },
  secrets: Secrets,
): Target | PlumblineError {
  const { name, credentials, ...reach } = device;
  const observe = buildLogin({ metadata: { name, labels: {} } }, 'ssh-observe', credentials, secrets);
  return observe instanceof PlumblineError ? observe : { device: name, ...reach, observe };
}

/** Why nothing can be written to a device: it has no account for that, or here is no value for it. Undefined when it can. */
export function whyNotWritable(device: DesiredObject<'Device'>, secrets: Secrets): PlumblineError | undefined {
  const { apply } = device.spec.credentials;
  if (!apply) return driverErrors.NotWritable({ device: device.metadata.name });
  const login = buildLogin(device, 'ssh-apply', apply.name, secrets);
  return login instanceof PlumblineError ? login : undefined;
}

type Purpose = 'ssh-observe' | 'ssh-apply';

/** Who asks for a secret. */
interface Asker {
  metadata: Pick<DesiredObject['metadata'], 'name' | 'labels'>;
}

function buildLogin(device: Asker, purpose: Purpose, name: string, secrets: Secrets): Login | PlumblineError {
  const user = ask(device, purpose, name, 'username', secrets);
  if (user instanceof PlumblineError) {
    return errors.CredentialsMissing({ device: device.metadata.name, purpose, why: user.message, next: user.next }, { cause: user });
  }
  const answers = ['privateKey', 'password', 'passphrase'].map((key) => ask(device, purpose, name, key, secrets));
  // One that is there and may not be used is said, and no other is sent in its place.
  const unusable = answers.find((answer) => answer instanceof PlumblineError && answer.code !== 'SecretMissing');
  if (unusable instanceof PlumblineError) {
    return errors.CredentialsMissing(
      { device: device.metadata.name, purpose, why: unusable.message, next: unusable.next },
      { cause: unusable },
    );
  }
  const [privateKey, password, passphrase] = answers.map((answer) => (answer instanceof PlumblineError ? undefined : answer));
  if (!privateKey && !password) return errors.CredentialsIncomplete({ device: device.metadata.name, secret: name });
  return { user: user.reveal(), ...(privateKey && { privateKey }), ...(password && { password }), ...(passphrase && { passphrase }) };
}

function ask({ metadata }: Asker, purpose: Purpose, name: string, key: string, secrets: Secrets): Secret | PlumblineError {
  const answer = secrets.tokenOf({
    ref: { name, key },
    device: metadata.name,
    labels: metadata.labels,
    purpose,
    multiline: key === 'privateKey',
  });
  const value = secrets.reveal(answer.token);
  return value ?? answer.problem ?? errors.CredentialsIncomplete({ device: metadata.name, secret: name });
}
