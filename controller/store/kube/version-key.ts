import { randomBytes } from 'node:crypto';
import { isApiError, type KubeClient, type KubeObject } from '../../kube/index.ts';
import { Secret } from '../../lib/index.ts';
import { errors } from '../errors.ts';
import { explain } from './explain.ts';
import { type Places, secrets } from './resources.ts';

/** The key of this store's secret versions, from the Secret `<namespace>.version-key` beside the records. Made when it is not there. */
export async function openKubeVersionKey(client: KubeClient, { namespace, artifactNamespace }: Places): Promise<Secret> {
  const resource = { ...secrets, namespace: artifactNamespace };
  const name = `${namespace}.version-key`;
  const read = async (): Promise<KubeObject | undefined> => {
    try {
      return await client.get(resource, name);
    } catch (cause) {
      if (isApiError(cause, 'notFound')) return undefined;
      throw explain(cause, { kind: 'Secret', name });
    }
  };
  const make = async (): Promise<KubeObject | undefined> => {
    const key = Buffer.from(randomBytes(32).toString('base64')).toString('base64');
    try {
      return await client.create(resource, { metadata: { name }, type: 'plumbline.dev/version-key', data: { key } });
    } catch (cause) {
      if (isApiError(cause, 'alreadyExists')) return await read(); // another replica was first
      throw explain(cause, { kind: 'Secret', name });
    }
  };
  const data = ((await read()) ?? (await make()))?.['data'] as { key?: string } | undefined;
  const text = Buffer.from(data?.key ?? '', 'base64')
    .toString('utf8')
    .trim();
  const path = `Secret ${artifactNamespace}/${name}`;
  if (text.length < 32) throw errors.VersionKeyUnusable({ path, why: `its member key has ${text.length} bytes` });
  return new Secret(text);
}
