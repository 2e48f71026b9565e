/** A version as semver.org writes it, a leading v allowed. Build metadata does not count. */
export interface Version {
  numbers: readonly [number, number, number];
  prerelease: readonly (string | number)[];
}

type Test = (version: Version) => boolean;

/** What a range accepts. */
export interface VersionRange {
  accepts(version: Version): boolean;
}

/** Reads `v1.2.3-rc.1`; undefined for anything else. */
export function parseVersion(text: string): Version | undefined {
  const match = /^v?(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/.exec(text);
  if (!match) return undefined;
  const prerelease = match[4]?.split('.') ?? [];
  if (prerelease.some((part) => part === '' || /^0\d+$/.test(part))) return undefined;
  return {
    numbers: [Number(match[1]), Number(match[2]), Number(match[3])],
    prerelease: prerelease.map((part) => (/^\d{1,15}$/.test(part) ? Number(part) : part)),
  };
}

/** Order of precedence: negative when a is older. */
export function compareVersions(a: Version, b: Version): number {
  for (const i of [0, 1, 2] as const) if (a.numbers[i] !== b.numbers[i]) return a.numbers[i] - b.numbers[i];
  if (a.prerelease.length === 0 || b.prerelease.length === 0) return b.prerelease.length - a.prerelease.length;
  for (let i = 0; i < Math.max(a.prerelease.length, b.prerelease.length); i++) {
    const [left, right] = [a.prerelease[i], b.prerelease[i]];
    if (left === right) continue;
    if (left === undefined) return -1;
    if (right === undefined) return 1;
    if (typeof left === 'number' && typeof right === 'number') return left - right;
    if (typeof left !== typeof right) return typeof left === 'number' ? -1 : 1;
    return left < right ? -1 : 1;
  }
  return 0;
}

/**
 * Reads a range: `1.2.x`, `~1.2`, `^1.2.3`, `>=1.0 <2.0`, `1.0 - 1.4`, `*`, several joined by `||`. Undefined when it is none.
 * A prerelease is accepted only where the same alternative names one.
 */
export function parseRange(text: string): VersionRange | undefined {
  const alternatives = text.split('||').map(parseAlternative);
  if (alternatives.some((each) => each === undefined)) return undefined;
  return { accepts: (version) => alternatives.some((accepts) => accepts?.(version) === true) };
}

function parseAlternative(text: string): Test | undefined {
  const words = text
    .replace(/(\S+)\s+-\s+(\S+)/g, '>=$1 <=$2')
    .replace(/(>=|<=|!=|[<>=~^])\s+/g, '$1')
    .split(/[\s,]+/)
    .filter((word) => word !== '');
  const tests = words.map(parseComparator);
  if (tests.length === 0 || tests.some((test) => test === undefined)) return undefined;
  const withPrerelease = words.some((word) => /\d-[0-9A-Za-z]/.test(word));
  return (version) => (withPrerelease || version.prerelease.length === 0) && tests.every((test) => test?.(version) === true);
}

function parseComparator(word: string): Test | undefined {
  const match =
    /^(>=|<=|!=|[<>=~^])?v?([0-9]{1,9}|[xX*])(?:\.([0-9]{1,9}|[xX*]))?(?:\.([0-9]{1,9}|[xX*]))?(?:-([0-9A-Za-z.-]+))?(?:\+\S+)?$/.exec(
      word,
    );
  if (!match) return undefined;
  const [, sign = '', ...parts] = match;
  const given = parts.slice(0, 3).map((part) => (part === undefined || /[xX*]/.test(part) ? undefined : Number(part)));
  const cut = given.indexOf(undefined);
  const known = cut < 0 ? 3 : cut;
  const low = versionOf(given, parts[3]);
  // The first version beyond what is written: 1.2 means every 1.2.z, and ~ and ^ say how much further.
  const high = versionOf(bump(given, widthOf(sign, given, known)));
  const atLeast: Test = (version) => compareVersions(version, low) >= 0;
  const below: Test = (version) => widthOf(sign, given, known) < 0 || compareVersions(version, high) < 0;
  switch (sign) {
    case '>=':
      return atLeast;
    case '<':
      return (version) => compareVersions(version, low) < 0;
    case '>':
      return (version) => (known === 3 ? compareVersions(version, low) > 0 : !below(version));
    case '<=':
      return (version) => (known === 3 ? compareVersions(version, low) <= 0 : below(version));
    case '!=':
      return (version) => !(known === 3 ? compareVersions(version, low) === 0 : atLeast(version) && below(version));
    case '~':
    case '^':
      return (version) => atLeast(version) && below(version);
    default:
      return (version) => (known === 3 ? compareVersions(version, low) === 0 : atLeast(version) && below(version));
  }
}

/** Which number is raised for the upper end: 0, 1 or 2; -1 for no end at all. */
function widthOf(sign: string, given: readonly (number | undefined)[], known: number): number {
  if (known === 0) return -1;
  if (sign === '~') return Math.min(known - 1, 1);
  if (sign !== '^') return known - 1;
  const first = given.slice(0, known).findIndex((each) => each !== 0);
  return first < 0 ? known - 1 : first;
}

function bump(given: readonly (number | undefined)[], index: number): (number | undefined)[] {
  return given.map((each, i) => (i < index ? each : i === index ? (each ?? 0) + 1 : 0));
}

function versionOf(given: readonly (number | undefined)[], prerelease = ''): Version {
  const text = `${given.map((each) => each ?? 0).join('.')}${prerelease === '' ? '' : `-${prerelease}`}`;
  return parseVersion(text) ?? { numbers: [0, 0, 0], prerelease: [] };
}
