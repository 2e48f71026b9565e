import type { KubeClient } from '../kube/index.ts';

/** Whether a line of the log is about a device: alone, or as one of a set that changes together. */
export function isAbout(line: string, device: string): boolean {
  if (!line.includes(JSON.stringify(device))) return false;
  const fields = fieldsOf(line);
  return fields['device'] === device || fields['object'] === device || listIn(fields, 'devices').includes(device);
}

function listIn(fields: Record<string, unknown>, name: string): readonly unknown[] {
  const value = fields[name];
  return Array.isArray(value) ? value : [];
}

/** A line that is no JSON is of whatever ran before us in the pod, and about no device. */
function fieldsOf(line: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(line)) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/**
 * Lines of all pods of the operator, the oldest first; with `tail` the last so many of each. Of pods that give none, such as one that has
 * not started, it is said why; when no pod gives any, that is the error.
 */
export async function readPodLogs(
  { client, namespace }: { client: Pick<KubeClient, 'list' | 'request'>; namespace: string },
  tail: number | undefined,
): Promise<{ lines: string[]; silent: string[] }> {
  const pods = { group: '', version: 'v1', plural: 'pods', kind: 'Pod', namespace };
  const { items } = await client.list(pods, { labelSelector: 'app.kubernetes.io/name=plumbline' });
  const query = tail === undefined ? '' : `?tailLines=${tail}`;
  const read = await Promise.allSettled(
    items.map(({ metadata }) =>
      client.request({ method: 'GET', path: `/api/v1/namespaces/${namespace}/pods/${metadata.name}/log${query}` }),
    ),
  );
  const texts = read.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const failed = read.flatMap((each, i) =>
    each.status === 'rejected' ? [{ pod: items[i]?.metadata.name, error: each.reason as Error }] : [],
  );
  if (texts.length === 0 && failed[0]) throw failed[0].error;
  const lines = texts.flatMap((text) => text.split('\n').filter((line) => line !== ''));
  return {
    lines: lines.toSorted((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1)),
    silent: failed.map(({ pod, error }) => `Pod ${pod} gives no log: ${error.message}`),
  };
}

function timeOf(line: string): string {
  return /"time":"([^"]+)"/.exec(line)?.[1] ?? '';
}
