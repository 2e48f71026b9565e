import type { FactValue, RecordChange, RecordPlan } from '../api/index.ts';
import { plural } from './problems.ts';
import { printable, type Style } from './style.ts';

/** What would be written into NetBox, by what of Git it is for, and what would not. */
export function formatRecordPlan({ changes, left }: RecordPlan, style: Style): string {
  const owners = Map.groupBy(changes, ({ owner }) => owner);
  const parts = [...owners].map(
    ([owner, same]) => `${style.strong(printable(owner))}\n${same.map((each) => formatChange(each, style)).join('')}`,
  );
  const rest =
    left.length === 0
      ? ''
      : `${style.strong('Left as it is')}\n${left.map(({ name, why }) => `  ${printable(name)}: ${printable(why)}\n`).join('')}`;
  return `${parts.join('')}${rest}${countChanges(changes)}\n`;
}

/** `2 to make, 1 to change, 0 to delete`. */
function countChanges(changes: readonly RecordChange[]): string {
  if (changes.length === 0) return 'nothing to write: NetBox says what Git says, as far as anybody knows';
  const count = (what: RecordChange['do']) => `${changes.filter((each) => each.do === what).length} to ${what}`;
  return `${plural(changes.length, 'write')} to NetBox: ${count('make')}, ${count('change')}, ${count('delete')}`;
}

function formatChange({ do: what, kind, name, fields, id }: RecordChange, style: Style): string {
  const paint = what === 'delete' ? style.bad : what === 'make' ? style.good : style.warn;
  const where = id === undefined ? '' : ` ${style.faint(`id ${id}`)}`;
  const values = fields.map(({ field, from, to }) => `      ${field}: ${what === 'make' ? '' : `${show(from)} -> `}${show(to)}\n`);
  return `  ${paint(what)}  ${kind} ${printable(name)}${where}\n${values.join('')}`;
}

function show(value: FactValue): string {
  if (value === null || (Array.isArray(value) && value.length === 0)) return '(none)';
  return printable(Array.isArray(value) ? value.join(', ') : String(value));
}
