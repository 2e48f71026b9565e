import { isMap, type JsonMap, type JsonValue } from './json.ts';

/** Maps and lists of somebody else, of which those that change are copied first. */
export interface Workbench {
  /** The map under the key, ours to change; undefined when there is none. */
  map(of: JsonMap, key: string): JsonMap | undefined;
  list(of: JsonMap, key: string): JsonValue[] | undefined;
  /** The member, ours to change. */
  member(list: JsonValue[], at: number): JsonMap | undefined;
  /** Index of the nth member with this head. */
  find(list: JsonValue[], head: string, nth: number, headOf: (map: JsonMap) => string): number;
  add(list: JsonValue[], map: JsonMap, head: string): void;
  /** Leaves a hole, so that the others keep their place. */
  remove(list: JsonValue[], at: number, head: string): void;
  /** Copies what is not ours yet. */
  own<Value extends JsonMap | JsonValue[]>(value: Value): Value;
  /** Closes the holes. */
  finish(): void;
}

export function createWorkbench(): Workbench {
  const ours = new WeakSet<object>();
  const indexes = new WeakMap<JsonValue[], Map<string, number[]>>();
  const holes = new Map<JsonValue[], Set<number>>();

  const own = <Value extends JsonMap | JsonValue[]>(value: Value): Value => {
    if (ours.has(value)) return value;
    const copy = (Array.isArray(value) ? [...value] : Object.assign({}, value)) as Value;
    ours.add(copy);
    return copy;
  };
  return {
    own,
    map(of, key) {
      const value = of[key];
      return isMap(value) ? (of[key] = own(value)) : undefined;
    },
    list(of, key) {
      const value = of[key];
      return Array.isArray(value) ? (of[key] = own(value)) : undefined;
    },
    member(list, at) {
      const value = list[at];
      return isMap(value) ? (list[at] = own(value)) : undefined;
    },
    find(list, head, nth, headOf) {
      let index = indexes.get(list);
      if (!index) {
        index = new Map();
        for (const [at, value] of list.entries()) if (isMap(value)) push(index, headOf(value), at);
        indexes.set(list, index);
      }
      return index.get(head)?.[nth - 1] ?? -1;
    },
    add(list, map, head) {
      ours.add(map);
      list.push(map);
      const index = indexes.get(list);
      if (index) push(index, head, list.length - 1);
    },
    remove(list, at, head) {
      list[at] = null;
      holes.set(list, (holes.get(list) ?? new Set()).add(at));
      const places = indexes.get(list)?.get(head);
      places?.splice(places.indexOf(at), 1);
    },
    finish() {
      for (const [list, gone] of holes) {
        const left = list.filter((_value, at) => !gone.has(at));
        list.length = 0;
        for (const value of left) list.push(value);
      }
    },
  };
}

function push(index: Map<string, number[]>, head: string, at: number): void {
  const places = index.get(head);
  if (places) places.push(at);
  else index.set(head, [at]);
}
