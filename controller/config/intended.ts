import type { PlumblineError } from '../lib/index.ts';
import type { Dialect, Draft } from './dialect.ts';
import { errors } from './errors.ts';
import { walk } from './names.ts';
import { parse } from './parse.ts';
import { checkSecretPlaces } from './secrets.ts';
import type { Tree } from './types.ts';

/** The object in Git that wrote a line, and where. */
export interface Owner {
  readonly owner: string;
  readonly file: string;
  readonly line: number;
}

export interface Intended {
  readonly tree: Tree;
  /** By item key. */
  readonly owners: ReadonlyMap<string, Owner>;
  /** Keys of sections that are `Exact` on purpose: everything foreign in them is removed. */
  readonly exact: ReadonlySet<string>;
  readonly problems: PlumblineError[];
}

const fromMarker = /^[!#]+\s*plumbline:from\s+(\S+)\s+(\S+?)(?::(\d+)|\s+(\d+))?$/;
const ownershipMarker = /^[!#]+\s*plumbline:ownership\s+(Exact|Declared)$/;

/**
 * Rendered text as a tree, with the owner of every line: a marker `! plumbline:from KIND/NAME FILE:LINE` owns the lines up to the next one.
 * Sections that several owners open belong to the first; a line with a value that two owners write differently is a problem.
 */
export function parseIntended(text: string, dialect: Dialect, options: { readonly version?: string } = {}): Intended {
  let owner: Owner | undefined;
  let exactFrom = false;
  const byNode = new Map<Draft, { owner: Owner; text: string }>();
  const exactNodes = new Set<Draft>();
  const problems: PlumblineError[] = [];
  const tree = parse(text, dialect, {
    ...options,
    onComment(comment) {
      const from = fromMarker.exec(comment);
      if (from) {
        owner = { owner: from[1] ?? '', file: from[2] ?? '', line: Number(from[3] ?? from[4] ?? 1) };
        exactFrom = false;
      }
      const mode = ownershipMarker.exec(comment);
      if (mode) exactFrom = mode[1] === 'Exact';
    },
    onNode(node) {
      if (!owner) return;
      const before = byNode.get(node);
      if (!before) byNode.set(node, { owner, text: node.text });
      else if (!node.rule.inner && before.owner.owner !== owner.owner) {
        const [first, second] = [before.owner, owner].map((each) => `${each.owner} (${each.file}:${each.line})`) as [string, string];
        problems.push(errors.ItemOwnedTwice({ item: node.text, first, second }, { at: { file: owner.file, line: owner.line, col: 1 } }));
      }
      if (exactFrom && node.rule.inner) exactNodes.add(node);
    },
  });
  const owners = new Map<string, Owner>();
  const exact = new Set<string>();
  walk(tree.roots, dialect, (node, key) => {
    const known = byNode.get(node as Draft);
    if (known) owners.set(key, known.owner);
    if (exactNodes.has(node as Draft)) exact.add(key);
  });
  problems.push(...checkSecretPlaces(tree, dialect, owners));
  return { tree, owners, exact, problems };
}
