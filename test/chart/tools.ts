import { join } from 'node:path';
import { buildOnce, type Product, whyNot } from '../lab/kube/build.ts';
import { run } from '../lab/shell.ts';

const helm = '4.3.1';
const kubeconform = '0.8.0';

/** Built like the API server, from the same module: helm's client libraries are those of its version. */
const product: Product = {
  name: `helm-${helm}-kubeconform-${kubeconform}`,
  what: `helm ${helm} and kubeconform ${kubeconform}: 2 to 5 minutes`,
  targets: [
    ['kubeconform', 'github.com/yannh/kubeconform/cmd/kubeconform', '-s -w'],
    ['helm', 'helm.sh/helm/v4/cmd/helm', '-s -w'],
  ],
  requires: [`helm.sh/helm/v4 v${helm}`, `github.com/yannh/kubeconform v${kubeconform}`],
  check: async (folder) => {
    await run([join(folder, 'helm'), 'version']);
    await run([join(folder, 'kubeconform'), '-v']);
  },
};

export interface ChartTools {
  helm: string;
  kubeconform: string;
}

/** Why this machine has no helm and cannot build it; undefined when it can. */
export function whyNoTools(): Promise<string | undefined> {
  return whyNot(product);
}

/** helm and kubeconform, from the cache or built now. */
export async function openTools(): Promise<ChartTools> {
  const folder = await buildOnce(product, (line) => process.stderr.write(`» chart tools: ${line}\n`));
  return { helm: join(folder, 'helm'), kubeconform: join(folder, 'kubeconform') };
}
