import type { PlumblineError, Position } from '../lib/index.ts';
import type { Kind, Specs } from './kinds.ts';
import type { Metadata } from './object.ts';

/** The way from the top of a document to a value: `['spec', 'ends', 0, 'device']`. */
export type ValuePath = readonly (string | number)[];

/** One object of the desired state: it fits its schema, and knows where it was written. */
export interface DesiredObject<K extends Kind = Kind> {
  kind: K;
  metadata: Metadata;
  spec: Specs[K];
  /** Where the document starts. */
  position: Position;
  /** Where a value of the document stands; the nearest enclosing value when the path itself was not written. */
  locate: (path: ValuePath) => Position;
}

/** Objects by kind, then by name, sorted by name. */
export type DesiredObjects = { readonly [K in Kind]: ReadonlyMap<string, DesiredObject<K>> };

/**
 * What a revision of the desired state says, checked. `objects` holds what fits its schema, also when `problems` holds
 * errors: use it for anything but reports only when `hasErrors(problems)` is false.
 */
export interface CheckedState {
  /** `main@sha1:<40 hex>` of a commit, `worktree@sha256:<64 hex>` of any other folder. */
  revision: string;
  objects: DesiredObjects;
  /** Every error and warning, sorted by position. */
  problems: readonly PlumblineError[];
  /** Text of the files that sections and profiles name, and of every template (`.njk`), by path from the root. */
  files: ReadonlyMap<string, string>;
}

/** True when one of the problems is an error: warnings let the work go on. */
export function hasErrors(problems: readonly PlumblineError[]): boolean {
  return problems.some((problem) => problem.severity === 'error');
}
