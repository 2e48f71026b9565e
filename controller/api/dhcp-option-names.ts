import type { ProfileDhcp } from './dhcp-client-class.ts';
import type { DhcpOptionValue } from './dhcp-option-value.ts';
import { type DhcpOption, dhcpOptions, findDhcpOption, ownOptionSpace } from './dhcp-options.ts';

/** What options are called and which sets there are, in one family of one profile. */
export interface OptionNames {
  family: DhcpOption['family'];
  /** The options of a set; undefined when there is none of the name. */
  setOf(name: string): readonly DhcpOptionValue[] | undefined;
  /** An option by what a value says of it: from the definitions of the profile, or the standard table. */
  find(value: { name?: string | undefined; code?: number | undefined; space?: string | undefined }): DhcpOption | undefined;
  /** Every name that could have been meant in a space. */
  namesIn(space: string | undefined): string[];
  sets: readonly string[];
}

export function optionNamesOf(family: DhcpOption['family'], profile: ProfileDhcp | undefined): OptionNames {
  const version = family === 'ipv4' ? 'IPv4' : 'IPv6';
  const own = ownOptionSpace(family);
  const sets = new Map((profile?.optionSets ?? []).filter((set) => set.family === version).map((set) => [set.name, set.options]));
  const defined = (profile?.optionDefinitions ?? [])
    .filter((each) => each.family === version)
    .map(({ space = own, code, name, type, record, array }): DhcpOption => ({ family, space, code, name, type, record, array }));
  const index = new Map(defined.flatMap((each) => [each.name, each.code].map((key) => [`${each.space} ${key}`, each] as const)));
  return {
    family,
    setOf: (name) => sets.get(name),
    find({ name, code, space = own }) {
      const key = name ?? code ?? 0;
      return index.get(`${space} ${key}`) ?? findDhcpOption(family, key, space);
    },
    namesIn: (space = own) =>
      [...defined, ...dhcpOptions].filter((each) => each.family === family && each.space === space).map(({ name }) => name),
    sets: [...sets.keys()],
  };
}
