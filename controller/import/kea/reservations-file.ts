import type { Spec } from '../found.ts';

/** Reservations that stand better in a file of their own: one client, one line. */
const longest = 200;

const columns = ['hwAddress', 'duid', 'clientId', 'circuitId', 'flexId', 'addresses', 'prefixes', 'hostname', 'clientClasses'];

/** A subnet with many reservations, those that a line can say in a file. Undefined: they stay in the subnet. */
export function splitReservations(
  spec: Spec,
  path: string,
): { rest: Spec; path: string; text: string; rows: (number | undefined)[]; kept: number[] } | undefined {
  const all = (spec['reservations'] ?? []) as readonly Spec[];
  if (all.length <= longest) return undefined;
  const isPlain = (each: Spec): boolean => Object.keys(each).every((key) => columns.includes(key));
  const used = columns.filter((column) => all.some((each) => isPlain(each) && each[column] !== undefined));
  const rows: (number | undefined)[] = [undefined];
  const kept: number[] = [];
  const lines = [used.join(',')];
  for (const [at, each] of all.entries()) {
    if (!isPlain(each)) {
      kept.push(at);
      continue;
    }
    rows.push(at);
    lines.push(used.map((column) => cellOf(each[column])).join(','));
  }
  const { reservations: _all, ...rest } = spec;
  const left = kept.map((at) => all[at]);
  return {
    rest: { ...rest, ...(left.length > 0 && { reservations: left }), reservationsFile: path },
    path,
    text: `${lines.join('\n')}\n`,
    rows,
    kept,
  };
}

function cellOf(value: unknown): string {
  const text = Array.isArray(value) ? value.join(' ') : typeof value === 'string' ? value : '';
  return /[",\n]|^\s|\s$|^#/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
