import { type DhcpOption, findDhcpOption, ownOptionSpace } from '../../api/index.ts';
import { hexOf } from './identifiers.ts';
import { isMap, type JsonMap, type JsonValue, textOf } from './json.ts';
import { fieldsOfHex, fieldsOfText, type Format } from './option-values.ts';
import { readNames, readText, sayName, sayNames, sayValue, splitWords } from './words.ts';

/** Options that are known in a place: the standard ones, and those that the configuration defines there or around it. */
export interface Known {
  readonly family: DhcpOption['family'];
  find(space: string, nameOrCode: string | number): Definition | undefined;
}

/** `encapsulate`: the space whose options stand inside it. */
export type Definition = DhcpOption & { readonly encapsulate?: string };

const standardSpaces: Readonly<Record<string, string>> = {
  'ipv4 dhcp4 43': 'vendor-encapsulated-options-space',
  'ipv4 dhcp4 82': 'dhcp-agent-options-space',
  'ipv6 dhcp6 94': 's46-cont-mape-options',
  'ipv6 dhcp6 95': 's46-cont-mapt-options',
  'ipv6 dhcp6 96': 's46-cont-lw-options',
};

/** The standard options, and the definitions on top. */
export function knownOptions(family: DhcpOption['family'], definitions: JsonValue | undefined, around?: Known): Known {
  const own = new Map<string, Definition>();
  for (const map of Array.isArray(definitions) ? definitions : []) {
    const option = isMap(map) ? readDefinition(map, family) : undefined;
    if (!option) continue;
    own.set(`${option.space} ${option.code}`, option);
    own.set(`${option.space} ${option.name}`, option);
  }
  if (around && own.size === 0) return around;
  return {
    family,
    find: (space, nameOrCode) =>
      own.get(`${space} ${nameOrCode}`) ?? (around ? around.find(space, nameOrCode) : findDhcpOption(family, nameOrCode, space)),
  };
}

function readDefinition(map: JsonMap, family: DhcpOption['family']): Definition | undefined {
  const { code, name, space = ownOptionSpace(family), type, array = false, 'record-types': record = '' } = map;
  if (typeof name !== 'string' || typeof type !== 'string' || typeof space !== 'string') return undefined;
  const types = typeof record === 'string' && record !== '' ? record.split(',').map((each) => each.trim()) : [];
  const encapsulate = textOf(map['encapsulate']);
  return {
    family,
    space,
    code: Number(code),
    name,
    type,
    record: types,
    array: array === true,
    ...(encapsulate !== '' && { encapsulate }),
  } as Definition;
}

/** A line in two halves: what identifies it, and what it says. */
export interface Said {
  readonly head: string;
  readonly rest: string;
  /** Keys that the line does not speak of. */
  readonly other: readonly string[];
}

const optionKeys = new Set(['space', 'code', 'name', 'data', 'csv-format', 'always-send', 'never-send', 'client-classes', 'metadata']);

/** `option SPACE CODE [for CLASSES]` and `NAME [always-send] [never-send] VALUES…`. Undefined for what names no option. */
export function sayOption(map: JsonMap, known: Known, hasOptionsOf: (space: string) => boolean = () => false): Said | undefined {
  const space = typeof map['space'] === 'string' && map['space'] !== '' ? map['space'] : ownOptionSpace(known.family);
  const name = typeof map['name'] === 'string' ? map['name'] : '';
  const option =
    (map['code'] !== undefined && known.find(space, Number(map['code']))) || (name !== '' ? known.find(space, name) : undefined);
  const code = map['code'] === undefined ? option?.code : Number(map['code']);
  if (code === undefined && name === '') return undefined;
  const classes = Array.isArray(map['client-classes']) ? map['client-classes'].map((each) => textOf(each)) : [];
  // Beside a code a name says nothing; a wrong one is shown, no server takes it.
  const words = [
    sayName(name === '' ? (option?.name ?? '-') : name),
    ...(isOn(map['always-send']) ? ['always-send'] : []),
    ...(isOn(map['never-send']) ? ['never-send'] : []),
    ...(isMadeOfOthers(option, hasOptionsOf) ? [] : sayData(map, option)),
  ];
  return {
    head: `option ${sayName(space)} ${code ?? '?'}${classes.length > 0 ? ` for ${sayNames(classes)}` : ''}`,
    rest: words.join(' '),
    other: Object.keys(map).filter((key) => !optionKeys.has(key)),
  };
}

function isMadeOfOthers(option: Definition | undefined, hasOptionsOf: (space: string) => boolean): boolean {
  if (option?.type !== 'empty') return false;
  const inside = option.encapsulate ?? standardSpaces[`${option.family} ${option.space} ${option.code}`];
  return inside !== undefined && hasOptionsOf(inside);
}

