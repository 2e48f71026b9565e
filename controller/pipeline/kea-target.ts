import type { DesiredObject, DeviceDHCP, KeaApi } from '../api/index.ts';
import type { KeaHttp, KeaTarget, Login, SshTarget } from '../drivers/index.ts';
import { PlumblineError } from '../lib/index.ts';
import type { Secrets } from '../store/index.ts';
import { askKeys, type Asker } from './credentials.ts';
import { errors } from './errors.ts';

/** A Kea server over its API, with `ssh` beside it where the Device has host keys; without an API over SSH alone. */
export function buildKeaTarget(
  device: DesiredObject<'Device'>,
  { ipv4, ipv6 }: DeviceDHCP,
  secrets: Secrets,
  ssh: SshTarget | undefined,
  settleSeconds: number | undefined,
): KeaTarget | PlumblineError {
  const { management, credentials } = device.spec;
  const sockets = {
    ...(ipv4?.controlSocket !== undefined && { dhcp4: ipv4.controlSocket }),
    ...(ipv6?.controlSocket !== undefined && { dhcp6: ipv6.controlSocket }),
  };
  const exchange = [
    ...(ipv4?.probe ? [{ service: 'dhcp4', ...ipv4.probe } as const] : []),
    ...(ipv6?.probe ? [{ service: 'dhcp6', ...ipv6.probe } as const] : []),
  ];
  const target = {
    device: device.metadata.name,
    services: [...(ipv4 ? (['dhcp4'] as const) : []), ...(ipv6 ? (['dhcp6'] as const) : [])],
    ...(ssh && { ssh }),
    ...(Object.keys(sockets).length > 0 && { sockets }),
    ...(settleSeconds !== undefined && { settleSeconds }),
    ...(exchange.length > 0 && { exchange }),
  };
  if (!management?.api) {
    if (!ssh) return errors.ManagementMissing({ device: target.device });
    return { ...target, observe: ssh.observe, ...(ssh.apply && { apply: ssh.apply }) };
  }
  const observe = buildApiLogin(device, 'api-observe', credentials.observe.name, secrets);
  if (observe instanceof PlumblineError) return observe;
  const http = buildHttp(device, credentials.observe.name, management, secrets);
  if (http instanceof PlumblineError) return http;
  const apply = credentials.apply && buildApiLogin(device, 'api-apply', credentials.apply.name, secrets);
  return { ...target, http, observe, ...(apply && !(apply instanceof PlumblineError) && { apply }) };
}

/** Basic auth, a client certificate, or both. */
export function buildApiLogin(device: Asker, purpose: 'api-observe' | 'api-apply', name: string, secrets: Secrets): Login | PlumblineError {
  const values = askKeys(device, purpose, name, ['username', 'password', 'tls.crt', 'tls.key'], secrets);
  if (values instanceof PlumblineError) return values;
  const [user, password, certificate, privateKey] = ['username', 'password', 'tls.crt', 'tls.key'].map((key) => values.get(key));
  const basic = user && password && { user: user.reveal(), password };
  const mutual = certificate && privateKey && { certificate: certificate.reveal(), privateKey };
  if (!basic && !mutual) return errors.ApiCredentialsIncomplete({ device: device.metadata.name, secret: name });
  return { user: '', ...basic, ...mutual };
}

/** The authority is asked for with the account that reads: who answers is the same question for both. */
export function buildHttp(
  device: Asker,
  account: string,
  { address, api }: { address: string; api?: Partial<KeaApi> | undefined },
  secrets: Secrets,
): KeaHttp | PlumblineError {
  const values = askKeys(device, 'api-observe', account, ['ca.crt'], secrets);
  if (values instanceof PlumblineError) return values;
  const ca = values.get('ca.crt');
  const host = address.includes(':') ? `[${address}]` : address;
  const url = (port: number) => `${api?.tls === false ? 'http' : 'https'}://${host}:${port}`;
  const direct = {
    ...(api?.ipv4Port !== undefined && { dhcp4: url(api.ipv4Port) }),
    ...(api?.ipv6Port !== undefined && { dhcp6: url(api.ipv6Port) }),
  };
  return {
    ...(api?.agentPort === undefined ? { direct } : { agent: url(api.agentPort) }),
    ...(ca && { ca: ca.reveal() }),
    ...(api?.serverName !== undefined && { serverName: api.serverName }),
  };
}
