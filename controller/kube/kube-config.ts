import type { KubeConfig } from '@kubernetes/client-node';
import { errors } from './errors.ts';

/** Where a kubeconfig is looked for: the file, else what kubectl takes, else the pod's service account. */
export interface KubeConfigPlace {
  file?: string | undefined;
  context?: string | undefined;
}

/** Reads a kubeconfig, and refuses what no API server could be asked with. The library is loaded here, by whoever needs a cluster. Throws `KubeconfigUnusable`. */
export async function loadKubeConfig(place: KubeConfigPlace = {}): Promise<KubeConfig> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  const where = place.file ?? (process.env['KUBECONFIG'] || 'of the default place');
  const refuse = (why: string, cause?: unknown) => errors.KubeconfigUnusable({ where, why }, { cause });
  try {
    if (place.file === undefined) config.loadFromDefault();
    else config.loadFromFile(place.file);
  } catch (cause) {
    throw refuse(reasonOf(cause), cause);
  }
  if (place.file === undefined && config.currentContext === placeholder)
    throw refuse('there is none: KUBECONFIG names no file, ~/.kube/config is not there, and this is no pod');
  const known = config.contexts.map(({ name }) => name).join(', ') || 'none';
  if (place.context !== undefined) {
    if (!config.getContextObject(place.context)) throw refuse(`it has no context ${place.context}; it has: ${known}`);
    config.setCurrentContext(place.context);
  }
  const why = unusable(config, known);
  if (why !== undefined) throw refuse(why);
  return config;
}

/** What the library calls the context that it makes up where it finds no kubeconfig at all: of a server that nobody named. */
const placeholder = 'loaded-context';

/** Why no API server can be asked with it, as far as that can be known without asking. */
function unusable(config: KubeConfig, known: string): string | undefined {
  const name = config.currentContext;
  const context = config.getContextObject(name);
  if (!context)
    return name ? `its current context ${name} is not in it; it has: ${known}` : `it names no current context; it has: ${known}`;
  const cluster = config.getCurrentCluster();
  if (!cluster) return `its context ${name} names no cluster that it has`;
  if (context.user && !config.getCurrentUser()) return `its context ${name} names the user ${context.user}, which it does not have`;
  const protocol = URL.canParse(cluster.server) ? new URL(cluster.server).protocol : '';
  if (protocol !== 'https:' && !(protocol === 'http:' && cluster.skipTLSVerify))
    return `its server is ${withoutLogin(cluster.server)}; write https://HOST:PORT`;
  if (cluster.proxyUrl?.startsWith('socks'))
    return `proxy-url ${withoutLogin(cluster.proxyUrl)}: only http and https proxies are spoken to`;
  return undefined;
}

/** An address may carry a password. */
function withoutLogin(address: string): string {
  return address.replace(/\/\/.*@/s, '//');
}

/** In one line: what the parser shows of the file may be a token. */
function reasonOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EACCES') return 'you have no right to read it';
  return message.split('\n', 1)[0] ?? '';
}

/** The namespace of the current context: where commands look without `--namespace`. */
export function namespaceOf(config: KubeConfig): string {
  return config.getContextObject(config.currentContext)?.namespace ?? 'default';
}