function isOn(value: JsonValue | undefined): boolean {
  return value === true || value === 'true';
}

function sayData(map: JsonMap, option: DhcpOption | undefined): string[] {
  const data = typeof map['data'] === 'string' ? map['data'] : map['data'] === undefined ? '' : textOf(map['data']);
  const csv = map['csv-format'];
  const isText = csv === undefined ? option !== undefined : isOn(csv);
  if (isText) {
    // Servers print bytes for what has no format, whatever was said of it.
    if (option?.type === 'empty' && data !== '') return sayHex(data);
    return fieldsOfText(option, data).map(sayField);
  }
  const hex = hexOf(data.trim());
  const fields = hex === undefined ? undefined : fieldsOfHex(option, hex);
  if (fields) return fields.map(sayField);
  // Nobody said that it is bytes, and it is none.
  if (csv === undefined && hex === undefined) return [sayField(data)];
  return data.trim() === '' ? [] : sayHex(data);
}

/** Ahead of a text that was to be bytes: no server takes it. */
const noBytes = 'no-bytes';

function sayHex(data: string): string[] {
  const hex = hexOf(data.trim());
  return hex === undefined ? [noBytes, sayField(data)] : [`hex:${hex}`];
}

/** A field is text, so that a number needs no quotes. */
function sayField(text: string): string {
  if (/^[!#-Z\\^-z|}~][\x21-\x7e]*$/.test(text) && !/^(?:always-send|never-send|no-bytes|hex:.*)$/.test(text)) return text;
  return sayValue(text).startsWith('"') ? sayValue(text) : JSON.stringify(text);
}

/** The map that a canonical option line stands for. */
export function readOption(line: string, known: Known): JsonMap {
  const [, space = '', code = '', ...after] = splitWords(line);
  const classes = after[0] === 'for' && after.length > 2 ? readNames(after[1] ?? '') : [];
  const [name = '-', ...words] = classes.length > 0 ? after.slice(2) : after;
  const map: JsonMap = { space: readText(space) };
  if (code !== '?') map['code'] = Number(code);
  if (name !== '-') map['name'] = readText(name);
  while (words[0] === 'always-send' || words[0] === 'never-send') map[words.shift() ?? ''] = true;
  if (classes.length > 0) map['client-classes'] = classes;
  const [first = ''] = words;
  if (first.startsWith('hex:')) return { ...map, 'csv-format': false, data: first.slice(4).toUpperCase() };
  if (first === noBytes) return { ...map, 'csv-format': false, data: readText(words[1] ?? '') };
  const option: Format | undefined = known.find(readText(space), code === '?' ? readText(name) : Number(code));
  if (words.length === 0) return { ...map, data: '' };
  return { ...map, ...(option && { 'csv-format': true }), data: words.map(readText).join(', ') };
}

const definitionKeys = new Set(['space', 'code', 'name', 'type', 'record-types', 'array', 'encapsulate', 'metadata']);

/** `option-def SPACE CODE` and `NAME TYPE [of TYPES] [array] [encapsulate SPACE]`. */
export function sayDefinition(map: JsonMap, family: DhcpOption['family']): Said | undefined {
  if (map['code'] === undefined) return undefined;
  const text = (key: string): string => (typeof map[key] === 'string' ? map[key] : '');
  const record = text('record-types').replace(/\s+/g, '');
  const words = [
    sayName(text('name')),
    sayName(text('type')),
    ...(record === '' ? [] : ['of', record]),
    ...(isOn(map['array']) ? ['array'] : []),
    ...(text('encapsulate') === '' ? [] : ['encapsulate', sayName(text('encapsulate'))]),
  ];
  return {
    head: `option-def ${sayName(text('space') || ownOptionSpace(family))} ${Number(map['code'])}`,
    rest: words.join(' '),
    other: Object.keys(map).filter((key) => !definitionKeys.has(key)),
  };
}

export function readDefinitionLine(line: string): JsonMap {
  const [, space = '', code = '', name = '', type = '', ...words] = splitWords(line);
  const map: JsonMap = { space: readText(space), code: Number(code), name: readText(name), type: readText(type) };
  const behind = (word: string): string | undefined => (words.includes(word) ? words[words.indexOf(word) + 1] : undefined);
  const record = behind('of');
  const encapsulate = behind('encapsulate');
  if (record !== undefined) map['record-types'] = record.replaceAll(',', ', ');
  if (words.includes('array')) map['array'] = true;
  if (encapsulate !== undefined) map['encapsulate'] = readText(encapsulate);
  return map;
}
