import type { NewObject, ObjectStore, ReadObject, StoredObject } from '../../../controller/store/index.ts';
import { storeErrors } from '../../../controller/store/index.ts';

/** What befalls one request to the store. */
export type StoreFate = 'answered' | 'fails' | 'replyLost';

/** The memory that survives processes: objects with versions, as the contract has them, without watches and artifacts. */
export class ModelStore {
  readonly #objects = new Map<string, StoredObject>();
  #version = 0;

  /** What a process has of it. Each call is one step, and may fail before or after it was carried out. */
  handle(step: (what: string) => Promise<StoreFate>): ObjectStore {
    const ask = async <Answer>(what: string, carryOut: () => Answer): Promise<Answer> => {
      const fate = await step(what);
      if (fate === 'fails') throw new Error(`${what}: the store is down`);
      const answer = carryOut();
      if (fate === 'replyLost') throw new Error(`${what}: nobody saw the answer`);
      return answer;
    };
    const never = () => {
      throw new Error('not modelled');
    };
    return {
      get: (kind, name) => ask(`get ${kind}`, () => this.find(kind, name) as never),
      list: (kind, labels = {}) => ask(`list ${kind}`, () => this.list(kind, labels) as never),
      create: (object) => ask(`create ${object.kind}`, () => this.create(object) as never),
      update: (object) => ask(`update ${object.kind}`, () => this.update(object) as never),
      updateStatus: (object) => ask(`updateStatus ${object.kind}`, () => this.updateStatus(object) as never),
      delete: (kind, name, version) => ask(`delete ${kind}`, () => this.delete(kind, name, version)),
      watch: never,
      putArtifact: never,
      getArtifact: never,
      deleteArtifact: never,
      listArtifacts: never,
      close: () => {},
    };
  }

  find<Spec, Status>(kind: string, name: string): StoredObject<Spec, Status> | undefined {
    return this.#objects.get(`${kind}/${name}`) as StoredObject<Spec, Status> | undefined;
  }

  list<Spec, Status>(kind: string, labels: Readonly<Record<string, string>> = {}): StoredObject<Spec, Status>[] {
    const all = [...this.#objects.values()].filter((object) => object.kind === kind);
    const carries = (object: StoredObject) => Object.entries(labels).every(([key, value]) => object.labels[key] === value);
    return all.filter(carries).toSorted((a, b) => (a.name < b.name ? -1 : 1)) as StoredObject<Spec, Status>[];
  }

  create(object: NewObject): StoredObject {
    const { kind, name } = object;
    if (this.find(kind, name)) throw storeErrors.AlreadyExists({ kind, name });
    return this.#put({ uid: name, labels: {}, annotations: {}, generation: 1, createdAt: '', ...object });
  }

  update(object: ReadObject): StoredObject {
    const found = this.#read(object);
    return this.#put({ ...found, spec: object.spec, labels: object.labels ?? {}, annotations: object.annotations ?? {} });
  }

  updateStatus(object: ReadObject): StoredObject {
    return this.#put({ ...this.#read(object), status: object.status });
  }

  delete(kind: string, name: string, version?: string): boolean {
    const found = this.find(kind, name);
    if (found && version !== undefined && found.resourceVersion !== version) throw storeErrors.Conflict({ kind, name });
    return this.#objects.delete(`${kind}/${name}`);
  }

  #read({ kind, name, resourceVersion }: ReadObject): StoredObject {
    const found = this.find(kind, name);
    if (!found) throw storeErrors.NotFound({ kind, name });
    if (found.resourceVersion !== resourceVersion) throw storeErrors.Conflict({ kind, name });
    return found;
  }

  #put(object: Omit<StoredObject, 'resourceVersion'>): StoredObject {
    const stored = { ...object, resourceVersion: String(++this.#version) };
    this.#objects.set(`${object.kind}/${object.name}`, stored);
    return stored;
  }
}
