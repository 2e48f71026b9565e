import type { Dialect } from '../dialect.ts';
import { frr } from './frr/index.ts';
import { genericBraces, genericNo, genericSet, genericUndo } from './generic.ts';

/** Platforms with a dialect of their own, or the family whose generic one they use until they have. */
const dialects: Readonly<Record<string, Dialect>> = {
  frr,
  generic: genericNo,
  'huawei-vrp': genericUndo,
  'h3c-comware': genericUndo,
  sitonica: genericUndo,
  junos: genericBraces,
  'junos-set': genericSet,
  vyos: genericBraces,
  'nokia-srl': genericBraces,
};

/** What narrows a platform down: the policy of another tool by its name, the model, the software. */
export interface Variant {
  readonly vendor?: string;
  readonly model?: string;
  readonly version?: string;
}

/** The dialect of a platform. Never throws: a platform without one gets the indented dialect with `no`. */
export function dialectFor(platform: string, _variant: Variant = {}): Dialect {
  return Object.hasOwn(dialects, platform) ? (dialects[platform] ?? genericNo) : genericNo;
}
