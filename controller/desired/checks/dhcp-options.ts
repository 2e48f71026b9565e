import {
  type DesiredObject,
  type DhcpOptionValue,
  findDhcpOption,
  type OptionNames,
  ownOptionSpace,
  type ValuePath,
} from '../../api/index.ts';
import { nearest, parseAddress, type IpPrefix, parsePrefix, type PlumblineError, addressText } from '../../lib/index.ts';
import { formatPath, shorten } from '../words.ts';
import { errors } from './dhcp-errors.ts';
import { findOptionFault } from './dhcp-option-data.ts';
import { type DhcpFamily, type DhcpView, familyOf } from './dhcp-view.ts';
import { errors as commonErrors } from './errors.ts';
import { type CheckInput, findRepetitions, nameOf, placeOf } from './input.ts';

type Profile = DesiredObject<'DeviceProfile'>;

/** Options wherever they stand: names, values, sets, definitions. */
export function checkOptions(view: DhcpView, { objects }: CheckInput): PlumblineError[] {
  const problems: PlumblineError[] = [];
  for (const profile of objects.DeviceProfile.values()) checkProfile(view, profile, problems);
  for (const { device, server, family, names, profile } of view.servers)
    checkScope({ object: device, path: ['spec', 'dhcp', family], names, profile, prefix: undefined }, server, problems);
  for (const subnet of objects.DHCPSubnet.values()) {
    const { spec } = subnet;
    const prefix = parsePrefix(spec.prefix);
    // The servers of a pair have one profile, as a rule.
    const views = new Map(view.serversOf(subnet).map(({ names, profile }) => [names, profile]));
    if (views.size === 0) views.set(view.namesOf(familyOf(subnet), undefined), undefined);
    for (const [names, profile] of views) {
      const scope = (...path: (string | number)[]): Scope => ({ object: subnet, path: ['spec', ...path], names, profile, prefix });
      checkScope(scope(), spec, problems);
      for (const [i, pool] of spec.pools.entries()) checkScope(scope('pools', i), pool, problems);
      for (const [i, pool] of spec.prefixPools.entries()) checkScope(scope('prefixPools', i), pool, problems);
      for (let i = 0; i < spec.reservations.length; i++) {
        const reservation = spec.reservations[i];
        if (reservation && reservation.options.length > 0) checkScope(scope('reservations', i), reservation, problems);
      }
    }
  }
  return problems;
}

interface Scope {
  object: DesiredObject;
  /** Of what holds `options` and `optionSets`. */
  path: ValuePath;
  names: OptionNames;
  profile: Profile | undefined;
  /** Of the subnet: routers must be in it. */
  prefix: IpPrefix | undefined;
}

/** Options that may stand twice, one for each vendor. */
const byVendor: Readonly<Record<DhcpFamily, ReadonlySet<number>>> = { ipv4: new Set([124, 125]), ipv6: new Set([16, 17]) };

function checkScope(
  scope: Scope,
  { options, optionSets = [] }: { options: readonly DhcpOptionValue[]; optionSets?: readonly string[] },
  problems: PlumblineError[],
): void {
  const { object, path, names, profile, prefix } = scope;
  const firsts = new Map<string, number>();
  for (const [i, value] of options.entries()) {
    const place: ValuePath = [...path, 'options', i];
    const option = names.find(value);
    if (!option) {
      if (value.name !== undefined || !value.hex) problems.push(unknownOption(scope, value, place));
      continue;
    }
    const key = `${option.space} ${option.code}`;
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, i);
    else if (!byVendor[names.family].has(option.code)) {
      const where = placeOf({ object, path: [...path, 'options', first] });
      const facts = { object: nameOf(object), path: formatPath(place), option: option.name, where };
      problems.push(errors.DuplicateOption(facts, { at: object.locate(place) }));
    }
    const dataPath: ValuePath = [...place, 'data'];
    const fault = findOptionFault(option, value);
    if (fault) {
      const facts = { object: nameOf(object), path: formatPath(dataPath), value: shorten(value.data), option: option.name, ...fault };
      problems.push(errors.WrongOptionValue(facts, { at: object.locate(dataPath) }));
    } else if (prefix) checkRouters(scope, option.space, option.code, value, dataPath, prefix, problems);
  }
  for (const [i, name] of optionSets.entries()) {
    const setPath: ValuePath = [...path, 'optionSets', i];
    const set = names.setOf(name);
    if (!set) {
      const facts = {
        object: nameOf(object),
        path: formatPath(setPath),
        set: name,
        profile: profile ? nameOf(profile) : 'no profile of the servers',
        suggestion: nearest(name, names.sets),
      };
      problems.push(errors.UnknownOptionSet(facts, { at: object.locate(setPath) }));
      continue;
    }
    for (const value of prefix ? set : []) {
      const option = names.find(value);
      if (option && prefix && !findOptionFault(option, value))
        checkRouters(scope, option.space, option.code, value, setPath, prefix, problems);
    }
  }
}

