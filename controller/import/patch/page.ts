import type { Document } from 'yaml';
import { canonicalJson } from '../../lib/index.ts';
import type { Style } from './style.ts';
import type { Words } from './words.ts';

/** A piece of the text that gives way to another one. */
export interface Splice {
  from: number;
  to: number;
  text: string;
}

/** One document of a file on its way to another value. */
export interface Patch {
  readonly text: string;
  readonly words: Words;
  readonly style: Style;
  readonly document: Document.Parsed;
  readonly splices: Splice[];
}

export function isSame(one: unknown, other: unknown): boolean {
  return one === other || canonicalJson(one ?? null) === canonicalJson(other ?? null);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
