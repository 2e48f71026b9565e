import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { type Clock, digestOf } from '../lib/index.ts';
import { KubeApiError } from './api-error.ts';
import { unlessAborted } from './deadline.ts';
import { askExecPlugin, type ExecConfig, type ExecCredential } from './exec-credential.ts';

/** How to reach the server and who we are, for some seconds. */
export interface Credentials {
  readonly server: URL;
  readonly proxy?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsFacts;
  /** Changes when connections must be made anew: other CA, other client certificate, another proxy. */
  readonly tlsDigest: string;
}

/** What a TLS connection to the server needs. */
export interface TlsFacts {
  ca?: string | Buffer;
  cert?: string | Buffer;
  key?: string | Buffer;
  servername?: string;
  rejectUnauthorized?: boolean;
}

/** Where credentials come from. Many callers at once cost one look. */
export interface CredentialSource {
  get(signal: AbortSignal): Promise<Credentials>;
  /** These were refused (401): the next `get` makes new ones. A refusal of older ones changes nothing. */
  refuse(credentials: Credentials): void;
}

/** Token and CA files are read again after this time; a rotated token of a pod stays valid much longer. */
const freshMs = 30_000;
/** Nobody is asked sooner than this unless the server refused: by a clock that runs ahead all that a plugin gives is expired. */
const leastFreshMs = 5_000;
const pluginDeadlineMs = 30_000;

/**
 * Credentials of the current context of a kubeconfig. `reload` answers the kubeconfig as it stands now: asked after a refusal.
 * Rejects with `KubeApiError` `noCredentials`.
 */
export function credentialsOf(kubeConfig: KubeConfig, clock: Clock, reload?: () => Promise<KubeConfig>): CredentialSource {
  let config = kubeConfig;
  let stale = false;
  let exec: ExecCredential | undefined;
  let last: { credentials: Credentials; at: number } | undefined;
  let making: Promise<Credentials> | undefined;

  const isFresh = (at: number): boolean => {
    const ageMs = clock.monotonicMs() - at;
    const isExpired = exec?.expiresAt !== undefined && exec.expiresAt <= clock.now();
    return !stale && ageMs < (isExpired ? leastFreshMs : freshMs);
  };

  const make = async (): Promise<Credentials> => {
    if (stale) {
      config = await (reload?.() ?? freshCopy(config));
      exec = undefined;
      stale = false;
    }
    const credentials = await readCredentials(config, async (ask) => {
      if (!exec || (exec.expiresAt && exec.expiresAt <= clock.now())) exec = await withPluginDeadline(clock, ask);
      return exec;
    });
    last = { credentials, at: clock.monotonicMs() };
    return credentials;
  };

  return {
    get: async (signal) => {
      if (last && isFresh(last.at)) return last.credentials;
      making ??= make().finally(() => {
        making = undefined;
      });
      try {
        return await unlessAborted(making, signal);
      } catch (cause) {
        if (signal.aborted || cause instanceof KubeApiError) throw cause;
        throw new KubeApiError('noCredentials', 0, cause instanceof Error ? cause.message : String(cause), { cause });
      }
    },
    refuse: (credentials) => {
      if (credentials === last?.credentials) stale = true;
    },
  };
}

/** The same kubeconfig without what its authenticators remember: they offer no other way to forget a refused token. */
async function freshCopy(config: KubeConfig, users: KubeConfig['users'] = config.users): Promise<KubeConfig> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const copy = new KubeConfig();
  const { clusters, contexts, currentContext } = config;
  copy.loadFromOptions({ clusters, users, contexts, currentContext });
  return copy;
}

async function withPluginDeadline(clock: Clock, ask: (signal: AbortSignal) => Promise<ExecCredential>): Promise<ExecCredential> {
  const late = new AbortController();
  const ended = new AbortController();
  clock.sleep(pluginDeadlineMs, ended.signal).then(
    () => late.abort(new Error(`the credential plugin gave no answer within ${pluginDeadlineMs / 1000} s`)),
    () => undefined,
  );
  try {
    return await unlessAborted(ask(late.signal), late.signal);
  } finally {
    ended.abort();
  }
}

async function readCredentials(
  config: KubeConfig,
  plugin: (ask: (signal: AbortSignal) => Promise<ExecCredential>) => Promise<ExecCredential>,
): Promise<Credentials> {
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new Error(`the kubeconfig has no cluster for its current context ${config.currentContext || '(none)'}`);
  const user = config.getCurrentUser();
  const exec = user?.exec as ExecConfig | undefined | null;

  // Plugins are asked by us: client-node asks without deadline, without cluster facts, and once per caller.
  const withoutPlugin = config.users.map((each) => ({ ...each, exec: undefined }));
  const options = await optionsOf(exec ? await freshCopy(config, withoutPlugin) : config);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name.toLowerCase()] = String(value).trim();
  if (options.auth) headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;

  const { ca, cert, key, servername, rejectUnauthorized } = options as TlsFacts; // files and base64 fields, as client-node reads them
  const tls: TlsFacts = {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(servername !== undefined && { servername }),
    ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
  };

  if (exec) {
    const given = await plugin((signal) =>
      askExecPlugin(
        exec,
        {
          server: cluster.server,
          ...(cluster.tlsServerName && { 'tls-server-name': cluster.tlsServerName }),
          ...(cluster.skipTLSVerify && { 'insecure-skip-tls-verify': true }),
          ...(ca !== undefined && { 'certificate-authority-data': Buffer.from(ca).toString('base64') }),
          ...(cluster.proxyUrl && { 'proxy-url': cluster.proxyUrl }),
        },
        signal,
      ),
    );
    if (given.token !== undefined) headers['authorization'] = `Bearer ${given.token}`;
    if (given.cert !== undefined) Object.assign(tls, { cert: given.cert, key: given.key });
  }
  return {
    server: new URL(cluster.server),
    ...(cluster.proxyUrl && { proxy: cluster.proxyUrl }),
    headers,
    tls,
    tlsDigest: digestOf([tls, cluster.proxyUrl]),
  };
}

/** What client-node's public method says of a connection. It wants headers to be there; the agent it makes is not used. */
async function optionsOf(config: KubeConfig): Promise<RequestOptions> {
  const options: RequestOptions = { headers: {} };
  await config.applyToHTTPSOptions(options);
  return options;
}
