import { createInterner } from '../lib/index.ts';

/** A kind as the API serves it. Without a namespace: cluster scope, or all namespaces when reading. */
export interface Resource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** The word of the path: `devices`. */
  readonly plural: string;
  readonly kind: string;
  readonly namespace?: string;
}

/** Metadata as far as we read it; what else the server says is kept. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  /** Opaque: compared for equality, never ordered. */
  readonly resourceVersion?: string;
  /** Rises when the spec changes. */
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly [field: string]: unknown;
}

/** Who an object belongs to: it goes when its owner goes. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
}

/** An object as it came from the API. Spec and status are what somebody wrote: parse them with the kind's schema. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec?: unknown;
  readonly status?: unknown;
  readonly [field: string]: unknown;
}

/** An object to be written: kind and apiVersion come from the resource. */
export interface KubeObjectInput {
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

/** `plumbline.dev/v1alpha1`, or `v1` for the core group. */
export function apiVersionOf({ group, version }: Pick<Resource, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`;
}

/** `namespace/name`, or the name alone in cluster scope: the key of caches and queues. */
export function keyOf({ metadata }: { metadata: ObjectMeta }): string {
  return metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name;
}

/** The path of a collection, of one object, or of one part of it (`status`). */
export function pathOf(resource: Resource, name?: string, part?: string): string {
  const { group, version, plural, namespace } = resource;
  const parts = group === '' ? ['api', version] : ['apis', group, version];
  if (namespace !== undefined) parts.push('namespaces', namespace);
  parts.push(plural);
  if (name !== undefined) parts.push(name);
  if (part !== undefined) parts.push(part);
  return `/${parts.map(encodeURIComponent).join('/')}`;
}

/**
 * An object as it is kept: frozen in depth, since what one holder changed in place would look to all like what stands, and with what many
 * objects say alike there once. Who wrote which field is left out: nobody here asks, and it is half of the memory.
 */
export function frozen(object: KubeObject): KubeObject {
  if (Object.isFrozen(object)) return object;
  const { managedFields: _managedFields, ...metadata } = object.metadata;
  return freezeInDepth(intern({ ...object, metadata }));
}

const intern = createInterner();

function freezeInDepth<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) freezeInDepth(member);
  return Object.freeze(value);
}
