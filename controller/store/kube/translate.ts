import type { KubeObject, KubeObjectInput, ObjectMeta } from '../../kube/index.ts';
import { createInterner } from '../../lib/index.ts';
import type { Labels, NewObject, StoredObject } from '../contract.ts';
import { decodeMetadata, encodeLabel, encodeMetadata, encodeName, ours } from './names.ts';
import { isVisible, type Places } from './resources.ts';

/** Spec of a StoreRecord. The record stands in `value`, since it need not be an object. */
interface RecordSpec {
  kind: string;
  value: unknown;
}

interface RecordStatus {
  value: unknown;
}

/** The name that Kubernetes knows. Records of all kinds, and of all namespaces that share a place, are told apart by it. */
export function kubeNameOf(kind: string, name: string, places: Places): string {
  return encodeName(name, prefixOf(kind, places));
}

/** Selects the objects of a kind that carry every label, and perhaps more: digests may stand for several texts. */
export function selectorOf(kind: string, labels: Labels, places: Places): string {
  const wanted = Object.entries(labels).map(([key, value]) => encodeLabel(key, value));
  return [...Object.entries(labelsOfKind(kind, places)), ...wanted].map(([key, value]) => `${key}=${value}`).join(',');
}

/** What is sent. Of `found`, the object as it stands, what we know nothing of stays: owners, finalizers. */
export function toKube(object: NewObject, places: Places, found?: KubeObject): KubeObjectInput {
  const { kind, name, spec } = object;
  const { labels, annotations } = encodeMetadata(name, prefixOf(kind, places), object.labels ?? {}, object.annotations ?? {});
  const { managedFields: _, ...kept } = (found?.metadata ?? {}) as Partial<ObjectMeta>;
  return {
    ...found,
    metadata: { ...kept, name: kubeNameOf(kind, name, places), labels: { ...labels, ...labelsOfKind(kind, places) }, annotations },
    spec: isVisible(kind) ? spec : ({ kind, value: spec } satisfies RecordSpec),
  };
}

/** The object as it stands, with another status. */
export function withStatus(found: KubeObject, kind: string, status: unknown): KubeObjectInput {
  return { ...found, status: isVisible(kind) ? status : ({ value: status } satisfies RecordStatus) };
}

const intern = createInterner();

export function toStored<Spec, Status>(kind: string, object: KubeObject, places: Places): StoredObject<Spec, Status> {
  const { metadata } = object;
  const encoded = { name: metadata.name, labels: metadata.labels ?? {}, annotations: metadata.annotations ?? {} };
  const { name, ...decoded } = decodeMetadata(encoded, prefixOf(kind, places));
  const { labels, annotations } = intern(decoded);
  const visible = isVisible(kind);
  const status = visible ? object.status : (object.status as RecordStatus | undefined)?.value;
  return {
    kind,
    name,
    uid: metadata.uid ?? '',
    labels,
    annotations,
    spec: (visible ? object.spec : (object.spec as RecordSpec).value) as Spec,
    ...(status === undefined ? {} : { status: status as Status }),
    generation: metadata.generation ?? 1,
    createdAt: metadata.creationTimestamp ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
  };
}

function prefixOf(kind: string, { namespace }: Places): string {
  return isVisible(kind) ? '' : `${namespace}.${kind.toLowerCase()}.`;
}

function labelsOfKind(kind: string, { namespace }: Places): Record<string, string> {
  return isVisible(kind) ? {} : { [ours.recordKind]: kind, [ours.recordOwner]: namespace };
}
