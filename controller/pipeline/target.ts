import type { CheckedState, DesiredObject, KeaApi } from '../api/index.ts';
import { driverErrors, type KeaService, type Login, type SshTarget, type Target } from '../drivers/index.ts';
import { PlumblineError } from '../lib/index.ts';
import type { Secrets } from '../store/index.ts';
import { askKeys, type Asker, requireKey } from './credentials.ts';
import { errors } from './errors.ts';
import { buildApiLogin, buildHttp, buildKeaTarget } from './kea-target.ts';

/** How a driver reaches a device: its address from Git, its accounts from the secret sources. Problems are values. */
export function buildTarget(state: CheckedState, device: DesiredObject<'Device'>, secrets: Secrets): Target | PlumblineError {
  const { profile, dhcp } = device.spec;
  const settle = profile === undefined ? undefined : state.objects.DeviceProfile.get(profile)?.spec.settleSeconds;
  const ssh = isOverSsh(device) ? buildSshTarget(device, secrets, settle) : undefined;
  if (ssh instanceof PlumblineError) return ssh;
  if (dhcp) return buildKeaTarget(device, dhcp, secrets, ssh, settle);
  return ssh ?? errors.ManagementMissing({ device: device.metadata.name });
}

/** How a device that Git does not know yet is reached; `api`: the one of a DHCP server, SSH then only with host keys. */
export interface NewManagement {
  address: string;
  port: number;
  hostKeys: readonly string[];
  api?: Partial<KeaApi>;
}

/** How to reach a device that Git does not know yet. Reads only: it has no account that may write. */
export function buildNewTarget(
  device: {
    name: string;
    management: NewManagement;
    credentials: string;
    /** Daemons of a DHCP server; none: a router. */
    services: readonly KeaService[];
  },
  secrets: Secrets,
): Target | PlumblineError {
  const { name, credentials, services, management } = device;
  const { api, ...reach } = management;
  const asker = { metadata: { name, labels: {} } };
  if (api) {
    const observe = buildApiLogin(asker, 'api-observe', credentials, secrets);
    if (observe instanceof PlumblineError) return observe;
    const http = buildHttp(asker, credentials, { address: reach.address, api }, secrets);
    return http instanceof PlumblineError ? http : { device: name, services, http, observe };
  }
  const observe = buildSshLogin(asker, 'ssh-observe', credentials, secrets);
  if (observe instanceof PlumblineError) return observe;
  const ssh = { device: name, ...reach, observe };
  return services.length === 0 ? ssh : { device: name, services, ssh, observe };
}

/** Why nothing can be written to a device: it has no account for that, or here is no value for it. Undefined when it can. */
export function whyNotWritable(device: DesiredObject<'Device'>, secrets: Secrets): PlumblineError | undefined {
  const { apply } = device.spec.credentials;
  if (!apply) return driverErrors.NotWritable({ device: device.metadata.name });
  const logins = [
    ...(device.spec.management?.api ? [buildApiLogin(device, 'api-apply', apply.name, secrets)] : []),
    ...(isOverSsh(device) ? [buildSshLogin(device, 'ssh-apply', apply.name, secrets)] : []),
  ];
  return logins.find((login) => login instanceof PlumblineError);
}

/** With host keys beside an API the guard runs on the server, and takes a change back by itself. */
function isOverSsh({ spec: { management } }: DesiredObject<'Device'>): boolean {
  return management?.api === undefined || management.hostKeys.length > 0;
}

function buildSshTarget(device: DesiredObject<'Device'>, secrets: Secrets, settleSeconds: number | undefined): SshTarget | PlumblineError {
  const { spec, metadata } = device;
  if (!spec.management) return errors.ManagementMissing({ device: metadata.name });
  const observe = buildSshLogin(device, 'ssh-observe', spec.credentials.observe.name, secrets);
  if (observe instanceof PlumblineError) return observe;
  const apply = spec.credentials.apply && buildSshLogin(device, 'ssh-apply', spec.credentials.apply.name, secrets);
  return {
    device: metadata.name,
    address: spec.management.address,
    port: spec.management.port,
    hostKeys: spec.management.hostKeys,
    ...(spec.machineId !== undefined && { machineId: spec.machineId }),
    observe,
    // Without an account that may write the device can still be read; the gate says what is missing (`whyNotWritable`).
    ...(apply && !(apply instanceof PlumblineError) && { apply }),
    ...(settleSeconds !== undefined && { settleSeconds }),
    legacyAlgorithms: spec.management.legacyKeyExchange,
  };
}

function buildSshLogin(device: Asker, purpose: 'ssh-observe' | 'ssh-apply', name: string, secrets: Secrets): Login | PlumblineError {
  const user = requireKey(device, purpose, name, 'username', secrets);
  if (user instanceof PlumblineError) return user;
  const values = askKeys(device, purpose, name, ['privateKey', 'password', 'passphrase'], secrets);
  if (values instanceof PlumblineError) return values;
  const [privateKey, password, passphrase] = ['privateKey', 'password', 'passphrase'].map((key) => values.get(key));
  if (!privateKey && !password) return errors.CredentialsIncomplete({ device: device.metadata.name, secret: name });
  return { user: user.reveal(), ...(privateKey && { privateKey }), ...(password && { password }), ...(passphrase && { passphrase }) };
}
