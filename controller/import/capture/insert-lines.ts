import { type Dialect, type Node, parse, print, type Tree } from '../../config/index.ts';

/** The text with these lines in it: each at the end of its block where that stands there already. All else, comments too, stays as it is. */
export function insertLines(text: string, added: Tree): string {
  const { dialect, version } = added;
  const written = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  const lines = written.split('\n').slice(0, -1);
  insertAll(lines, 0, lines.length, added.roots, '', added);
  const edited = lines.map((line) => `${line}\n`).join('');
  const whole = print(parse(written + print(added), dialect, { version }));
  // A file whose indentation says nothing of its blocks is written anew.
  return print(parse(edited, dialect, { version })) === whole ? edited : whole;
}

/** Inserts between two lines; gives how many there are now. */
function insertAll(lines: string[], from: number, to: number, nodes: readonly Node[], indent: string, tree: Tree): number {
  let end = to;
  for (const node of nodes) {
    const at = node.children.length === 0 ? undefined : findBlock(lines, from, end, node.text, tree.dialect);
    if (at === undefined) {
      const block = print({ ...tree, roots: [node] })
        .split('\n')
        .slice(0, -1);
      lines.splice(end, 0, ...block.map((line) => indent + line));
      end += block.length;
      continue;
    }
    const length = lengthOfBlock(lines, at, tree.dialect);
    const isClosed = length > 1 && tree.dialect.exits.includes(lines[at + length - 1]?.trim() ?? '');
    end += insertAll(lines, at + 1, at + length - (isClosed ? 1 : 0), node.children, `${indent} `, tree);
  }
  return end - to;
}

/** The block of this text directly in these lines, not in a block among them. */
function findBlock(lines: readonly string[], from: number, to: number, text: string, dialect: Dialect): number | undefined {
  for (let at = from; at < to; at += lengthOfBlock(lines, at, dialect)) if (lines[at]?.trim().replace(/\s+/g, ' ') === text) return at;
  return undefined;
}

/** The line with what stands further in below it, and the word that closes the block. */
export function lengthOfBlock(lines: readonly string[], at: number, { exits }: Dialect): number {
  const indentOf = (line: string): number => line.length - line.trimStart().length;
  const own = indentOf(lines[at] ?? '');
  let end = at + 1;
  while (end < lines.length && (lines[end]?.trim() === '' || indentOf(lines[end] ?? '') > own)) end++;
  if (end > at + 1 && exits.includes(lines[end]?.trim() ?? '')) end++;
  return end - at;
}
