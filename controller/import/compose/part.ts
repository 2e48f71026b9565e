import type { Claims } from '../claims.ts';
import type { Found } from '../frr/index.ts';
import type { Original } from '../original.ts';
import type { Names } from './names.ts';

/** One original on its way into Git. */
export interface Part {
  original: Original;
  claims: Claims;
  found: Found;
  names: Names;
}
