import type { CheckedState } from '../api/index.ts';
import { nearest, type PlumblineError } from '../lib/index.ts';
import { errors } from './errors.ts';

/** Which devices a command is about: those named, and of these (or of all) those that carry the labels. */
export interface Selection {
  names: readonly string[];
  /** `site=fra,role=edge`; absent: any. */
  selector?: string | undefined;
}

/** Names of the selected devices, sorted. Every wrong name is answered at once. */
export function selectDevices(
  state: CheckedState,
  { names, selector }: Selection,
): { devices: readonly string[]; problems: readonly PlumblineError[] } {
  const known = state.objects.Device;
  const problems: PlumblineError[] = names
    .filter((name) => !known.has(name))
    .map((name) => errors.UnknownDevice({ name, near: nearest(name, known.keys()) }));
  const labels = selector === undefined ? [] : parseSelector(selector);
  if (!labels) return { devices: [], problems: [...problems, errors.SelectorUnreadable({ selector: selector ?? '' })] };
  const devices = [...known.values()]
    .filter(({ metadata }) => names.length === 0 || names.includes(metadata.name))
    .filter(({ metadata }) => labels.every(([label, value]) => metadata.labels[label] === value))
    .map(({ metadata }) => metadata.name);
  if (devices.length === 0 && problems.length === 0 && selector !== undefined) problems.push(errors.NothingSelected({ selector }));
  return { devices: devices.toSorted(), problems };
}

function parseSelector(selector: string): readonly (readonly [string, string])[] | undefined {
  const labels = selector.split(',').map((part) => {
    const match = /^\s*([^=\s]+)\s*==?\s*([^=\s]*)\s*$/.exec(part);
    return match ? ([match[1] ?? '', match[2] ?? ''] as const) : undefined;
  });
  return labels.every((label) => label !== undefined) ? labels : undefined;
}
