import type { Dialect, Row } from '../dialect.ts';

/**
 * Sections from lines with their sections before them: `interface > mtu` knows `mtu 9000` inside any interface, as a line with a value.
 * A word `*` stands for one word of a section's name.
 */
export function lineages(lines: readonly string[], more: Readonly<Record<string, readonly Row[]>> = {}): Dialect['sections'] {
  const sections: Record<string, Row[]> = { root: [] };
  for (const line of lines) {
    const parts = line.split(' > ');
    const leaf = parts.pop() ?? '';
    let section = 'root';
    for (const part of parts) {
      const inner = section === 'root' ? part : `${section} > ${part}`;
      const rows = (sections[section] ??= []);
      if (!rows.some((row) => row.opens === inner)) rows.push({ match: [...opening(part)], opens: inner });
      sections[inner] ??= [];
      section = inner;
    }
    (sections[section] ??= []).push(...leaves(leaf));
  }
  for (const [name, rows] of Object.entries(more)) sections[name] = [...rows, ...(sections[name] ?? [])];
  return sections;
}

function opening(part: string): string[] {
  const named = wild(part);
  return [named, `${named} {rest*}`];
}

function leaves(leaf: string): Row[] {
  return [{ match: [`${wild(leaf)} <value*>`], remove: undefined, ...(leaf === '' && {}) } as Row];
}

function wild(text: string): string {
  let n = 0;
  return text.replaceAll('*', () => `{w${n++}}`);
}
