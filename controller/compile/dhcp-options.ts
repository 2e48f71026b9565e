import {
  type DhcpBootIntent,
  type DhcpLifetimes,
  type DhcpLifetimesIntent,
  type DhcpOptionIntent,
  type DhcpOptionValue,
  type IpFamily,
  type OptionNames,
  ownOptionSpace,
} from '../api/index.ts';

/** Options with those of sets behind them, each once, by space and code. `onMissing` hears of what has no meaning here. */
export function compileOptions(
  written: { options: readonly DhcpOptionValue[]; optionSets?: readonly string[]; bootFile?: string | undefined },
  names: OptionNames,
  onMissing: (lacks: string) => void,
): DhcpOptionIntent[] {
  const found = new Map<string, DhcpOptionIntent>();
  const add = (value: DhcpOptionValue): void => {
    const space = value.space ?? ownOptionSpace(names.family);
    const known = names.find(value);
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
