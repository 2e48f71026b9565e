import { isMap, type JsonMap, type JsonValue } from '../../config/index.ts';
import type { Unit } from '../claims.ts';
import type { Spec } from '../found.ts';

/** A map that is taken apart: what a field expresses goes into the spec, the rest is left. */
export interface Take {
  /** Ours to change. */
  readonly left: JsonMap;
  readonly spec: Spec;
  /** What this is, for blame: `Dhcp4 subnet 10`. Its fields and members are units of their own. */
  readonly unit: Unit;
  /** Place of the spec in its object, dots between. */
  readonly path: string;
  readonly book: TakeBook;
}

export interface TakeBook {
  readonly refused: { has(unit: Unit): boolean };
  /** By place in the object: the unit that stands there. */
  readonly units: Map<string, Unit>;
}

/** Takes the first of these keys of which `read` makes something. */
export function takeField(take: Take, field: string, keys: readonly string[], read: (value: JsonValue) => unknown): void {
  const unit = `${take.unit} ${field}`;
  if (take.book.refused.has(unit)) return;
  for (const key of keys) {
    const value = take.left[key];
    const said = value === undefined ? undefined : read(value);
    if (said === undefined) continue;
    take.spec[field] = said;
    take.book.units.set(placeIn(take.path, field), unit);
    delete take.left[key];
    return;
  }
}

/**
 * Takes the members of a list one by one. `read` says by which keys a member is known again, so that what is left of it can stand beside; a member
 * with nothing of the kind (`whole`) is left as it was unless all of it was taken. Undefined: it is left.
 */
export function takeMembers(
  take: Take,
  field: string,
  key: string,
  read: (inner: Take) => { known: JsonMap } | 'whole' | undefined,
  { inOrder = false } = {},
): void {
  const list = take.left[key];
  if (!Array.isArray(list)) return;
  const taken: Spec[] = [];
  const rest: JsonValue[] = [];
  for (const [i, member] of list.entries()) {
    const unit = `${take.unit} ${field} ${i}`;
    const inner = {
      left: isMap(member) ? { ...member } : {},
      spec: {},
      unit,
      path: placeIn(take.path, field, taken.length),
      book: take.book,
    };
    const isOut = !isMap(member) || take.book.refused.has(unit) || (inOrder && rest.length > 0);
    const fits = isOut ? undefined : read(inner);
    const isLeft = Object.keys(inner.left).length > 0;
    if (fits === undefined || (fits === 'whole' && isLeft)) {
      rest.push(member);
      continue;
    }
    taken.push(inner.spec);
    take.book.units.set(inner.path, unit);
    if (fits !== 'whole' && isLeft) rest.push({ ...fits.known, ...inner.left });
  }
  if (taken.length > 0) take.spec[field] = taken;
  if (rest.length > 0) take.left[key] = rest;
  else delete take.left[key];
}

function placeIn(path: string, ...more: (string | number)[]): string {
  return [...(path === '' ? [] : [path]), ...more].join('.');
}

/** A text that says something. */
export function text(value: JsonValue): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function number(value: JsonValue): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined;
}

export function texts(value: JsonValue): readonly string[] | undefined {
  return Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string') ? value : undefined;
}
