import {
  type DhcpBootIntent,
  type DhcpLifetimes,
  type DhcpLifetimesIntent,
  type DhcpOptionIntent,
  type DhcpOptionValue,
  findDhcpOption,
  type IpFamily,
  ownOptionSpace,
  type ProfileDhcp,
} from '../api/index.ts';

/** What options are called and which sets there are, in one family of one server. */
export interface OptionNames {
  family: IpFamily;
  /** The options of a set; undefined when there is none of the name. */
  setOf(name: string): readonly DhcpOptionValue[] | undefined;
  /** Name and code of an option, from the definitions of the profile or the standard table. */
  find(nameOrCode: string | number, space: string): { name: string; code: number } | undefined;
}

export function optionNamesOf(family: IpFamily, profile: ProfileDhcp | undefined): OptionNames {
  const version = family === 'ipv4' ? 'IPv4' : 'IPv6';
  const sets = new Map((profile?.optionSets ?? []).filter((set) => set.family === version).map((set) => [set.name, set.options]));
  const defined = new Map<string, { name: string; code: number }>();
  for (const each of profile?.optionDefinitions ?? []) {
    if (each.family !== version) continue;
    const space = each.space ?? ownOptionSpace(family);
    for (const key of [each.name, each.code]) defined.set(`${space} ${key}`, each);
  }
  return {
    family,
    setOf: (name) => sets.get(name),
    find: (nameOrCode, space) => defined.get(`${space} ${nameOrCode}`) ?? findDhcpOption(family, nameOrCode, space),
  };
}

/** Options with those of sets behind them, each once, by space and code. `onMissing` hears of what has no meaning here. */
export function compileOptions(
  written: { options: readonly DhcpOptionValue[]; optionSets?: readonly string[]; bootFile?: string | undefined },
  names: OptionNames,
  onMissing: (lacks: string) => void,
): DhcpOptionIntent[] {
  const found = new Map<string, DhcpOptionIntent>();
  const add = (value: DhcpOptionValue): void => {
    const space = value.space ?? ownOptionSpace(names.family);
    const known = names.find(value.name ?? value.code ?? 0, space);
    const code = value.code ?? known?.code;
    if (code === undefined) return onMissing(`no option is called ${value.name}`);
    const { data, hex, alwaysSend, neverSend } = value;
    const key = `${space} ${code}`;
    if (!found.has(key)) found.set(key, { space, code, option: known?.name ?? null, data, hex, alwaysSend, neverSend });
  };
  for (const value of written.options) add(value);
  if (names.family === 'ipv6' && written.bootFile !== undefined) add({ ...plain, name: 'bootfile-url', data: written.bootFile });
  for (const name of written.optionSets ?? []) {
    const set = names.setOf(name);
    if (!set) onMissing(`its profile has no option set ${name}`);
    for (const value of set ?? []) add(value);
  }
  return [...found.values()].sort((a, b) => (a.space < b.space ? -1 : a.space > b.space ? 1 : a.code - b.code));
}

const plain = { hex: false, alwaysSend: false, neverSend: false };

export interface Boot {
  nextServer?: string | undefined;
  serverName?: string | undefined;
  bootFile?: string | undefined;
}

/** The fields of a DHCPv4 message; in IPv6 there are none. */
export function compileBoot(boot: Boot, family: IpFamily): DhcpBootIntent {
  if (family === 'ipv6') return noBoot;
  return { nextServer: boot.nextServer ?? null, serverName: boot.serverName ?? null, bootFile: boot.bootFile ?? null };
}

const noBoot: DhcpBootIntent = { nextServer: null, serverName: null, bootFile: null };

export function compileLifetimes(lifetimes: DhcpLifetimes | undefined): DhcpLifetimesIntent {
  return {
    valid: lifetimes?.validSeconds ?? null,
    minValid: lifetimes?.minValidSeconds ?? null,
    maxValid: lifetimes?.maxValidSeconds ?? null,
    preferred: lifetimes?.preferredSeconds ?? null,
    minPreferred: lifetimes?.minPreferredSeconds ?? null,
    maxPreferred: lifetimes?.maxPreferredSeconds ?? null,
    renew: lifetimes?.renewSeconds ?? null,
    rebind: lifetimes?.rebindSeconds ?? null,
  };
}
