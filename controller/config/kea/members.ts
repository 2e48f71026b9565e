import { readRange, sayAddress, sayPrefix } from './addresses.ts';
import { identifierTypes } from './identifiers.ts';
import { type JsonMap, textOf } from './json.ts';
import { type Known, readDefinitionLine, readOption, sayDefinition, sayOption } from './options.ts';
import { reservationKeys, sayWho } from './reservations.ts';
import { asWord, readNames, readText, readValue, sayName, splitWords } from './words.ts';

/** Lists whose members are lines of their own: how a line finds its member, makes it, and says what is in it. */
export interface MemberKind {
  /** Key of the list. */
  readonly key: string;
  /** Words that identify, the first one included. */
  readonly words: number;
  readonly headOf: (map: JsonMap, known: Known) => string;
  /** Keys that the line speaks of: a new line says all of them anew. */
  readonly speaksOf: readonly string[];
  /** What the line says; `head` and `rest` as they were written. */
  readonly read: (head: string, rest: string, known: Known) => JsonMap;
}

const byName = (key: string, word: string, needs: JsonMap = {}): MemberKind => ({
  key,
  words: 2,
  headOf: (map) => `${word} ${sayName(textOf(map['name']))}`,
  speaksOf: ['name'],
  read: (head) => ({ name: readText(head.slice(word.length + 1)), ...needs }),
});

/** Members by the first word of their line. The lists of subnets, of control sockets and of hosts databases depend on where they stand. */
export const memberKinds: Readonly<Record<string, MemberKind>> = {
  'shared-network': byName('shared-networks', 'shared-network'),
  'client-class': byName('client-classes', 'client-class'),
  logger: byName('loggers', 'logger', { severity: 'INFO' }),
  subnet: {
    key: 'subnet',
    words: 2,
    headOf: (map) => `subnet ${sayName(textOf(map['id']))}`,
    speaksOf: ['id'],
    read: (head) => ({ id: readValue(head.slice('subnet '.length)) }),
  },
  hook: {
    key: 'hooks-libraries',
    words: 2,
    headOf: (map) => `hook ${sayName(textOf(map['library']).replace(/^.*\//, ''))}`,
    speaksOf: ['library'],
    read: (head, rest) => ({ library: readText(rest || head.slice('hook '.length)) }),
  },
  output: {
    key: 'output_options',
    words: 2,
    headOf: (map) => `output ${sayName(textOf(map['output']))}`,
    speaksOf: ['output'],
    read: (head) => ({ output: readText(head.slice('output '.length)) }),
  },
  'control-socket': {
    key: 'control-sockets',
    words: 2,
    headOf: (map) => `control-socket ${sayName(textOf(map['socket-type'], 'unix'))}`,
    speaksOf: ['socket-type'],
    read: (head) => ({ 'socket-type': readText(head.slice('control-socket '.length)) }),
  },
  'hosts-database': {
    key: 'hosts-databases',
    words: 2,
    headOf: (map) => `hosts-database ${sayName(textOf(map['type'], '?'))}`,
    speaksOf: ['type'],
    read: (head) => ({ type: readText(head.slice('hosts-database '.length)) }),
  },
  option: {
    key: 'option-data',
    words: 3,
    headOf: (map, known) => sayOption(map, known)?.head ?? '',
    speaksOf: ['space', 'code', 'name', 'data', 'csv-format', 'always-send', 'never-send', 'client-classes'],
    read: (head, rest, known) => readOption(`${head} ${rest}`, known),
  },
  'option-def': {
    key: 'option-def',
    words: 3,
    headOf: (map, known) => sayDefinition(map, known.family)?.head ?? '',
    speaksOf: ['space', 'code', 'name', 'type', 'record-types', 'array', 'encapsulate'],
    read: (head, rest) => readDefinitionLine(`${head} ${rest}`),
  },
  reservation: {
    key: 'reservations',
    words: 3,
    headOf: sayWho,
    speaksOf: [...identifierTypes, ...reservationKeys],
    read: readReservation,
  },
  pool: {
    key: 'pools',
    words: 2,
    headOf: (map) => `pool ${readRange(textOf(map['pool']))?.first ?? sayName(textOf(map['pool']))}`,
    speaksOf: ['pool'],
    read(head, rest) {
      const last = rest.replace(/^- /, '');
      const first = head.slice('pool '.length);
      return { pool: last === '?' ? readText(first) : `${first}-${last}` };
    },
  },
  'pd-pool': {
    key: 'pd-pools',
    words: 2,
    headOf: (map) => `pd-pool ${asWord(`${sayAddress(textOf(map['prefix']))}/${textOf(map['prefix-len'])}`)}`,
    speaksOf: ['prefix', 'prefix-len', 'delegated-len', 'excluded-prefix', 'excluded-prefix-len'],
    read(head, rest) {
      const [prefix = '', length = ''] = head.slice('pd-pool '.length).split('/');
      const [, delegated = '', , excluded] = rest.split(' ');
      const [address = '', size = ''] = excluded?.split('/') ?? [];
      return {
        prefix,
        'prefix-len': Number(length),
        'delegated-len': Number(delegated),
        ...(excluded !== undefined && { 'excluded-prefix': address, 'excluded-prefix-len': Number(size) }),
      };
    },
  },
};

function readReservation(head: string, rest: string): JsonMap {
  const [, type = '', id = ''] = splitWords(head);
  const map: JsonMap = id === '-' ? {} : { [type]: readText(id) };
  const words = splitWords(rest);
  for (let at = 0; at + 1 < words.length; at += 2) {
    const [key = '', value = ''] = words.slice(at, at + 2);
    if (key === 'client-classes') map[key] = readNames(value);
    else if (key === 'ip-addresses' || key === 'prefixes') map[key] = value.split(',').map(sayPrefix);
    else map[key] = readText(value);
  }
  return map;
}

/** A line in its parts: what identifies it, which of several with the same identity it is, and what it says. */
export function splitMember(line: string, kind: MemberKind): { head: string; nth: number; rest: string } {
  const words = splitWords(line);
  let count = kind.words;
  if (words[0] === 'option' && words[3] === 'for' && words.length > 4) count = 5;
  const head = words.slice(0, count).join(' ');
  const isAgain = words[count] === 'again' && /^\d+$/.test(words[count + 1] ?? '');
  const rest = words.slice(isAgain ? count + 2 : count).join(' ');
  return { head, nth: isAgain ? Number(words[count + 1]) : 1, rest };
}
