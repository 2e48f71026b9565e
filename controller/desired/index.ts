/**
 * desired: what Git says. Reads a folder or a commit, turns YAML into objects, and finds every mistake at once, each with
 * file, line, column and what to write instead. Reads only; hostile input is a problem in the list and nothing else.
 * Limits: `limits.ts`. Rules between objects: `checks/`.
 */
export { errors as checkErrors } from './checks/index.ts';
export { errors } from './errors.ts';
export { loadDesired } from './load.ts';
export { type DeviceMode, modeOf } from './mode.ts';
export type { DesiredSource } from './source.ts';