function unknownOption({ object, names }: Scope, value: DhcpOptionValue, place: ValuePath): PlumblineError {
  const path: ValuePath = [...place, value.name === undefined ? 'code' : 'name'];
  const suggestion = value.name === undefined ? undefined : nearest(value.name, names.namesIn(value.space));
  const space = value.space ?? ownOptionSpace(names.family);
  const option = String(value.name ?? value.code);
  const facts = { object: nameOf(object), path: formatPath(path), option, space, suggestion, isCode: value.name === undefined };
  return errors.UnknownOption(facts, { at: object.locate(path) });
}

/** A client can only send to a router that is on its own network. */
function checkRouters(
  { object }: Scope,
  space: string,
  code: number,
  { data, hex }: DhcpOptionValue,
  path: ValuePath,
  prefix: IpPrefix,
  problems: PlumblineError[],
): void {
  if (space !== 'dhcp4' || code !== 3 || hex) return;
  for (const text of data.split(',').map((each) => each.trim())) {
    const address = parseAddress(text);
    if (!address || (address.value >= prefix.first && address.value <= prefix.last)) continue;
    const [first, last] = [prefix.first, prefix.last].map((value) => addressText(prefix.version, value));
    const facts = {
      object: nameOf(object),
      path: formatPath(path),
      value: `routers ${text}`,
      prefix: prefix.text,
      first: first ?? '',
      last: last ?? '',
    };
    problems.push(errors.OutsidePrefix(facts, { at: object.locate(path) }));
  }
}

/** Standard options that Kea 2.2 does not know yet, and older configurations define. */
const later: Readonly<Record<DhcpFamily, ReadonlySet<number>>> = {
  ipv4: new Set([121, 143, 151, 152, 153, 154, 155, 156, 157, 162]),
  ipv6: new Set([136, 144]),
};

function checkProfile(view: DhcpView, profile: Profile, problems: PlumblineError[]): void {
  const dhcp = profile.spec.dhcp;
  if (!dhcp) return;
  const at = ['spec', 'dhcp'] as const;
  const familyFor = (version: string): DhcpFamily => (version === 'IPv4' ? 'ipv4' : 'ipv6');
  const scope = (version: string, ...path: (string | number)[]): Scope => ({
    object: profile,
    path: [...at, ...path],
    names: view.namesOf(familyFor(version), dhcp),
    profile,
    prefix: undefined,
  });
  for (const [i, each] of dhcp.clientClasses.entries()) checkScope(scope(each.family, 'clientClasses', i), each, problems);
  for (const [i, each] of dhcp.optionSets.entries()) checkScope(scope(each.family, 'optionSets', i), each, problems);
  const repeated = (what: string, list: string, keys: readonly string[], field: string): void =>
    findRepetitions(
      keys.map((key, i) => [key, { object: profile, path: [...at, list, i, field] }] as const),
      (again, first) =>
        problems.push(
          commonErrors.DuplicateEntry({ object: nameOf(profile), what, where: placeOf(first) }, { at: profile.locate(again.path) }),
        ),
    );
  const definitions = dhcp.optionDefinitions;
  repeated(
    'the name of this option set',
    'optionSets',
    dhcp.optionSets.map(({ family, name }) => `${family} ${name}`),
    'name',
  );
  repeated(
    'the name of this option',
    'optionDefinitions',
    definitions.map(({ family, space, name }) => `${family} ${space} ${name}`),
    'name',
  );
  repeated(
    'the code of this option',
    'optionDefinitions',
    definitions.map(({ family, space, code }) => `${family} ${space} ${code}`),
    'code',
  );
  for (const [i, { family: version, space, code, name }] of definitions.entries()) {
    const family = familyFor(version);
    if (space !== undefined && space !== ownOptionSpace(family)) continue;
    for (const [field, known] of [
      ['code', findDhcpOption(family, code)],
      ['name', findDhcpOption(family, name)],
    ] as const) {
      if (!known || later[family].has(known.code)) continue;
      const path: ValuePath = [...at, 'optionDefinitions', i, field];
      const facts = {
        object: nameOf(profile),
        path: formatPath(path),
        what: field === 'code' ? `the code ${code}` : `the name ${name}`,
        option: `${known.name} (${known.code})`,
      };
      problems.push(errors.StandardOption(facts, { at: profile.locate(path) }));
      break;
    }
  }
}
