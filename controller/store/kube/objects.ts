import type { Registry } from 'prom-client';
import { type KubeClient, type KubeObject, listAll } from '../../kube/index.ts';
import { type Clock, canonicalJson, type Log } from '../../lib/index.ts';
import type { Labels, Listed, NewObject, ObjectStore, ReadObject, StoredObject, StoreEvent } from '../contract.ts';
import { errors } from '../errors.ts';
import { explain, isObjectMissing } from './explain.ts';
import { type Places, resourceOf } from './resources.ts';
import { createSeen } from './seen.ts';
import { kubeNameOf, selectorOf, toKube, toStored, withStatus } from './translate.ts';
import { watchObjects } from './watch.ts';

/** The part of a store that is objects. */
export type Objects = Omit<ObjectStore, 'putArtifact' | 'getArtifact' | 'deleteArtifact' | 'listArtifacts' | 'close'>;

export interface ObjectsOptions {
  client: KubeClient;
  places: Places;
  clock: Clock;
  log?: Log | undefined;
  registry?: Registry | undefined;
}

/** Objects as custom resources. An absence is told as it is read; `identity.ts` makes sure that it can be believed. */
export function openObjects({ client, places, clock, log, registry }: ObjectsOptions): Objects {
  const seen = createSeen();
  /** The answer in the store's form. */
  const take = <Spec, Status>(kind: string, object: KubeObject): StoredObject<Spec, Status> => {
    seen.remember(kind, object);
    return toStored(kind, object, places);
  };
  const read = async (kind: string, name: string): Promise<KubeObject | undefined> => {
    try {
      return await client.get(resourceOf(kind, places), kubeNameOf(kind, name, places));
    } catch (cause) {
      if (isObjectMissing(cause)) return undefined;
      throw explain(cause, { kind, name });
    }
  };
  const send = async <Spec, Status>(
    subject: { kind: string; name: string },
    call: () => Promise<KubeObject>,
  ): Promise<StoredObject<Spec, Status>> => {
    try {
      return take(subject.kind, await call());
    } catch (cause) {
      throw explain(cause, subject);
    }
  };
  /** The object at the version that the writer has read, or an error that says what became of it. */
  const findRead = async ({ kind, name, resourceVersion }: ReadObject): Promise<KubeObject> => {
    const found = seen.find(kind, kubeNameOf(kind, name, places), resourceVersion) ?? (await read(kind, name));
    if (!found) throw errors.NotFound({ kind, name });
    if (found.metadata.resourceVersion !== resourceVersion) throw errors.Conflict({ kind, name });
    return found;
  };

  return {
    get: async <Spec, Status>(kind: string, name: string) => {
      const found = await read(kind, name);
      return found && take<Spec, Status>(kind, found);
    },
    list: async <Spec, Status>(kind: string, labels: Labels = {}) => {
      try {
        const { items } = await listAll(client, resourceOf(kind, places), { labelSelector: selectorOf(kind, labels, places) });
        return items
          .map((item) => take<Spec, Status>(kind, item))
          .filter((object) => carries(object, labels))
          .sort((a, b) => (a.name < b.name ? -1 : 1));
      } catch (cause) {
        throw explain(cause, { kind, name: '' });
      }
    },
    watch: <Spec, Status>(kind: string, signal: AbortSignal, labels: Labels = {}) =>
      watchObjects<StoredObject<Spec, Status>>({
        client,
        resource: resourceOf(kind, places),
        labelSelector: selectorOf(kind, labels, places),
        decode: (item) => {
          const object = take<Spec, Status>(kind, item);
          return carries(object, labels) ? object : undefined;
        },
        explain: (cause) => explain(cause, { kind, name: '' }),
        reflector: { signal, clock, ...(log && { log }), ...(registry && { registry }) },
      }) satisfies AsyncIterable<StoreEvent<Spec, Status> | Listed>,
    create: async <Spec, Status>(object: NewObject<Spec, Status>) => {
      const resource = resourceOf(object.kind, places);
      return send<Spec, Status>(object, async () => {
        const made = await client.create(resource, toKube(object, places));
        // The API takes no status with a new object.
        return object.status === undefined ? made : client.updateStatus(resource, withStatus(made, object.kind, object.status));
      });
    },
    update: async <Spec, Status>(object: ReadObject<Spec, Status>) => {
      const found = await findRead(object);
      const stands = toStored<Spec, Status>(object.kind, found, places);
      const { spec, labels = {}, annotations = {} } = object;
      if (isSame([stands.spec, stands.labels, stands.annotations], [spec, labels, annotations])) return stands;
      return send<Spec, Status>(object, () => client.update(resourceOf(object.kind, places), toKube(object, places, found)));
    },
    updateStatus: async <Spec, Status>(object: ReadObject<Spec, Status>) => {
      const found = await findRead(object);
      const stands = toStored<Spec, Status>(object.kind, found, places);
      if (isSame(stands.status, object.status)) return stands;
      return send<Spec, Status>(object, () =>
        client.updateStatus(resourceOf(object.kind, places), withStatus(found, object.kind, object.status)),
      );
    },
    delete: async (kind, name, resourceVersion) => {
      try {
        await client.delete(resourceOf(kind, places), kubeNameOf(kind, name, places), { resourceVersion });
        return true;
      } catch (cause) {
        if (isObjectMissing(cause)) return false;
        throw explain(cause, { kind, name });
      }
    },
  };
}

function carries({ labels }: StoredObject, wanted: Labels): boolean {
  return Object.entries(wanted).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value);
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === undefined || b === undefined) return a === b; // no status is another than the status null
  return canonicalJson(a) === canonicalJson(b);
}
