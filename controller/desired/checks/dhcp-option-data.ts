import type { DhcpOption, DhcpOptionType, DhcpOptionValue } from '../../api/index.ts';
import { parseAddress, parsePrefix } from '../../lib/index.ts';

/** Why a value does not fit its option, and what would. */
export interface OptionFault {
  why: string;
  instead: string;
}

const bytesHint = 'Write bytes as pairs of hex digits, for example 0a0b.';

/**
 * What is wrong with the value of an option, by the type of the option. Kea itself takes some of it and sends something else: of several values of an
 * option that has one it sends the first. Undefined when it is right.
 */
export function findOptionFault(option: DhcpOption, { data, hex }: DhcpOptionValue): OptionFault | undefined {
  if (hex) return isHex(data) ? undefined : { why: 'is no bytes in hex', instead: bytesHint };
  const { type, record, array } = option;
  if (type === 'internal') return undefined;
  if (type === 'empty')
    return data === ''
      ? undefined
      : { why: 'is more than it takes', instead: 'Remove data: the option has no value. Bytes are written with hex: true.' };
  if (data.trim() === '') return { why: 'is empty', instead: `Write ${describe(option)}.` };

  const fields = data.split(/(?<!\\),/).map((field) => field.trim());
  const types: readonly DhcpOptionType[] = type === 'record' ? record : [type];
  if (fields.length < types.length || (fields.length > types.length && !array)) {
    const isText = types.length === 1 && type === 'string';
    const instead = isText ? 'Write \\, in place of each comma: what stands behind one is not sent.' : `Write ${describe(option)}.`;
    return {
      why: `has ${fields.length === 1 ? 'one value' : `${fields.length} values`}, not ${types.length === 1 ? 'one' : types.length}`,
      instead,
    };
  }
  for (const [i, field] of fields.entries()) {
    const expected = types[Math.min(i, types.length - 1)] ?? type;
    const { test, words, example } = rules[expected];
    if (field === '' || !test(field)) {
      const which = fields.length === 1 ? 'is' : `holds "${field}", which is`;
      const more = fields.length === 1 && array && / /.test(field) ? ' Put commas between several values.' : '';
      return { why: `${which} not ${words}`, instead: `Write ${words}, for example ${example}.${more}` };
    }
  }
  return undefined;
}

interface Rule {
  test: (text: string) => boolean;
  words: string;
  example: string;
}

function integer(bits: number, signed: boolean): Rule {
  const [low, high] = signed ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
  return {
    test: (text) => /^(-?[0-9]{1,10}|0x[0-9a-fA-F]{1,8})$/.test(text) && Number(text) >= low && Number(text) <= high,
    words: `a whole number from ${low} to ${high}`,
    example: signed ? '-3600' : '5',
  };
}

const label = /^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;

const rules: Readonly<Record<DhcpOptionType, Rule>> = {
  binary: { test: isHex, words: 'bytes in hex', example: '0a0b' },
  boolean: { test: (text) => /^(true|false|0|1)$/i.test(text), words: 'true or false', example: 'true' },
  empty: { test: (text) => text === '', words: 'nothing', example: "''" },
  fqdn: {
    test: (text) =>
      text.length <= 253 &&
      text
        .replace(/\.$/, '')
        .split('.')
        .every((part) => label.test(part)),
    words: 'a domain name',
    example: 'example.net',
  },
  int8: integer(8, true),
  int16: integer(16, true),
  int32: integer(32, true),
  internal: { test: () => true, words: 'its own form', example: '' },
  'ipv4-address': { test: (text) => parseAddress(text)?.version === 4, words: 'an IPv4 address', example: '192.0.2.1' },
  'ipv6-address': { test: (text) => parseAddress(text)?.version === 6, words: 'an IPv6 address', example: '2001:db8::1' },
  'ipv6-prefix': { test: (text) => parsePrefix(text)?.version === 6, words: 'an IPv6 prefix', example: '2001:db8::/48' },
  psid: { test: (text) => /^[0-9]{1,5}\/([0-9]|1[0-6])$/.test(text), words: 'a port set, VALUE/LENGTH', example: '4/8' },
  record: { test: () => true, words: 'a record', example: '' },
  string: { test: () => true, words: 'text', example: 'text' },
  tuple: { test: (text) => text !== '', words: 'text', example: 'text' },
  uint8: integer(8, false),
  uint16: integer(16, false),
  uint32: integer(32, false),
};

function isHex(text: string): boolean {
  const digits = text.replace(/^0x/i, '').replace(/[ :]/g, '');
  return /^([0-9a-fA-F]{2})*$/.test(digits);
}

/** `an IPv4 address, or several with commas between them`, or the fields of a record in order. */
function describe({ type, record, array }: DhcpOption): string {
  if (type === 'record') {
    const words = record.map((each) => rules[each].words);
    return `${words.length} values with commas between them: ${words.slice(0, -1).join(', ')}, and ${words.at(-1)}`;
  }
  return `${rules[type].words}${array ? ', or several with commas between them' : ' alone'}`;
}
