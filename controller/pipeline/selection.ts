import type { CheckedState } from '../api/index.ts';
import { nearest, PlumblineError } from '../lib/index.ts';
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
  if (known.size === 0) return { devices: [], problems: [errors.NothingDesired({ what: 'no Device' })] };
  const problems: PlumblineError[] = names
    .filter((name) => !known.has(name))
    .map((name) => errors.UnknownDevice({ name, near: nearest(name, known.keys()), known: listSome(known.keys()) }));
  const { labels, unreadable } = readSelector(selector);
  if (unreadable) return { devices: [], problems: [...problems, unreadable] };
  const devices = [...known.values()]
    .filter(({ metadata }) => names.length === 0 || names.includes(metadata.name))
    .filter(({ metadata }) => Object.entries(labels).every(([label, value]) => metadata.labels[label] === value))
    .map(({ metadata }) => metadata.name);
  if (devices.length === 0 && problems.length === 0 && selector !== undefined)
    problems.push(errors.NothingSelected({ selector, among: names.length === 0 ? 'no Device' : `none of ${names.join(', ')}` }));
  return { devices: devices.toSorted(), problems };
}

const listed = 12;

function listSome(names: Iterable<string>): string {
  const all = [...names].toSorted();
  return all.length <= listed ? all.join(', ') : `${all.slice(0, listed).join(', ')} and ${all.length - listed} more`;
}

function readSelector(selector: string | undefined): { labels: Readonly<Record<string, string>>; unreadable?: PlumblineError } {
  try {
    return { labels: parseSelector(selector) };
  } catch (error) {
    if (error instanceof PlumblineError) return { labels: {}, unreadable: error };
    throw error;
  }
}

/** `site=fra,role=edge` as labels; throws SelectorUnreadable. Absent: none. */
export function parseSelector(selector: string | undefined): Readonly<Record<string, string>> {
  const parts = selector === undefined ? [] : selector.split(',');
  const labels = parts.map((part) => /^\s*([^=\s]+)\s*==?\s*([^=\s]*)\s*$/.exec(part));
  if (labels.some((match) => match === null)) throw errors.SelectorUnreadable({ selector: selector ?? '' });
  return Object.fromEntries(labels.map((match) => [match?.[1] ?? '', match?.[2] ?? '']));
}
