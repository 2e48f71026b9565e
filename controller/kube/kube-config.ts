import type { KubeConfig } from '@kubernetes/client-node';
import { errors } from './errors.ts';

/** Where a kubeconfig is looked for: the file, else what kubectl takes, else the pod's service account. */
export interface KubeConfigPlace {
  file?: string | undefined;
  context?: string | undefined;
}

/** Reads a kubeconfig. The library is loaded here, by whoever needs a cluster. Throws `KubeconfigUnusable`. */
export async function loadKubeConfig(place: KubeConfigPlace = {}): Promise<KubeConfig> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  const where = place.file ?? process.env['KUBECONFIG'] ?? 'of the default place';
  try {
    if (place.file === undefined) config.loadFromDefault();
    else config.loadFromFile(place.file);
  } catch (cause) {
    throw errors.KubeconfigUnusable({ where, why: cause instanceof Error ? cause.message : String(cause) }, { cause });
  }
  if (place.context !== undefined) {
    if (!config.getContextObject(place.context)) {
      const known = config.contexts.map(({ name }) => name).join(', ') || 'none';
      throw errors.KubeconfigUnusable({ where, why: `it has no context ${place.context}; it has: ${known}` });
    }
    config.setCurrentContext(place.context);
  }
  const cluster = config.getCurrentCluster();
  if (!cluster)
    throw errors.KubeconfigUnusable({ where, why: `its current context ${config.currentContext || '(none)'} names no cluster` });
  if (cluster.proxyUrl?.startsWith('socks')) {
    throw errors.KubeconfigUnusable({ where, why: `proxy-url ${cluster.proxyUrl}: only http and https proxies are spoken to` });
  }
  return config;
}

/** The namespace of the current context: where commands look without `--namespace`. */
export function namespaceOf(config: KubeConfig): string {
  return config.getContextObject(config.currentContext)?.namespace ?? 'default';
}
