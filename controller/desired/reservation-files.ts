import { isIPv4 } from 'node:net';
import { type DesiredObject, type DesiredObjects, DhcpReservation, reservationIdentifiers, type ValuePath } from '../api/index.ts';
import { nearest, type PlumblineError, type Position } from '../lib/index.ts';
import { errors } from './errors.ts';
import { fillFromFiles } from './fill-from-files.ts';
import { limits } from './limits.ts';
import { listWords, sentence, shorten, splitMessage } from './words.ts';

type Subnet = DesiredObject<'DHCPSubnet'>;

/** Columns with one value, and those with several, blanks between them. What has options of its own stands in the subnet itself. */
const single = [...reservationIdentifiers, 'hostname'] as const;
const several = ['addresses', 'prefixes', 'clientClasses'] as const;
const columns: readonly string[] = [...single, ...several];

/**
 * The objects with the reservations of every `reservationsFile` put behind those written in the subnet; they keep their own positions. CSV: a spreadsheet
 * and every IPAM write it, one client is one line in a review, and 200,000 lines cost a fiftieth of what they would as YAML.
 */
export function withReservationFiles(
  objects: DesiredObjects,
  texts: ReadonlyMap<string, string>,
  problems: PlumblineError[],
): DesiredObjects {
  return { ...objects, DHCPSubnet: fillSubnets(objects.DHCPSubnet, texts, problems) };
}

const fillSubnets = fillFromFiles<Subnet>(({ spec }) => spec.reservationsFile, withReservations);

const emptyHint = 'Keep the line with the names of the columns when there are no reservations, or take reservationsFile away.';

interface Row {
  /** Offset in the text, and line of it. */
  start: number;
  line: number;
}

function withReservations(subnet: Subnet, text: string, problems: PlumblineError[]): Subnet {
  const file = subnet.spec.reservationsFile ?? '';
  const object = `DHCPSubnet/${subnet.metadata.name}`;
  const reservations: DhcpReservation[] = [];
  const rows: Row[] = [];
  let header: readonly string[] | undefined;
  let isToldOf = false;
  let wrong = 0;
  let last: Position | undefined;
  let line = 0;
  for (let start = 0; start < text.length; ) {
    line++;
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    const content = text.slice(start, text.charCodeAt(end - 1) === 13 ? end - 1 : end);
    const row = { start, line };
    start = end + 1;
    if (content === '' || content.charCodeAt(0) === 35 || content.trim() === '') continue;
    const at = (col: number): Position => ({ file, line: row.line, col });
    const cells = splitRow(content);
    if (header === undefined) {
      header = readHeader(cells, (what, hint, col) => problems.push(errors.WrongEntry({ object, found: what, hint }, { at: at(col) })));
      isToldOf = header === undefined;
      if (isToldOf) break;
      continue;
    }
    if (reservations.length >= limits.entriesPerFile) {
      problems.push(errors.YAMLTooLarge({ what: 'reservations in one file', limit: limits.entriesPerFile }, { at: at(1) }));
      break;
    }
    const result = readRow(cells, header);
    if ('reservation' in result) {
      reservations.push(result.reservation);
      rows.push(row);
      continue;
    }
    for (const { found: what, hint, col } of result.faults) {
      if (++wrong <= limits.problemsPerFile) problems.push(errors.WrongEntry({ object, found: what, hint }, { at: at(col) }));
      else last = at(col);
    }
  }
  if (last) problems.push(errors.MoreProblems({ count: wrong - limits.problemsPerFile }, { at: last }));
  // An export that failed leaves an empty file: nobody says with it that every reservation goes.
  if (header === undefined && !isToldOf)
    problems.push(errors.WrongEntry({ object, found: 'the file, which is empty,', hint: emptyHint }, { at: { file, line: 1, col: 1 } }));
  const inline = subnet.spec.reservations.length;
  return {
    ...subnet,
    spec: { ...subnet.spec, reservations: [...subnet.spec.reservations, ...reservations] },
    locate: (path) => placeOf(path) ?? subnet.locate(path),
  };

  function placeOf([top, list, index, field, member]: ValuePath): Position | undefined {
    if (top !== 'spec' || list !== 'reservations' || typeof index !== 'number') return undefined;
    const row = rows[index - inline];
    if (!row) return undefined;
    const column = header?.indexOf(String(field)) ?? -1;
    const end = text.indexOf('\n', row.start);
    const cell = splitRow(text.slice(row.start, end < 0 ? text.length : end))[column];
    const before = cell && typeof member === 'number' ? [...cell.text.matchAll(/\S+/g)][member]?.index : 0;
    return { file, line: row.line, col: (cell?.col ?? 1) + (before ?? 0) };
  }
}

interface Cell {
  text: string;
  col: number;
}

