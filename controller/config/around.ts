import type { Around, Draft } from './dialect.ts';
import { type CompiledDialect, isNegated, positiveWords } from './rules.ts';
import type { Cell } from './state.ts';

/** A block of a configuration under change, as a row's function sees it. */
export function aroundCell(cell: Cell): Around {
  return {
    text: cell.text,
    get around() {
      return cell.parent && aroundCell(cell.parent);
    },
    lineOf: (key) => cell.children.get(key)?.text,
    lines: () => [...cell.children.values()].map((child) => child.text),
    inside: (key) => {
      const inner = cell.children.get(key);
      return inner && aroundCell(inner);
    },
  };
}

function aroundDraft(block: Draft, outer: Around | undefined): Around {
  let index: Map<string, Draft> | undefined;
  let asked = 0;
  // Few ask more than once, and what they ask for mostly stands ahead: an index of a large block would cost more than it saves.
  const find = (key: string): Draft | undefined => {
    if (++asked <= 2) return block.children.find((child) => child.key === key);
    return (index ??= new Map(block.children.map((child) => [child.key, child]))).get(key);
  };
  const here: Around = {
    text: block.text,
    around: outer,
    lineOf: (key) => find(key)?.text,
    lines: () => block.children.map((child) => child.text),
    inside: (key) => {
      const inner = find(key);
      return inner && aroundDraft(inner, here);
    },
  };
  return here;
}

/** All that a text does not say of the device that it is for: the line that the defaults there follow from. */
export function aroundText(profile: string): Around {
  return {
    text: '',
    around: undefined,
    lineOf: (key) => (profile.startsWith(`${key} `) ? profile : undefined),
    lines: () => [profile],
    inside: () => undefined,
  };
}

/** Drops lines that say what the device does there anyway. */
export function dropImplied(
  block: Draft,
  compiled: Pick<CompiledDialect, 'negations' | 'version'>,
  outer?: Around,
  onImplied?: (block: Draft, key: string) => void,
): void {
  const { negations, version } = compiled;
  let here: Around | undefined;
  let implied: Set<Draft> | undefined;
  for (const child of block.children) {
    const { on } = child.rule.row;
    if (!on && child.children.length === 0) continue;
    here ??= aroundDraft(block, outer);
    // All of them are asked before any goes.
    if (on && on(positiveWords(child.text, negations), here, version) !== isNegated(child.text, negations))
      (implied ??= new Set()).add(child);
  }
  if (here) for (const child of block.children) if (child.children.length > 0) dropImplied(child, compiled, here, onImplied);
  if (implied && onImplied) for (const { key } of implied) onImplied(block, key);
  if (implied) block.children = block.children.filter((child) => !implied.has(child));
}
