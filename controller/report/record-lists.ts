import type { FactValue } from '../api/index.ts';

/** Items of a list that are shown: more are read by nobody, and JSON has them all. */
const mostShown = 10;

/**
 * How each side of a difference is said, `none` where it says nothing. Of long lists, as those of DHCP reservations are, only what not all sides
 * have: the one that differs is what somebody looks for.
 */
export function sayBeside(sides: readonly (FactValue | undefined)[], none: string): (value: FactValue) => string {
  const lists = sides.flatMap((side) => (Array.isArray(side) ? [new Set(side as readonly string[])] : []));
  const isLong = lists.length > 1 && lists.some(({ size }) => size > mostShown);
  const alike = isLong ? lists.reduce((one, other) => one.intersection(other)) : new Set<string>();
  return (value) => {
    if (value === null || (Array.isArray(value) && value.length === 0)) return none;
    if (!Array.isArray(value)) return String(value);
    const own = (value as readonly string[]).filter((each) => !alike.has(each));
    const rest = own.length - mostShown;
    const counts = [...(rest > 0 ? [`${rest} more`] : []), ...(alike.size > 0 ? [`${alike.size} alike`] : [])];
    return [...own.slice(0, mostShown), ...counts].join(', ');
  };
}
