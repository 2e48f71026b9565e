import { ownOptionSpace } from '../../api/index.ts';
import { type Change, nodeOf } from '../compare.ts';
import { type JsonMap, textOf } from './json.ts';
import { type Known, knownOptions, readDefinitionLine, readOption, sayOption } from './options.ts';
import { kindOf } from './twins.ts';
import { readText, splitWords } from './words.ts';

/**
 * A definition that comes, goes or changes gives the options that it defines other names and their bytes another reading. Where an option says the
 * same under the definition as without it, the definition is the one difference.
 */
export function withoutFollowing(changes: readonly Change[]): readonly Change[] {
  const definitions = changes.flatMap((change) => {
    const lines = linesOf(change).filter((line) => line.startsWith('option-def '));
    return lines.map((line) => readDefinitionLine(line.replace(/ again \d+/, '')));
  });
  if (definitions.length === 0) return changes;
  const following = changes.filter((change) => isOf(change, definitions));
  if (following.length === 0) return changes;
  const gone = new Set<Change>();
  for (const group of Map.groupBy(following, ({ path }) => path.map(({ key }) => key).join('\n')).values()) {
    const [before, after] = [group.flatMap((change) => saidBy(change, 'live')), group.flatMap((change) => saidBy(change, 'want'))];
    const family = group[0]?.path[0]?.text === 'Dhcp6' ? 'ipv6' : 'ipv4';
    const known = definitions.map((definition) => knownOptions(family, [definition]));
    // The value of an option that holds others is made of them, as long as the definition says so.
    const holdsOthers = definitions.some(({ type }) => type === 'empty');
    const isSame =
      before.length > 0 &&
      before.length === after.length &&
      before.every((line) => {
        const at = after.findIndex((other) => isSameValue(line, other, known) || (holdsOthers && (isBare(line) || isBare(other))));
        return at >= 0 && after.splice(at, 1).length > 0;
      });
    if (isSame) for (const change of group) gone.add(change);
  }
  return changes.filter((change) => !gone.has(change));
}

function linesOf(change: Change): string[] {
  return [...saidBy(change, 'live'), ...saidBy(change, 'want')];
}

function saidBy(change: Change, side: 'live' | 'want'): string[] {
  if (side === 'live') return change.kind === 'add' ? [] : [change.live.text];
  return change.kind === 'remove' ? [] : [change.want.text];
}

function isOf(change: Change, definitions: readonly JsonMap[]): boolean {
  if (kindOf(nodeOf(change)) !== 'option') return false;
  return linesOf(change).some((line) => {
    const [, space = '', code = '', name = ''] = splitWords(line);
    return definitions.some(
      (each) => each['space'] === readText(space) && (textOf(each['code']) === code || each['name'] === readText(name)),
    );
  });
}

function isSameValue(one: string, other: string, known: readonly Known[]): boolean {
  return digitsOf(one) === digitsOf(other) || known.some((each) => contentUnder(one, each) === contentUnder(other, each));
}

function isBare(line: string): boolean {
  return digitsOf(line) === '';
}

/** What was written, when nobody knew whether it was text or bytes. */
function digitsOf(line: string): string {
  const { data } = readOption(line.replace(/ again \d+/, ''), knownOptions('ipv4', []));
  return textOf(data).replace(/\s+/g, '').replace(/^0+/, '').toLowerCase();
}

/** The value of an option as the definition has it, whatever its code and name were. */
function contentUnder(line: string, known: Known): string {
  const map = readOption(line.replace(/ again \d+/, ''), known);
  const space = typeof map['space'] === 'string' ? map['space'] : ownOptionSpace(known.family);
  const option = (map['code'] !== undefined && known.find(space, Number(map['code']))) || known.find(space, textOf(map['name']));
  const { code: _code, name: _name, 'csv-format': csv, ...rest } = map;
  const said = sayOption({ ...rest, ...(option ? { code: option.code } : { name: '-' }), 'csv-format': csv ?? true }, known);
  return said?.rest.replace(/^\S+ ?/, '') ?? line;
}
