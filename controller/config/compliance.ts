import { readWritten, type WrittenLine } from './written.ts';

/** A part of the configuration to report on: the lines that begin with one of `section`, with all inside them. */
export interface Feature {
  readonly name: string;
  /** The order of the lines counts. */
  readonly ordered: boolean;
  readonly section: readonly string[];
}

export interface FeatureReport {
  readonly compliant: boolean;
  /** Lines of the intended text that the device lacks, with the sections they stand in. */
  readonly missing: string;
  /** Lines of the device that the intended text lacks. */
  readonly extra: string;
}

/** Lines of the intended text that live lacks, with the section lines around them, indented. Text against text: no meaning, no commands. */
export function missingLines(live: string, intended: string, platform: string): string[] {
  return lacking(readWritten(live, platform), readWritten(intended, platform));
}

/** Per feature, whether live holds what is intended. */
export function compliance(live: string, intended: string, features: readonly Feature[], platform: string): Record<string, FeatureReport> {
  const [all, wanted] = [readWritten(live, platform), readWritten(intended, platform)];
  return Object.fromEntries(
    features.map((feature) => {
      const [there, wants] = [partOf(all, feature), partOf(wanted, feature)];
      const [missing, extra] = [lacking(there, wants), lacking(wants, there)];
      const same = there.length === wants.length && there.every((line, i) => keyOf(line) === keyOf(wants[i] as WrittenLine));
      const compliant = same || (!feature.ordered && missing.length === 0 && extra.length === 0);
      return [feature.name, { compliant, missing: missing.join('\n'), extra: extra.join('\n') }];
    }),
  );
}

function partOf(lines: readonly WrittenLine[], { section }: Feature): WrittenLine[] {
  const begins = (text: string): boolean => section.some((start) => text.startsWith(start));
  return lines.filter((line) => begins(line.parents[0] ?? line.text) || line.parents.some(begins) || begins(line.text));
}

function lacking(have: readonly WrittenLine[], want: readonly WrittenLine[]): string[] {
  const there = new Set(have.map(keyOf));
  const lines: string[] = [];
  let path: readonly string[] = [];
  for (const line of want) {
    if (there.has(keyOf(line))) continue;
    let shared = 0;
    while (shared < line.parents.length && path[shared] === line.parents[shared]) shared++;
    for (let depth = shared; depth < line.parents.length; depth++) lines.push('  '.repeat(depth) + line.parents[depth]);
    lines.push('  '.repeat(line.depth) + line.text);
    path = [...line.parents, line.text];
  }
  return lines;
}

function keyOf(line: WrittenLine): string {
  return [...line.parents, line.text].join('\u0000');
}
