import type { ObjectStore } from '../../controller/store/index.ts';

/** The store, with objects as the cache of a cluster hands them out: whoever changes one in place throws. */
export function frozenObjects(objects: ObjectStore): ObjectStore {
  return {
    ...bound(objects),
    get: async (...asked) => freeze(await objects.get(...asked)),
    list: async (...asked) => freeze(await objects.list(...asked)),
    create: async (...asked) => freeze(await objects.create(...asked)),
    update: async (...asked) => freeze(await objects.update(...asked)),
    updateStatus: async (...asked) => freeze(await objects.updateStatus(...asked)),
    watch: async function* (...asked) {
      for await (const event of objects.watch<never, never>(...asked)) yield freeze(event);
    },
  };
}

function bound(objects: ObjectStore): Omit<ObjectStore, 'get' | 'list' | 'create' | 'update' | 'updateStatus' | 'watch'> {
  return {
    delete: (...asked) => objects.delete(...asked),
    putArtifact: (text) => objects.putArtifact(text),
    getArtifact: (digest) => objects.getArtifact(digest),
    deleteArtifact: (digest) => objects.deleteArtifact(digest),
    listArtifacts: () => objects.listArtifacts(),
    close: () => objects.close(),
  };
}

function freeze<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) freeze(member);
  }
  return value;
}
