import type { DhcpOption } from '../../api/index.ts';
import { sayAddress, sayPrefix } from './addresses.ts';
import { hexOf } from './identifiers.ts';

/** What the value of an option is made of. */
export type Format = Pick<DhcpOption, 'family' | 'type' | 'record' | 'array'>;

/** Comma-separated text as canonical fields; a text or what nobody can take apart is one field as it stands. */
export function fieldsOfText(format: Format | undefined, data: string): string[] {
  if (data === '') return [];
  if (!format || format.type === 'string') return [data];
  if (format.type === 'internal' || format.type === 'empty')
    return [
      data
        .replace(/\s*,\s*/g, ',')
        .replace(/\s+/g, ' ')
        .trim(),
    ];
  if (format.type === 'binary') return [hexOf(data.trim()) ?? data];
  return splitAtCommas(data).map((text, at) => sayField(typeAt(format, at), text.trim()));
}

/** A comma behind a backslash parts nothing. */
function splitAtCommas(data: string): string[] {
  return data.includes('\\') ? data.split(/(?<!\\),/) : data.split(',');
}

function typeAt({ type, record, array }: Format, at: number): string {
  if (type !== 'record') return type;
  return record[at] ?? (array ? (record.at(-1) ?? '') : '');
}

function sayField(type: string, text: string): string {
  switch (type) {
    case 'ipv4-address':
    case 'ipv6-address':
      return sayAddress(text);
    case 'ipv6-prefix':
      return sayPrefix(text);
    case 'boolean':
      return text === '1' || text === 'true' ? 'true' : text === '0' || text === 'false' ? 'false' : text;
    case 'fqdn':
      return text.length > 1 && text.endsWith('.') ? text.slice(0, -1) : text;
    case 'binary':
      return hexOf(text) ?? text;
    default:
      return /^u?int(?:8|16|32)$/.test(type) && /^[+-]?(?:0x[\da-f]+|\d+)$/i.test(text) ? String(Number(text)) : text;
  }
}

/** Bytes, as hex digits, as the fields that text would have; undefined when they are no value of this format. */
export function fieldsOfHex(format: Format | undefined, hex: string): string[] | undefined {
  if (!format || format.type === 'internal' || hex.length % 2 === 1) return undefined;
  if (format.type === 'empty') return hex === '' ? [] : undefined;
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  const types = format.type === 'record' ? format.record : [format.type];
  const fields: string[] = [];
  let at = 0;
  for (let i = 0; at < bytes.length || i < types.length; i++) {
    const type = types[i] ?? (format.array ? types.at(-1) : undefined);
    if (type === undefined) return undefined;
    if (format.array && i === types.length - 1 && at >= bytes.length) break;
    const read = readField(type, bytes.subarray(at), format);
    if (!read) return undefined;
    fields.push(read.text);
    at += read.size;
  }
  return fields;
}

function readField(type: string, bytes: Uint8Array, { family, type: whole }: Format): { text: string; size: number } | undefined {
  const has = (size: number): boolean => bytes.length >= size;
  const number = (size: number): number => bytes.subarray(0, size).reduce((sum, byte) => sum * 256 + byte, 0);
  switch (type) {
    case 'ipv4-address':
      return has(4) ? { text: bytes.subarray(0, 4).join('.'), size: 4 } : undefined;
    case 'ipv6-address':
      return has(16) ? { text: address6(bytes.subarray(0, 16)), size: 16 } : undefined;
    case 'ipv6-prefix': {
      const length = bytes[0] ?? 255;
      const size = Math.ceil(length / 8);
      if (length > 128 || !has(1 + size)) return undefined;
      const padded = new Uint8Array(16);
      padded.set(bytes.subarray(1, 1 + size));
      return { text: `${address6(padded)}/${length}`, size: 1 + size };
    }
    case 'uint8':
    case 'uint16':
    case 'uint32': {
      const size = Number(type.slice(4)) / 8;
      return has(size) ? { text: String(number(size)), size } : undefined;
    }
    case 'int8':
    case 'int16':
    case 'int32': {
      const bits = Number(type.slice(3));
      if (!has(bits / 8)) return undefined;
      const value = number(bits / 8);
      return { text: String(value >= 2 ** (bits - 1) ? value - 2 ** bits : value), size: bits / 8 };
    }
    case 'boolean':
      return has(1) && (bytes[0] ?? 2) < 2 ? { text: bytes[0] === 1 ? 'true' : 'false', size: 1 } : undefined;
    case 'fqdn':
      return readName(bytes);
    case 'tuple': {
      const head = family === 'ipv4' ? 1 : 2;
      if (!has(head) || !has(head + number(head))) return undefined;
      const text = printable(bytes.subarray(head, head + number(head)));
      return text === undefined ? undefined : { text: text.replaceAll(',', '\\,'), size: head + number(head) };
    }
    case 'string': {
      const text = printable(bytes);
      return text === undefined || text === ''
        ? undefined
        : { text: whole === 'string' ? text : text.replaceAll(',', '\\,'), size: bytes.length };
    }
    case 'binary':
      return { text: [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(''), size: bytes.length };
    default:
      return undefined;
  }
}

function address6(bytes: Uint8Array): string {
  return sayAddress(Array.from({ length: 8 }, (_, at) => ((bytes[at * 2] ?? 0) * 256 + (bytes[at * 2 + 1] ?? 0)).toString(16)).join(':'));
}

function readName(bytes: Uint8Array): { text: string; size: number } | undefined {
  const labels: string[] = [];
  let at = 0;
  for (;;) {
    const length = bytes[at];
    if (length === undefined || length > 63) return undefined;
    at++;
    if (length === 0) break;
    const label = at + length <= bytes.length ? printable(bytes.subarray(at, at + length)) : undefined;
    if (label === undefined || /[.,\s]/.test(label)) return undefined;
    labels.push(label);
    at += length;
  }
  return { text: labels.length === 0 ? '.' : labels.join('.'), size: at };
}

function printable(bytes: Uint8Array): string | undefined {
  return bytes.every((byte) => byte >= 32 && byte < 127) ? String.fromCharCode(...bytes) : undefined;
}
