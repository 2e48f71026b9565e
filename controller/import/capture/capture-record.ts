import { type CheckedState, hasErrors, type NetBoxFacts, type RecordDifference, type ToldSides } from '../../api/index.ts';
import { loadSource, type Source } from '../../desired/index.ts';
import { systemClock } from '../../lib/index.ts';
import { compareWithNetBox } from '../../netbox/index.ts';
import type { Spec } from '../found.ts';
import { overlay } from '../overlay.ts';
import { type Book, createBook } from './book.ts';
import type { Captured } from './capture.ts';
import { proposeSpec } from './proposal.ts';
import { listOf } from './propose-device.ts';

export interface CaptureRecordRequest {
  state: CheckedState;
  source: Source;
  facts: NetBoxFacts;
  told: ReadonlyMap<string, ToldSides>;
  devices: ReadonlySet<string>;
}

/**
 * Writes what NetBox is ahead with into the desired state: what somebody changed on a device and recorded. What it returns was loaded and checked, and
 * compared with NetBox, where it leaves no other difference than there was. Writes nothing.
 */
export async function captureRecord({ state, source, facts, told, devices }: CaptureRecordRequest): Promise<Captured> {
  const compare = (of: CheckedState): readonly RecordDifference[] => compareWithNetBox({ state: of, facts, told, devices }).differences;
  const book: Book = createBook(source);
  const changes: string[] = [];
  const lines: Captured['lines'][number][] = [];
  const left: Captured['left'][number][] = [];
  let standing = state;
  for (const difference of compare(state).filter(({ record }) => record === 'Ahead')) {
    const { owner, object, field = '' } = difference;
    const device = owner.slice('Device/'.length);
    const change = changeOf(difference);
    const proposal = change && proposeSpec(standing, 'Device', device, `${object} ${field}`.trim(), change);
    const edited = proposal && (await book.try([proposal]));
    const next = edited && (await loadSource(overlay(source, edited), systemClock));
    const isRight = next !== undefined && !hasErrors(next.problems) && isLess(compare(standing), compare(next));
    if (!proposal || !edited || !next || !isRight) {
      left.push({
        device,
        line: `${object} ${field}`.trim(),
        why: 'no field of the device says it so that nothing else changes: write it by hand',
      });
      continue;
    }
    book.keep(edited);
    standing = next;
    changes.push(proposal.what);
    lines.push({ device, key: `${object} ${field}`.trim() });
  }
  return { files: book.files(), before: await book.before(), changes, lines, left };
}

/** Nothing that was not there before, and something less. */
function isLess(before: readonly RecordDifference[], after: readonly RecordDifference[]): boolean {
  const name = ({ record, kind, object, field = '' }: RecordDifference): string => [record, kind, object, field].join(' | ');
  const known = new Set(before.map(name));
  return after.length < before.length && after.every((each) => known.has(name(each)));
}

/** What NetBox says, in the Device. Undefined for what a Device does not say. */
function changeOf({ kind, object, field, recorded }: RecordDifference): ((spec: Spec) => Spec | undefined) | undefined {
  const [, port = ''] = object.split(' > ');
  if (kind === 'device') return field === 'serial' ? (spec) => ({ ...spec, serial: recorded }) : undefined;
  if (kind === 'interface' && field !== undefined) return (spec) => inInterface(spec, port, (each) => ({ ...each, [field]: recorded }));
  if (kind !== 'IP address') return undefined;
  const address = object.split(' > ').at(-1) ?? '';
  const add = (spec: Spec | undefined, to: string, text: string) =>
    spec && inInterface(spec, to, (each) => ({ ...each, addresses: [...addressesOf(each), text] }));
  if (field === undefined) return (spec) => add(spec, port, String(recorded));
  if (field === 'address')
    return (spec) =>
      inInterface(spec, port, (each) => ({
        ...each,
        addresses: addressesOf(each).map((text) => (text === address ? String(recorded) : text)),
      }));
  const to = String(recorded).split(' > ').at(-1) ?? '';
  return (spec) =>
    add(
      inInterface(spec, port, (each) => ({ ...each, addresses: addressesOf(each).filter((text) => text !== address) })),
      to,
      address,
    );
}

function inInterface(spec: Spec, name: string, change: (each: Spec) => Spec): Spec | undefined {
  const list = listOf(spec['interfaces']);
  const index = list.findIndex((each) => each['name'] === name);
  const each = list[index];
  return each && { ...spec, interfaces: list.with(index, change(each)) };
}

function addressesOf(each: Spec): readonly string[] {
  return Array.isArray(each['addresses']) ? (each['addresses'] as string[]) : [];
}
