import type { FactValue, NetBoxObject } from '../../controller/api/index.ts';

/** What a NetBox holds, by kind. */
export type NetBoxObjects = Record<string, NetBoxObject[]>;
export type NetBoxChange = (objects: NetBoxObjects) => void;

/** Gives an object of a kind other values. */
export function setValues(kind: string, at: number, values: Record<string, FactValue>): NetBoxChange {
  return (objects) => {
    const [list, object] = [objects[kind] ?? [], objects[kind]?.[at]];
    if (object) list[at] = { ...object, values: { ...object.values, ...values } };
  };
}
