import { type CheckedState, type Kind, specs } from '../api/index.ts';
import { canonicalJson } from '../lib/index.ts';
import type { Unit } from './claims.ts';
import type { Spec } from './found.ts';
import { freeName } from './names.ts';

/** Where a unit of one device came from. */
export interface UnitAt {
  device: string;
  unit: Unit;
}

export interface Registered {
  kind: Kind;
  name: string;
  spec: Spec;
  /** False: the object stood in Git before, just so. */
  isNew: boolean;
  units: UnitAt[];
}

/** The objects of the import by kind and name. What two devices say in the same words is one object; what Git has already is used. */
export interface Registry {
  /** Gives the object a name: the first of the wishes that is free, or that names the same object. `specOf` may need the name. */
  add(kind: Kind, wishes: readonly string[], specOf: (name: string) => Spec, from: readonly UnitAt[]): string;
  all(): Iterable<Registered>;
}

export function createRegistry(existing: CheckedState | undefined): Registry {
  const objects = new Map<string, Registered>();
  const digests = new Map<string, string>();
  return {
    add(kind, wishes, specOf, from) {
      // Two names for the same thing would be two lists of one name on a device that uses both.
      for (const wish of wishes) {
        const known = objects.get(`${kind}/${wish}`);
        if (known && sameSpec(kind, wish, specOf(wish))) {
          known.units.push(...from);
          return wish;
        }
        if (!known && sameSpec(kind, wish, specOf(wish))) {
          objects.set(`${kind}/${wish}`, { kind, name: wish, spec: specOf(wish), isNew: false, units: [...from] });
          return wish;
        }
      }
      const name = freeName(wishes, (wish) => !objects.has(`${kind}/${wish}`) && !existing?.objects[kind].has(wish));
      const spec = specOf(name);
      objects.set(`${kind}/${name}`, { kind, name, spec, isNew: true, units: [...from] });
      digests.set(`${kind}/${name}`, canonicalJson(spec));
      return name;
    },
    all: () => objects.values(),
  };

  function sameSpec(kind: Kind, name: string, spec: Spec): boolean {
    const made = digests.get(`${kind}/${name}`);
    if (made !== undefined) return made === canonicalJson(spec);
    const there = existing?.objects[kind].get(name);
    if (!there) return false;
    const read = specs[kind].safeParse(spec);
    return read.success && canonicalJson(withoutFile(read.data)) === canonicalJson(withoutFile(there.spec));
  }
}

/** The entries of a file count, not that they stand in one. */
function withoutFile(spec: object): object {
  return { ...spec, entriesFile: undefined };
}
