/** What was changed, counted by what is shown: a line that goes and one that comes in its place are one, and so is a block. */
export function countDifferences(text: string): number {
  let count = 0;
  let block: { mark: string; depth: number } | undefined;
  for (const line of text.split('\n')) {
    const mark = line[0] ?? '';
    if (mark !== '+' && mark !== '-') {
      block = undefined;
      continue;
    }
    const depth = line.slice(2).search(/\S/);
    if (block?.mark === mark && depth > block.depth) continue;
    const replaces = mark === '+' && block?.mark === '-' && depth === block.depth;
    if (!replaces) count++;
    block = { mark, depth };
  }
  return count;
}