/** Cells of a line with commas between them; one in double quotes may hold commas. */
function splitRow(line: string): Cell[] {
  const cells: Cell[] = [];
  for (let start = 0; start <= line.length; ) {
    const blank = /[ \t]*/y;
    blank.lastIndex = start;
    const from = start + (blank.exec(line)?.[0].length ?? 0);
    if (line.charCodeAt(from) === 34) {
      const quoted = /"((?:[^"]|"")*)"?[^,]*/y;
      quoted.lastIndex = from;
      const [all = '', inner = ''] = quoted.exec(line) ?? [];
      cells.push({ text: inner.replaceAll('""', '"').trim(), col: from + 2 });
      start = from + all.length + 1;
    } else {
      const comma = line.indexOf(',', from);
      const end = comma < 0 ? line.length : comma;
      cells.push({ text: line.slice(from, end).trim(), col: from + 1 });
      start = end + 1;
    }
  }
  return cells;
}

type Tell = (found: string, hint: string, col: number) => void;

function readHeader(cells: readonly Cell[], tell: Tell): readonly string[] | undefined {
  const names = cells.map(({ text }) => text);
  if (!names.some((name) => columns.includes(name))) {
    tell(
      `the first line, "${shorten(names.join(','))}",`,
      `Name the columns in it, for example hwAddress,addresses,hostname. There are ${listColumns()}.`,
      1,
    );
    return undefined;
  }
  let isWrong = false;
  for (const [i, { text, col }] of cells.entries()) {
    if (columns.includes(text) && names.indexOf(text) === i) continue;
    isWrong = true;
    const close = columns.find((name) => text !== '' && name.toLowerCase().startsWith(text.toLowerCase())) ?? nearest(text, columns);
    if (columns.includes(text)) tell(`the second column ${text}`, 'Keep one of the two.', col);
    else tell(`the column "${shorten(text)}"`, close === undefined ? `Write one of ${listColumns()}.` : `Write ${close}.`, col);
  }
  return isWrong ? undefined : names;
}

function listColumns(): string {
  return listWords(columns).replace(/ or (\w+)$/, ' and $1');
}

type Read = { reservation: DhcpReservation } | { faults: { found: string; hint: string; col: number }[] };

/** Shared by all that have none: most have none. */
const none: never[] = [];

function readRow(cells: readonly Cell[], header: readonly string[]): Read {
  if (cells.length > header.length) {
    const extra = cells[header.length];
    const hint = `There are ${header.length} columns: ${header.join(',')}. Put a value with a comma in it in double quotes.`;
    return { faults: [{ found: `"${shorten(extra?.text ?? '')}" behind the last column`, hint, col: extra?.col ?? 1 }] };
  }
  return readPlain(cells, header);
}

const canonicalMac = /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/;
const plainName = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** What nearly all lines are, a hardware address and an IPv4 address in their usual form, is not asked of the schema: it would say yes. */
function readPlain(cells: readonly Cell[], header: readonly string[]): Read {
  let [hwAddress, address, hostname]: (string | undefined)[] = [];
  for (let i = 0; i < cells.length; i++) {
    const text = cells[i]?.text ?? '';
    if (text === '') continue;
    const name = header[i];
    if (name === 'hwAddress' && canonicalMac.test(text)) hwAddress = text;
    else if (name === 'addresses' && isIPv4(text)) address = text;
    else if (name === 'hostname' && plainName.test(text)) hostname = text;
    else return readAny(cells, header);
  }
  if (hwAddress === undefined) return readAny(cells, header);
  const addresses = address === undefined ? none : [address];
  const rest = { addresses, prefixes: none, clientClasses: none, options: none };
  return { reservation: hostname === undefined ? { hwAddress, ...rest } : { hwAddress, ...rest, hostname } };
}

function readAny(cells: readonly Cell[], header: readonly string[]): Read {
  const value: Record<string, string | string[]> = {};
  for (const [i, { text }] of cells.entries()) {
    const name = header[i] ?? '';
    if (text !== '') value[name] = isSeveral(name) ? text.split(/\s+/) : text;
  }
  const result = DhcpReservation.safeParse(value);
  if (result.success) return { reservation: result.data };
  const faults = result.error.issues.map((issue) => {
    const cell = cells[header.indexOf(String(issue.path[0]))];
    const { why, hint } = splitMessage(issue.message);
    const text = cell?.text ?? '';
    const found = cell ? `"${shorten(text)}"${why === '' ? '' : `, which ${why},`}` : `the line, ${why},`;
    return { found, hint: sentence(hint), col: cell?.col ?? 1 };
  });
  return { faults: [...new Map(faults.map((fault) => [fault.col, fault])).values()] };
}

function isSeveral(name: string): name is (typeof several)[number] {
  return (several as readonly string[]).includes(name);
}
