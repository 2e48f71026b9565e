import { readNames, sayNames } from './kea/words.ts';
import type { Node } from './types.ts';

/** True when two lines that name things in their order say the same of those that both name. */
export function isAlike(live: string, want: string): boolean {
  const [here, there] = [namesIn(live), namesIn(want)];
  const [kept, wanted] = [new Set(there), new Set(here)];
  const common = here.filter((name) => kept.has(name));
  return there.filter((name) => wanted.has(name)).every((name, at) => name === common[at]);
}

function namesIn(line: string): string[] {
  return readNames(line.slice(line.indexOf(' ') + 1));
}

/**
 * Lines that name those beside them, for a block that was put together of wanted lines and of live ones that stay: wanted names in their order,
 * the others behind the name that they stood behind.
 */
export function weave(block: readonly Node[], live: readonly Node[], want: readonly Node[]): readonly Node[] {
  const line = block.find(isWoven) ?? want.find(isWoven) ?? live.find(isWoven);
  if (!line) return block;
  const word = line.text.slice(0, line.text.indexOf(' '));
  const present = new Set(block.filter((node) => !isWoven(node)).map(nameOf));
  const orderOf = (nodes: readonly Node[]): string[] => {
    const said = nodes.find(isWoven);
    return (said ? namesIn(said.text) : nodes.map(nameOf)).filter((name) => present.has(name));
  };
  const names = orderOf(want);
  let behind = -1;
  for (const name of orderOf(live)) {
    const at = names.indexOf(name);
    if (at < 0) names.splice(++behind, 0, name);
    else behind = at;
  }
  const rest = block.filter((node) => !isWoven(node));
  if (names.length < 2) return rest;
  return [{ ...line, text: `${word} ${sayNames(names)}` }, ...rest];
}

function isWoven({ rule }: Node): boolean {
  return rule.row.woven === true;
}

function nameOf({ key }: Node): string {
  return readNames(key.slice(key.indexOf(' ') + 1))[0] ?? '';
}
