import type { Dialect, Row } from '../dialect.ts';
import { parts } from './rows.ts';

/**
 * Sections from lines with their sections before them: `interface > mtu` knows `mtu 9000` inside any interface, as a line with a value. `*`
 * stands for one word. `overwritten`: one such line, another value is sent over it. `displaced`: several may stand, each with its text; when
 * another one of them is wanted, none is taken back.
 */
export function lineages(
  kind: 'overwritten' | 'displaced',
  lines: readonly string[],
  more: Readonly<Record<string, readonly Row[]>> = {},
): Dialect['sections'] {
  const sections: Record<string, Row[]> = { root: [] };
  for (const [name, rows] of Object.entries(more)) sections[name] = [...rows];
  for (const line of parts(lines)) {
    const path = line.split(' > ');
    const leaf = wild(path.pop() ?? '');
    let section = 'root';
    for (const part of path) {
      const inner = section === 'root' ? part : `${section} > ${part}`;
      const rows = (sections[section] ??= []);
      if (!rows.some((row) => row.opens === inner)) rows.push({ match: [wild(part), `${wild(part)} {rest*}`], opens: inner });
      sections[inner] ??= [];
      section = inner;
    }
    const row: Row = kind === 'displaced' ? { match: `${leaf} <value*>`, key: '{line}', slot: leaf } : { match: `${leaf} <value*>` };
    (sections[section] ??= []).push(row);
  }
  return sections;
}

function wild(text: string): string {
  let n = 0;
  return text.replaceAll('*', () => `{w${n++}}`);
}
