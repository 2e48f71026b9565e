import type { DesiredObject, Owned, ValuePath } from '../api/index.ts';

/** The owner of what is compiled from one value of an object: the object, and the line of the value. */
export function ownerOf(object: DesiredObject, path: ValuePath = []): Owned {
  const { file, line } = path.length === 0 ? object.position : object.locate(path);
  return { kind: object.kind, name: object.metadata.name, source: { file, line } };
}

/** The name people know an object by: `BGPSession/edge1-core1`. */
export function titleOf(object: DesiredObject): string {
  return `${object.kind}/${object.metadata.name}`;
}
