import type { IpFamily } from '../api/index.ts';
import { bitsOf, networkOf, parsePrefix } from '../lib/index.ts';

/** One prefix as lists are asked about it: the key of each network that holds it is worked out once. */
export interface Network {
  text: string;
  family: IpFamily;
  length: number;
  /** Key of the enclosing network of a length, unique among those of the family and the length. */
  within(length: number): number | bigint;
}

/** A route as policies see it. Communities are in their canonical spelling, each once, in no order that means anything. */
export interface Route {
  network: Network;
  /** Canonical address; null: the device itself. */
  nextHop: string | null;
  /** As routers print it: `64496 64497 {64498,64499}`; empty for a route of the own AS. */
  asPath: string;
  origin: 'IGP' | 'EGP' | 'Incomplete';
  /** Null: the attribute is not there. */
  localPreference: number | null;
  med: number | null;
  weight: number;
  communities: readonly string[];
  largeCommunities: readonly string[];
  extendedCommunities: readonly string[];
}

/** The network of a prefix, host bits cleared. Undefined when the text is none. */
export function readNetwork(text: string): Network | undefined {
  const prefix = parsePrefix(text);
  if (!prefix) return undefined;
  const { version, length, first } = prefix;
  const bits = bitsOf(version);
  const network = networkOf(prefix);
  if (version === 4) {
    const value = Number(first);
    return { text: network, family: 'ipv4', length, within: (shorter) => Math.floor(value / 2 ** (32 - shorter)) };
  }
  const keys = Array.from<number | bigint | undefined>({ length: bits + 1 });
  return {
    text: network,
    family: 'ipv6',
    length,
    within: (shorter) => (keys[shorter] ??= keyOf(first >> BigInt(bits - shorter), shorter)),
  };
}

/** Numbers where they are exact: they are looked up ten times as fast. */
function keyOf(value: bigint, length: number): number | bigint {
  return length <= 52 ? Number(value) : value;
}

/** A route of the device itself, as `network` makes it. */
export function ownRoute(network: Network): Route {
  return {
    network,
    nextHop: null,
    asPath: '',
    origin: 'IGP',
    localPreference: null,
    med: 0,
    weight: 32_768,
    communities: [],
    largeCommunities: [],
    extendedCommunities: [],
  };
}

/** AS numbers that count for the length of a path: a set in braces counts once, a confederation in parentheses not at all. */
export function lengthOfPath(asPath: string): number {
  if (asPath === '') return 0;
  return asPath
    .replace(/\([^)]*\)/g, '')
    .replace(/\{[^}]*\}/g, '0')
    .split(/\s+/)
    .filter(Boolean).length;
}
