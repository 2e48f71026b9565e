import { isApiError, type KubeClient, type KubeObject, type Resource } from '../../kube/index.ts';

/** Objects of a page: some megabytes of mirrors at most. */
const pageSize = 500;

/** Every object of a kind, whole: a list that outlives its token begins anew. `resourceVersion` is where a watch goes on. */
export async function listAll(
  client: KubeClient,
  resource: Resource,
  labelSelector: string,
  signal?: AbortSignal,
): Promise<{ items: readonly KubeObject[]; resourceVersion: string }> {
  for (let tries = 1; ; tries++) {
    try {
      const items: KubeObject[] = [];
      let token: string | undefined;
      for (;;) {
        const page = await client.list(resource, { labelSelector, limit: pageSize, continue: token, signal });
        for (const item of page.items) items.push(item);
        if (page.continue === undefined) return { items, resourceVersion: page.resourceVersion };
        token = page.continue;
      }
    } catch (error) {
      if (tries >= 3 || !isApiError(error, 'expired')) throw error;
    }
  }
}
